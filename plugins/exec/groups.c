#include "groups.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct group *groups; /* [lock] */
static unsigned starting;    /* not in the list yet [lock] */
static bool ending;          /* [lock] */
static pid_t owner;          /* [lock] */
static unsigned users;       /* of groups_watch() [lock] */

static void signal_all(int number)
{
	(void)pthread_mutex_lock(&lock);
	for (const struct group *group = groups; group; group = group->next) {
		(void)kill(-group->pid, number);
	}
	(void)pthread_mutex_unlock(&lock);
}

static bool none_starts(void)
{
	(void)pthread_mutex_lock(&lock);
	bool none = starting == 0;

	(void)pthread_mutex_unlock(&lock);
	return none;
}

static bool none_is_left(void)
{
	(void)pthread_mutex_lock(&lock);
	bool none = groups == NULL;

	(void)pthread_mutex_unlock(&lock);
	return none;
}

static void await(bool (*condition)(void))
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int ms = 0; ms < GROUPS_LAST_MS && !condition(); ms++) {
		(void)nanosleep(&pause, NULL);
	}
}

/* The workers still wait for their programs, and reap them. */
static void end_all(void)
{
	(void)pthread_mutex_lock(&lock);
	/* Not in a fork: there they are somebody else's. */
	ending = getpid() == owner;
	bool ends = ending && (groups || starting);

	(void)pthread_mutex_unlock(&lock);
	if (!ends) {
		return;
	}
	await(none_starts);
	signal_all(SIGTERM);
	signal_all(SIGCONT);
	await(none_is_left);
	signal_all(SIGKILL);
}

static void watch(void)
{
	(void)atexit(end_all);
	(void)at_quick_exit(end_all);
}

void groups_watch(void)
{
	(void)pthread_once(&once, watch);
	(void)pthread_mutex_lock(&lock);
	owner = getpid();
	users++;
	(void)pthread_mutex_unlock(&lock);
}

void groups_leave(void)
{
	(void)pthread_mutex_lock(&lock);
	if (--users == 0) {
		keeper_end();
	}
	(void)pthread_mutex_unlock(&lock);
}

bool groups_begin(void)
{
	(void)pthread_mutex_lock(&lock);
	bool begins = !ending;

	starting += begins;
	/* Starting it takes longer than a program may need to be of account. */
	if (begins) {
		keeper_begin();
	}
	(void)pthread_mutex_unlock(&lock);
	return begins;
}

void groups_give_up(void)
{
	(void)pthread_mutex_lock(&lock);
	starting--;
	(void)pthread_mutex_unlock(&lock);
}

void groups_add(struct group *group, pid_t pid)
{
	(void)pthread_mutex_lock(&lock);
	starting--;
	group->pid = pid;
	group->next = groups;
	groups = group;
	(void)pthread_mutex_unlock(&lock);
}

void groups_remove(struct group *group)
{
	(void)pthread_mutex_lock(&lock);
	struct group **place = &groups;

	while (*place && *place != group) {
		place = &(*place)->next;
	}
	if (*place) {
		*place = group->next;
		keeper_remove(group->pid);
		if (ending) {
			/* Its leader obeyed, maybe not all of it. */
			(void)kill(-group->pid, SIGKILL);
		}
	}
	(void)pthread_mutex_unlock(&lock);
}
