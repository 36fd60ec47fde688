#include "process.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WATCH_OUT, WATCH_ERR, WATCH_PID, WATCH_WAKE, WATCH_COUNT };

/* The unreaped leader keeps the number from being given to somebody else. */
static void signal_group(const struct process *process, int number)
{
	if (!process->lost) {
		(void)kill(-process->pid, number);
	}
}

static void terminate(struct process *process, int32_t cause, int64_t now)
{
	process->state = PROCESS_TERMINATING;
	process->cause = cause;
	process->kill_at_ns = now + process->kill_after_ns;
	signal_group(process, SIGTERM);
	/* One that is stopped would not even see it. */
	signal_group(process, SIGCONT);
}

static bool is_late(const struct tutti_task *task, int64_t now)
{
	return task->deadline_ns && now >= task->deadline_ns;
}

/* Moves the state on as time and the host demand. */
static void advance(struct process *process, const struct tutti_task *task)
{
	int64_t now = tutti_now_ns(task->host);

	if (process->state == PROCESS_RUNNING && !process->exited) {
		int32_t cause = is_late(task, now) ? TUTTI_TIMED_OUT
						   : tutti_cancelled(task);

		if (cause > TUTTI_NOT_CANCELLED) {
			terminate(process, cause, now);
		}
	} else if (process->state == PROCESS_TERMINATING &&
		   now >= process->kill_at_ns) {
		process->state = PROCESS_KILLED;
		signal_group(process, SIGKILL);
	}
}

static int ms_left(const struct process *process, const struct tutti_task *task)
{
	int64_t at = process->state == PROCESS_RUNNING ? task->deadline_ns
		     : process->state == PROCESS_TERMINATING
			 ? process->kill_at_ns
			 : 0;

	if (at == 0) {
		return -1;
	}
	int64_t left = at - tutti_now_ns(task->host);

	if (left <= 0) {
		return 0;
	}
	return left / 1000000 >= INT_MAX ? INT_MAX : (int)(left / 1000000) + 1;
}

/* Whoever ignores SIGCHLD for the process takes the status from us. */
static void note_exit(struct process *process)
{
	siginfo_t info = { 0 };

	process->exited = true;
	process->lost = waitid(P_PIDFD, (id_t)process->pidfd, &info,
			       WEXITED | WNOWAIT | WNOHANG) < 0;
	if (process->lost) {
		groups_remove(&process->group);
	}
}

static void wait_once(struct process *process, const struct tutti_task *task)
{
	const short in = POLLIN;
	struct pollfd fds[WATCH_COUNT] = {
		[WATCH_OUT] = { .fd = process->out.fd, .events = in },
		[WATCH_ERR] = { .fd = process->err.fd, .events = in },
		[WATCH_PID] = { .fd = process->exited ? -1 : process->pidfd,
				.events = in },
		[WATCH_WAKE] = { .fd = process->state == PROCESS_RUNNING
					   ? process->wake_fd
					   : -1,
				 .events = in },
	};

	if (poll(fds, WATCH_COUNT, ms_left(process, task)) <= 0) {
		return;
	}
	if (fds[WATCH_OUT].revents) {
		(void)capture_read(&process->out);
	}
	if (fds[WATCH_ERR].revents) {
		(void)capture_read(&process->err);
	}
	if (fds[WATCH_PID].revents) {
		note_exit(process);
	}
}

/*
 * A program that ends by itself may leave others behind that hold the pipes:
 * that is its business. One that was told to stop is not done before those
 * others are, or before they were killed.
 */
static bool is_done(const struct process *process)
{
	return process->exited &&
	       (process->state != PROCESS_TERMINATING ||
		(process->out.fd < 0 && process->err.fd < 0));
}

static void reap(struct process *process)
{
	siginfo_t info = { 0 };

	process->exit_code = -1;
	if (process->state != PROCESS_RUNNING) {
		/* Those that closed the pipes and go on. */
		signal_group(process, SIGKILL);
	}
	groups_remove(&process->group);
	if (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) < 0) {
		process->lost = true;
	} else if (info.si_code == CLD_EXITED) {
		process->exit_code = info.si_status;
	} else {
		process->signal = info.si_status;
	}
}

void process_wait(struct process *process, const struct tutti_task *task)
{
	while (!is_done(process)) {
		advance(process, task);
		wait_once(process, task);
	}
	capture_drain(&process->out);
	capture_drain(&process->err);
	reap(process);
}

void process_fini(struct process *process)
{
	capture_fini(&process->out);
	capture_fini(&process->err);
	if (process->pidfd >= 0) {
		(void)close(process->pidfd);
	}
}
