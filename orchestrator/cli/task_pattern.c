#include "cli/task_pattern.h"

#include <string.h>

#include "base/near.h"

/* Cut `text` at its first '/'; what is before it goes to *ret_head. */
static bool cut(struct slice *text, struct slice *ret_head)
{
	const char *slash =
	    text->len ? memchr(text->ptr, '/', text->len) : NULL;

	if (!slash) {
		return false;
	}
	*ret_head = (struct slice){ text->ptr, (size_t)(slash - text->ptr) };
	text->ptr += ret_head->len + 1;
	text->len -= ret_head->len + 1;
	return true;
}

static int read_phase(struct slice name, int *ret_phase, struct err *reterr)
{
	struct near near = { 0 };
	int phase = phase_kind_parse(name);

	if (phase >= 0) {
		*ret_phase = phase;
		return 0;
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		near_try(&near, name, phase_kind_name((enum phase_kind)p));
	}
	return err_set(reterr, E_INVALID,
		       "there is no phase '%.*s'; the phases are pre, parallel "
		       "and post%s%s%s",
		       SLICE_ARG(name), near.best ? ": did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

int task_pattern_read(struct slice text, struct task_pattern *ret_pattern,
		      struct err *reterr)
{
	struct task_pattern pattern = { .phase = -1 };
	struct slice phase;
	struct slice rest = text;

	if (cut(&rest, &pattern.activity) && cut(&rest, &phase)) {
		int rc = read_phase(phase, &pattern.phase, reterr);

		if (rc) {
			return rc;
		}
	}
	pattern.name = rest;
	if (!name_valid(pattern.name) ||
	    (pattern.activity.ptr && !name_valid(pattern.activity))) {
		return err_set(reterr, E_INVALID,
			       "'%.*s' names no task; write NAME, "
			       "ACTIVITY/NAME or ACTIVITY/PHASE/NAME",
			       SLICE_ARG(text));
	}
	*ret_pattern = pattern;
	return 0;
}

bool task_pattern_matches(const struct task_pattern *pattern,
			  const char *activity, enum phase_kind phase,
			  struct slice name)
{
	if (pattern->activity.len && !slice_is(pattern->activity, activity)) {
		return false;
	}
	if (pattern->phase >= 0 && pattern->phase != (int)phase) {
		return false;
	}
	return slice_equal(pattern->name, name);
}

static bool phase_binds(const struct task_pattern *pattern,
			const struct activity_definition *activity,
			enum phase_kind phase)
{
	const struct phase_definition *bound = &activity->phases[phase];

	for (size_t i = 0; i < bound->len; i++) {
		if (task_pattern_matches(pattern, activity->name, phase,
					 slice_of(bound->bindings[i].name))) {
			return true;
		}
	}
	return false;
}

bool task_pattern_find_bound(const struct task_pattern *pattern,
			     const struct run_view *run, size_t *ret_activity,
			     enum phase_kind *ret_phase)
{
	for (size_t a = 0; run->definition && a < run->definition->len; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			if (!run->activities[a].phases[p].opened &&
			    phase_binds(pattern,
					&run->definition->activities[a],
					(enum phase_kind)p)) {
				*ret_activity = a;
				*ret_phase = (enum phase_kind)p;
				return true;
			}
		}
	}
	return false;
}
