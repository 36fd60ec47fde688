/*
 * The warden's process. It reads "+GROUP" and "-GROUP" lines and waits for
 * their end, which comes when the orchestrator has gone, whatever the way.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/supervisor.h"

struct groups {
	pid_t *pids;
	size_t count, cap;
};

static void forget(struct groups *groups, pid_t pid)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->pids[i] == pid) {
			groups->pids[i] = groups->pids[--groups->count];
			return;
		}
	}
}

/* 0 and 1 would be ourselves and everybody. */
static void obey(struct groups *groups, const char *line)
{
	char *end;
	long number = strtol(line + 1, &end, 10);

	if ((line[0] != '+' && line[0] != '-') || *end || number <= 1 ||
	    number > INT32_MAX) {
		return;
	}
	forget(groups, (pid_t)number);
	if (line[0] == '+') {
		alloc_grow(groups->pids, groups->count, groups->cap);
		groups->pids[groups->count++] = (pid_t)number;
	}
}

static void read_orders(struct groups *groups)
{
	char line[32];
	char block[4096];
	size_t len = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, block, sizeof(block))) != 0) {
		if (got < 0 && errno != EINTR) {
			return;
		}
		for (ssize_t i = 0; i < got; i++) {
			if (block[i] == '\n') {
				line[len] = '\0';
				obey(groups, line);
				len = 0;
			} else if (len < sizeof(line) - 1) {
				line[len++] = block[i];
			}
		}
	}
}

/* Nobody but the end of its input ends it. */
static void ignore_signals(void)
{
	static const int signals[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				       SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		(void)signal(signals[i], SIG_IGN);
	}
}

int warden_main(void)
{
	struct groups groups = { 0 };

	ignore_signals();
	read_orders(&groups);
	for (size_t i = 0; i < groups.count; i++) {
		(void)kill(-groups.pids[i], SIGKILL);
	}
	free(groups.pids);
	return 0;
}
