#include "cli/explain_ask.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/near.h"
#include "cli/place.h"
#include "cli/selector.h"
#include "cli/text.h"
#include "daemon/explain.h"

/* Newest runs that are looked through for a workflow's name. */
#define RUNS_SEEN 1000

struct asking {
	const struct cli *cli;
	const struct explain_wish *wish;
	struct looking looking; /* its view may be NULL: no store */
	struct err no_view;     /* why */
	bool has_run;
	struct id run;
	struct err no_run; /* why; its code 0: none was looked for */
};

static void open_store(struct asking *asking)
{
	struct looking *looking = &asking->looking;

	looking->now_us = clock_wall_us();
	if (view_open(looking->place.store, &looking->view, &asking->no_view)) {
		looking->view = NULL;
	} else if (view_owner(looking->view, &looking->owner,
			      &asking->no_view)) {
		view_close(looking->view);
		looking->view = NULL;
	}
	place_tell_no_store(looking->place.store, &asking->no_view);
}

/* A full id needs no store here: the daemon has it. */
static void find_run(struct asking *asking)
{
	struct slice name = slice_of(asking->wish->name);

	if (asking->wish->subject == EXPLAIN_WORKFLOW || name.len == 0) {
		return;
	}
	if (asking->looking.view) {
		asking->has_run =
		    selector_find(asking->looking.view, cli_tenant(asking->cli),
				  name, &asking->run, &asking->no_run) == 0;
	} else {
		asking->has_run = id_parse(name, &asking->run) == 0;
		asking->no_run = asking->no_view;
	}
}

/* The name is no workflow's. That it could be several runs' says more. */
static void prefer_run_error(const struct asking *asking, struct err *error)
{
	if (asking->no_run.code && (asking->wish->subject == EXPLAIN_RUN ||
				    asking->no_run.code == E_INVALID)) {
		*error = asking->no_run;
	}
}

/* Programs that never registered could take part, too. */
static void note_unknown(const struct cli *cli, const struct value *answer,
			 const char *why)
{
	const struct value *unknown = value_get(answer, "unknown");
	size_t len =
	    unknown && unknown->type == VALUE_ARRAY ? value_len(unknown) : 0;

	for (size_t i = 0; i < len; i++) {
		const struct value *entry = value_at(unknown, i);
		struct buf name = { 0 };

		if (entry->type == VALUE_STRING) {
			text_put_clean(&name, entry->as.text);
			cli_note(cli,
				 "not known: the plugins of the program "
				 "'%.*s', which %s",
				 SLICE_ARG(buf_slice(&name)), why);
		}
		buf_fini(&name);
	}
}

/* A name that could have been a run's. */
static void tell_no_run(const struct asking *asking, struct err *error)
{
	struct slice sentence = slice_of(error->msg);
	struct slice start = SLICE(DAEMON_NO_WORKFLOW);

	if (error->code == E_NOT_FOUND && asking->wish->name &&
	    asking->wish->subject == EXPLAIN_EITHER && !asking->has_run &&
	    slice_starts_with(sentence, start)) {
		struct buf rest = { 0 };

		buf_put_text(&rest, error->msg + start.len);
		(void)err_set(error, E_NOT_FOUND,
			      DAEMON_NO_WORKFLOW " and no run%.*s",
			      SLICE_ARG(buf_slice(&rest)));
		buf_fini(&rest);
	}
}

/* ---- the daemon ---- */

static int ask_daemon(const struct asking *asking,
		      struct control_client *client, struct value *ret_answer,
		      struct err *reterr)
{
	const struct explain_wish *wish = asking->wish;
	struct value args = value_map();
	char id[ID_TEXT_SIZE];

	if (wish->name && wish->subject != EXPLAIN_RUN) {
		value_set(&args, "workflow", value_text(wish->name));
	}
	if (asking->has_run) {
		id_format(&asking->run, id);
		value_set(&args, "run", value_text(id));
	}
	if (wish->activity.len) {
		value_set(&args, "activity", value_string(wish->activity));
	}
	value_set(&args, "attributes", value_copy(wish->attributes));
	int rc = place_call(client, "explain", &args, ret_answer, reterr);

	if (rc == 0) {
		note_unknown(asking->cli, ret_answer, "has not registered");
	}
	value_clear(&args);
	return rc;
}

/* ---- without it ---- */

static int explain_run_here(const struct asking *asking,
			    struct explainer *explainer,
			    struct value *ret_answer, struct err *reterr)
{
	struct run_view *run;
	int rc = view_run(asking->looking.view, &asking->run, &run, reterr);

	if (rc < 0) {
		return rc;
	}
	struct explain_question question = {
		.definition = run->definition,
		.activity = asking->wish->activity,
		.attributes = &run->attributes,
		.run = run,
	};

	rc = explainer_ask(explainer, &question, ret_answer, reterr);
	run_view_destroy(run);
	return rc;
}

/* A workflow that has runs, named like that. NULL: none. */
static char *find_near(const struct run_list *list, struct slice name)
{
	struct near near = { 0 };
	char *best = NULL;

	for (size_t i = 0; i < list->len; i++) {
		char *candidate = slice_dup(list->runs[i].workflow);

		near_try(&near, name, candidate);
		if (near.best == candidate) {
			free(best);
			best = candidate;
		} else {
			free(candidate);
		}
	}
	return best;
}

