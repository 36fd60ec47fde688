/*
 * `tutti store check`: does a store agree with itself?
 */
#include <inttypes.h>

#include "base/limits.h"
#include "cli/guard.h"
#include "cli/json_run.h"
#include "cli/place.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"
#include "store/audit.h"

/* ---- in the child ---- */

static void add_finding(void *arg, const struct id *run, const char *what)
{
	struct value *findings = arg;
	struct value finding = value_map();

	if (value_len(findings) >= LIMIT_FINDINGS) {
		value_clear(&finding);
		return;
	}
	value_set(&finding, "run", run ? json_id(run) : value_null());
	value_set(&finding, "what", value_text(what));
	value_push(findings, finding);
}

static int look(struct audit *audit, const char *store, struct err *reterr)
{
	struct view *view;

	if (!audit_pages(audit, store)) {
		return 0;
	}
	int rc = view_open(store, &view, reterr);

	if (rc == 0) {
		rc = audit_store(audit, view, reterr);
		view_close(view);
	}
	if (rc == E_CORRUPT) {
		audit_say(audit, NULL, "%s", reterr->msg);
		rc = 0;
	}
	return rc;
}

static struct value work(void *arg)
{
	struct value findings = value_array();
	struct audit audit = { .found = add_finding, .arg = &findings };
	struct value answer = value_map();
	struct err err = { 0 };

	if (look(&audit, arg, &err)) {
		value_set(&answer, "error", value_int(err.code));
		value_set(&answer, "message", value_text(err.msg));
	}
	value_set(&answer, "store", value_text(arg));
	value_set(&answer, "sound", value_bool(audit.findings == 0));
	value_set(&answer, "runs", value_int((int64_t)audit.runs));
	value_set(&answer, "tasks", value_int((int64_t)audit.tasks));
	value_set(&answer, "transitions",
		  value_int((int64_t)audit.transitions));
	value_set(&answer, "definitions",
		  value_int((int64_t)audit.definitions));
	value_set(&answer, "found", value_int((int64_t)audit.findings));
	value_set(&answer, "findings", findings);
	return answer;
}

/* ---- in the parent ---- */

/* The child did not live to tell what it was. */
static struct value damaged(const char *store, const struct err *err)
{
	struct value findings = value_array();
	struct value answer = value_map();

	add_finding(&findings, NULL, err->msg);
	value_set(&answer, "store", value_text(store));
	value_set(&answer, "sound", value_bool(false));
	value_set(&answer, "found", value_int(1));
	value_set(&answer, "findings", findings);
	return answer;
}

static void put_findings(struct buf *out, const struct value *answer)
{
	const struct value *findings = value_get(answer, "findings");
	int64_t more =
	    value_get_int(answer, "found", 0) - (int64_t)value_len(findings);

	for (size_t i = 0; i < value_len(findings); i++) {
		const struct value *finding = value_at(findings, i);
		struct slice run = value_get_text(finding, "run");

		if (run.len) {
			buf_printf(out, "%.*s: ", SLICE_ARG(run));
		}
		text_put_clean(out, value_get_text(finding, "what"));
		buf_put_byte(out, '\n');
	}
	if (more > 0) {
		buf_printf(out, "and %" PRId64 " more\n", more);
	}
}

static void put_text(struct buf *out, const struct value *answer)
{
	put_findings(out, answer);
	if (value_get_bool(answer, "sound", false)) {
		buf_put_text(out, "sound: ");
		text_put_count(out, (uint64_t)value_get_int(answer, "runs", 0),
			       "run", "runs");
		buf_put_text(out, ", ");
		text_put_count(out, (uint64_t)value_get_int(answer, "tasks", 0),
			       "task", "tasks");
		buf_printf(out, ", %" PRId64 " transitions, ",
			   value_get_int(answer, "transitions", 0));
		text_put_count(
		    out, (uint64_t)value_get_int(answer, "definitions", 0),
		    "definition", "definitions");
		buf_put_byte(out, '\n');
	}
}

static int print(const struct cli *cli, const struct value *answer)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		json_write(&text, answer, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		put_text(&text, answer);
	}
	cli_print(cli, &text);
	return value_get_bool(answer, "sound", false) ? EXIT_DONE
						      : EXIT_RUN_FAILED;
}

static int tell(const struct cli *cli, const char *store,
		const struct value *answer)
{
	struct err error = { 0 };
	int code = (int)value_get_int(answer, "error", 0);

	if (code == 0) {
		return print(cli, answer);
	}
	(void)err_set(&error, code, "%.*s",
		      SLICE_ARG(value_get_text(answer, "message")));
	place_tell_no_store(store, &error);
	(void)cli_fail(cli, &error);
	return EXIT_UNREACHABLE;
}

static int run(struct cli *cli)
{
	struct place place;
	struct value answer;
	struct err error = { 0 };
	int code = place_find(cli, &place);

	if (code) {
		return code;
	}
	int rc = guard_call(work, place.store, &answer, &error);

	if (rc == E_CORRUPT) {
		answer = damaged(place.store, &error);
		rc = 0;
	}
	if (rc) {
		code = cli_fail(cli, &error);
	} else {
		code = tell(cli, place.store, &answer);
		value_clear(&answer);
	}
	place_fini(&place);
	return code;
}

const struct verb verb_store_check = {
	.name = "store check",
	.group = VERB_UPKEEP,
	.summary = "read all of a store and see whether it agrees with itself",
	.usage = "",
	.text = "With or without a daemon. Exit code 0: sound, 1: something is "
		"wrong, and it\nis said what, of which run.\n",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
