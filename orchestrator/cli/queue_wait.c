#include "cli/queue_wait.h"

#include <inttypes.h>

#include "base/shell.h"
#include "cli/queue_text.h"
#include "cli/reason.h"
#include "cli/text.h"

const char *queue_wait_name(enum queue_wait wait)
{
	static const char *const names[] = {
#define X(name, text) text,
		QUEUE_WAIT_MAP(X)
#undef X
	};

	return names[wait];
}

static const struct value *plugin_row(const struct queue_scene *scene)
{
	return scene->registry ? registry_plugin(scene->registry,
						 slice_of(scene->sheet->plugin))
			       : NULL;
}

int64_t queue_consumers(const struct queue_scene *scene)
{
	const struct value *row = plugin_row(scene);

	return row ? value_get_int(row, "ready", -1) : -1;
}

/* As far as the daemon has told. */
static bool is_busy(const struct value *row)
{
	int64_t capacity = value_get_int(row, "capacity", 0);

	return capacity > 0 && value_get_int(row, "in_flight", 0) >= capacity;
}

enum queue_wait queue_held_by(const struct queue_scene *scene)
{
	const struct value *row = plugin_row(scene);

	if (scene->sheet->paused_by) {
		return QUEUE_WAIT_PAUSED;
	}
	if (row && value_get_bool(row, "quarantined", false)) {
		return QUEUE_WAIT_QUARANTINED;
	}
	if (!row && scene->registry) {
		return QUEUE_WAIT_NO_PLUGIN;
	}
	if (!scene->daemon_alive) {
		return QUEUE_WAIT_NO_DAEMON;
	}
	return row && (queue_consumers(scene) == 0 ||
		       slice_is(value_get_text(row, "state"), "no instance"))
		   ? QUEUE_WAIT_NO_CONSUMER
		   : QUEUE_WAIT_NOTHING;
}

/* Of messages none of which can be had: what will change that. */
static enum queue_wait held_within(const struct queue_sheet *sheet)
{
	if (sheet->delayed) {
		return QUEUE_WAIT_TIME;
	}
	return sheet->aside ? QUEUE_WAIT_RUNS : QUEUE_WAIT_GROUP;
}

enum queue_wait queue_wait_of(const struct queue_scene *scene)
{
	const struct queue_sheet *sheet = scene->sheet;
	const struct value *row = plugin_row(scene);
	enum queue_wait held = queue_held_by(scene);

	if (sheet->waiting == 0) {
		return QUEUE_WAIT_EMPTY;
	}
	if (held != QUEUE_WAIT_NOTHING) {
		return held;
	}
	if (sheet->delayed + sheet->aside + sheet->behind == sheet->waiting) {
		return held_within(sheet);
	}
	if (sheet->policy.concurrency &&
	    sheet->leased >= sheet->policy.concurrency) {
		return QUEUE_WAIT_CONCURRENCY;
	}
	if (row && is_busy(row)) {
		return QUEUE_WAIT_BUSY;
	}
	return sheet->policy.rate ? QUEUE_WAIT_RATE : QUEUE_WAIT_NOTHING;
}

static void put_paused(struct buf *out, const struct queue_scene *scene)
{
	const struct queue_sheet *sheet = scene->sheet;

	buf_printf(out, "paused by %s", sheet->paused_by);
	if (sheet->paused_us) {
		buf_put_text(out, ", ");
		text_put_age(out, sheet->paused_us, scene->now_us);
	}
	buf_put_text(out, "; 'tutti queue resume ");
	shell_put_word(out, slice_of(sheet->name));
	buf_put_text(out, "' lets it go on");
}

static void put_no_consumer(struct buf *out, const struct queue_scene *scene,
			    const char *what)
{
	buf_printf(out, "no consumer: plugin '%s' %s", scene->sheet->plugin,
		   what);
	reason_put_absence(out, scene->registry,
			   slice_of(scene->sheet->plugin));
}

static void put_busy(struct buf *out, const struct queue_scene *scene)
{
	int64_t consumers = queue_consumers(scene);

	if (consumers == 1) {
		buf_put_text(out, "its only consumer is busy");
	} else {
		buf_printf(out, "all %" PRId64 " consumers are busy",
			   consumers);
	}
}

static void put_time(struct buf *out, const struct queue_sheet *sheet)
{
	buf_put_text(out, sheet->behind
			      ? "what is not behind others of its group is "
				"delayed"
			      : "all that wait are delayed");
	if (sheet->aside) {
		buf_put_text(out, ", or of paused runs");
	}
}

void queue_wait_put(struct buf *out, const struct queue_scene *scene,
		    enum queue_wait wait)
{
	const struct queue_policy *policy = &scene->sheet->policy;

	switch (wait) {
	case QUEUE_WAIT_EMPTY:
		buf_put_text(out, "nothing waits in it");
		break;
	case QUEUE_WAIT_PAUSED:
		put_paused(out, scene);
		break;
	case QUEUE_WAIT_QUARANTINED:
		buf_printf(
		    out, "plugin '%s' is quarantined; 'tutti plugins release ",
		    scene->sheet->plugin);
		shell_put_word(out, slice_of(scene->sheet->plugin));
		buf_put_text(out, "' lets it be used again");
		break;
	case QUEUE_WAIT_NO_PLUGIN:
		put_no_consumer(out, scene, "is not registered");
		break;
	case QUEUE_WAIT_NO_DAEMON:
		buf_put_text(out, "no daemon runs");
		break;
	case QUEUE_WAIT_NO_CONSUMER:
		put_no_consumer(out, scene, "has no live instance");
		break;
	case QUEUE_WAIT_RUNS:
		buf_put_text(out, "all that wait are of paused runs");
		if (scene->sheet->behind) {
			buf_put_text(out, ", or behind those of their groups");
		}
		break;
	case QUEUE_WAIT_TIME:
		put_time(out, scene->sheet);
		break;
	case QUEUE_WAIT_GROUP:
		buf_put_text(out, "all that wait are behind others of their "
				  "groups, which are at work");
		break;
	case QUEUE_WAIT_CONCURRENCY:
		buf_printf(out, "concurrency limit %" PRIu32 " reached",
			   policy->concurrency);
		break;
	case QUEUE_WAIT_BUSY:
		put_busy(out, scene);
		break;
	case QUEUE_WAIT_RATE:
		buf_put_text(out, "rate limit ");
		queue_text_put_rate(out, policy);
		break;
	case QUEUE_WAIT_NOTHING:
		buf_put_text(out, "about to be handed out");
		break;
	}
}
