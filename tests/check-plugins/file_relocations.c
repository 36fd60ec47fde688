/* An address in the code that has to be put in when it is loaded. */
#include "bad.h"

__asm__(".text\n.globl bad_place\n.hidden bad_place\n"
	"bad_place: .quad bad_place\n");

BAD_PLUGIN(.handle = bad_handle_well);
