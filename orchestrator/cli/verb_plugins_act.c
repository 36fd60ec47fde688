/*
 * `tutti plugins remove`, `release` and `scale`: what an operator may change
 * about plugins while the daemon runs.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/order.h"
#include "cli/text.h"
#include "cli/verb.h"

static void put_quoted(struct buf *out, const struct value *result,
		       const char *key)
{
	buf_put_byte(out, '\'');
	text_put_clean(out, value_get_text(result, key));
	buf_put_byte(out, '\'');
}

static void put_stopped(struct buf *out, const struct value *names, bool dry)
{
	size_t count =
	    names && names->type == VALUE_ARRAY ? value_len(names) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct value *name = value_at(names, i);

		buf_put_text(out, i ? ", " : "; ");
		if (i == 0) {
			buf_put_text(out, dry ? "would be told to stop: "
					      : "told to stop: ");
		}
		if (name->type == VALUE_STRING) {
			text_put_clean(out, name->as.text);
		}
	}
}

static void put_removed(struct buf *out, const struct value *result, bool dry)
{
	int64_t failed = value_get_int(result, "tasks_failed", 0);

	buf_put_text(out, dry ? "would remove plugin " : "removed plugin ");
	put_quoted(out, result, "plugin");
	put_stopped(out, value_get(result, "instances"), dry);
	if (failed > 0) {
		buf_put_text(out, "; ");
		text_put_count(out, (uint64_t)failed, "task", "tasks");
		buf_put_text(out, dry ? " would fail" : " failed");
	}
	buf_put_byte(out, '\n');
}

static int run_remove(struct cli *cli)
{
	struct value args = value_map();

	value_set(&args, "plugin", value_text(cli_arg(cli, 0)));
	return order_send(cli, "plugin_remove", args, put_removed);
}

static void put_released(struct buf *out, const struct value *result, bool dry)
{
	bool entry = value_get_text(result, "entry").len > 0;

	buf_put_text(out, dry ? "would release " : "released ");
	buf_put_text(out, entry ? "entry " : "plugin ");
	put_quoted(out, result, entry ? "entry" : "plugin");
	buf_put_byte(out, '\n');
}

static int run_release(struct cli *cli)
{
	static const char *const keys[2] = { "plugin", "entry" };

	return order_send_either(cli, "plugin_release", keys, cli_arg(cli, 0),
				 put_released);
}

static void put_scaled(struct buf *out, const struct value *result, bool dry)
{
	buf_put_text(out, "entry ");
	put_quoted(out, result, "entry");
	buf_printf(out, ": %" PRId64 " -> %" PRId64 " instances%s\n",
		   value_get_int(result, "before", 0),
		   value_get_int(result, "after", 0),
		   dry ? ", if it were done" : "");
}

static bool read_count(const char *text, int64_t *ret_count)
{
	char *end;
	long count = strtol(text, &end, 10);

	if (!*text || *end || strspn(text, "0123456789") != strlen(text) ||
	    count > LIMIT_INSTANCES) {
		return false;
	}
	*ret_count = count;
	return true;
}

static int run_scale(struct cli *cli)
{
	struct value args = value_map();
	int64_t count;

	if (!read_count(cli_arg(cli, 1), &count)) {
		value_clear(&args);
		return cli_usage_error(
		    cli, "N is a whole number from 0 to %d, not '%s'",
		    LIMIT_INSTANCES, cli_arg(cli, 1));
	}
	value_set(&args, "entry", value_text(cli_arg(cli, 0)));
	value_set(&args, "instances", value_int(count));
	return order_send(cli, "scale", args, put_scaled);
}

const struct verb verb_plugins_remove = {
	.name = "plugins remove",
	.group = VERB_PLUGINS,
	.summary = "end a registration",
	.usage = "NAME",
	.text = "Its tasks that nobody has in hand fail, its instances finish "
		"what they have and\nare told to stop. What the config "
		"provides is taken out there, then reloaded.\n",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run_remove,
};

const struct verb verb_plugins_release = {
	.name = "plugins release",
	.group = VERB_PLUGINS,
	.summary = "end a quarantine, or start again what was given up",
	.usage = "NAME",
	.text = "NAME is a plugin that is quarantined, or an entry of the "
		"config whose processes\ndied too often.\n",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 1,
	.run = run_release,
};

const struct verb verb_plugins_scale = {
	.name = "plugins scale",
	.group = VERB_PLUGINS,
	.summary = "have another number of processes of an entry",
	.usage = "ENTRY N",
	.text = "Until the daemon ends or the entry is changed by a reload. "
		"What is too many\nfinishes its tasks first.\n",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 2,
	.max_args = 2,
	.run = run_scale,
};
