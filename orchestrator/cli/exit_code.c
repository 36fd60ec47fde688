#include "cli/exit_code.h"

#include "base/err.h"

enum exit_code exit_code_of_error(int code)
{
	switch (code) {
	case 0:
		return EXIT_DONE;
	case E_INVALID:
	case E_TOO_BIG:
	case E_UNSUPPORTED:
		return EXIT_USAGE;
	case E_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case E_TIMEOUT:
		return EXIT_RUNNING;
	case E_CONFLICT:
	case E_STALE:
	case E_UNCHANGED:
		return EXIT_UNCHANGED;
	default:
		return EXIT_UNREACHABLE;
	}
}

enum exit_code exit_code_of_state(enum group_state state)
{
	switch (state) {
	case GROUP_SUCCEEDED:
	case GROUP_DEGRADED:
	case GROUP_SKIPPED:
		return EXIT_DONE;
	case GROUP_FAILED:
		return EXIT_RUN_FAILED;
	case GROUP_CANCELLED:
		return EXIT_CANCELLED;
	default:
		return EXIT_RUNNING;
	}
}
