#include "engine/mark.h"

#include <string.h>

static struct slice before(struct slice *text)
{
	const char *slash =
	    text->len ? memchr(text->ptr, '/', text->len) : NULL;
	struct slice head = *text;

	if (slash) {
		head.len = (size_t)(slash - text->ptr);
		text->ptr += head.len + 1;
		text->len -= head.len + 1;
	}
	return head;
}

int mark_parse(struct slice text, struct mark *ret_mark, struct err *reterr)
{
	struct slice rest = text;
	struct slice parts[3];
	int count = 0;
	struct mark mark = { .phase = -1 };

	for (struct slice part = before(&rest); count < 3;
	     part = before(&rest)) {
		parts[count++] = part;
		if (part.ptr == rest.ptr) {
			break;
		}
	}
	mark.name = parts[count - 1];
	if (count > 1) {
		mark.activity = parts[0];
	}
	if (count > 2) {
		mark.phase = phase_kind_parse(parts[1]);
	}
	if (mark.name.len == 0 || (count > 1 && mark.activity.len == 0) ||
	    (count > 2 && mark.phase < 0) ||
	    memchr(mark.name.ptr, '/', mark.name.len)) {
		return err_set(reterr, E_INVALID,
			       "'%.*s' names no task: write NAME, "
			       "ACTIVITY/NAME or ACTIVITY/PHASE/NAME with "
			       "phase pre, parallel or post",
			       SLICE_ARG(text));
	}
	*ret_mark = mark;
	return 0;
}

bool mark_fits_place(const struct mark *mark, const struct run *run,
		     uint32_t activity, int phase)
{
	const char *name = run_activity_definition(run, activity)->name;

	return (mark->activity.len == 0 || slice_is(mark->activity, name)) &&
	       (mark->phase < 0 || mark->phase == phase);
}

bool mark_fits(const struct mark *mark, const struct task *task)
{
	return !task->record.superseded &&
	       mark_fits_place(mark, task->run, task->record.activity,
			       (int)task->record.phase) &&
	       (slice_equal(mark->name, task->record.name) ||
		slice_equal(mark->name, task->record.plugin));
}
