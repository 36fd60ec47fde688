/*
 * classify: sorts the snapshot's files by language, by their names.
 *
 *	output  {c: count, sh: count}: names that end in .c or .h, and in .sh
 *	stash   {lists: {c: path, sh: path}}: lists of their names
 */
#include "tree_audit.h"

#include <stdio.h>

#include "answer.h"
#include "language.h"
#include "scan.h"

struct language {
	const char *name;
	bool (*wanted)(const struct file *file);
};

static const struct language languages[] = {
	{ .name = "c", .wanted = language_is_c },
	{ .name = "sh", .wanted = language_is_sh },
};

static void put_path(struct text *out, const char *folder, const char *list)
{
	struct text path = { 0 };

	text_printf(&path, "%s/%s", folder, list);
	text_put_json(out, path.ptr ? path.ptr : "");
	out->failed = out->failed || path.failed;
	text_fini(&path);
}

static int write_lists(struct scan *scan, struct text *counts,
		       struct text *lists)
{
	const char *work = asked_text(scan->task, "stash.work");

	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		const struct language *language = &languages[i];
		const char *comma = i ? ", " : "";
		char list[16];
		size_t count;

		(void)snprintf(list, sizeof(list), "%s.list", language->name);
		int rc = inventory_write_list(&scan->inventory, scan->work_fd,
					      list, language->wanted, &count);

		if (rc != 0) {
			return rc;
		}
		text_printf(counts, "%s\"%s\": %zu", comma, language->name,
			    count);
		text_printf(lists, "%s\"%s\": ", comma, language->name);
		put_path(lists, work, list);
	}
	return 0;
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct scan scan;
	struct text output = { 0 };
	struct text patch = { 0 };
	int32_t rc;

	(void)self;
	if (!scan_begin(&scan, task)) {
		return TUTTI_OK;
	}
	text_put_string(&output, "{");
	text_put_string(&patch, "{\"lists\": {");
	int problem = write_lists(&scan, &output, &patch);

	text_put_string(&output, "}");
	text_put_string(&patch, "}}");
	rc = problem == 0 ? answer(task, &output, &patch)
			  : answer_failure(task, "the lists were not made: %s",
					   strerror(problem));
	text_fini(&patch);
	text_fini(&output);
	scan_end(&scan);
	return rc;
}

const struct tutti_plugin classify_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "classify",
	.version = "1.0",
	.help = "Sorts the files of a snapshot by language.",
	.max_tasks = 4,
	.handle = handle,
};
