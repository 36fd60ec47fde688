#include "daemon/describe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "document/json.h"

#define SELF        "/proc/self/exe"
#define PATIENCE_MS 10000
#define OUTPUT_MAX  (4u * 1024 * 1024)

extern char **environ;

struct child {
	pid_t pid;
	int out;
	int err;
};

static int make_pipes(int out[2], int err[2], struct err *reterr)
{
	if (pipe2(out, O_CLOEXEC) < 0) {
		return err_set(reterr, E_IO, "pipe: %s", strerror(errno));
	}
	if (pipe2(err, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return err_set(reterr, E_IO, "pipe: %s", strerror(errno));
	}
	return 0;
}

static bool same_key(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && b[len] == '=';
}

static bool is_replaced(const char *pair, char *const *env)
{
	for (; env && *env; env++) {
		if (same_key(*env, pair)) {
			return true;
		}
	}
	return false;
}

/* Our environment, with what `env` says otherwise. free() it. */
static char **merge_env(char *const *env)
{
	size_t len = 0;
	size_t cap = 0;
	char **merged = NULL;

	for (char **pair = environ; *pair; pair++) {
		if (!is_replaced(*pair, env)) {
			alloc_grow(merged, len, cap);
			merged[len++] = *pair;
		}
	}
	for (; env && *env; env++) {
		alloc_grow(merged, len, cap);
		merged[len++] = *env;
	}
	alloc_grow(merged, len, cap);
	merged[len] = NULL;
	return merged;
}

static int spawn(const char *path, char *const *env, int out, int err,
		 pid_t *ret_pid)
{
	char **merged = merge_env(env);
	char *argv[] = { (char[]){ SELF }, (char[]){ "plugin-host" },
			 (char[]){ "--describe" }, alloc_string(path), NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	int rc =
	    posix_spawn(ret_pid, SELF, &actions, &attributes, argv, merged);

	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(argv[3]);
	free(merged);
	return rc;
}

static int start(const char *path, char *const *env, struct child *child,
		 struct err *reterr)
{
	int out[2];
	int err[2];
	int rc = make_pipes(out, err, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = spawn(path, env, out[1], err[1], &child->pid);
	close(out[1]);
	close(err[1]);
	child->out = out[0];
	child->err = err[0];
	if (rc != 0) {
		close(out[0]);
		close(err[0]);
		return err_set(reterr, E_IO, "cannot start %s: %s", SELF,
			       strerror(rc));
	}
	return 0;
}

/* One read; false at the end of the stream. */
static bool take(int fd, struct buf *into)
{
	char bytes[4096];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	if (len > 0 && into->len < OUTPUT_MAX) {
		buf_put(into, bytes, (size_t)len);
	}
	return len > 0 || (len < 0 && errno == EINTR);
}

static int listen_to(const struct child *child, struct buf *out,
		     struct buf *err)
{
	int64_t end_ms = clock_mono_ns() / 1000000 + PATIENCE_MS;
	struct pollfd fds[] = {
		{ .fd = child->out, .events = POLLIN },
		{ .fd = child->err, .events = POLLIN },
	};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int64_t left = end_ms - clock_mono_ns() / 1000000;

		if (left <= 0) {
			return E_TIMEOUT;
		}
		if (poll(fds, 2, (int)left) <= 0) {
			continue;
		}
		if (fds[0].revents && !take(fds[0].fd, out)) {
			fds[0].fd = -1;
		}
		if (fds[1].revents && !take(fds[1].fd, err)) {
			fds[1].fd = -1;
		}
	}
	return 0;
}

/* The sentence of the child without its "tutti: " and line end. */
static struct slice sentence_of(const struct buf *err)
{
	struct slice text = buf_slice(err);
	struct slice prefix = slice_of("tutti: ");

	if (slice_starts_with(text, prefix)) {
		text.ptr += prefix.len;
		text.len -= prefix.len;
	}
	while (text.len && text.ptr[text.len - 1] == '\n') {
		text.len--;
	}
	return text;
}

static int judge(int status, const struct buf *out, const struct buf *err,
		 struct value *ret_description, struct err *reterr)
{
	if (WIFSIGNALED(status)) {
		return err_set(reterr, E_INVALID,
			       "looking at it crashed: signal %d (SIG%s)",
			       WTERMSIG(status),
			       sigabbrev_np(WTERMSIG(status)));
	}
	if (WEXITSTATUS(status) != 0) {
		struct slice text = sentence_of(err);

		return err_set(reterr, E_INVALID, "%.*s",
			       SLICE_ARG(text.len ? text
						  : SLICE("it cannot be "
							  "described")));
	}
	return json_read(buf_slice(out), NULL, ret_description, reterr);
}

struct value describe_as_recorded(const struct value *subscriptions)
{
	struct value list = value_array();

	for (size_t i = 0; i < value_len(subscriptions); i++) {
		struct value one = value_copy(value_at(subscriptions, i));

		value_set(&one, "mandatory",
			  value_bool(!value_get_bool(&one, "optional", false)));
		(void)value_remove(&one, SLICE("optional"));
		value_push(&list, one);
	}
	return list;
}

int describe_module(const char *path, char *const *env,
		    struct value *ret_description, struct err *reterr)
{
	struct child child;
	struct buf out = { 0 };
	struct buf err = { 0 };
	int status = 0;
	int rc = start(path, env, &child, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "plugin module '%.120s'", path);
	}
	rc = listen_to(&child, &out, &err);
	if (rc < 0) {
		(void)kill(child.pid, SIGKILL);
	}
	close(child.out);
	close(child.err);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
	}
	rc = rc < 0 ? err_set(reterr, rc, "it did not describe itself in time")
		    : judge(status, &out, &err, ret_description, reterr);
	buf_fini(&out);
	buf_fini(&err);
	return rc < 0 ? err_wrap(reterr, "plugin module '%.120s'", path) : 0;
}
