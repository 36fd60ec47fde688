#include "shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "life.h"
#include "temper.h"

#define NAME_SIZE  200
#define PIECES_MIN 8 /* steps: not worth a life to leave out fewer */

struct broken {
	uint32_t step;
	char name[NAME_SIZE]; /* of the invariant; "": nothing is broken */
};

/* A life in a process of its own. */
static struct broken try_life(uint64_t seed, const struct sim_options *options)
{
	struct broken broken = { .step = 0 };
	char text[NAME_SIZE];
	char *name = text;
	int ends[2];
	ssize_t len = 0;

	if (pipe(ends) < 0) {
		return broken;
	}
	pid_t child = fork();

	if (child == 0) {
		struct sim_options quiet = *options;
		struct totals totals = { 0 };

		quiet.talk = TALK_NOT;
		quiet.quiet = ends[1];
		life_live(seed, &quiet, &totals);
		_exit(0);
	}
	(void)close(ends[1]);
	if (child > 0) {
		len = read(ends[0], text, NAME_SIZE - 1);
		(void)waitpid(child, NULL, 0);
	}
	(void)close(ends[0]);
	if (len > 0) {
		text[len] = 0;
		broken.step = (uint32_t)strtoul(text, &name, 10);
		(void)snprintf(broken.name, NAME_SIZE, "%s", name + 1);
	}
	return broken;
}

static bool still_breaks(uint64_t seed, const struct sim_options *options,
			 const struct broken *broken)
{
	struct broken now = try_life(seed, options);

	return !strcmp(now.name, broken->name);
}

static void leave_out_actions(uint64_t seed, struct sim_options *options,
			      const struct broken *broken)
{
	for (int i = 0; i < ACTIONS; i++) {
		uint64_t before = options->changes.without;

		options->changes.without |= UINT64_C(1) << i;
		if (!still_breaks(seed, options, broken)) {
			options->changes.without = before;
		}
	}
}

/* Stretches that touch become one. */
static bool add_skip(struct changes *changes, uint32_t from, uint32_t to)
{
	size_t count = changes->skip_count;

	if (count && changes->skips[count - 1].to + 1 == from) {
		changes->skips[count - 1].to = to;
		return true;
	}
	if (changes->skip_count == RANGES_MAX) {
		return false;
	}
	changes->skips[changes->skip_count++] =
	    (struct range){ .from = from, .to = to };
	return true;
}

static void leave_out_steps(uint64_t seed, struct sim_options *options,
			    const struct broken *broken, uint32_t piece)
{
	options->changes.skip_count = 0;
	for (uint32_t from = 1; from <= broken->step; from += piece) {
		struct changes before = options->changes;

		if (!add_skip(&options->changes, from, from + piece - 1) ||
		    !still_breaks(seed, options, broken)) {
			options->changes = before;
		}
	}
}

static uint32_t count_skipped(const struct changes *changes)
{
	uint32_t count = 0;

	for (size_t i = 0; i < changes->skip_count; i++) {
		count += changes->skips[i].to - changes->skips[i].from + 1;
	}
	return count;
}

bool shrink(uint64_t seed, struct sim_options *options)
{
	struct broken broken = try_life(seed, options);
	struct changes best;

	if (!*broken.name) {
		return false;
	}
	(void)printf("seed %llu breaks: %s; looking for less of it\n",
		     (unsigned long long)seed, broken.name);
	(void)fflush(stdout);
	leave_out_actions(seed, options, &broken);
	best = options->changes;
	for (uint32_t piece = 512; piece >= PIECES_MIN; piece /= 2) {
		leave_out_steps(seed, options, &broken, piece);
		if (count_skipped(&options->changes) > count_skipped(&best)) {
			best = options->changes;
		}
	}
	options->changes = best;
	return true;
}
