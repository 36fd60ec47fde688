/*
 * `tutti explain`: who would take part, and why the others would not.
 */
#include "base/shell.h"
#include "cli/documents.h"
#include "cli/explain_ask.h"
#include "cli/explain_text.h"
#include "cli/listing.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"
#include "filter/filter.h"
#include "filter/read.h"

static const struct option_spec explain_options[] = {
	{
	    .name = "activity",
	    .kind = OPTION_VALUE,
	    .argument = "A",
	    .help = "only this activity",
	},
	ATTRIBUTE_OPTIONS,
	{
	    .name = "workflow",
	    .kind = OPTION_FLAG,
	    .help = "the argument is a workflow, never a run",
	},
	{
	    .name = "run",
	    .kind = OPTION_FLAG,
	    .help = "the argument is a run, never a workflow",
	},
	{
	    .name = "filter",
	    .kind = OPTION_VALUE,
	    .argument = "JSON|@FILE",
	    .help = "explain this filter (@- is stdin), and no workflow",
	},
	{ 0 },
};

static void print_json(const struct cli *cli, const struct value *value,
		       enum json_style style)
{
	struct buf text = { 0 };

	json_write(&text, value, style);
	buf_put_byte(&text, '\n');
	cli_print(cli, &text);
}

/* ---- one filter ---- */

static int read_filter(const char *given, struct value *ret_document,
		       struct err *reterr)
{
	struct buf text = { 0 };
	int rc = 0;

	if (*given == '@') {
		rc = documents_read_file(given + 1, &text, reterr);
	} else {
		buf_put_text(&text, given);
	}
	if (rc == 0 && filter_read(buf_slice(&text), ret_document, reterr)) {
		rc = err_wrap(reterr, "%s",
			      *given == '@' ? documents_name(given + 1)
					    : "--filter");
	}
	buf_fini(&text);
	return rc;
}

static struct value describe(const struct filter_explanation *why)
{
	struct value answer = value_map();
	struct value reason = value_map();

	value_set(&reason, "sentence", value_text(why->sentence));
	value_set(&reason, "clause", value_copy(&why->clause));
	value_set(&reason, "seen", value_copy(&why->seen));
	value_set(&reason, "seen_count", value_uint(why->seen_count));
	value_set(&answer, "match", value_bool(why->matches));
	if (why->matches) {
		value_clear(&reason);
	}
	value_set(&answer, "reason", reason);
	return answer;
}

static void print_match(const struct cli *cli, const struct value *answer)
{
	bool match = value_get_bool(answer, "match", false);
	struct buf text = { 0 };

	if (cli->form != FORM_TEXT) {
		print_json(cli, answer,
			   cli->form == FORM_JSON ? JSON_PRETTY : JSON_COMPACT);
		return;
	}
	style_put(&text, cli->style, match ? TONE_GOOD : TONE_BAD,
		  slice_of(style_task_glyph(cli->style, match ? TASK_SUCCEEDED
							      : TASK_FAILED)));
	buf_put_text(&text, match ? " matches\n" : " does not match\n");
	if (!match) {
		explain_put_reason(&text, value_get(answer, "reason"),
				   SLICE("  "));
	}
	cli_print(cli, &text);
}

static int explain_filter(const struct cli *cli, const struct value *attributes,
			  struct err *reterr)
{
	struct value document;
	struct filter *filter;
	const char *given = options_value(&cli->options, "filter");
	int rc = read_filter(given, &document, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = filter_compile(&document, &filter, reterr);
	if (rc < 0 && *given == '@') {
		(void)err_wrap(reterr, "%s", documents_name(given + 1));
	}
	if (rc == 0) {
		struct filter_explanation why;

		filter_explain(filter, attributes, &why);
		struct value answer = describe(&why);

		print_match(cli, &answer);
		value_clear(&answer);
		filter_explanation_fini(&why);
		filter_destroy(filter);
	}
	value_clear(&document);
	return rc;
}

/* ---- a workflow or a run ---- */

static const struct column columns[] = {
	{ .key = "workflow" },  { .key = "run" },
	{ .key = "activity" },  { .key = "phase" },
	{ .key = "task" },      { .key = "plugin" },
	{ .key = "bound" },     { .key = "registered" },
	{ .key = "mandatory" }, { .key = "order" },
	{ .key = "run_on" },    { .key = "takes_part" },
	{ .key = "recorded" },  { .key = "differs" },
	{ .key = "reason" },    { 0 },
};

/* Bare names are of those that take part. */
static void print_rows(const struct cli *cli, const struct value *answer)
{
	struct value rows = explain_rows(answer);
	struct listing listing;
	struct buf text = { 0 };

	listing_init(&listing, columns, "task", 0);
	for (size_t i = 0; i < value_len(&rows); i++) {
		const struct value *row = value_at(&rows, i);

		if (cli->form != FORM_NAME ||
		    value_get_bool(row, "takes_part", false)) {
			listing_add(&listing, value_copy(row));
		}
	}
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	listing_fini(&listing);
	value_clear(&rows);
}

static void print(const struct cli *cli, const struct value *answer)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		print_json(cli, answer, JSON_PRETTY);
	} else if (cli->form == FORM_TEXT) {
		explain_put_tree(&text, answer, cli->style);
		cli_print(cli, &text);
	} else {
		print_rows(cli, answer);
	}
}

