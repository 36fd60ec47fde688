/*
 * `explain`: who would take part. {"workflow", "run", "activity",
 * "attributes"}: a workflow of that name comes first; else the run, with its
 * own attributes, its own definition and the subscriptions that it keeps.
 */
#include "daemon/call.h"
#include "daemon/explain.h"
#include "daemon/registrations.h"

/* What the store has; a run's last changes may still be on their way to it,
 * but its phases and tasks are never taken back. */
static int explain_run(struct call *call, const struct id *id,
		       struct slice activity, struct value *ret_answer,
		       struct err *reterr)
{
	struct run_view *run;
	int rc = view_run(call->daemon->view, id, &run, reterr);

	if (rc == E_NOT_FOUND) {
		return err_set(reterr, rc, "there is no such run");
	}
	if (rc < 0) {
		return rc;
	}
	struct explain_question question = {
		.definition = run->definition,
		.activity = activity,
		.attributes = &run->attributes,
		.run = run,
	};

	rc = explain_put(call->daemon->engine, &question, ret_answer, reterr);
	run_view_destroy(run);
	return rc;
}

static int explain_workflow(struct call *call, struct definition *definition,
			    struct slice activity, struct value *ret_answer,
			    struct err *reterr)
{
	const struct value *given =
	    value_get(&call->request->args, "attributes");
	struct value none = value_map();
	struct explain_question question = {
		.definition = definition,
		.activity = activity,
		.attributes = given ? given : &none,
	};
	int rc =
	    explain_put(call->daemon->engine, &question, ret_answer, reterr);

	value_clear(&none);
	return rc;
}

/* Entries whose programs have not said what their plugins are: they are
 * starting, were given up, or nobody wants one. */
static struct value unknown_entries(const struct daemon *daemon)
{
	const struct config *config = daemon->options.config;
	struct value names = value_array();

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form == FORM_PROCESS &&
		    !registrations_has_entry(daemon, module->name)) {
			value_push(&names, value_text(module->name));
		}
	}
	return names;
}

int request_explain(struct call *call, struct err *reterr)
{
	const struct value *args = &call->request->args;
	struct slice activity = value_get_text(args, "activity");
	const struct value *workflow = value_get(args, "workflow");
	struct definition *definition = NULL;
	struct value answer;
	struct id run;
	bool has_run = id_parse(value_get_text(args, "run"), &run) == 0;
	int rc = E_NOT_FOUND;

	if (workflow || !has_run) {
		rc = daemon_find_workflow(call->daemon->options.config,
					  value_get_text(args, "workflow"),
					  &definition, reterr);
	}
	if (rc == 0) {
		rc = explain_workflow(call, definition, activity, &answer,
				      reterr);
	} else if (has_run) {
		rc = explain_run(call, &run, activity, &answer, reterr);
	}
	if (rc == 0) {
		value_set(&answer, "source", value_text("daemon"));
		value_set(&answer, "unknown", unknown_entries(call->daemon));
		call_answer(call, answer);
	}
	return rc;
}
