#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/supervisor_inside.h"

/* How long the output of a dead process is waited for: something that left its
 * process group may hold the pipe for ever. */
#define DRAIN_MS 1000

/* A talkative process must not keep the loop from the others. */
#define READS_PER_TURN 4

/* Its last words may not get lost for that: what fits into a pipe. */
#define READS_AT_END 64

static void unwatch(struct child *child, enum watch_kind kind)
{
	supervisor_unwatch(child->entry->supervisor, &child->watches[kind]);
}

static void close_stream(struct child *child, enum watch_kind kind)
{
	unwatch(child, kind);
	supervisor_lines_end(child, kind == WATCH_STDOUT ? 1 : 2);
}

static void read_some(struct child *child, enum watch_kind kind, int reads)
{
	struct watch *watch = &child->watches[kind];
	int stream = kind == WATCH_STDOUT ? 1 : 2;
	char block[4096];

	while (watch->fd >= 0 && reads-- > 0) {
		ssize_t len = read(watch->fd, block, sizeof(block));

		if (len > 0) {
			supervisor_lines_feed(
			    child, stream,
			    (struct slice){ block, (size_t)len });
		} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
			close_stream(child, kind);
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

void supervisor_child_read(struct child *child, enum watch_kind kind)
{
	read_some(child, kind, READS_PER_TURN);
}

void supervisor_child_ask(struct child *child, int64_t now_ms)
{
	if (child->state != CHILD_RUNNING || child->asked) {
		return;
	}
	child->asked = true;
	child->kill_ms =
	    supervisor_after(now_ms, child->entry->supervisor->grace_ms);
	child->entry->changed = true;
	(void)kill(-child->pid, SIGTERM);
	(void)kill(-child->pid, SIGCONT);
}

void supervisor_exit_describe(struct supervisor_exit *how)
{
	const char *name = how->signalled ? sigabbrev_np(how->status) : NULL;

	if (how->signalled && name) {
		(void)snprintf(how->text, sizeof(how->text),
			       "killed by signal %d (SIG%s)", how->status,
			       name);
	} else if (how->signalled) {
		(void)snprintf(how->text, sizeof(how->text),
			       "killed by signal %d", how->status);
	} else {
		(void)snprintf(how->text, sizeof(how->text),
			       "exited with status %d%s", how->status,
			       how->status == STATUS_REFUSED
				   ? ": it refused to run, its "
				     "last lines say why"
				   : "");
	}
}

/*
 * Its group is killed while the dead process still is its own zombie: until
 * then nobody else can have its number. The warden forgets it before, too.
 */
static void reap(struct child *child)
{
	struct supervisor *supervisor = child->entry->supervisor;
	siginfo_t ignored;

	(void)kill(-child->pid, SIGKILL);
	supervisor_warden_tell(supervisor, '-', child->pid);
	while (waitid(P_PIDFD, (id_t)child->watches[WATCH_EXIT].fd, &ignored,
		      WEXITED) < 0 &&
	       errno == EINTR) {
	}
	unwatch(child, WATCH_EXIT);
	(void)close(child->lifeline);
	child->lifeline = -1;
}

void supervisor_child_exited(struct child *child)
{
	struct entry *entry = child->entry;
	siginfo_t info = { 0 };
	int pidfd = child->watches[WATCH_EXIT].fd;

	if (child->state != CHILD_RUNNING ||
	    waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) <
		0 ||
	    info.si_pid == 0) {
		return;
	}
	reap(child);
	child->state = CHILD_DEAD;
	child->kill_ms = 0;
	child->drain_ms = supervisor_after(entry->supervisor->now_ms, DRAIN_MS);
	child->how = (struct supervisor_exit){
		.pid = child->pid,
		.signalled = info.si_code != CLD_EXITED,
		.status = info.si_status,
		.asked = child->asked,
	};
	supervisor_exit_describe(&child->how);
	entry->changed = true;
	if (!child->asked) {
		supervisor_policy_died(entry, child, &child->how);
	}
}

static void finish(struct child *child)
{
	struct entry *entry = child->entry;
	const struct supervisor_callbacks *callbacks =
	    &entry->supervisor->callbacks;

	close_stream(child, WATCH_STDOUT);
	close_stream(child, WATCH_STDERR);
	child->state = CHILD_GONE;
	entry->changed = true;
	if (callbacks->ended) {
		callbacks->ended(callbacks->arg, entry->name, child->name,
				 &child->how);
	}
}

static void drain(struct child *child)
{
	int64_t now_ms = child->entry->supervisor->now_ms;

	read_some(child, WATCH_STDOUT, READS_AT_END);
	read_some(child, WATCH_STDERR, READS_AT_END);
	if ((child->watches[WATCH_STDOUT].fd < 0 &&
	     child->watches[WATCH_STDERR].fd < 0) ||
	    now_ms >= child->drain_ms) {
		finish(child);
	}
}

void supervisor_child_turn(struct child *child)
{
	int64_t now_ms = child->entry->supervisor->now_ms;

	if (child->kill_ms && now_ms >= child->kill_ms) {
		child->kill_ms = 0;
		(void)kill(-child->pid, SIGKILL);
	}
	if (child->state == CHILD_DEAD) {
		drain(child);
	}
}

void supervisor_child_destroy(struct child *child)
{
	if (child->state == CHILD_RUNNING) {
		siginfo_t ignored;

		(void)kill(-child->pid, SIGKILL);
		/* The leader may have left its own group. */
		(void)kill(child->pid, SIGKILL);
		(void)waitid(P_PIDFD, (id_t)child->watches[WATCH_EXIT].fd,
			     &ignored, WEXITED | WNOWAIT);
		reap(child);
	}
	for (int kind = 0; kind < CHILD_WATCHES; kind++) {
		unwatch(child, (enum watch_kind)kind);
	}
	buf_fini(&child->pending[0]);
	buf_fini(&child->pending[1]);
	free(child->name);
	free(child);
}
