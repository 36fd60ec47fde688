#include "cli/acting.h"

#include "cli/json_run.h"
#include "cli/selector.h"

static bool is_dry(const struct acting *acting)
{
	return options_has(&acting->cli->options, "dry-run");
}

static int begin(struct acting *acting)
{
	int code = looking_open(acting->cli, &acting->looking);

	if (code) {
		return code;
	}
	code = place_connect(acting->cli, &acting->client);
	if (code) {
		looking_close(&acting->looking);
		return code;
	}
	listing_init(&acting->listing, acting->columns, acting->name_key,
		     acting->looking.now_us);
	return EXIT_DONE;
}

static void note_failure(struct acting *acting, const struct err *error)
{
	int code = cli_fail(acting->cli, error);

	if (acting->code == EXIT_DONE || acting->code == EXIT_UNCHANGED) {
		acting->code = code;
	}
}

static void add_answer(struct value *row, const struct value *answer)
{
	for (size_t i = 0; i < value_len(answer); i++) {
		const struct value_entry *entry = value_entry_at(answer, i);

		value_set_slice(row, entry->key, value_copy(&entry->value));
	}
}

void acting_ask(struct acting *acting, const struct value *args,
		struct value row)
{
	struct value whole = value_copy(args);
	struct value answer = value_null();
	struct err error = { 0 };

	if (acting->put_args) {
		acting->put_args(acting->cli, &whole);
	}
	value_set(&whole, "dry_run", value_bool(is_dry(acting)));
	int rc = place_call(acting->client, acting->request, &whole, &answer,
			    &error);

	value_clear(&whole);
	if (rc && rc != E_UNCHANGED) {
		note_failure(acting, &error);
		value_clear(&row);
		return;
	}
	if (rc == 0) {
		add_answer(&row, &answer);
		value_clear(&answer);
	}
	acting->changed |= rc == 0;
	value_set(&row, "changed", value_bool(rc == 0));
	value_set(&row, "message", value_text(rc ? error.msg : NULL));
	listing_add(&acting->listing, row);
}

/* What the store says of the run. */
static struct value describe(struct view *view, const struct id *id)
{
	struct run_view *run;
	struct value row;

	if (view_run(view, id, &run, NULL)) {
		row = value_map();
		value_set(&row, "id", json_id(id));
		return row;
	}
	row = json_run_summary(&run->run);
	run_view_destroy(run);
	return row;
}

static void act_on_run(struct acting *acting, const char *selector)
{
	struct value args = value_map();
	struct err error = { 0 };
	struct id id;

	if (selector_find(acting->looking.view, cli_tenant(acting->cli),
			  slice_of(selector), &id, &error)) {
		note_failure(acting, &error);
	} else {
		struct value row = describe(acting->looking.view, &id);

		if (acting->put_row) {
			acting->put_row(&row);
		}
		value_set(&args, "run", json_id(&id));
		acting_ask(acting, &args, row);
	}
	value_clear(&args);
}

void acting_on_runs(struct acting *acting)
{
	for (size_t i = 0; i < acting->cli->options.arg_len; i++) {
		act_on_run(acting, cli_arg(acting->cli, i));
	}
}

static void print_text(const struct acting *acting, struct buf *out)
{
	const struct value *rows = &acting->listing.rows;

	for (size_t i = 0; i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);
		struct slice name = value_get_text(row, acting->name_key);

		if (value_get_bool(row, "changed", false)) {
			acting->put_line(row, is_dry(acting), out);
		} else {
			cli_note(acting->cli, "%.*s: nothing changed: %.*s",
				 SLICE_ARG(name),
				 SLICE_ARG(value_get_text(row, "message")));
		}
	}
}

static int end(struct acting *acting)
{
	const struct cli *cli = acting->cli;
	struct buf text = { 0 };

	if (cli->form == FORM_TEXT) {
		print_text(acting, &text);
	} else {
		listing_write(&acting->listing, cli->form, cli->style, &text);
	}
	cli_print(cli, &text);
	listing_fini(&acting->listing);
	control_disconnect(acting->client);
	looking_close(&acting->looking);
	return acting->code      ? acting->code
	       : acting->changed ? EXIT_DONE
				 : EXIT_UNCHANGED;
}

int acting_do(struct acting *acting, void (*ask)(struct acting *acting))
{
	int code = begin(acting);

	if (code) {
		return code;
	}
	ask(acting);
	return end(acting);
}