static int no_recorded(const struct run_list *list, struct slice name,
		       struct err *reterr)
{
	char *best = find_near(list, name);
	int rc = err_set(reterr, E_NOT_FOUND,
			 DAEMON_NO_WORKFLOW " '%.*s' that the store has a run "
					    "of%s%s%s; with -c FILE a config "
					    "says what it is",
			 SLICE_ARG(name), best ? "; did you mean '" : "",
			 best ? best : "", best ? "'?" : "");

	free(best);
	return rc;
}

/* In the store a workflow is known by its runs: the newest has its definition
 * as it was last. */
static int find_recorded(const struct asking *asking, struct slice name,
			 struct definition **ret_definition, struct err *reterr)
{
	struct view *view = asking->looking.view;
	struct view_query query = { .limit = RUNS_SEEN };
	struct run_list list;
	const struct run_record *found = NULL;
	int rc = view_list(view, &query, &list, reterr);

	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; !found && i < list.len; i++) {
		if (slice_equal(name, list.runs[i].workflow)) {
			found = &list.runs[i];
		}
	}
	if (found) {
		rc = view_definition(view, found->version, ret_definition,
				     reterr);
	} else {
		rc = no_recorded(&list, name, reterr);
	}
	run_list_fini(&list);
	return rc;
}

static int find_definition(const struct asking *asking,
			   struct definition **ret_definition,
			   struct err *reterr)
{
	const struct config *config = asking->looking.place.config;
	struct slice name = slice_of(asking->wish->name);

	if (asking->wish->subject == EXPLAIN_RUN) {
		return E_NOT_FOUND;
	}
	if (!config && name.len == 0) {
		return err_set(reterr, E_INVALID, "name the workflow");
	}
	if (!config) {
		return find_recorded(asking, name, ret_definition, reterr);
	}
	int rc = daemon_find_workflow(config, name, ret_definition, reterr);

	if (rc == 0) {
		(void)definition_ref(*ret_definition);
	}
	return rc;
}

static int ask_explainer(const struct asking *asking,
			 struct explainer *explainer, struct value *ret_answer,
			 struct err *reterr)
{
	struct definition *definition = NULL;
	int rc = find_definition(asking, &definition, reterr);

	if (rc < 0) {
		return asking->has_run && asking->looking.view
			   ? explain_run_here(asking, explainer, ret_answer,
					      reterr)
			   : rc;
	}
	struct explain_question question = {
		.definition = definition,
		.activity = asking->wish->activity,
		.attributes = asking->wish->attributes,
	};

	rc = explainer_ask(explainer, &question, ret_answer, reterr);
	definition_unref(definition);
	return rc;
}

static int make_explainer(struct asking *asking,
			  struct explainer **ret_explainer, struct err *reterr)
{
	const struct cli *cli = asking->cli;
	struct buf diagnostics = { 0 };
	struct daemon_options options = {
		.config = asking->looking.place.config,
		.modules = cli->program->modules,
		.module_count = cli->program->module_count,
	};

	if (!options.config) {
		return explainer_of_records(asking->looking.view, ret_explainer,
					    reterr);
	}
	int rc = explainer_of_config(&options, asking->looking.view,
				     ret_explainer, &diagnostics, reterr);

	(void)fflush(cli->program->out);
	text_emit(cli->program->err, &diagnostics);
	buf_fini(&diagnostics);
	return rc;
}

static int ask_here(struct asking *asking, struct value *ret_answer,
		    struct err *reterr)
{
	struct explainer *explainer;
	bool config = asking->looking.place.config != NULL;

	if (!config && !asking->looking.view) {
		return err_set(reterr, E_UNREACHABLE,
			       "no daemon, no config and no store: %s",
			       asking->no_view.msg);
	}
	int rc = make_explainer(asking, &explainer, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = ask_explainer(asking, explainer, ret_answer, reterr);
	if (rc == 0) {
		value_set(ret_answer, "source",
			  value_text(config ? "config" : "store"));
		value_set(ret_answer, "unknown",
			  value_copy(explainer_unknown(explainer)));
		note_unknown(asking->cli, ret_answer, "is not running");
		if (asking->looking.view) {
			looking_note_daemon(asking->cli, &asking->looking);
		} else {
			cli_note(asking->cli, "daemon: down, no store yet");
		}
	}
	explainer_destroy(explainer);
	return rc;
}

int explain_ask(const struct cli *cli, const struct explain_wish *wish,
		struct value *ret_answer)
{
	struct asking asking = { .cli = cli, .wish = wish };
	struct control_client *client;
	struct err error = { 0 };
	int rc;
	int code = place_find(cli, &asking.looking.place);

	if (code) {
		return code;
	}
	open_store(&asking);
	find_run(&asking);
	if (wish->subject == EXPLAIN_RUN && !asking.has_run) {
		rc = asking.no_run.code;
	} else if (control_connect(asking.looking.place.control, &client,
				   NULL) == 0) {
		rc = ask_daemon(&asking, client, ret_answer, &error);
		control_disconnect(client);
	} else {
		rc = ask_here(&asking, ret_answer, &error);
	}
	if (rc == E_NOT_FOUND || !error.code) {
		prefer_run_error(&asking, &error);
	}
	tell_no_run(&asking, &error);
	looking_close(&asking.looking);
	return rc < 0 ? cli_fail(cli, &error) : EXIT_DONE;
}
