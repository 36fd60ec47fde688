#include "cli/start_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "cli/documents.h"
#include "cli/line_input.h"
#include "cli/load.h"
#include "cli/place.h"
#include "cli/text.h"
#include "document/json.h"

/* A line that is wrong is told up to so many times. */
#define TOLD_MAX 20

struct lines {
	const struct cli *cli;
	struct line_input input;
	bool wait;
	bool dry_run;
	size_t *numbers; /* of the line, by that of the request */
	size_t sent;
	size_t cap;
	size_t created;
	size_t resumed;
	size_t found; /* there already */
	size_t failed;
	size_t ends[GROUP_STATES];
	int code; /* of the first that failed */
	int worst;
};

static void tell(struct lines *lines, size_t number, const struct err *error)
{
	if (lines->failed == 0) {
		lines->code = (int)exit_code_of_error(error->code);
	}
	lines->failed++;
	if (lines->failed <= TOLD_MAX) {
		cli_note(lines->cli, "line %zu: %s", number, error->msg);
	}
}

/* ---- a line ---- */

static int check_keys(const struct value *line, struct err *reterr)
{
	static const char *const keys[] = { "uid", "workflow", "tenant",
					    "attributes", "input" };

	for (size_t i = 0; i < value_len(line); i++) {
		struct slice key = value_entry_at(line, i)->key;
		bool known = false;

		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			known |= slice_is(key, keys[k]);
		}
		if (!known) {
			return err_set(reterr, E_INVALID,
				       "there is no key '%.*s': uid, workflow, "
				       "tenant, attributes and input are known",
				       (int)(key.len > 64 ? 64 : key.len),
				       key.ptr);
		}
	}
	return 0;
}

static int check_text(const struct value *line, const char *key,
		      struct err *reterr)
{
	const struct value *value = value_get(line, key);

	if (value && value->type != VALUE_STRING && value->type != VALUE_NULL) {
		return err_set(reterr, E_INVALID, "%s must be a text, not %s",
			       key, value_type_name(value));
	}
	return 0;
}

static int read_line(const struct lines *lines, struct value *ret_line,
		     struct err *reterr)
{
	struct value line;

	if (lines->input.too_long) {
		return err_set(reterr, E_TOO_BIG, "longer than %u bytes",
			       LIMIT_DOCUMENT);
	}
	int rc = json_read(buf_slice(&lines->input.line), NULL, &line, reterr);

	if (rc) {
		return rc;
	}
	if (line.type != VALUE_MAP) {
		rc = err_set(reterr, E_INVALID, "must be a JSON object, not %s",
			     value_type_name(&line));
	}
	rc = rc ? rc : check_keys(&line, reterr);
	rc = rc ? rc : check_text(&line, "uid", reterr);
	rc = rc ? rc : check_text(&line, "workflow", reterr);
	rc = rc ? rc : check_text(&line, "tenant", reterr);
	if (rc) {
		value_clear(&line);
		return rc;
	}
	*ret_line = line;
	return 0;
}

static bool has_text(const struct value *args, const char *key)
{
	return value_get_text(args, key).len > 0;
}

/* What the command line says counts for lines that do not say it. */
static void complete(const struct lines *lines, struct value *args)
{
	const struct options *options = &lines->cli->options;
	struct slice tenant = cli_tenant(lines->cli);

	if (tenant.len && !has_text(args, "tenant")) {
		value_set(args, "tenant", value_string(tenant));
	}
	if (cli_arg(lines->cli, 0) && !has_text(args, "workflow")) {
		value_set(args, "workflow", value_text(cli_arg(lines->cli, 0)));
	}
	value_set(args, "resume", value_bool(options_has(options, "resume")));
	value_set(args, "override",
		  value_bool(options_has(options, "override")));
	value_set(args, "dry_run", value_bool(lines->dry_run));
	value_set(args, "wait", value_bool(lines->wait));
}

static bool next(void *arg, struct value *ret_args)
{
	struct lines *lines = arg;
	struct err error = { 0 };

	while (line_input_next(&lines->input)) {
		if (line_input_blank(&lines->input)) {
			continue;
		}
		if (read_line(lines, ret_args, &error) == 0) {
			complete(lines, ret_args);
			alloc_grow(lines->numbers, lines->sent, lines->cap);
			lines->numbers[lines->sent++] = lines->input.number;
			return true;
		}
		tell(lines, lines->input.number, &error);
	}
	return false;
}

/* ---- an answer ---- */

/* Which of two ends the exit code should tell of. */
static int worse(int a, int b)
{
	static const int order[] = { EXIT_RUN_FAILED, EXIT_CANCELLED,
				     EXIT_RUNNING };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (a == order[i] || b == order[i]) {
			return order[i];
		}
	}
	return EXIT_DONE;
}

static void count(struct lines *lines, const struct value *run)
{
	int state = group_state_parse(value_get_text(run, "state"));

	if (value_get_bool(run, "resumed", false)) {
		lines->resumed++;
	} else if (value_get_bool(run, "created", false)) {
		lines->created++;
	} else {
		lines->found++;
	}
	if (lines->wait && state >= 0) {
		lines->ends[state]++;
		lines->worst =
		    worse(lines->worst,
			  (int)exit_code_of_state((enum group_state)state));
	}
}

