/* Takes a signal from a constructor. */
#include <signal.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)signal(SIGUSR1, SIG_IGN);
}

BAD_PLUGIN(.handle = bad_handle_well);
