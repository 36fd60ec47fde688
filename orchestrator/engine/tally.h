/*
 * How often runs and tasks have entered each of their states since the engine
 * came to be, and what plugins have in hands. Steps count when they are made,
 * whether they are committed yet or not.
 */
#ifndef ENGINE_TALLY_H
#define ENGINE_TALLY_H

#include <stdint.h>

#include "model/state.h"

struct engine;
struct task;

struct engine_totals {
	uint64_t started;            /* runs */
	uint64_t runs[GROUP_STATES]; /* by the state that was entered */
	uint64_t tasks[TASK_STATES];
};

/* Of everything; it goes on counting. */
const struct engine_totals *engine_totals(const struct engine *engine);

/* Of one plugin, registered or not. */
struct engine_tally {
	const char *name;
	uint32_t number; /* see engine_plugin_number() */
	uint64_t tasks[TASK_STATES];
	uint32_t in_flight; /* slots that are taken, as engine_in_flight() */
	uint32_t capacity;  /* slots of its instances that take tasks */
};

/* Of each plugin that is known. */
void engine_each_tally(const struct engine *engine,
		       void (*each)(void *arg,
				    const struct engine_tally *tally),
		       void *arg);

/* Plugins are numbered from 0 on in the order in which they become known; a
 * number stays its plugin's. */
uint32_t engine_plugin_number(const struct task *task);

#endif
