#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static struct daemon *_Atomic watched;
static atomic_int wanted;
static atomic_bool hung_up;
static atomic_int wake_fd = -1;

static void wake(void)
{
	static const uint64_t one = 1;
	int fd = atomic_load(&wake_fd);
	int error = errno;

	if (fd >= 0) {
		(void)!write(fd, &one, sizeof(one));
	}
	errno = error;
}

static void on_signal(int number)
{
	int before = atomic_load(&wanted);
	struct daemon *daemon = atomic_load(&watched);

	if (number == SIGINT && before == INTERRUPT_NONE) {
		atomic_store(&wanted, INTERRUPT_ASKED);
	} else {
		atomic_store(&wanted, INTERRUPT_STOP);
	}
	if (number == SIGINT && before == INTERRUPT_ASKED) {
		(void)signal(SIGINT, SIG_DFL);
	}
	if (daemon) {
		daemon_stop(daemon);
	}
	wake();
}

static void on_hangup(int number)
{
	struct daemon *daemon = atomic_load(&watched);

	(void)number;
	if (daemon) {
		daemon_reload(daemon);
	} else {
		atomic_store(&hung_up, true);
	}
	wake();
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	(void)sigaction(number, &action, NULL);
}

void interrupt_wake(int fd)
{
	atomic_store(&wake_fd, fd);
	handle(SIGINT, on_signal);
	handle(SIGTERM, on_signal);
	handle(SIGHUP, on_hangup);
}

bool interrupt_hangup(void)
{
	return atomic_exchange(&hung_up, false);
}

void interrupt_watch(struct daemon *daemon)
{
	atomic_store(&watched, daemon);
	handle(SIGINT, on_signal);
	handle(SIGTERM, on_signal);
	handle(SIGHUP, on_signal);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
}

void interrupt_hangup_reloads(void)
{
	struct daemon *daemon = atomic_load(&watched);

	handle(SIGHUP, on_hangup);
	if (daemon && interrupt_hangup()) {
		daemon_reload(daemon);
	}
}

void interrupt_forget(void)
{
	atomic_store(&watched, NULL);
}

enum interrupt interrupt_wanted(void)
{
	return (enum interrupt)atomic_load(&wanted);
}
