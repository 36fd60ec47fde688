/* The test makes this one writable by everybody. */
#include "bad.h"

BAD_PLUGIN(.handle = bad_handle_well);
