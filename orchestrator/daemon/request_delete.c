#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/call.h"

static int active(const struct run *run, struct err *reterr)
{
	return err_set(reterr, E_CONFLICT,
		       "the run has not ended (%s): cancel it first",
		       group_state_name(run->record.state));
}

/* What its record says, without that anything happens. */
static int look(struct daemon *daemon, const struct id *id, struct err *reterr)
{
	struct run_view *view;
	int rc = view_run(daemon->view, id, &view, reterr);

	if (rc == 0) {
		if (!group_state_final(view->run.state)) {
			rc = err_set(reterr, E_CONFLICT, "the run is active");
		}
		run_view_destroy(view);
	}
	return rc;
}

int request_delete(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	bool dry_run = value_get_bool(&call->request->args, "dry_run", false);
	char text[ID_TEXT_SIZE];
	struct id id;
	int rc = call_read_run(call, &id, reterr);

	if (rc == 0 && engine_run(daemon->engine, &id)) {
		rc = active(engine_run(daemon->engine, &id), reterr);
	}
	if (rc == 0 && !dry_run) {
		bridge_forget_run(daemon->bridge, &id);
	}
	if (rc == 0) {
		rc = dry_run ? look(daemon, &id, reterr)
			     : store_delete_run(daemon->store, &id, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	struct value result = value_map();

	id_format(&id, text);
	value_set(&result, "id", value_text(text));
	if (!dry_run) {
		engine_deleted(daemon->engine, &id);
		log_info("run=%s msg=\"deleted by %s\"", text, call->actor);
	}
	call_defer(call, result);
	return 0;
}
