/*
 * `tutti plugins show NAME`: everything about one plugin, or about an entry
 * whose program has not registered one.
 */
#include <inttypes.h>

#include "base/near.h"
#include "base/shell.h"
#include "cli/plugin_state.h"
#include "cli/queue_text.h"
#include "cli/registry.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

static void put_field(struct buf *out, const char *label,
		      const struct value *row, const char *key)
{
	const struct value *value = value_get(row, key);

	if (!value || value->type == VALUE_NULL) {
		return;
	}
	buf_printf(out, "%14s: ", label);
	if (value->type == VALUE_STRING) {
		text_put_clean(out, value->as.text);
	} else {
		json_write(out, value, JSON_COMPACT);
	}
	buf_put_byte(out, '\n');
}

static void put_state(struct buf *out, const struct value *row,
		      struct style style)
{
	struct slice state = value_get_text(row, "state");
	struct slice message = value_get_text(row, "message");
	struct buf word = { 0 };

	text_put_clean(&word, state.len ? state : SLICE("unknown"));
	buf_put_text(out, "         state: ");
	style_put(out, style, plugin_state_tone(state), buf_slice(&word));
	if (message.len) {
		buf_put_text(out, ", ");
		text_put_clean(out, message);
	}
	if (value_get_bool(row, "quarantined", false)) {
		buf_put_text(out, "; 'tutti plugins release ");
		shell_put_word(out, value_get_text(row, "name"));
		buf_put_text(out, "' lets it be used again");
	}
	buf_put_byte(out, '\n');
	buf_fini(&word);
}

/* "2 wanted, 1 running, 1 ready, 3 deaths" */
static void put_process(struct buf *out, const struct value *process)
{
	struct buf trouble = { 0 };

	buf_printf(out,
		   "     processes: %" PRId64 " wanted, %" PRId64
		   " running, %" PRId64 " ready, ",
		   value_get_int(process, "wanted", 0),
		   value_get_int(process, "actual", 0),
		   value_get_int(process, "ready", 0));
	text_put_count(out, (uint64_t)value_get_int(process, "deaths", 0),
		       "death", "deaths");
	buf_put_byte(out, '\n');
	put_field(out, "last exit", process, "last_exit");
	put_field(out, "command", process, "command");
	registry_put_process(&trouble, process);
	if (trouble.len) {
		buf_put_text(out, "         entry: ");
		text_put_clean(out, value_get_text(process, "entry"));
		buf_put_byte(out, ' ');
		text_put_clean(out, buf_slice(&trouble));
		buf_put_byte(out, '\n');
	}
	buf_fini(&trouble);
}

/* "  lang (string), default en: the language of the text" */
static void put_parameter(struct buf *out, const struct value *row)
{
	const struct value *fallback = value_get(row, "fallback");
	struct slice help = value_get_text(row, "help");

	buf_put_text(out, "  ");
	text_put_clean(out, value_get_text(row, "name"));
	buf_put_text(out, " (");
	text_put_clean(out, value_get_text(row, "type"));
	buf_put_byte(out, ')');
	if (!fallback || fallback->type == VALUE_NULL) {
		buf_put_text(out, ", must be given");
	} else {
		buf_put_text(out, ", default ");
		text_put_clean(out, value_get_text(row, "fallback"));
	}
	if (help.len) {
		buf_put_text(out, ": ");
		text_put_clean(out, help);
	}
	buf_put_byte(out, '\n');
}

static void put_instance(struct buf *out, const struct value *row,
			 struct style style)
{
	struct buf word = { 0 };

	buf_put_text(out, "  ");
	text_put_clean(out, value_get_text(row, "name"));
	buf_printf(out, ", pid %" PRId64 ", ", value_get_int(row, "pid", 0));
	text_put_clean(&word, value_get_text(row, "state"));
	style_put(out, style, plugin_state_tone(value_get_text(row, "state")),
		  buf_slice(&word));
	buf_printf(out, ", %" PRId64 " of %" PRId64 " tasks",
		   value_get_int(row, "in_flight", 0),
		   value_get_int(row, "max_tasks", 0));
	if (value_get_text(row, "since").len) {
		buf_put_text(out, ", since ");
		text_put_clean(out, value_get_text(row, "since"));
	}
	buf_put_byte(out, '\n');
	buf_fini(&word);
}

static void put_instances(struct buf *out, const struct value *row,
			  struct style style)
{
	const struct value *list = value_get(row, "instances");

	if (!list || list->type != VALUE_ARRAY || value_len(list) == 0) {
		return;
	}
	buf_put_text(out, "\nInstances:\n");
	for (size_t i = 0; i < value_len(list); i++) {
		put_instance(out, value_at(list, i), style);
	}
}

