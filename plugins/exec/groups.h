/*
 * The process groups of all running programs, so that none of them outlives
 * this process when it ends in good order (exit, quick_exit) with tasks still
 * in hand. fini() would come too late for that: it does not come then. What
 * is left gets SIGTERM and SIGCONT, and SIGKILL GROUPS_LAST_MS later. When it
 * ends in any other way keeper.h sees to them. [any thread]
 */
#ifndef EXEC_GROUPS_H
#define EXEC_GROUPS_H

#include <stdbool.h>
#include <sys/types.h>

#define GROUPS_LAST_MS 500

struct group {
	struct group *next;
	pid_t pid; /* of its leader; 0: it is not in the list */
};

/* Before the first program is started, and after the last one has ended. */
void groups_watch(void);
void groups_leave(void);

/* A program is about to be started, and the keeper there; false: it must not
 * any more. To be followed by groups_add(), or when it did not start by
 * groups_give_up(). */
bool groups_begin(void);
void groups_give_up(void);
void groups_add(struct group *group, pid_t pid);

/* Before the leader is reaped: until then nobody else can have its number.
 * Harmless for one that is not in the list. */
void groups_remove(struct group *group);

#endif
