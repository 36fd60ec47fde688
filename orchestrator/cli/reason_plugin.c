/* Sentences about plugins that are not there; see reason.h. */
#include "base/clock.h"
#include "cli/reason.h"
#include "cli/text.h"

/* Which processes might bring a plugin that nobody knows yet. */
static void put_candidates(struct buf *out, const struct registry *registry,
			   struct slice plugin)
{
	bool any = false;

	for (size_t i = 0; i < value_len(&registry->processes); i++) {
		const struct value *process = value_at(&registry->processes, i);
		struct buf sentence = { 0 };

		registry_put_process(&sentence, process);
		if (sentence.len) {
			buf_printf(out, "%sentry '%.*s' %.*s",
				   any ? "; " : ": ",
				   SLICE_ARG(value_get_text(process, "entry")),
				   SLICE_ARG(buf_slice(&sentence)));
			any = true;
		}
		buf_fini(&sentence);
	}
	if (any) {
		buf_printf(out,
			   "; 'plugin: %.*s' in its entry makes it known "
			   "before it comes",
			   SLICE_ARG(plugin));
	}
}

static void put_of_plugin(struct buf *out, const struct registry *registry,
			  const struct value *row)
{
	const struct value *process =
	    registry_process(registry, value_get_text(row, "entry"));
	struct slice message = value_get_text(row, "message");
	struct buf sentence = { 0 };

	if (process) {
		registry_put_process(&sentence, process);
	}
	if (sentence.len) {
		buf_printf(out, ": its program %.*s",
			   SLICE_ARG(buf_slice(&sentence)));
	} else if (message.len) {
		buf_printf(out, ": %.*s", SLICE_ARG(message));
	} else if (!process && registry->live) {
		buf_put_text(out, ": no entry of the config starts it, its "
				  "program is started by hand");
	}
	buf_fini(&sentence);
}

void reason_put_absence(struct buf *out, const struct registry *registry,
			struct slice plugin)
{
	if (!registry) {
		return;
	}
	const struct value *row = registry_row(registry, plugin);

	if (row) {
		put_of_plugin(out, registry, row);
	} else {
		put_candidates(out, registry, plugin);
	}
}

bool reason_awaits_registration(const struct activity_record *activity)
{
	return activity->state == GROUP_WAITING &&
	       (activity->reason == REASON_NO_PLUGIN ||
		activity->reason == REASON_REGISTER_WINDOW);
}

static bool is_registered(const struct reason_context *context,
			  const char *plugin)
{
	const struct registry *registry = context->registry;

	/* One that is known from before the daemon's start counts as well. */
	return registry && registry_plugin(registry, slice_of(plugin));
}

static void put_required(struct buf *out, const struct reason_context *context,
			 const struct activity_definition *activity)
{
	const char *only = NULL;
	size_t count = 0;

	buf_put_text(out, "waits for required plugins: ");
	for (size_t i = 0; i < activity->require_len; i++) {
		const char *name = activity->require[i];

		if (!is_registered(context, name)) {
			buf_printf(out, "%s'%s'", count++ ? ", " : "", name);
			only = name;
		}
	}
	if (count == 0) {
		buf_put_text(out, "they are registered by now");
		return;
	}
	buf_put_text(out,
		     count == 1 ? " is not registered" : " are not registered");
	reason_put_absence(out, context->registry, slice_of(only));
}

static void put_window(struct buf *out, const struct reason_context *context,
		       const struct activity_record *record, int64_t window_ms)
{
	int64_t until_us = record->started_us + window_ms * 1000;

	buf_put_text(out, "waits for plugins that are about to register");
	if (record->started_us && window_ms && until_us > context->now_us) {
		buf_put_text(out, ", until ");
		text_put_time(out, until_us);
		buf_put_text(out, " (");
		text_put_age(out, until_us, context->now_us);
		buf_put_byte(out, ')');
	}
}

void reason_put_registration(struct buf *out,
			     const struct reason_context *context,
			     size_t activity)
{
	static const struct activity_definition nothing;
	const struct definition *definition = context->run->definition;
	const struct activity_record *record =
	    &context->run->activities[activity];
	const struct activity_definition *source =
	    definition && activity < definition->len
		? &definition->activities[activity]
		: &nothing;

	if (record->reason == REASON_NO_PLUGIN) {
		put_required(out, context, source);
	} else {
		put_window(out, context, record, source->register_window_ms);
	}
}
