/*
 * What a life tells: nothing at all when it is well; with --trace each line at
 * once; and when an invariant is broken, what it was, and, by living the same
 * life again, the last lines and the command that shows it.
 */
#ifndef SIMULATION_REPORT_H
#define SIMULATION_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

#define RANGES_MAX 64

enum talk {
	TALK_NOT,
	TALK_TAIL,  /* keep the last lines for the report */
	TALK_TRACE, /* print each */
};

/* What a command line asked for that changes a life, so that the same life can
 * be asked for again. */
struct changes {
	uint64_t without; /* bits of actions that are left out */
	struct range {
		uint32_t from;
		uint32_t to;
	} skips[RANGES_MAX]; /* steps that are left out */
	size_t skip_count;
	uint32_t break_at; /* 0: not on purpose */
};

struct sim_options {
	enum talk talk;
	int quiet;           /* a descriptor for the invariant, not a report;
				0: none */
	const char *program; /* argv[0] */
	struct changes changes;
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
	uint64_t leases;
	uint64_t expired;
	uint64_t queued; /* deliveries out of a queue */
	uint64_t dead;
	uint64_t purged;
	uint64_t redriven;
};

void report_begin(struct sim *sim);

/* As options: "" or " --without=... --skip=...". */
#define CHANGES_TEXT_SIZE 2048
void changes_write(const struct changes *changes, char text[CHANGES_TEXT_SIZE]);
/* One of those options; false when it is another. */
bool changes_read(struct changes *changes, const char *option);

bool changes_skip(const struct changes *changes, uint32_t step);

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
