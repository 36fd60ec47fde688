#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>

static struct daemon *_Atomic watched;
static atomic_int wanted;

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
}

void interrupt_watch(struct daemon *daemon)
{
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	atomic_store(&wanted, INTERRUPT_NONE);
	atomic_store(&watched, daemon);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void on_hangup(int number)
{
	struct daemon *daemon = atomic_load(&watched);

	(void)number;
	if (daemon) {
		daemon_reload(daemon);
	}
}

void interrupt_hangup_reloads(void)
{
	struct sigaction action = { .sa_handler = on_hangup };

	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	(void)sigaction(SIGHUP, &action, NULL);
}

void interrupt_forget(void)
{
	atomic_store(&watched, NULL);
}

enum interrupt interrupt_wanted(void)
{
	return (enum interrupt)atomic_load(&wanted);
}
