/*
 * The orchestrator's side of the warden. There is one while there are
 * processes; one that dies or does not read is replaced and told all groups
 * anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/supervisor_inside.h"

/* Between two starts, when it does not stay. */
#define PAUSE_MS 1000

void supervisor_warden_init(struct supervisor *supervisor)
{
	supervisor->warden = (struct warden){
		.pipe = -1,
		.watch = { .kind = WATCH_WARDEN, .fd = -1 },
	};
}

static int spawn(char *const *argv, int input, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	supervisor_attributes_init(&attributes);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, input, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null",
					       O_WRONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
					       O_WRONLY, 0);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	int failure = posix_spawnp(ret_pid, argv[0], &actions, &attributes,
				   argv, environ);

	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return failure;
}

static void tell_all(struct supervisor *supervisor)
{
	for (const struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		for (size_t i = 0; i < entry->count; i++) {
			const struct child *child = entry->children[i];

			if (child->state == CHILD_RUNNING) {
				supervisor_warden_tell(supervisor, '+',
						       child->pid);
			}
		}
	}
}

static void adopt(struct supervisor *supervisor, pid_t pid, int pipe)
{
	struct warden *warden = &supervisor->warden;

	warden->pid = pid;
	warden->pipe = pipe;
	warden->watch.fd = pidfd_open(pid, 0);
	if (warden->watch.fd >= 0) {
		(void)supervisor_watch(supervisor, &warden->watch);
	}
	tell_all(supervisor);
}

static void start(struct supervisor *supervisor)
{
	int ends[2];
	pid_t pid = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		return;
	}
	int failure = spawn(supervisor->warden_argv, ends[0], &pid);

	(void)close(ends[0]);
	if (failure) {
		(void)close(ends[1]);
		return;
	}
	adopt(supervisor, pid, ends[1]);
}

void supervisor_warden_ensure(struct supervisor *supervisor)
{
	struct warden *warden = &supervisor->warden;

	if (warden->pid || !supervisor->warden_argv ||
	    supervisor->now_ms < warden->next_ms) {
		return;
	}
	warden->next_ms = supervisor_after(supervisor->now_ms, PAUSE_MS);
	start(supervisor);
}

/* One that does not read is as good as dead: its exit will be seen. */
void supervisor_warden_tell(struct supervisor *supervisor, char sign,
			    pid_t group)
{
	const struct warden *warden = &supervisor->warden;
	char line[32];
	int len = snprintf(line, sizeof(line), "%c%d\n", sign, (int)group);

	if (warden->pid && send(warden->pipe, line, (size_t)len,
				MSG_NOSIGNAL | MSG_DONTWAIT) != len) {
		(void)kill(warden->pid, SIGKILL);
	}
}

static void let_go(struct supervisor *supervisor)
{
	struct warden *warden = &supervisor->warden;

	supervisor_unwatch(supervisor, &warden->watch);
	(void)close(warden->pipe);
	warden->pipe = -1;
	warden->pid = 0;
}

void supervisor_warden_exited(struct supervisor *supervisor)
{
	pid_t pid = supervisor->warden.pid;

	if (pid && waitpid(pid, NULL, WNOHANG) == pid) {
		let_go(supervisor);
	}
}

/* All processes have gone by now, so it has nothing to do. */
void supervisor_warden_fini(struct supervisor *supervisor)
{
	pid_t pid = supervisor->warden.pid;

	if (pid) {
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
		}
		let_go(supervisor);
	}
}

pid_t supervisor_warden_pid(const struct supervisor *supervisor)
{
	return supervisor->warden.pid;
}
