/*
 * `tutti reload`: have the daemon read its config and modules again.
 */
#include "cli/order.h"
#include "cli/text.h"
#include "cli/verb.h"

/* An entry, or the config itself, and what becomes of it. */
static void put_changed(struct buf *out, const struct value *changed, bool dry)
{
	for (size_t i = 0; i < value_len(changed); i++) {
		const struct value *row = value_at(changed, i);

		text_put_clean(out, value_get_text(row, "entry"));
		buf_put_text(out, dry ? ": would be " : ": ");
		text_put_clean(out, value_get_text(row, "what"));
		buf_put_byte(out, '\n');
	}
}

static void put_workflows(struct buf *out, const struct value *names)
{
	const char *before = "workflows now: ";

	for (size_t i = 0; i < value_len(names); i++) {
		const struct value *name = value_at(names, i);

		if (name->type == VALUE_STRING) {
			buf_put_text(out, before);
			text_put_clean(out, name->as.text);
			before = ", ";
		}
	}
	buf_put_text(out, *before == ',' ? "\n" : "");
}

static void put_reloaded(struct buf *out, const struct value *result, bool dry)
{
	const struct value *changed = value_get(result, "changed");
	const struct value *workflows = value_get(result, "workflows");

	if (changed && changed->type == VALUE_ARRAY) {
		put_changed(out, changed, dry);
	}
	if (workflows && workflows->type == VALUE_ARRAY) {
		put_workflows(out, workflows);
	}
	if (out->len == 0) {
		buf_put_text(out, dry ? "would reload\n" : "reloaded\n");
	}
}

static int run(struct cli *cli)
{
	return order_send(cli, "reload", value_map(), put_reloaded);
}

const struct verb verb_reload = {
	.name = "reload",
	.group = VERB_START,
	.summary = "have the daemon read its config and plugins again",
	.usage = "",
	.text = "The whole new config is taken, or nothing of it. Runs that "
		"were started keep\ntheir definitions, tasks in plugins' hands "
		"finish on the old code.\n",
	.options = order_options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