static int refuse_attributes(const struct cli *cli, const struct value *answer)
{
	struct buf workflow = { 0 };

	shell_put_word(&workflow, value_get_text(answer, "workflow"));
	int code = cli_usage_error(
	    cli,
	    "a run has its own attributes; for others explain its workflow: "
	    "tutti explain %.*s --workflow --attr K=V",
	    SLICE_ARG(buf_slice(&workflow)));

	buf_fini(&workflow);
	return code;
}

static int explain(const struct cli *cli, const struct value *attributes)
{
	const struct options *options = &cli->options;
	struct explain_wish wish = {
		.name = cli_arg(cli, 0),
		.subject = options_has(options, "run")        ? EXPLAIN_RUN
			   : options_has(options, "workflow") ? EXPLAIN_WORKFLOW
							      : EXPLAIN_EITHER,
		.activity = slice_of(options_value(options, "activity")),
		.attributes = attributes,
	};
	struct value answer;
	int code = explain_ask(cli, &wish, &answer);

	if (code != EXIT_DONE) {
		return code;
	}
	if (value_get_text(&answer, "run").len && value_len(attributes)) {
		code = refuse_attributes(cli, &answer);
	} else {
		print(cli, &answer);
	}
	value_clear(&answer);
	return code;
}

/* What does not go together; NULL: all is well. */
static const char *check(const struct cli *cli)
{
	const struct options *options = &cli->options;
	bool filter = options_has(options, "filter");
	bool table = cli->form == FORM_CSV || cli->form == FORM_NAME;

	if (filter && (cli_arg(cli, 0) || options_has(options, "activity"))) {
		return "--filter explains a filter, and no workflow or run";
	}
	if (filter && table) {
		return "--filter has the forms text, json and jsonl";
	}
	if (options_has(options, "run") && options_has(options, "workflow")) {
		return "--run and --workflow: only one of them";
	}
	if (options_has(options, "run") && !cli_arg(cli, 0)) {
		return "--run: name the run";
	}
	return NULL;
}

static int check_stdin(const struct cli *cli, struct err *reterr)
{
	const char *filter = options_value(&cli->options, "filter");

	return documents_check_stdin(
	    filter && *filter == '@' ? filter + 1 : NULL,
	    options_value(&cli->options, "attrs"), reterr);
}

static int run(struct cli *cli)
{
	const char *mistake = check(cli);
	struct value attributes;
	struct err error = { 0 };
	int code = EXIT_DONE;

	if (mistake) {
		return cli_usage_error(cli, "%s", mistake);
	}
	if (check_stdin(cli, &error) ||
	    documents_check_text(slice_of(cli_arg(cli, 0)), "the name",
				 &error) ||
	    documents_check_text(
		slice_of(options_value(&cli->options, "activity")),
		"the activity's name", &error) ||
	    documents_read_attributes(&cli->options, &attributes, &error)) {
		return cli_fail(cli, &error);
	}
	if (!options_has(&cli->options, "filter")) {
		code = explain(cli, &attributes);
	} else if (explain_filter(cli, &attributes, &error)) {
		code = cli_fail(cli, &error);
	}
	value_clear(&attributes);
	return code;
}

const struct verb verb_explain = {
	.name = "explain",
	.group = VERB_LOOK,
	.summary = "which plugins would run, and why others would not",
	.usage = "[WORKFLOW|RUN]",
	.text = "Says for each activity and phase who would take part with "
		"these attributes, in\norder, and of each of the others the "
		"clause of its filter that failed and what\nit saw. A workflow "
		"of that name comes before a run; a run has its own\n"
		"attributes and its own definition, and while it is active "
		"the subscriptions of\nthe moment its first phase opened. "
		"The answer is the daemon's; without one the\nconfig's, and "
		"without that what the store has recorded. The exit code is "
		"0\nwhoever takes part.\n",
	.options = explain_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) |
		 FORM_BIT(FORM_JSONL) | FORM_BIT(FORM_CSV) |
		 FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 1,
	.run = run,
};
