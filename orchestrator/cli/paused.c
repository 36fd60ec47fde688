#include "cli/paused.h"

#include "cli/json_run.h"
#include "cli/text.h"

static struct paused of_record(const char *scope,
			       const struct pause_record *pause)
{
	return (struct paused){
		.scope = scope,
		.actor = pause->actor,
		.since_us = pause->since_us,
	};
}

static struct paused of_itself(const struct history_list *history)
{
	struct paused paused = { .scope = "run" };

	for (size_t i = history ? history->len : 0; i-- > 0;) {
		const struct transition_record *it = &history->transitions[i];

		if (it->kind == OBJECT_RUN && it->reason == REASON_PAUSED &&
		    it->actor.len && !slice_is(it->actor, "engine")) {
			paused.actor = it->actor;
			paused.since_us = it->time_us;
			break;
		}
	}
	return paused;
}

struct paused paused_of(const struct run_record *run,
			const struct pause_list *pauses,
			const struct history_list *history)
{
	const struct pause_record *found = NULL;

	/* A run that is to end does so. */
	if (group_state_final(run->state) || run->cancel_requested) {
		return (struct paused){ 0 };
	}
	for (size_t i = 0; i < pauses->len; i++) {
		const struct pause_record *it = &pauses->pauses[i];

		if (it->workflow.len == 0) {
			return of_record("all", it);
		}
		if (slice_equal(it->workflow, run->workflow)) {
			found = it;
		}
	}
	if (found) {
		return of_record("workflow", found);
	}
	return run->paused ? of_itself(history) : (struct paused){ 0 };
}

struct value paused_to_value(const struct paused *paused)
{
	struct value map;

	if (!paused->scope) {
		return value_null();
	}
	map = value_map();
	value_set(&map, "scope", value_text(paused->scope));
	value_set(&map, "by", json_text(paused->actor));
	value_set(&map, "since", json_time(paused->since_us));
	return map;
}

void paused_put(struct buf *out, const struct paused *paused, int64_t now_us)
{
	struct slice scope = slice_of(paused->scope);

	if (slice_is(scope, "all")) {
		buf_put_text(out, "all runs are ");
	} else if (slice_is(scope, "workflow")) {
		buf_put_text(out, "its workflow is ");
	}
	buf_put_text(out, "paused");
	if (paused->actor.len) {
		buf_put_text(out, " by ");
		text_put_clean(out, paused->actor);
	}
	if (paused->since_us) {
		buf_put_text(out, ", ");
		text_put_age(out, paused->since_us, now_us);
	}
}
