#include "cli/events.h"

#include "cli/json_run.h"

static struct value json_state(const struct transition_record *it, int state)
{
	if (state < 0) {
		return value_null();
	}
	if (it->kind == OBJECT_TASK) {
		return state < TASK_STATES
			   ? value_text(task_state_name((enum task_state)state))
			   : value_null();
	}
	return state < GROUP_STATES
		   ? value_text(group_state_name((enum group_state)state))
		   : value_null();
}

static struct slice task_name(const struct run_view *run, uint32_t number)
{
	return number < run->task_count ? run->tasks[number].name : SLICE("?");
}

/* "run", "Step2", "Step2/parallel", "Step2/parallel/thumb" */
static struct value object_path(const struct run_view *run,
				const struct transition_record *it)
{
	struct buf path = { 0 };

	if (it->kind == OBJECT_RUN) {
		return value_text(object_kind_name(OBJECT_RUN));
	}
	buf_put_text(&path, run_activity_name(run, it->activity));
	if (it->kind != OBJECT_ACTIVITY) {
		buf_printf(&path, "/%s", phase_kind_name(it->phase));
	}
	if (it->kind == OBJECT_TASK) {
		buf_printf(&path, "/%.*s", SLICE_ARG(task_name(run, it->task)));
	}
	struct value value = value_string(buf_slice(&path));

	buf_fini(&path);
	return value;
}

static void set_object(struct value *row, const struct run_view *run,
		       const struct transition_record *it)
{
	bool in_activity = it->kind != OBJECT_RUN;
	bool in_phase = in_activity && it->kind != OBJECT_ACTIVITY;
	bool task = it->kind == OBJECT_TASK;

	value_set(row, "kind", value_text(object_kind_name(it->kind)));
	value_set(row, "object", object_path(run, it));
	value_set(row, "activity",
		  value_text(in_activity ? run_activity_name(run, it->activity)
					 : NULL));
	value_set(row, "phase",
		  value_text(in_phase ? phase_kind_name(it->phase) : NULL));
	value_set(row, "task",
		  task ? value_string(task_name(run, it->task)) : value_null());
}

struct value events_row(const struct run_view *run,
			const struct transition_record *transition)
{
	const struct transition_record *it = transition;
	struct value row = value_map();
	bool task = it->kind == OBJECT_TASK;

	value_set(&row, "sequence", value_int((int64_t)it->sequence));
	value_set(&row, "time", json_time(it->time_us));
	set_object(&row, run, it);
	value_set(&row, "from", json_state(it, it->from));
	value_set(&row, "to", json_state(it, it->to));
	value_set(&row, "reason", json_reason(it->reason));
	value_set(&row, "attempt",
		  task && it->attempt ? value_int(it->attempt) : value_null());
	value_set(&row, "actor", json_text(it->actor));
	value_set(&row, "message", json_text(it->message));
	return row;
}

void events_add(struct listing *listing, const struct run_view *run,
		const struct history_list *history, size_t count)
{
	size_t first = count && history->len > count ? history->len - count : 0;

	for (size_t i = first; i < history->len; i++) {
		listing_add(listing, events_row(run, &history->transitions[i]));
	}
}

static enum tone show_to(struct buf *out, const struct value *row,
			 int64_t now_us)
{
	struct slice name = value_get_text(row, "to");
	int task = task_state_parse(name);
	int group = group_state_parse(name);

	(void)now_us;
	buf_put_slice(out, name);
	if (slice_is(value_get_text(row, "kind"), "task") && task >= 0) {
		return style_task_tone((enum task_state)task);
	}
	return group >= 0 ? style_group_tone((enum group_state)group)
			  : TONE_PLAIN;
}

const struct column events_columns[] = {
	{ .key = "sequence", .title = "SEQUENCE", .right = true },
	{ .key = "time", .title = "TIME" },
	{ .key = "kind" },
	{ .key = "object", .title = "OBJECT" },
	{ .key = "activity" },
	{ .key = "phase" },
	{ .key = "task" },
	{ .key = "from", .title = "FROM" },
	{ .key = "to", .title = "TO", .show = show_to },
	{ .key = "reason", .title = "REASON" },
	{ .key = "attempt", .title = "ATTEMPT", .right = true },
	{ .key = "actor", .title = "ACTOR" },
	{ .key = "message", .title = "MESSAGE" },
	{ 0 },
};
