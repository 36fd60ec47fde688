#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: bench_filters [options]\n"
    "\n"
    "  --seed N         of events and filters (1)\n"
    "  --profile NAME   selective, broad, two-exact, single or shapes;\n"
    "                   may be given more than once (all; with --quick\n"
    "                   all but shapes)\n"
    "  --sizes N,N,...  filters in the index (1,1000,10000,100000)\n"
    "  --rounds N       measurements of which the median counts (9)\n"
    "  --events N       distinct events (16384)\n"
    "  --quick          3 short rounds\n"
    "  --json           one JSON document instead of the tables\n"
    "  --check          compare the workload with its specification only;\n"
    "                   exits with 1 when a number is out of tolerance\n";

static const struct option longs[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "profile", required_argument, NULL, 'p' },
	{ "sizes", required_argument, NULL, 'n' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "events", required_argument, NULL, 'e' },
	{ "quick", no_argument, NULL, 'q' },
	{ "json", no_argument, NULL, 'j' },
	{ "check", no_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void fail(const char *what, const char *text)
{
	(void)fprintf(stderr, "bench_filters: %s '%s'\n", what, text);
	exit(2);
}

static uint64_t parse_number(const char *text, char **ret_end, uint64_t least)
{
	errno = 0;
	uint64_t number = strtoull(text, ret_end, 10);

	if (*ret_end == text || errno || number < least) {
		fail("not such a number:", text);
	}
	return number;
}

static uint64_t parse_whole(const char *text, uint64_t least)
{
	char *end;
	uint64_t number = parse_number(text, &end, least);

	if (*end) {
		fail("not a number:", text);
	}
	return number;
}

static void parse_sizes(struct options *options, const char *text)
{
	const char *at = text;

	for (options->size_count = 0;; at++) {
		char *end;
		size_t size = parse_number(at, &end, 1);
		size_t last = options->size_count;

		if (last == SIZES_MAX ||
		    (last && options->sizes[last - 1] >= size) ||
		    (*end && *end != ',')) {
			fail("not up to 8 ascending sizes:", text);
		}
		options->sizes[options->size_count++] = size;
		at = end;
		if (!*end) {
			return;
		}
	}
}

static void parse_profile(struct options *options, const char *text)
{
	if (strcmp(text, "shapes") == 0) {
		options->shapes = true;
		return;
	}
	for (int i = 0; i < PROFILES; i++) {
		if (strcmp(text, profile_name((enum profile)i)) == 0) {
			options->profiles[i] = true;
			return;
		}
	}
	fail("no such profile:", text);
}

static void parse_one(struct options *options, int letter)
{
	switch (letter) {
	case 's':
		options->seed = parse_whole(optarg, 0);
		break;
	case 'p':
		parse_profile(options, optarg);
		break;
	case 'n':
		parse_sizes(options, optarg);
		break;
	case 'r':
		options->rounds = (unsigned)parse_whole(optarg, 1);
		break;
	case 'e':
		options->events = parse_whole(optarg, 1);
		break;
	case 'q':
		options->quick = true;
		options->rounds = 3;
		options->slice_ns = 20000000;
		break;
	case 'j':
		options->json = true;
		break;
	case 'c':
		options->check = true;
		break;
	case 'h':
		(void)fputs(usage, stdout);
		exit(0);
	default:
		(void)fputs(usage, stderr);
		exit(2);
	}
}

static bool any_chosen(const struct options *options)
{
	bool any = options->shapes;

	for (int i = 0; i < PROFILES; i++) {
		any |= options->profiles[i];
	}
	return any;
}

void options_parse(struct options *options, int argc, char **argv)
{
	int letter;

	*options = (struct options){
		.seed = 1,
		.sizes = { 1, 1000, 10000, 100000 },
		.size_count = 4,
		.rounds = 9,
		.slice_ns = 60000000,
		.events = 16384,
	};
	while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		parse_one(options, letter);
	}
	if (optind < argc) {
		fail("unexpected argument", argv[optind]);
	}
	if (!any_chosen(options)) {
		options->shapes = !options->quick;
		for (int i = 0; i < PROFILES; i++) {
			options->profiles[i] = true;
		}
	}
}
