/* Opens a file from a constructor. */
#include <fcntl.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
}

BAD_PLUGIN(.handle = bad_handle_well);
