/* Sets the locale from a constructor. */
#include <locale.h>

#include "bad.h"

__attribute__((constructor)) static void on_load(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

BAD_PLUGIN(.handle = bad_handle_well);
