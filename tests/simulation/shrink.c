#include "shrink.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "life.h"
#include "temper.h"

#define NAME_SIZE  200
#define STEPS_MAX  4096
#define PIECES_MIN 8 /* steps: not worth a life to leave out fewer */

/* What the life breaks, found in a process of its own; "" nothing. */
static void try_life(uint64_t seed, const struct sim_options *options,
		     char name[NAME_SIZE])
{
	int ends[2];
	ssize_t len = 0;

	name[0] = 0;
	if (pipe(ends) < 0) {
		return;
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
		len = read(ends[0], name, NAME_SIZE - 1);
		(void)waitpid(child, NULL, 0);
	}
	name[len > 0 ? len : 0] = 0;
	(void)close(ends[0]);
}

static bool still_breaks(uint64_t seed, const struct sim_options *options,
			 const char *name)
{
	char other[NAME_SIZE];

	try_life(seed, options, other);
	return !strcmp(name, other);
}

static void leave_out_actions(uint64_t seed, struct sim_options *options,
			      const char *name)
{
	for (int i = 0; i < ACTIONS; i++) {
		uint64_t before = options->changes.without;

		options->changes.without |= UINT64_C(1) << i;
		if (!still_breaks(seed, options, name)) {
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
			    const char *name, uint32_t piece)
{
	options->changes.skip_count = 0;
	for (uint32_t from = 1; from < STEPS_MAX; from += piece) {
		struct changes before = options->changes;

		if (!add_skip(&options->changes, from, from + piece - 1) ||
		    !still_breaks(seed, options, name)) {
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
	char name[NAME_SIZE];
	struct changes best;

	try_life(seed, options, name);
	if (!*name) {
		return false;
	}
	(void)printf("seed %llu breaks: %s; looking for less of it\n",
		     (unsigned long long)seed, name);
	(void)fflush(stdout);
	leave_out_actions(seed, options, name);
	best = options->changes;
	for (uint32_t piece = 512; piece >= PIECES_MIN; piece /= 2) {
		leave_out_steps(seed, options, name, piece);
		if (count_skipped(&options->changes) > count_skipped(&best)) {
			best = options->changes;
		}
	}
	options->changes = best;
	return true;
}
