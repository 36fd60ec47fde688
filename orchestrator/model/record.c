#include "model/record.h"

const char *reason_name(enum reason reason)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		REASON_MAP(X)
#undef X
	};

	return reason < REASONS ? names[reason] : "";
}

const char *object_kind_name(enum object_kind kind)
{
	static const char *const names[] = {
		[OBJECT_RUN] = "run",
		[OBJECT_ACTIVITY] = "activity",
		[OBJECT_PHASE] = "phase",
		[OBJECT_TASK] = "task",
	};

	return names[kind];
}

const char *message_state_name(enum message_state state)
{
	static const char *const names[] = {
		[MESSAGE_WAITING] = "waiting",
		[MESSAGE_LEASED] = "leased",
		[MESSAGE_DEAD] = "dead",
	};

	return names[state];
}
