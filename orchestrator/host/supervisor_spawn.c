#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/supervisor_inside.h"

/* Both ends of the three streams; `ours` is what the orchestrator keeps. */
struct streams {
	int ours[3];
	int theirs[3];
};

static void close_all(int fds[3])
{
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0) {
			(void)close(fds[i]);
			fds[i] = -1;
		}
	}
}

static int open_streams(struct streams *streams)
{
	for (int i = 0; i < 3; i++) {
		streams->ours[i] = streams->theirs[i] = -1;
	}
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0) {
			int failure = errno;

			close_all(streams->ours);
			close_all(streams->theirs);
			return failure;
		}
		streams->ours[i] = ends[i == 0 ? 1 : 0];
		streams->theirs[i] = ends[i == 0 ? 0 : 1];
		if (i > 0) {
			(void)fcntl(streams->ours[i], F_SETFL, O_NONBLOCK);
		}
	}
	return 0;
}

static bool names_same(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return len == strcspn(b, "=") && strncmp(a, b, len) == 0;
}

/* Appends, in place of one of the same name. */
static size_t put_variable(char **list, size_t len, char *variable)
{
	for (size_t i = 0; i < len; i++) {
		if (names_same(list[i], variable)) {
			list[i] = variable;
			return len;
		}
	}
	list[len] = variable;
	return len + 1;
}

static size_t list_len(char *const *list)
{
	size_t len = 0;

	while (list && list[len]) {
		len++;
	}
	return len;
}

/* Ours, the entry's, and its name; the strings are borrowed. */
static char **make_environment(const struct entry *entry, char *instance)
{
	size_t ours = list_len(environ);
	size_t theirs = list_len(entry->env);
	char **list = alloc_zeroed(ours + theirs + 2, sizeof(*list));

	if (ours) {
		memcpy(list, environ, ours * sizeof(*list));
	}
	for (size_t i = 0; i < theirs; i++) {
		ours = put_variable(list, ours, entry->env[i]);
	}
	(void)put_variable(list, ours, instance);
	return list;
}

static void set_actions(posix_spawn_file_actions_t *actions,
			const struct streams *streams, const char *directory)
{
	(void)posix_spawn_file_actions_init(actions);
	for (int i = 0; i < 3; i++) {
		(void)posix_spawn_file_actions_adddup2(actions,
						       streams->theirs[i], i);
	}
	(void)posix_spawn_file_actions_addclosefrom_np(actions, 3);
	if (directory) {
		(void)posix_spawn_file_actions_addchdir_np(actions, directory);
	}
}

void supervisor_attributes_init(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(attributes);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	(void)posix_spawnattr_setflags(
	    attributes, (short)(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
				POSIX_SPAWN_SETSIGDEF));
}

static int spawn(const struct entry *entry, const char *instance,
		 const struct streams *streams, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct buf variable = { 0 };

	buf_printf(&variable, "TUTTI_INSTANCE=%s", instance);
	char *name = buf_take(&variable);
	char **environment = make_environment(entry, name);

	set_actions(&actions, streams, entry->directory);
	supervisor_attributes_init(&attributes);
	int failure = posix_spawnp(ret_pid, entry->argv[0], &actions,
				   &attributes, entry->argv, environment);

	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	free(environment);
	free(name);
	return failure;
}

/* The message has to fit into what is shown of a death. */
static int cannot_start(const struct entry *entry, int failure,
			struct err *reterr)
{
	const char *program = entry->argv[0];
	struct stat status;

	if (entry->directory &&
	    (stat(entry->directory, &status) < 0 || !S_ISDIR(status.st_mode))) {
		return err_set(reterr, E_IO,
			       "cannot start it: there is no folder '%.60s'",
			       entry->directory);
	}
	if (failure == ENOENT && program[0] == '/' &&
	    stat(program, &status) == 0) {
		return err_set(reterr, E_IO,
			       "cannot start '%.50s': the interpreter that it "
			       "names does not exist",
			       program);
	}
	if (failure == ENOENT) {
		return err_set(reterr, E_IO,
			       "cannot start '%.60s': there is no such program",
			       program);
	}
	if (failure == EACCES) {
		return err_set(reterr, E_IO,
			       "cannot start '%.60s': it is not executable: "
			       "chmod +x",
			       program);
	}
	return err_set(reterr, E_IO, "cannot start '%.50s': %.50s", program,
		       strerror(failure));
}

static int watch_child(struct child *child, const struct streams *streams,
		       int pidfd)
{
	struct supervisor *supervisor = child->entry->supervisor;
	const int fds[CHILD_WATCHES] = {
		[WATCH_EXIT] = pidfd,
		[WATCH_STDOUT] = streams->ours[1],
		[WATCH_STDERR] = streams->ours[2],
	};
	int rc = 0;

	child->lifeline = streams->ours[0];
	for (int i = 0; i < CHILD_WATCHES; i++) {
		child->watches[i] = (struct watch){
			.kind = (enum watch_kind)i,
			.child = child,
			.fd = fds[i],
		};
		if (supervisor_watch(supervisor, &child->watches[i]) < 0) {
			rc = -errno;
		}
	}
	return rc;
}

static struct child *make_child(struct entry *entry, char *name, pid_t pid)
{
	struct child *child = alloc_zeroed(1, sizeof(*child));

	child->entry = entry;
	child->name = name;
	child->pid = pid;
	child->generation = entry->generation;
	child->round = entry->round;
	alloc_grow(entry->children, entry->count, entry->cap);
	return child;
}

/* No way to watch it: it must not stay. */
static void abandon(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
}

static int adopt(struct entry *entry, char *name, pid_t pid,
		 struct streams *streams)
{
	int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0) {
		int failure = errno;

		abandon(pid);
		close_all(streams->ours);
		free(name);
		return failure;
	}
	struct child *child = make_child(entry, name, pid);
	int failure = -watch_child(child, streams, pidfd);

	supervisor_warden_tell(entry->supervisor, '+', pid);
	if (failure) {
		supervisor_child_destroy(child);
		return failure;
	}
	entry->children[entry->count++] = child;
	return 0;
}

int supervisor_child_start(struct entry *entry, struct err *reterr)
{
	struct streams streams;
	struct buf name = { 0 };
	pid_t pid = 0;
	int failure = open_streams(&streams);

	if (failure) {
		return cannot_start(entry, failure, reterr);
	}
	supervisor_warden_ensure(entry->supervisor);
	buf_printf(&name, "%s#%llu", entry->name,
		   (unsigned long long)++entry->last_number);
	char *instance = buf_take(&name);

	failure = spawn(entry, instance, &streams, &pid);
	close_all(streams.theirs);
	if (failure) {
		close_all(streams.ours);
		free(instance);
		return cannot_start(entry, failure, reterr);
	}
	failure = adopt(entry, instance, pid, &streams);
	return failure ? cannot_start(entry, failure, reterr) : 0;
}
