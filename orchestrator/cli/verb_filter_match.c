/*
 * `tutti filter match`: filters and attributes on standard input, one answer a
 * line.
 */
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/filter_line.h"
#include "cli/line_input.h"
#include "cli/verb.h"

static const struct option_spec match_options[] = {
	{
	    .name = "explain",
	    .kind = OPTION_FLAG,
	    .help = "say \"why\" of what does not match",
	},
	{
	    .name = "limits",
	    .kind = OPTION_VALUE,
	    .argument = "WHOSE",
	    .help = "none (the default), sns-attributes or sns-body",
	},
	{ 0 },
};

/* Answers to a file may be gathered; whoever feeds a pipe line by line waits
 * for each. */
static bool is_regular(FILE *stream)
{
	struct stat status;

	return fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode);
}

static void answer_all(const struct cli *cli, struct line_input *input,
		       const struct filter_line_options *options)
{
	FILE *out = cli->program->out;
	bool at_once = !is_regular(input->stream);
	struct buf answer = { 0 };

	while (!ferror(out) && line_input_next(input)) {
		struct slice line = buf_slice(&input->line);

		if (line_input_blank(input)) {
			continue;
		}
		filter_line_answer(&answer, line, input->number,
				   input->too_long, options);
		buf_put_byte(&answer, '\n');
		(void)fwrite(answer.data, 1, answer.len, out);
		buf_clear(&answer);
		if (at_once) {
			(void)fflush(out);
		}
	}
	buf_fini(&answer);
}

static int run(struct cli *cli)
{
	const char *limits = options_value(&cli->options, "limits");
	struct filter_line_options options = {
		.explain = options_has(&cli->options, "explain"),
	};
	struct err error;
	struct line_input input = {
		.stream = stdin,
		.limit = LIMIT_FILTER_LINE,
	};

	if (limits && filter_limits_parse(slice_of(limits), &options.limits)) {
		return cli_usage_error(cli,
				       "--limits takes none, sns-attributes or "
				       "sns-body, not '%s'",
				       limits);
	}
	answer_all(cli, &input, &options);
	line_input_fini(&input);
	if (ferror(stdin)) {
		(void)err_set(&error, E_IO, "cannot read standard input");
		return cli_fail(cli, &error);
	}
	return EXIT_DONE;
}

const struct verb verb_filter_match = {
	.name = "filter match",
	.group = VERB_LOOK,
	.summary = "match filters with attributes, from standard input",
	.usage = "",
	.text = "Reads JSON lines {\"name\",\"filter\",\"attributes\"} and "
		"answers each at once\nwith {\"name\",\"match\":true|false} or "
		"{\"name\",\"error\":\"...\"}. \"filter_text\"\ninstead of "
		"\"filter\" is a string that holds the filter's JSON. Blank "
		"lines are\nskipped. Other members are ignored, but for those "
		"that look like one of these\nmistyped.\n",
	.options = match_options,
	.forms = FORM_BIT(FORM_JSONL),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
