/*
 * `tutti logs`: what plugins said and what their processes printed, from the
 * files in the store; with -f as it comes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/log_follow.h"
#include "cli/log_line.h"
#include "cli/place.h"
#include "cli/selector.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

#define LOG_FILE      "logs/plugins.log"
#define TAIL          10   /* lines before those that come, with -f */
#define LOOK_AGAIN_MS 1000 /* where nobody tells of changes */
#define LINES_MAX     1000000

static const struct option_spec options[] = {
	{
	    .name = "plugin",
	    .kind = OPTION_VALUE,
	    .argument = "P",
	    .help = "only lines of this plugin, or of this entry's processes",
	},
	{
	    .name = "run",
	    .kind = OPTION_VALUE,
	    .argument = "RUN",
	    .help = "only lines about tasks of this run",
	},
	{
	    .name = "lines",
	    .letter = 'n',
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "only the last N lines; with -f the last 10 if not given",
	},
	{
	    .name = "follow",
	    .letter = 'f',
	    .kind = OPTION_FLAG,
	    .help = "go on with what comes, until interrupted",
	},
	{ 0 },
};

/* The last lines, in a ring; all of them when `max` is SIZE_MAX. */
struct tail {
	char **lines;
	size_t len;
	size_t cap;
	size_t first; /* the oldest, once the ring is full */
	size_t max;
};

struct logs {
	const struct cli *cli;
	struct log_query query;
	struct tail tail;
	bool following; /* print at once */
};

static void tail_add(struct tail *tail, struct slice line)
{
	if (tail->max == 0) {
		return;
	}
	if (tail->len < tail->max) {
		alloc_grow(tail->lines, tail->len, tail->cap);
		tail->lines[tail->len++] = slice_dup(line);
		return;
	}
	free(tail->lines[tail->first]);
	tail->lines[tail->first] = slice_dup(line);
	tail->first = (tail->first + 1) % tail->len;
}

static void tail_fini(struct tail *tail)
{
	for (size_t i = 0; i < tail->len; i++) {
		free(tail->lines[i]);
	}
	free(tail->lines);
}

static void put_line(struct buf *out, const struct logs *logs,
		     struct slice line)
{
	if (logs->cli->form == FORM_TEXT) {
		text_put_clean(out, line);
		buf_put_byte(out, '\n');
		return;
	}
	struct value row = log_line_to_value(line);

	json_write(out, &row, JSON_COMPACT);
	buf_put_byte(out, '\n');
	value_clear(&row);
}

static void take_line(void *arg, struct slice line)
{
	struct logs *logs = arg;
	struct buf text = { 0 };

	if (!log_line_matches(line, &logs->query)) {
		return;
	}
	if (!logs->following) {
		tail_add(&logs->tail, line);
		return;
	}
	put_line(&text, logs, line);
	cli_print(logs->cli, &text);
	(void)fflush(logs->cli->program->out);
}

static void print_list(const struct logs *logs, struct buf *out)
{
	struct value rows = value_array();

	for (size_t i = 0; i < logs->tail.len; i++) {
		size_t at = (logs->tail.first + i) % logs->tail.len;

		value_push(&rows,
			   log_line_to_value(slice_of(logs->tail.lines[at])));
	}
	json_write(out, &rows, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&rows);
}

static void print_tail(const struct logs *logs)
{
	struct buf text = { 0 };

	if (logs->cli->form == FORM_JSON) {
		print_list(logs, &text);
	} else {
		for (size_t i = 0; i < logs->tail.len; i++) {
			size_t at = (logs->tail.first + i) % logs->tail.len;

			put_line(&text, logs, slice_of(logs->tail.lines[at]));
		}
	}
	cli_print(logs->cli, &text);
	(void)fflush(logs->cli->program->out);
}

static int read_lines(const struct cli *cli, size_t *ret_max)
{
	const char *text = options_value(&cli->options, "lines");
	bool follow = options_has(&cli->options, "follow");
	char *end;

	if (!text) {
		*ret_max = follow ? TAIL : LINES_MAX;
		return EXIT_DONE;
	}
	unsigned long count = strtoul(text, &end, 10);

	if (!*text || *end || strspn(text, "0123456789") != strlen(text) ||
	    count > LINES_MAX) {
		return cli_usage_error(
		    cli, "-n takes a number of lines up to %d, not '%s'",
		    LINES_MAX, text);
	}
	*ret_max = count;
	return EXIT_DONE;
}

/* The id of --run in `text`, which is left empty without. */
static int find_run(const struct cli *cli, char text[ID_TEXT_SIZE])
{
	const char *selector = options_value(&cli->options, "run");
	struct looking looking;
	struct err error = { 0 };
	struct id id;

	text[0] = '\0';
	if (!selector) {
		return EXIT_DONE;
	}
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	if (selector_find(looking.view, cli_tenant(cli), slice_of(selector),
			  &id, &error)) {
		code = cli_fail(cli, &error);
	} else {
		id_format(&id, text);
	}
	looking_close(&looking);
	return code;
}

static int follow_log(struct logs *logs, struct log_follow *follow)
{
	struct err error = { 0 };
	bool on = options_has(&logs->cli->options, "follow");
	int rc;

	log_follow_before(follow, take_line, logs);
	rc = log_follow_turn(follow, take_line, logs, &error);
	if (!rc && !on) {
		log_follow_rest(follow, take_line, logs);
	}
	if (!rc) {
		print_tail(logs);
		logs->following = true;
	}
	while (!rc && on && !ferror(logs->cli->program->out)) {
		log_follow_wait(follow, LOOK_AGAIN_MS);
		rc = log_follow_turn(follow, take_line, logs, &error);
	}
	return rc ? cli_fail(logs->cli, &error) : EXIT_DONE;
}

static int read_store(struct logs *logs)
{
	struct place place;
	struct log_follow follow;
	struct buf path = { 0 };
	int code = place_find(logs->cli, &place);

	if (code) {
		return code;
	}
	buf_printf(&path, "%s/" LOG_FILE, place.store);
	buf_put_byte(&path, '\0');
	log_follow_init(&follow, path.data);
	code = follow_log(logs, &follow);
	log_follow_fini(&follow);
	buf_fini(&path);
	place_fini(&place);
	return code;
}

static int run(struct cli *cli)
{
	char id[ID_TEXT_SIZE];
	struct logs logs = { .cli = cli };
	int code = read_lines(cli, &logs.tail.max);

	if (code == EXIT_DONE && cli->form == FORM_JSON &&
	    options_has(&cli->options, "follow")) {
		code = cli_usage_error(cli, "-f has no end, as a JSON document "
					    "must; use -o jsonl");
	}
	if (code == EXIT_DONE) {
		code = find_run(cli, id);
	}
	if (code) {
		return code;
	}
	logs.query = (struct log_query){
		.plugin = slice_of(options_value(&cli->options, "plugin")),
		.run = slice_of(id),
	};
	code = read_store(&logs);
	tail_fini(&logs.tail);
	return code;
}

const struct verb verb_logs = {
	.name = "logs",
	.group = VERB_LOOK,
	.summary = "what plugins said and their processes printed",
	.usage = "",
	.text = "Reads plugins.log.1 and plugins.log in the folder logs of the "
		"store, with and\nwithout a daemon. A line is logfmt: time, "
		"level, plugin, instance, pid, stream\n(stdout, stderr, log, "
		"supervisor), run, task, msg.\n",
	.options = options,
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) | FORM_BIT(FORM_JSONL),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
