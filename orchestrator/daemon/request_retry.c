/* Requests that have an ended run go on. */
#include "daemon/call.h"
#include "daemon/resume.h"

static void describe(struct call *call, const struct id *run,
		     const struct engine_reopen *reopen)
{
	struct value result = value_map();

	call_set_id(&result, "id", run);
	value_set(&result, "state", value_text(call_state_of(call, run)));
	value_set(&result, "tasks", value_int(reopen->ret_tasks));
	value_set(&result, "activities", value_int(reopen->ret_activities));
	call_defer(call, result);
}

static struct engine_reopen read_reopen(const struct value *args)
{
	struct engine_reopen reopen = {
		.kind = REOPEN_FAILED,
		.from = value_get_text(args, "from"),
		.task = value_get_text(args, "task"),
		.dry_run = value_get_bool(args, "dry_run", false),
	};

	if (value_get_bool(args, "all", false)) {
		reopen.kind = REOPEN_ALL;
	} else if (reopen.from.len) {
		reopen.kind = REOPEN_FROM;
	}
	return reopen;
}

int request_retry(struct call *call, struct err *reterr)
{
	struct engine_reopen reopen = read_reopen(&call->request->args);
	struct id run;
	struct resume_order order = {
		.run = &run,
		.reopen = &reopen,
		.actor = slice_of(call->actor),
	};
	int rc = call_read_run(call, &run, reterr);

	if (rc == 0) {
		rc = resume_ended(call->daemon, &order, reterr);
	}
	if (rc == E_BUSY) {
		call_postpone(call, &run);
		return 0;
	}
	if (rc == 0) {
		describe(call, &run, &reopen);
	}
	return rc;
}
