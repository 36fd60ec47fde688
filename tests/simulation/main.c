/*
 * simulate: lives, one after the other, each with the next seed.
 *
 *	simulate [--seed N] [--steps N | --lives N] [--trace | --tail]
 *		 [--shrink] [--without=WORD,WORD...] [--skip=FROM-TO,...]
 *		 [--regressions FILE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life.h"
#include "shrink.h"
#include "temper.h"

struct wanted {
	struct sim_options options;
	uint64_t seed;
	uint64_t steps;
	uint64_t lives;
	const char *regressions;
	bool shrink;
};

static void usage(FILE *out)
{
	(void)fputs(
	    "usage: simulate [--seed N] [--steps N | --lives N]\n"
	    "                [--trace | --tail] [--shrink]\n"
	    "                [--without=WORD,WORD...] [--skip=FROM-TO,...]\n"
	    "                [--regressions FILE]\n"
	    "what can be left out:",
	    out);
	for (int i = 0; i < ACTIONS; i++) {
		(void)fprintf(out, " %s", action_name((enum action)i));
	}
	(void)fputs("\n", out);
}

static _Noreturn void misused(const char *what)
{
	(void)fprintf(stderr, "simulate: %s\n", what);
	usage(stderr);
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end = NULL;
	uint64_t value = strtoull(text ? text : "", &end, 10);

	if (!text || end == text || *end) {
		misused("a number is missing");
	}
	return value;
}

static void read_arguments(char **arguments, struct wanted *wanted)
{
	for (char **at = arguments; *at; at++) {
		if (!strcmp(*at, "--trace")) {
			wanted->options.talk = TALK_TRACE;
		} else if (!strcmp(*at, "--tail")) {
			wanted->options.talk = TALK_TAIL;
		} else if (!strcmp(*at, "--seed")) {
			wanted->seed = number(*++at);
		} else if (!strcmp(*at, "--steps")) {
			wanted->steps = number(*++at);
		} else if (!strcmp(*at, "--lives")) {
			wanted->lives = number(*++at);
		} else if (!strcmp(*at, "--regressions") && at[1]) {
			wanted->regressions = *++at;
		} else if (!strcmp(*at, "--shrink")) {
			wanted->shrink = true;
		} else if (!strcmp(*at, "--help")) {
			usage(stdout);
			exit(0);
		} else if (!changes_read(&wanted->options.changes, *at)) {
			misused(*at);
		}
	}
}

/* Lines "SEED [options]  # why"; a life each. */
static void live_again(const struct wanted *wanted, struct totals *totals)
{
	FILE *file = fopen(wanted->regressions, "r");
	char line[1024];

	if (!file) {
		misused("the regressions cannot be read");
	}
	while (fgets(line, sizeof(line), file)) {
		struct sim_options options = wanted->options;
		char *rest = NULL;
		char *word = strtok_r(line, " \t\n", &rest);

		if (!word || *word == '#') {
			continue;
		}
		uint64_t seed = number(word);

		while ((word = strtok_r(NULL, " \t\n", &rest)) &&
		       *word != '#') {
			(void)changes_read(&options.changes, word);
		}
		life_live(seed, &options, totals);
	}
	(void)fclose(file);
}

static void print_totals(const struct totals *totals, uint64_t first)
{
	(void)printf(
	    "%llu lives from seed %llu: %llu steps, %llu runs (%llu ended), "
	    "%llu transitions in %llu commits, %llu deliveries, %llu crashes, "
	    "%llu restores, %llu stale reports, %llu shadows, "
	    "%llu reopened, %llu leases (%llu expired), %llu messages "
	    "purged, %llu dead letters (%llu runs redriven): "
	    "all is well\n",
	    (unsigned long long)totals->lives, (unsigned long long)first,
	    (unsigned long long)totals->steps, (unsigned long long)totals->runs,
	    (unsigned long long)totals->ended,
	    (unsigned long long)totals->transitions,
	    (unsigned long long)totals->commits,
	    (unsigned long long)totals->deliveries,
	    (unsigned long long)totals->crashes,
	    (unsigned long long)totals->restores,
	    (unsigned long long)totals->stale,
	    (unsigned long long)totals->shadows,
	    (unsigned long long)totals->reopened,
	    (unsigned long long)totals->leases,
	    (unsigned long long)totals->expired,
	    (unsigned long long)totals->purged,
	    (unsigned long long)totals->dead,
	    (unsigned long long)totals->redriven);
}

int main(int argc, char **argv)
{
	struct wanted wanted = {
		.options = { .program = argc ? argv[0] : "simulate" },
		.seed = 1,
	};
	struct totals totals = { 0 };

	read_arguments(argv + (argc > 0), &wanted);
	if (wanted.shrink) {
		/* What is left of it is then lived and reported. */
		wanted.lives = 1;
		wanted.steps = 0;
		(void)shrink(wanted.seed, &wanted.options);
	}
	if (wanted.regressions) {
		live_again(&wanted, &totals);
	}
	if (!wanted.steps && !wanted.lives && !wanted.regressions) {
		wanted.lives = 1;
	}
	for (uint64_t seed = wanted.seed;
	     totals.steps < wanted.steps || totals.lives < wanted.lives;
	     seed++) {
		life_live(seed, &wanted.options, &totals);
	}
	print_totals(&totals, wanted.seed);
	return 0;
}
