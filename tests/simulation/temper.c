#include "temper.h"

#include <string.h>

#include "sim.h"

static const uint32_t usual[ACTIONS] = {
#define X(name, word, weight, function) [name] = weight,
	ACTION_MAP(X)
#undef X
};

static const char *const words[ACTIONS] = {
#define X(name, word, weight, function) [name] = word,
	ACTION_MAP(X)
#undef X
};

const char *action_name(enum action action)
{
	return words[action];
}

enum action action_find(const char *name)
{
	int action = 0;

	while (action < ACTIONS && strcmp(words[action], name) != 0) {
		action++;
	}
	return (enum action)action;
}

static uint32_t weigh(struct sim *sim, int action)
{
	if (action < FIRST_FAULT) {
		return usual[action];
	}
	switch (dice_below(&sim->dice, 8)) {
	case 0:
	case 1:
		return 0;
	case 2:
		return usual[action] * 5;
	default:
		return usual[action];
	}
}

/* With dice of their own, so that lives without queues are what they were. */
static void make_queues(struct sim *sim)
{
	struct temper *temper = &sim->temper;
	struct dice before = sim->dice;

	dice_throw(&sim->dice, ~sim->seed, 0);
	switch (dice_below(&sim->dice, 4)) {
	case 0:
		break;
	case 1:
		temper->queues = 100;
		break;
	default:
		temper->queues = 20 + dice_below(&sim->dice, 70);
		break;
	}
	temper->loop = 1 + dice_below(&sim->dice, 3);
	if (sim->options.changes.without >> FIRST_OF_QUEUES & 1) {
		temper->queues = 0;
	}
	for (int i = FIRST_OF_QUEUES; temper->queues && i < ACTIONS; i++) {
		temper->weights[i] =
		    i == ACTION_QUEUES ? usual[i] : weigh(sim, i);
		temper->total += temper->weights[i];
	}
	sim->dice = before;
}

void temper_make(struct sim *sim)
{
	struct temper *temper = &sim->temper;

	for (int i = 0; i < FIRST_OF_QUEUES; i++) {
		temper->weights[i] = weigh(sim, i);
		temper->total += temper->weights[i];
	}
	make_queues(sim);
	temper->steps = 200 + dice_below(&sim->dice, 3000);
	temper->pipelined = dice_one_in(&sim->dice, 2);
	temper->early_inside = temper->pipelined && dice_one_in(&sim->dice, 3);
	temper->turn = 1 + dice_below(&sim->dice, 5);
	temper->stubborn = dice_below(&sim->dice, 5);
	temper->hangs =
	    dice_one_in(&sim->dice, 2) ? 0 : 5 + dice_below(&sim->dice, 20);
	temper->fails = dice_below(&sim->dice, 40);
	temper->parks = dice_below(&sim->dice, 20);
}