static void put_json(struct buf *out, size_t number,
		     const struct load_answer *answer)
{
	struct value line = value_map();

	value_set(&line, "line", value_int((int64_t)number));
	if (answer->error) {
		value_set(&line, "error", value_text(answer->error->msg));
	} else {
		for (size_t i = 0; i < value_len(answer->result); i++) {
			const struct value_entry *entry =
			    value_entry_at(answer->result, i);

			value_set_slice(&line, entry->key,
					value_copy(&entry->value));
		}
	}
	value_set(&line, "took_us", value_int(answer->took_ns / 1000));
	json_write(out, &line, JSON_COMPACT);
	buf_put_byte(out, '\n');
	value_clear(&line);
}

static void answered(void *arg, const struct load_answer *answer)
{
	struct lines *lines = arg;
	size_t number = lines->numbers[answer->number];
	struct buf text = { 0 };

	if (answer->error) {
		tell(lines, number, answer->error);
	} else {
		count(lines, answer->result);
	}
	if (lines->cli->form == FORM_JSON) {
		put_json(&text, number, answer);
	} else if (lines->cli->form == FORM_NAME && !answer->error &&
		   has_text(answer->result, "id")) {
		buf_printf(&text, "%.*s\n",
			   SLICE_ARG(value_get_text(answer->result, "id")));
	}
	cli_print(lines->cli, &text);
	(void)fflush(lines->cli->program->out);
}

/* ---- all of them ---- */

static void put_count(struct buf *out, size_t count, const char *what)
{
	if (count) {
		buf_printf(out, "%s%zu %s", out->len ? ", " : "", count, what);
	}
}

static void print_summary(const struct lines *lines)
{
	struct buf text = { 0 };

	put_count(&text, lines->created,
		  lines->dry_run ? "would start" : "started");
	put_count(&text, lines->resumed,
		  lines->dry_run ? "would go on" : "go on");
	put_count(&text, lines->found, "exist already");
	put_count(&text, lines->failed, "refused");
	if (text.len == 0) {
		buf_put_text(&text, "no lines");
	}
	buf_put_byte(&text, '\n');
	cli_print(lines->cli, &text);
	for (int state = 0; state < GROUP_STATES; state++) {
		put_count(&text, lines->ends[state],
			  group_state_name((enum group_state)state));
	}
	if (text.len) {
		buf_put_byte(&text, '\n');
		cli_print(lines->cli, &text);
	}
}

static int drive(struct lines *lines, size_t window)
{
	struct load load = {
		.window = window,
		.arg = lines,
		.next = next,
		.answered = answered,
	};
	struct control_client *client;
	struct err error = { 0 };
	int code = place_connect(lines->cli, &client);

	if (code) {
		return code;
	}
	int rc = load_drive(client, &load, lines->wait ? -1 : PLACE_ANSWER_MS,
			    &error);

	control_disconnect(client);
	if (lines->cli->form == FORM_TEXT) {
		print_summary(lines);
	}
	if (lines->failed > TOLD_MAX) {
		cli_note(lines->cli, "and %zu more lines were refused",
			 lines->failed - TOLD_MAX);
	}
	if (rc) {
		return cli_fail(lines->cli, &error);
	}
	return lines->failed ? lines->code : lines->worst;
}

static size_t window_of(const struct cli *cli)
{
	const char *text = options_value(&cli->options, "in-flight");

	return text ? (size_t)strtoul(text, NULL, 10) : START_LINES_DEFAULT;
}

int start_lines_check(const struct cli *cli, struct err *reterr)
{
	static const char *const others[] = { "uid", "attr", "attrs", "input" };
	const struct options *options = &cli->options;
	const char *window = options_value(options, "in-flight");
	char *end = NULL;

	if (!options_has(options, "lines")) {
		return window ? err_set(reterr, E_INVALID,
					"--in-flight goes with --lines")
			      : 0;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (options_has(options, others[i])) {
			return err_set(reterr, E_INVALID,
				       "--%s does not go with --lines: each "
				       "line says it",
				       others[i]);
		}
	}
	if (options_has(options, "wait") && options_value(options, "wait")) {
		return err_set(reterr, E_INVALID,
			       "--wait takes no duration with --lines");
	}
	unsigned long count = window ? strtoul(window, &end, 10) : 1;

	if (window && (*end || *window < '0' || *window > '9' || count == 0 ||
		       count > START_LINES_MAX)) {
		return err_set(reterr, E_INVALID,
			       "--in-flight takes a number from 1 to %d, not "
			       "'%s'",
			       START_LINES_MAX, window);
	}
	return 0;
}

int start_lines(const struct cli *cli)
{
	const char *path = options_value(&cli->options, "lines");
	struct lines lines = {
		.cli = cli,
		.input = { .limit = LIMIT_DOCUMENT },
		.wait = options_has(&cli->options, "wait"),
		.dry_run = options_has(&cli->options, "dry-run"),
	};
	struct err error;

	lines.input.stream = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!lines.input.stream) {
		(void)err_set(&error, E_INVALID, "cannot read '%s': %s", path,
			      strerror(errno));
		return cli_fail(cli, &error);
	}
	int code = drive(&lines, window_of(cli));

	if (ferror(lines.input.stream)) {
		(void)err_set(&error, E_IO, "cannot read %s",
			      documents_name(path));
		code = cli_fail(cli, &error);
	}
	if (lines.input.stream != stdin) {
		(void)fclose(lines.input.stream);
	}
	line_input_fini(&lines.input);
	free(lines.numbers);
	return code;
}
