/*
 * What a life tells: nothing at all when it is well; with --trace each line at
 * once; and when an invariant is broken, what it was, and, by living the same
 * life again, the last lines and the command that shows it.
 */
#ifndef SIMULATION_REPORT_H
#define SIMULATION_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

enum talk {
	TALK_NOT,
	TALK_TAIL,  /* keep the last lines for the report */
	TALK_TRACE, /* print each */
};

struct sim_options {
	enum talk talk;
	bool quiet_failure;   /* exit only: somebody looks for a smaller one */
	const char *program;  /* argv[0] */
	uint64_t without;     /* bits of actions that are left out */
	uint32_t only_from;   /* steps before are left out */
	uint32_t steps;       /* of each life; 0: as the seed says */
	const char *building; /* what the command line said, to say it again */
};

#define EXIT_BROKEN 3

/* What was done, to see that a life is worth living. */
struct totals {
	uint64_t lives;
	uint64_t steps;
	uint64_t engine_steps;
	uint64_t transitions;
	uint64_t commits;
	uint64_t crashes;
	uint64_t restores;
	uint64_t runs;
	uint64_t ended;
	uint64_t deliveries;
	uint64_t stale;
	uint64_t shadows;
	uint64_t reopened;
};

void report_begin(struct sim *sim);
void report_note(const struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line of the life's diary; costs nothing when nobody listens. */
#define sim_note(sim, ...)                               \
	do {                                             \
		if ((sim)->options.talk != TALK_NOT) {   \
			report_note((sim), __VA_ARGS__); \
		}                                        \
	} while (0)

/* An invariant is broken. */
_Noreturn void sim_fail(struct sim *sim, const char *invariant,
			const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define sim_check(sim, condition, invariant, ...)                  \
	do {                                                       \
		if (!(condition)) {                                \
			sim_fail((sim), (invariant), __VA_ARGS__); \
		}                                                  \
	} while (0)

#endif
