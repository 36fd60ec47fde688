#include "check/again.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "check/child.h"
#include "document/json.h"

#define SELF          "/proc/self/exe"
#define ARGUMENTS_MAX 8

static void put_trial(struct buf *out, const struct trial *trial)
{
	const struct subject *subject = trial->subject;
	const struct check_options *options = trial->options;
	struct value map = value_map();

	value_set(&map, "rule", value_text(trial->rule->name));
	value_set(&map, "seed", value_uint(trial->seed));
	value_set(&map, "records", value_int(trial->records));
	value_set(&map, "path", value_text(subject->path));
	value_set(&map, "real", value_text(subject->real));
	value_set(&map, "folder", value_text(trial->folder));
	value_set(&map, "kind", value_int((int64_t)subject->kind));
	value_set(&map, "program", value_text(subject->program));
	value_set(&map, "params", value_text(options->params));
	value_set(&map, "tasks",
		  options->tasks ? value_copy(options->tasks) : value_array());
	json_write(out, &map, JSON_COMPACT);
	value_clear(&map);
}

/* A file with the trial in it, for the new program. */
static int make_file(const struct trial *trial)
{
	struct buf text = { 0 };
	int fd = memfd_create("tutti plugin check trial", 0);

	put_trial(&text, trial);
	bool whole =
	    fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len;

	buf_fini(&text);
	return whole ? fd : -1;
}

void again_run(const struct trial *trial)
{
	const char *const *given = trial->options->again;
	char *arguments[ARGUMENTS_MAX + 4] = { alloc_string("tutti") };
	char number[16];
	size_t len = 1;
	int fd = make_file(trial);

	if (!given || fd < 0) {
		return;
	}
	for (size_t i = 0; given[i] && len < ARGUMENTS_MAX; i++) {
		arguments[len++] = alloc_string(given[i]);
	}
	(void)snprintf(number, sizeof(number), "%d", fd);
	arguments[len++] = alloc_string(CHECK_TRIAL);
	arguments[len] = number;
	(void)fcntl(trial->records, F_SETFD, 0);
	(void)execv(SELF, arguments);
}

static int read_file(int fd, struct value *ret_map)
{
	struct buf text = { 0 };
	off_t at = 0;
	ssize_t len = 1;

	while (len > 0) {
		len = pread(fd, buf_reserve(&text, 4096), 4096, at);
		text.len += len > 0 ? (size_t)len : 0;
		at += len > 0 ? len : 0;
	}
	int rc = json_read(buf_slice(&text), NULL, ret_map, NULL);

	buf_fini(&text);
	return rc;
}

static const char *text_of(const struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);

	return found && found->type == VALUE_STRING ? found->as.text.ptr : NULL;
}

static char *copy_or_null(const char *text)
{
	return text ? alloc_string(text) : NULL;
}

static void try_it(const struct value *map, const struct rule *rule)
{
	struct subject subject = {
		.path = text_of(map, "path"),
		.real = copy_or_null(text_of(map, "real")),
		.kind = (enum check_kind)value_get_int(map, "kind", 0),
		.program = copy_or_null(text_of(map, "program")),
	};
	struct check_options options = {
		.params = text_of(map, "params"),
		.tasks = value_get(map, "tasks"),
		.out = stdout,
	};
	struct trial trial = {
		.options = &options,
		.subject = &subject,
		.rule = rule,
		.seed = (uint64_t)value_get_int(map, "seed", 1),
		.records = (int)value_get_int(map, "records", -1),
		.is_child = true,
	};

	const char *folder = text_of(map, "folder");

	(void)snprintf(trial.folder, sizeof(trial.folder), "%s",
		       folder ? folder : "");
	(void)fcntl(trial.records, F_SETFD, FD_CLOEXEC);
	child_finish(&trial);
	_exit(0);
}

int check_trial(const char *file)
{
	struct value map;
	int fd = atoi(file);

	if (fd < 3 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    read_file(fd, &map) < 0) {
		return E_INVALID;
	}
	size_t index =
	    text_of(&map, "rule") ? rule_find(text_of(&map, "rule")) : SIZE_MAX;

	if (index < rule_count()) {
		try_it(&map, rule_at(index));
	}
	value_clear(&map);
	return E_INVALID;
}
