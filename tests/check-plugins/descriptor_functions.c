/* Has no handle(). */
#include "bad.h"

BAD_PLUGIN(.flags = 0);
