/*
 * What can happen in a life, and how often in this one: some lives know no
 * crashes, others hardly anything else.
 */
#ifndef SIMULATION_TEMPER_H
#define SIMULATION_TEMPER_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

/* X(name, word, weight, function). The first ones are no faults, and are in
 * every life. */
#define ACTION_MAP(X)                                               \
	X(ACTION_START, "start", 80, runs_start)                    \
	X(ACTION_WORK, "work", 260, work_one)                       \
	X(ACTION_CARRY, "carry", 300, bus_carry)                    \
	X(ACTION_TIME, "time", 90, life_time)                       \
	X(ACTION_COMMIT, "commit", 200, life_commit)                \
	X(ACTION_JOIN, "join", 25, copies_join)                     \
	X(ACTION_REPEAT, "repeat", 40, bus_repeat)                  \
	X(ACTION_LOSE, "lose", 20, bus_lose)                        \
	X(ACTION_DOUBLE, "double", 20, bus_double)                  \
	X(ACTION_FAIL, "fail-commit", 8, life_fail_commit)          \
	X(ACTION_CRASH, "crash", 10, restart_crash)                 \
	X(ACTION_DRAIN, "drain", 6, copies_drain)                   \
	X(ACTION_LEAVE, "leave", 6, copies_leave)                   \
	X(ACTION_DIE, "die", 12, copies_die)                        \
	X(ACTION_UNPLUG, "unplug", 10, copies_unplug)               \
	X(ACTION_PROGRESS, "progress", 60, work_progress)           \
	X(ACTION_LIE, "lie", 15, work_lie)                          \
	X(ACTION_CANCEL, "cancel", 10, operators_cancel)            \
	X(ACTION_SKIP, "skip", 10, operators_skip)                  \
	X(ACTION_REGISTER, "register", 8, copies_register_any)      \
	X(ACTION_REMOVE, "remove", 3, copies_remove)                \
	X(ACTION_QUARANTINE, "quarantine", 4, copies_quarantine)    \
	X(ACTION_EXPECT, "expect", 4, operators_expect)             \
	X(ACTION_CHANGE, "change-flow", 4, runs_change_flow)        \
	X(ACTION_PAUSE, "pause", 8, operators_pause)                \
	X(ACTION_RESUME, "resume", 14, operators_resume)            \
	X(ACTION_CLOCK, "clock", 5, operators_clock)                \
	X(ACTION_REOPEN, "reopen", 25, reopen_one)                  \
	X(ACTION_RETAIN, "retain", 40, runs_retain)                 \
	X(ACTION_SHADOW, "shadow", 6, shadow_compare)               \
	X(ACTION_QUEUES, "queues", 60, queues_act_turn)             \
	X(ACTION_HOLD_QUEUE, "pause-queue", 8, queues_act_pause)    \
	X(ACTION_OPEN_QUEUE, "resume-queue", 25, queues_act_resume) \
	X(ACTION_PURGE, "purge", 3, queues_act_purge)               \
	X(ACTION_DROP, "drop-dead", 3, queues_act_drop)             \
	X(ACTION_REDRIVE, "redrive", 15, reopen_dead)

enum action {
#define X(name, word, weight, function) name,
	ACTION_MAP(X)
#undef X
	    ACTIONS
};

#define FIRST_FAULT ACTION_LOSE
/* From here on only in lives with queues; without the first of them no life has
 * any. */
#define FIRST_OF_QUEUES ACTION_QUEUES

struct temper {
	uint32_t weights[ACTIONS];
	uint32_t total;
	uint32_t steps;
	bool pipelined;    /* commits are in flight while steps are taken */
	bool early_inside; /* those inside get tasks before the commit */
	uint32_t turn;     /* a commit is wanted after one in so many steps */
	uint32_t stubborn; /* one in so many that is told does not stop */
	uint32_t hangs;    /* one in so many tasks is never done */
	uint32_t fails;    /* of 100 */
	uint32_t parks;    /* of 100 */
	uint32_t queues;   /* of 100 registrations bring one; 0: no queues */
	uint32_t loop;     /* a turn ends after one in so many steps */
};

void temper_make(struct sim *sim);

const char *action_name(enum action action);
/* ACTIONS when there is none of that name. */
enum action action_find(const char *name);

#endif
