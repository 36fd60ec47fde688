/*
 * `tutti plugins`: what is registered, and what is about to, from the store,
 * with live numbers when the daemon answers.
 */
#include <inttypes.h>

#include "cli/listing.h"
#include "cli/plugin_state.h"
#include "cli/registry.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

#define HASH_SHOWN 12

static void put_number(struct buf *out, const struct value *row,
		       const char *key)
{
	const struct value *number = value_get(row, key);

	if (number && number->type == VALUE_INT) {
		buf_printf(out, "%" PRId64, number->as.integer);
	} else {
		buf_put_byte(out, '-');
	}
}

static bool has(const struct value *row, const char *key)
{
	const struct value *value = value_get(row, key);

	return value && value->type != VALUE_NULL;
}

static enum tone show_state(struct buf *out, const struct value *row,
			    int64_t now_us)
{
	struct slice state = value_get_text(row, "state");

	(void)now_us;
	text_put_clean(out, state.len ? state : SLICE("-"));
	return plugin_state_tone(state);
}

/* "1/4": ready of those wanted; "3" when nobody wants a number. */
static enum tone show_instances(struct buf *out, const struct value *row,
				int64_t now_us)
{
	(void)now_us;
	put_number(out, row, "ready");
	if (has(row, "wanted")) {
		buf_put_byte(out, '/');
		put_number(out, row, "wanted");
	}
	return TONE_PLAIN;
}

/* "3/16": in flight of those that fit. */
static enum tone show_tasks(struct buf *out, const struct value *row,
			    int64_t now_us)
{
	(void)now_us;
	put_number(out, row, "in_flight");
	buf_put_byte(out, '/');
	put_number(out, row, has(row, "capacity") ? "capacity" : "max_tasks");
	return TONE_PLAIN;
}

static enum tone show_hash(struct buf *out, const struct value *row,
			   int64_t now_us)
{
	struct slice hash = value_get_text(row, "hash");

	(void)now_us;
	if (hash.len > HASH_SHOWN) {
		hash.len = HASH_SHOWN;
	}
	text_put_clean(out, hash.len ? hash : SLICE("-"));
	return TONE_PLAIN;
}

static enum tone show_queue(struct buf *out, const struct value *row,
			    int64_t now_us)
{
	struct slice name = value_get_text(value_get(row, "queue"), "name");

	(void)now_us;
	text_put_clean(out, name.len ? name : SLICE("-"));
	return TONE_PLAIN;
}

static const struct column columns[] = {
	{ .key = "name", .title = "NAME" },
	{ .key = "version", .title = "VERSION" },
	{ .key = "form", .title = "FORM" },
	{ .key = "state", .title = "STATE", .show = show_state },
	{ .key = "ready",
	  .title = "INSTANCES",
	  .right = true,
	  .show = show_instances },
	{ .key = "wanted" },
	{ .key = "in_flight",
	  .title = "TASKS",
	  .right = true,
	  .show = show_tasks },
	{ .key = "capacity" },
	{ .key = "max_tasks" },
	{ .key = "hash", .title = "HASH", .wide = true, .show = show_hash },
	{ .key = "crashes", .title = "CRASHES", .wide = true, .right = true },
	{ .key = "misbehaved",
	  .title = "MISBEHAVED",
	  .wide = true,
	  .right = true },
	{ .key = "restarts", .title = "RESTARTS", .wide = true, .right = true },
	{ .key = "queue", .title = "QUEUE", .wide = true, .show = show_queue },
	{ .key = "module", .title = "MODULE" },
	{ .key = "help", .title = "HELP", .wide = true },
	{ .key = "message" },
	{ .key = "last_exit" },
	{ .key = "quarantined" },
	{ .key = "ephemeral" },
	{ .key = "entry" },
	{ 0 },
};

/* Entries without a plugin are among the processes. */
static void put_json(struct buf *out, const struct registry *registry)
{
	struct value map = value_map();
	struct value plugins = value_array();

	for (size_t i = 0; i < value_len(&registry->plugins); i++) {
		const struct value *row = value_at(&registry->plugins, i);

		if (value_get_bool(row, "registered", false)) {
			value_push(&plugins, value_copy(row));
		}
	}
	value_set(&map, "plugins", plugins);
	value_set(&map, "processes", value_copy(&registry->processes));
	value_set(&map, "bus", value_copy(&registry->bus));
	json_write(out, &map, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&map);
}

static void print(const struct cli *cli, const struct registry *registry,
		  const struct looking *looking)
{
	struct listing listing;
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		put_json(&text, registry);
		cli_print(cli, &text);
		return;
	}
	listing_init(&listing, columns, "name", looking->now_us);
	for (size_t i = 0; i < value_len(&registry->plugins); i++) {
		listing_add(&listing,
			    value_copy(value_at(&registry->plugins, i)));
	}
	listing_write(&listing, cli->form, cli->style, &text);
	cli_print(cli, &text);
	listing_fini(&listing);
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
	print(cli, &registry, &looking);
	if (value_len(&registry.plugins) == 0) {
		cli_note(cli, "no plugins");
	}
	looking_note_daemon(cli, &looking);
	registry_fini(&registry);
	looking_close(&looking);
	return EXIT_DONE;
}

const struct verb verb_plugins = {
	.name = "plugins",
	.group = VERB_PLUGINS,
	.summary = "list the plugins, and the processes that are to bring some",
	.usage = "",
	.text = "INSTANCES are those ready of those wanted, TASKS those in "
		"flight of those that\nfit. Without a daemon: as of the last "
		"write.\n",
	.forms = LISTING_FORMS | FORM_BIT(FORM_NAME),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
