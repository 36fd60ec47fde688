/* Changes the umask from a constructor. */
#include <sys/stat.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)umask(0007);
}

BAD_PLUGIN(.handle = bad_handle_well);