static void put_subscription(struct buf *out, const struct value *row)
{
	const struct value *filter = value_get(row, "filter");
	const struct value *mandatory = value_get(row, "mandatory");
	const struct value *order = value_get(row, "order");

	buf_put_text(out, "  ");
	text_put_clean(out, value_get_text(row, "activity"));
	buf_put_byte(out, '/');
	text_put_clean(out, value_get_text(row, "phase"));
	if (order) {
		buf_put_text(out, ", order ");
		json_write(out, order, JSON_COMPACT);
	}
	if (mandatory) {
		buf_put_text(out, value_get_bool(row, "mandatory", true)
				      ? ", mandatory"
				      : ", optional");
	}
	if (filter && filter->type != VALUE_NULL) {
		buf_put_text(out, ", filter ");
		json_write(out, filter, JSON_COMPACT);
	}
	buf_put_byte(out, '\n');
}

static void put_list(struct buf *out, const char *title,
		     const struct value *list,
		     void (*put)(struct buf *out, const struct value *row))
{
	if (!list || list->type != VALUE_ARRAY || value_len(list) == 0) {
		return;
	}
	buf_printf(out, "\n%s:\n", title);
	for (size_t i = 0; i < value_len(list); i++) {
		put(out, value_at(list, i));
	}
}

static void put_queue(struct buf *out, const struct value *row)
{
	const struct value *queue = value_get(row, "queue");

	if (queue && queue->type == VALUE_MAP) {
		buf_put_text(out, "         queue: ");
		queue_text_put(out, queue);
		buf_put_byte(out, '\n');
	}
}

static void put_text(struct buf *out, const struct value *row,
		     const struct value *process, struct style style)
{
	bool registered = value_get_bool(row, "registered", false);

	put_field(out, registered ? "plugin" : "entry", row, "name");
	put_field(out, "version", row, "version");
	put_field(out, "help", row, "help");
	put_field(out, "form", row, "form");
	put_state(out, row, style);
	put_field(out, "module", row, registered ? "module" : "-");
	put_field(out, "hash", row, "hash");
	put_field(out, "max tasks", row, "max_tasks");
	put_field(out, "in flight", row, "in_flight");
	put_queue(out, row);
	put_field(out, "misbehaved", row, "misbehaved");
	put_field(out, "crashes", row, "crashes");
	if (value_get_bool(row, "ephemeral", false)) {
		buf_put_text(out, "  registration: ends with its connection\n");
	}
	if (process) {
		put_process(out, process);
	}
	put_instances(out, row, style);
	put_list(out, "Parameters", value_get(row, "params"), put_parameter);
	put_list(out, "Subscribes to", value_get(row, "subscriptions"),
		 put_subscription);
}

static void put_json(struct buf *out, const struct value *row,
		     const struct value *process)
{
	struct value whole = value_copy(row);

	value_set(&whole, "process",
		  process ? value_copy(process) : value_null());
	json_write(out, &whole, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&whole);
}

static int no_plugin(const struct cli *cli, const struct registry *registry)
{
	struct slice wrong = slice_of(cli_arg(cli, 0));
	const struct value *names = &registry->plugins;
	struct near near = { 0 };
	struct err error = { 0 };

	for (size_t i = 0; i < value_len(names); i++) {
		/* Texts of values end with a NUL. */
		near_try(&near, wrong,
			 value_get_text(value_at(names, i), "name").ptr);
	}
	(void)err_set(&error, E_NOT_FOUND, "there is no plugin '%.*s'%s%s%s",
		      SLICE_ARG(wrong), near.best ? "; did you mean '" : "",
		      near.best ? near.best : "", near.best ? "'?" : "");
	return cli_fail(cli, &error);
}

static int show(const struct cli *cli, const struct registry *registry)
{
	const struct value *row =
	    registry_row(registry, slice_of(cli_arg(cli, 0)));
	struct buf text = { 0 };

	if (!row) {
		return no_plugin(cli, registry);
	}
	const struct value *process =
	    registry_process(registry, value_get_text(row, "entry"));

	if (cli->form == FORM_JSON) {
		put_json(&text, row, process);
	} else {
		put_text(&text, row, process, cli->style);
	}
	cli_print(cli, &text);
	return EXIT_DONE;
}

static int run(struct cli *cli)
{
	struct looking looking;
	struct registry registry;
	struct err error = { 0 };
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	if (registry_read(&registry, &looking, &error)) {
		looking_close(&looking);
		return cli_fail(cli, &error);
	}
	code = show(cli, &registry);
	if (code == EXIT_DONE) {
		looking_note_daemon(cli, &looking);
	}
	registry_fini(&registry);
	looking_close(&looking);
	return code;
}

const struct verb verb_plugins_show = {
	.name = "plugins show",
	.group = VERB_PLUGINS,
	.summary = "one plugin with its instances and subscriptions",
	.usage = "NAME",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
