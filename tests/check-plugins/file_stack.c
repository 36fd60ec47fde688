/* Linked with -z execstack. */
#include "bad.h"

BAD_PLUGIN(.handle = bad_handle_well);
