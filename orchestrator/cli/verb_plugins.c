/*
 * `tutti plugins` and `tutti plugins show NAME`: what is registered, from the
 * store, with live numbers when the daemon answers.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/near.h"
#include "cli/json_run.h"
#include "cli/listing.h"
#include "cli/place.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

static const struct column columns[] = {
	{ .key = "name", .title = "NAME" },
	{ .key = "version", .title = "VERSION" },
	{ .key = "form", .title = "FORM" },
	{ .key = "state", .title = "STATE" },
	{ .key = "in_flight", .title = "IN FLIGHT", .right = true },
	{ .key = "max_tasks", .title = "MAX", .right = true },
	{ .key = "misbehaved",
	  .title = "MISBEHAVED",
	  .wide = true,
	  .right = true },
	{ .key = "module", .title = "MODULE" },
	{ .key = "hash", .title = "HASH", .wide = true },
	{ .key = "help", .title = "HELP", .wide = true },
	{ .key = "subscriptions" },
	{ 0 },
};

/* The daemon's own numbers; null when it is down or silent. */
static struct value ask_daemon(const struct looking *looking)
{
	struct control_client *client;
	struct value args = value_map();
	struct value result = value_null();

	if (looking->owner.alive &&
	    !control_connect(looking->place.control, &client, NULL)) {
		if (place_call(client, "plugins", &args, &result, NULL)) {
			result = value_null();
		}
		control_disconnect(client);
	}
	value_clear(&args);
	return result;
}

static const struct value *live_row(const struct value *live, struct slice name)
{
	const struct value *rows = value_get(live, "plugins");

	for (size_t i = 0; rows && i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);

		if (slice_equal(value_get_text(row, "name"), name)) {
			return row;
		}
	}
	return NULL;
}

static struct value live_number(const struct value *row, const char *key)
{
	const struct value *number = row ? value_get(row, key) : NULL;

	return number ? value_copy(number) : value_null();
}

static struct value subscriptions(struct slice json)
{
	struct value list;

	return json_read(json, NULL, &list, NULL) ? value_array() : list;
}

static struct value json_plugin(const struct plugin_record *plugin,
				const struct value *live)
{
	const struct value *row = live_row(live, plugin->name);
	struct value map = value_map();

	value_set(&map, "name", value_string(plugin->name));
	value_set(&map, "version", json_text(plugin->version));
	value_set(&map, "help", json_text(plugin->help));
	value_set(&map, "module", json_text(plugin->module));
	value_set(&map, "hash", json_text(plugin->hash));
	value_set(&map, "form", json_text(plugin->form));
	value_set(&map, "state", json_text(plugin->state));
	value_set(&map, "max_tasks", value_int(plugin->max_tasks));
	value_set(&map, "in_flight", live_number(row, "in_flight"));
	value_set(&map, "misbehaved", live_number(row, "misbehaved"));
	value_set(&map, "subscriptions", subscriptions(plugin->subscriptions));
	return map;
}

struct plugins {
	struct looking looking;
	struct plugin_list list;
	struct value live;
};

static int plugins_open(const struct cli *cli, struct plugins *plugins)
{
	struct err error = { 0 };
	int code = looking_open(cli, &plugins->looking);

	if (code) {
		return code;
	}
	if (view_plugins(plugins->looking.view, &plugins->list, &error)) {
		looking_close(&plugins->looking);
		return cli_fail(cli, &error);
	}
	plugins->live = ask_daemon(&plugins->looking);
	return EXIT_DONE;
}

static void plugins_close(struct plugins *plugins)
{
	value_clear(&plugins->live);
	plugin_list_fini(&plugins->list);
	looking_close(&plugins->looking);
}

static int run_list(struct cli *cli)
{
	struct plugins plugins;
	struct listing listing;
	struct buf text = { 0 };
	int code = plugins_open(cli, &plugins);

	if (code) {
		return code;
	}
	listing_init(&listing, columns, "name", plugins.looking.now_us);
	for (size_t i = 0; i < plugins.list.len; i++) {
		listing_add(&listing, json_plugin(&plugins.list.plugins[i],
						  &plugins.live));
	}
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	if (plugins.list.len == 0) {
		cli_note(cli, "no plugins");
	}
	looking_note_daemon(cli, &plugins.looking);
	listing_fini(&listing);
	plugins_close(&plugins);
	return EXIT_DONE;
}

static int no_plugin(const struct cli *cli, const struct plugin_list *list)
{
	struct slice wrong = slice_of(cli_arg(cli, 0));
	char **names = alloc_zeroed(list->len, sizeof(*names));
	struct near near = { 0 };
	struct err error = { 0 };

	for (size_t i = 0; i < list->len; i++) {
		names[i] = slice_dup(list->plugins[i].name);
		near_try(&near, wrong, names[i]);
	}
	(void)err_set(&error, E_NOT_FOUND, "there is no plugin '%.*s'%s%s%s",
		      SLICE_ARG(wrong), near.best ? "; did you mean '" : "",
		      near.best ? near.best : "", near.best ? "'?" : "");
	for (size_t i = 0; i < list->len; i++) {
		free(names[i]);
	}
	free(names);
	return cli_fail(cli, &error);
}

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

static void put_plugin(struct buf *out, const struct value *row)
{
	const struct value *list = value_get(row, "subscriptions");

	put_field(out, "plugin", row, "name");
	put_field(out, "version", row, "version");
	put_field(out, "help", row, "help");
	put_field(out, "module", row, "module");
	put_field(out, "hash", row, "hash");
	put_field(out, "form", row, "form");
	put_field(out, "state", row, "state");
	put_field(out, "max tasks", row, "max_tasks");
	put_field(out, "in flight", row, "in_flight");
	put_field(out, "misbehaved", row, "misbehaved");
	buf_put_text(out, value_len(list) ? "\nSubscribes to:\n" : "");
	for (size_t i = 0; i < value_len(list); i++) {
		put_subscription(out, value_at(list, i));
	}
}

static const struct plugin_record *find(const struct plugin_list *list,
					struct slice name)
{
	for (size_t i = 0; i < list->len; i++) {
		if (slice_equal(list->plugins[i].name, name)) {
			return &list->plugins[i];
		}
	}
	return NULL;
}

static int run_show(struct cli *cli)
{
	struct plugins plugins;
	struct buf text = { 0 };
	int code = plugins_open(cli, &plugins);

	if (code) {
		return code;
	}
	const struct plugin_record *plugin =
	    find(&plugins.list, slice_of(cli_arg(cli, 0)));

	if (plugin) {
		struct value row = json_plugin(plugin, &plugins.live);

		if (cli->form == FORM_JSON) {
			json_write(&text, &row, JSON_PRETTY);
			buf_put_byte(&text, '\n');
		} else {
			put_plugin(&text, &row);
		}
		value_clear(&row);
		cli_print(cli, &text);
		looking_note_daemon(cli, &plugins.looking);
	} else {
		code = no_plugin(cli, &plugins.list);
	}
	plugins_close(&plugins);
	return code;
}

const struct verb verb_plugins = {
	.name = "plugins",
	.group = VERB_PLUGINS,
	.summary = "list the registered plugins",
	.usage = "",
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 0,
	.run = run_list,
};

const struct verb verb_plugins_show = {
	.name = "plugins show",
	.group = VERB_PLUGINS,
	.summary = "one plugin with its subscriptions",
	.usage = "NAME",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run_show,
};
