#include "cli/queue_rows.h"

#include <inttypes.h>

#include "base/clock.h"
#include "cli/json_run.h"
#include "cli/queue_text.h"
#include "cli/text.h"

/* ---- queues ---- */

static enum tone show_queue_state(struct buf *out, const struct value *row,
				  int64_t now_us)
{
	bool paused = slice_is(value_get_text(row, "state"), "paused");

	(void)now_us;
	buf_put_slice(out, value_get_text(row, "state"));
	if (paused) {
		buf_put_text(out, " by ");
		text_put_clean(out, value_get_text(row, "paused_by"));
	}
	return paused ? TONE_WARN : TONE_PLAIN;
}

/* "12", "12 (2 delayed)", "12 (2 delayed, 1 of paused runs)" */
static enum tone show_waiting(struct buf *out, const struct value *row,
			      int64_t now_us)
{
	int64_t delayed = value_get_int(row, "delayed", 0);
	int64_t aside = value_get_int(row, "of_paused_runs", 0);

	(void)now_us;
	buf_printf(out, "%" PRId64, value_get_int(row, "waiting", 0));
	if (delayed > 0) {
		buf_printf(out, " (%" PRId64 " delayed", delayed);
	}
	if (aside > 0) {
		buf_printf(out, "%s%" PRId64 " of paused runs",
			   delayed > 0 ? ", " : " (", aside);
	}
	buf_put_text(out, delayed > 0 || aside > 0 ? ")" : "");
	return TONE_PLAIN;
}

static enum tone show_dead(struct buf *out, const struct value *row,
			   int64_t now_us)
{
	int64_t dead = value_get_int(row, "dead", 0);

	(void)now_us;
	buf_printf(out, "%" PRId64, dead);
	return dead > 0 ? TONE_BAD : TONE_PLAIN;
}

static void put_age_of(struct buf *out, const struct value *row,
		       const char *key, int64_t now_us)
{
	int64_t time_us = 0;

	if (clock_parse(value_get_text(row, key), &time_us)) {
		buf_put_byte(out, '-');
	} else {
		text_put_age(out, time_us, now_us);
	}
}

static enum tone show_oldest(struct buf *out, const struct value *row,
			     int64_t now_us)
{
	put_age_of(out, row, "oldest_at", now_us);
	return TONE_PLAIN;
}

/* The number of those ready; without a daemon's answer what the store says. */
static enum tone show_consumers(struct buf *out, const struct value *row,
				int64_t now_us)
{
	const struct value *number = value_get(row, "consumers");
	struct slice state = value_get_text(row, "plugin_state");

	(void)now_us;
	if (number && number->type == VALUE_INT) {
		buf_printf(out, "%" PRId64, number->as.integer);
		return number->as.integer ? TONE_PLAIN : TONE_WARN;
	}
	text_put_clean(out, state.len ? state : SLICE("none"));
	return state.len ? TONE_PLAIN : TONE_WARN;
}

const struct column queue_columns[] = {
	{ .key = "name", .title = "NAME" },
	{ .key = "plugin", .title = "PLUGIN" },
	{ .key = "state", .title = "STATE", .show = show_queue_state },
	{ .key = "waiting",
	  .title = "WAITING",
	  .right = true,
	  .show = show_waiting },
	{ .key = "delayed" },
	{ .key = "in_flight", .title = "IN FLIGHT", .right = true },
	{ .key = "dead", .title = "DEAD", .right = true, .show = show_dead },
	{ .key = "oldest_at", .title = "OLDEST", .show = show_oldest },
	{ .key = "consumers",
	  .title = "CONSUMERS",
	  .right = true,
	  .show = show_consumers },
	{ .key = "concurrency",
	  .title = "AT A TIME",
	  .right = true,
	  .wide = true },
	{ .key = "rate", .title = "RATE", .right = true, .wide = true },
	{ .key = "attempts", .title = "ATTEMPTS", .right = true, .wide = true },
	{ .key = "waits_for", .title = "WAITS FOR", .wide = true },
	{ .key = "paused_by" },
	{ .key = "paused_at" },
	{ .key = "of_paused_runs" },
	{ 0 },
};

static struct value json_words(struct buf *words)
{
	struct value text = json_text(buf_slice(words));

	buf_fini(words);
	return text;
}

static struct value json_rate(const struct queue_policy *policy)
{
	struct buf words = { 0 };

	if (policy->rate) {
		queue_text_put_rate(&words, policy);
	}
	return json_words(&words);
}

static struct value json_count(size_t count)
{
	return value_int((int64_t)count);
}

static void set_counts(struct value *row, const struct queue_sheet *sheet)
{
	value_set(row, "waiting", json_count(sheet->waiting));
	value_set(row, "delayed", json_count(sheet->delayed));
	value_set(row, "of_paused_runs", json_count(sheet->aside));
	value_set(row, "in_flight", json_count(sheet->leased));
	value_set(row, "dead", json_count(sheet->dead));
	value_set(row, "oldest_at", json_time(sheet->oldest_us));
}

/* NULL when it is not known. */
static const struct value *plugin_of(const struct queue_scene *scene)
{
	return scene->registry ? registry_plugin(scene->registry,
						 slice_of(scene->sheet->plugin))
			       : NULL;
}

