/*
 * clean: removes the work folder, whatever became of the audit.
 *
 *	with    work  the work folder
 *	output  {removed}: files that were in it
 */
#include "tree_audit.h"

#include <errno.h>

#include "answer.h"
#include "work.h"

static int32_t handle(void *self, const struct tutti_task *task)
{
	const char *work = asked_text(task, "with.work");
	struct text output = { 0 };
	size_t removed;

	(void)self;
	if (!work) {
		return answer_failure(task, "`work` must be the path of the "
					    "work folder");
	}
	int rc = work_remove(work, &removed);

	if (rc == EPERM) {
		return answer_failure(task,
				      "'%s' is no work folder of an audit; "
				      "nothing was removed",
				      work);
	}
	if (rc != 0) {
		return answer_failure(task, "cannot remove '%s': %s", work,
				      strerror(rc));
	}
	text_printf(&output, "{\"removed\": %zu}", removed);
	rc = answer(task, &output, NULL);
	text_fini(&output);
	return rc;
}

const struct tutti_plugin clean_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "clean",
	.version = "1.0",
	.help = "Removes the work folder.",
	.max_tasks = 4,
	.handle = handle,
};
