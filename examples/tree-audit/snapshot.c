/*
 * snapshot: lists the regular files of a tree into the work folder.
 *
 *	with    dir    the tree
 *	        work   the work folder, to be made
 *	        skip   paths to leave out; optional
 *	output  {files, bytes, empty, folders, links, others, readable,
 *	         unreadable: {count, names}, unseen: {..}, skipped: {..}}
 *	stash   {tree, work}
 */
#include "tree_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "walk.h"
#include "work.h"

#define SKIP_MAX 64

struct snapshot {
	const struct tutti_task *task;
	char *tree; /* real path */
	const char *work;
	int work_fd;
	struct identity skip[SKIP_MAX];
	size_t skip_len;
	struct walk walk;
};

static void skip(struct snapshot *snapshot, const char *path)
{
	struct stat found;

	/* What is not there cannot be met. */
	if (snapshot->skip_len < SKIP_MAX && stat(path, &found) == 0) {
		snapshot->skip[snapshot->skip_len++] = (struct identity){
			.device = found.st_dev,
			.inode = found.st_ino,
		};
	}
}

/* TUTTI_OK, or TUTTI_EINVAL: `skip` is no list of texts. */
static int32_t read_skip(struct snapshot *snapshot)
{
	struct tutti_slice key;
	struct tutti_value value;
	uint64_t i = 0;
	int32_t rc;

	skip(snapshot, snapshot->work);
	while ((rc = tutti_entry(snapshot->task, "with.skip", i, &key,
				 &value)) == TUTTI_OK) {
		if (value.type != TUTTI_STRING || ++i >= SKIP_MAX) {
			return TUTTI_EINVAL;
		}
		skip(snapshot, value.as.text.ptr);
	}
	return rc == TUTTI_ENOTFOUND ? TUTTI_OK : TUTTI_EINVAL;
}

static void put_named(struct text *out, const char *name,
		      const struct named *named)
{
	text_printf(out, ", \"%s\": {\"count\": %zu, \"names\": [%s]}", name,
		    named->count, named->names.ptr ? named->names.ptr : "");
	out->failed = out->failed || named->names.failed;
}

static int32_t finish(const struct snapshot *snapshot)
{
	const struct walk *walk = &snapshot->walk;
	struct text output = { 0 };
	struct text patch = { 0 };

	text_printf(&output,
		    "{\"files\": %zu, \"bytes\": %llu, \"empty\": %zu, "
		    "\"folders\": %zu, \"links\": %zu, \"others\": %zu, "
		    "\"readable\": %zu",
		    walk->files, (unsigned long long)walk->bytes, walk->empty,
		    walk->folders, walk->links, walk->others,
		    walk->inventory.len);
	put_named(&output, "unreadable", &walk->unreadable);
	put_named(&output, "unseen", &walk->unseen);
	put_named(&output, "skipped", &walk->skipped);
	text_put_string(&output, "}");
	text_put_string(&patch, "{\"tree\": ");
	text_put_json(&patch, snapshot->tree);
	text_put_string(&patch, ", \"work\": ");
	text_put_json(&patch, snapshot->work);
	text_put_string(&patch, "}");
	int32_t rc = answer(snapshot->task, &output, &patch);

	text_fini(&patch);
	text_fini(&output);
	return rc;
}

static int32_t list_tree(struct snapshot *snapshot)
{
	struct walk *walk = &snapshot->walk;
	size_t count;

	walk->task = snapshot->task;
	walk->skip = snapshot->skip;
	walk->skip_len = snapshot->skip_len;
	int rc = walk_tree(walk);

	if (rc == 0) {
		rc = inventory_write(&walk->inventory, snapshot->work_fd);
	}
	if (rc == 0) {
		rc = inventory_write_list(&walk->inventory, snapshot->work_fd,
					  "files.list", NULL, &count);
	}
	if (rc != 0) {
		return answer_failure(snapshot->task,
				      "the list of files was not made: %s",
				      strerror(rc));
	}
	return finish(snapshot);
}

static int32_t make_work(struct snapshot *snapshot)
{
	int rc = work_make(snapshot->work, &snapshot->work_fd);

	if (rc == EEXIST) {
		return answer_failure(snapshot->task,
				      "'%s' is there already, and it is no "
				      "work folder of an audit",
				      snapshot->work);
	}
	if (rc != 0) {
		return answer_failure(snapshot->task,
				      "cannot make the work folder '%s': %s",
				      snapshot->work, strerror(rc));
	}
	if (read_skip(snapshot) != TUTTI_OK) {
		return answer_failure(snapshot->task,
				      "`skip` must be a list of at most %d "
				      "paths",
				      SKIP_MAX - 1);
	}
	return list_tree(snapshot);
}

static int open_tree(struct snapshot *snapshot, const char *dir)
{
	snapshot->tree = realpath(dir, NULL);
	if (!snapshot->tree) {
		return errno;
	}
	snapshot->walk.root_fd =
	    open(snapshot->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return snapshot->walk.root_fd < 0 ? errno : 0;
}

static int32_t take(struct snapshot *snapshot)
{
	const struct tutti_task *task = snapshot->task;
	const char *dir = asked_text(task, "with.dir");

	snapshot->work = asked_text(task, "with.work");
	if (!dir || !snapshot->work || snapshot->work[0] != '/') {
		return answer_failure(task, "`dir` must be the path of a "
					    "folder, and `work` an absolute "
					    "one");
	}
	int rc = open_tree(snapshot, dir);

	return rc == 0 ? make_work(snapshot)
		       : answer_failure(task, "cannot audit '%s': %s", dir,
					strerror(rc));
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	struct snapshot snapshot = {
		.task = task,
		.work_fd = -1,
		.walk = { .root_fd = -1 },
	};

	(void)self;
	int32_t rc = take(&snapshot);

	if (snapshot.walk.root_fd >= 0) {
		(void)close(snapshot.walk.root_fd);
	}
	if (snapshot.work_fd >= 0) {
		(void)close(snapshot.work_fd);
	}
	walk_fini(&snapshot.walk);
	free(snapshot.tree);
	return rc;
}

const struct tutti_plugin snapshot_plugin = {
	.size = sizeof(struct tutti_plugin),
	.name = "snapshot",
	.version = "1.0",
	.help = "Lists the regular files of a tree.",
	.max_tasks = 4,
	.handle = handle,
};