/* Its plugin has another queue now, or none: it takes nothing new. */
static bool is_retiring(const struct queue_scene *scene)
{
	const struct value *plugin = plugin_of(scene);
	const struct value *queue = plugin ? value_get(plugin, "queue") : NULL;

	if (!queue || queue->type == VALUE_NULL) {
		return plugin != NULL;
	}
	struct slice name = value_get_text(queue, "name");

	return !slice_is(name.len ? name : slice_of(scene->sheet->plugin),
			 scene->sheet->name);
}

const char *queue_state_name(const struct queue_scene *scene)
{
	if (scene->sheet->paused_by) {
		return "paused";
	}
	return is_retiring(scene) ? "retiring" : "running";
}

static void set_consumers(struct value *row, const struct queue_scene *scene)
{
	int64_t consumers = queue_consumers(scene);
	const struct value *plugin = plugin_of(scene);

	value_set(row, "consumers",
		  consumers < 0 ? value_null() : value_int(consumers));
	value_set(row, "plugin_state",
		  plugin ? json_text(value_get_text(plugin, "state"))
			 : value_null());
}

static void set_limits(struct value *row, const struct queue_policy *policy)
{
	value_set(row, "concurrency",
		  policy->concurrency ? value_int(policy->concurrency)
				      : value_null());
	value_set(row, "rate", json_rate(policy));
	value_set(row, "attempts", value_int(policy->retry.attempts));
}

struct value queue_row(const struct queue_scene *scene)
{
	const struct queue_sheet *sheet = scene->sheet;
	enum queue_wait wait = queue_wait_of(scene);
	struct value row = value_map();
	struct buf words = { 0 };

	value_set(&row, "name", value_text(sheet->name));
	value_set(&row, "plugin", value_text(sheet->plugin));
	value_set(&row, "state", value_text(queue_state_name(scene)));
	value_set(&row, "paused_by", value_text(sheet->paused_by));
	value_set(&row, "paused_at", json_time(sheet->paused_us));
	set_counts(&row, sheet);
	set_consumers(&row, scene);
	set_limits(&row, &sheet->policy);
	queue_wait_put(&words, scene, wait);
	value_set(&row, "waits_for",
		  wait == QUEUE_WAIT_EMPTY ? value_null()
					   : value_text(queue_wait_name(wait)));
	value_set(&row, "waits_for_text", json_words(&words));
	value_set(&row, "policy", queue_policy_to_value(&sheet->policy));
	return row;
}

/* ---- messages ---- */

static enum tone show_age(struct buf *out, const struct value *row,
			  int64_t now_us)
{
	put_age_of(out, row, "entered_at", now_us);
	return TONE_PLAIN;
}

static enum tone show_died(struct buf *out, const struct value *row,
			   int64_t now_us)
{
	put_age_of(out, row, "dead_at", now_us);
	return TONE_PLAIN;
}

/* "waiting", "delayed, in 5m", "run paused" */
static enum tone show_message_state(struct buf *out, const struct value *row,
				    int64_t now_us)
{
	struct slice state = value_get_text(row, "state");

	if (!slice_is(state, "waiting")) {
		buf_put_slice(out, state);
		return slice_is(state, "dead") ? TONE_BAD : TONE_ACTIVE;
	}
	if (value_get_bool(row, "paused", false)) {
		buf_put_text(out, "run paused");
		return TONE_WARN;
	}
	if (value_get_text(row, "visible_at").len) {
		buf_put_text(out, "delayed, ");
		put_age_of(out, row, "visible_at", now_us);
		return TONE_WARN;
	}
	buf_put_slice(out, state);
	return TONE_PLAIN;
}

const struct column queue_message_columns[] = {
	{ .key = "position", .title = "#", .right = true },
	{ .key = "run", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW", .wide = true },
	{ .key = "uid", .title = "UID", .wide = true },
	{ .key = "path", .title = "TASK" },
	{ .key = "group", .title = "GROUP" },
	{ .key = "priority", .title = "PRIORITY", .right = true },
	{ .key = "state", .title = "STATE", .show = show_message_state },
	{ .key = "deliveries", .title = "DELIVERIES", .right = true },
	{ .key = "failures", .title = "FAILURES", .right = true, .wide = true },
	{ .key = "entered_at", .title = "ENTERED", .show = show_age },
	{ .key = "visible_at", .title = "VISIBLE AT", .wide = true },
	{ .key = "leased_at", .title = "LEASED AT", .wide = true },
	{ .key = "lease_until", .title = "LEASE UNTIL", .wide = true },
	{ .key = "instance", .title = "INSTANCE", .wide = true },
	{ .key = "error", .title = "LAST ERROR" },
	{ .key = "dead_at" },
	{ 0 },
};

const struct column queue_dead_columns[] = {
	{ .key = "run", .title = "RUN" },
	{ .key = "workflow", .title = "WORKFLOW", .wide = true },
	{ .key = "uid", .title = "UID", .wide = true },
	{ .key = "path", .title = "TASK" },
	{ .key = "group", .title = "GROUP", .wide = true },
	{ .key = "deliveries", .title = "DELIVERIES", .right = true },
	{ .key = "dead_at", .title = "GIVEN UP", .show = show_died },
	{ .key = "error", .title = "LAST ERROR" },
	{ .key = "entered_at" },
	{ 0 },
};
