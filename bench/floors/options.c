#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define MOST_COUNT   100000000
#define MOST_PLUGINS MOST_PROCESSES
#define MOST_MEMBERS 100000
#define MOST_FLIGHT  65536
#define MOST_BYTES   16777216

static const char *const durabilities[] = { "strict", "relaxed", "none", NULL };
static const char *const layouts[] = { "tree", "step", NULL };

static uint64_t number(const char *name, const char *text, uint64_t least,
		       uint64_t most)
{
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);

	if (errno || *end || end == text || *text == '-' || value < least ||
	    value > most) {
		floor_fail(name, "not a number that is possible");
	}
	return value;
}

static unsigned choice(const char *name, const char *text,
		       const char *const *choices)
{
	for (unsigned i = 0; choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0) {
			return i;
		}
	}
	floor_fail(name, "no such choice");
}

static void set(struct options *options, const char *name, const char *text)
{
	struct {
		const char *name;
		uint32_t *value;
		uint32_t least;
		uint32_t most;
	} numbers[] = {
		{ "--in-flight", &options->in_flight, 1, MOST_FLIGHT },
		{ "--parallel", &options->parallel, 0, MOST_MEMBERS },
		{ "--sequence", &options->sequence, 0, MOST_PLUGINS },
		{ "--payload", &options->payload, 0, MOST_BYTES },
		{ "--reply", &options->reply, 0, MOST_BYTES },
		{ "--members", &options->members, 1, MOST_PLUGINS },
		{ "--processes", &options->processes, 1, MOST_PLUGINS },
		{ "--batch", &options->batch, 0, 1 },
		{ "--keep", &options->keep, 0, 1 },
		{ "--pipelined", &options->pipelined, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].value = (uint32_t)number(
			    name, text, numbers[i].least, numbers[i].most);
			return;
		}
	}
	if (strcmp(name, "--folder") == 0) {
		options->folder = text;
	} else if (strcmp(name, "--count") == 0) {
		options->count = number(name, text, 1, MOST_COUNT);
	} else if (strcmp(name, "--durability") == 0) {
		options->durability = choice(name, text, durabilities);
	} else {
		options->layout = choice(name, text, layouts);
	}
}

static bool is_taken(const char *taken, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = taken; (at = strstr(at, name)); at += len) {
		if ((at == taken || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == 0)) {
			return true;
		}
	}
	return false;
}

void options_read(struct options *options, const char *taken, int argc,
		  char **argv)
{
	*options = (struct options){
		.folder = ".",
		.count = 200,
		.in_flight = 1,
		.parallel = 8,
		.members = 8,
		.batch = 1,
	};
	for (int i = 1; i < argc; i += 2) {
		if (!is_taken(taken, argv[i]) || i + 1 == argc) {
			(void)fprintf(stderr,
				      "usage: %s [OPTION VALUE]...\n"
				      "options: %s\n",
				      argv[0], taken);
			exit(2);
		}
		set(options, argv[i], argv[i + 1]);
	}
}

const char *durability_name(enum durability durability)
{
	return durabilities[durability];
}

unsigned durability_flushes(enum durability durability)
{
	static const unsigned flushes[] = {
		[DURABILITY_STRICT] = 2,
		[DURABILITY_RELAXED] = 1,
		[DURABILITY_NONE] = 0,
	};

	return flushes[durability];
}
