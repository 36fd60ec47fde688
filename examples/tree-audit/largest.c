/*
 * largest: the largest files, as the snapshot found them.
 *
 *	with    count  how many, 1 to 100; 10 when left out
 *	output  {files: [{name, bytes}, ...]}: the largest first, then by name
 */
#include "tree_audit.h"

#include <stdlib.h>

#include "answer.h"
#include "scan.h"

static int by_size(const void *left, const void *right)
{
	const struct file *a = left;
	const struct file *b = right;

	if (a->size != b->size) {
		return a->size < b->size ? 1 : -1;
	}
	return strcmp(a->name, b->name);
}

static void put_file(struct text *out, const struct file *file)
{
	struct text name = { 0 };

	text_put_name(&name, file->name);
	text_put_string(out, "{\"name\": ");
	text_put_json(out, name.ptr ? name.ptr : "");
	text_printf(out, ", \"bytes\": %llu}", (unsigned long long)file->size);
	out->failed = out->failed || name.failed;
	text_fini(&name);
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	size_t count = asked_count(task, "with.count", 100, 10);
	struct scan scan;
	struct text output = { 0 };

	(void)self;
	if (!scan_begin(&scan, task)) {
		return TUTTI_OK;
	}
	struct inventory *inventory = &scan.inventory;

	if (inventory->len) {
		qsort(inventory->files, inventory->len,
		      sizeof(*inventory->files), by_size);
	}
	text_put_string(&output, "{\"files\": [");
	for (size_t i = 0; i < inventory->len && i < count; i++) {
		text_put_string(&output, i ? ", " : "");
		put_file(&output, &inventory->files[i]);
	}
	text_put_string(&output, "]}");
	int32_t rc = answer(task, &output, NULL);

	text_fini(&output);
	scan_end(&scan);
	return rc;
}

const struct tutti_plugin largest_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "largest",
	.version = "1.0",
	.help = "Finds the largest files.",
	.max_tasks = 4,
	.handle = handle,
};
