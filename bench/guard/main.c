/*
 * guard PATH: goes a path of the orchestrator that is gone often, with the same
 * work each time. bench/guard/guard.py runs it under callgrind.
 */
#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "count.h"

static const struct path {
	const char *name;
	void (*count)(void);
} paths[] = {
	{ "engine", count_engine }, { "filter", count_filter },
	{ "bus", count_bus },       { "document", count_document },
	{ "store", count_store },
};

/* What the counts depend on, besides the source. */
static void print_machine(void)
{
#if defined(__x86_64__)
	const char *machine = "x86_64";
#elif defined(__aarch64__)
	const char *machine = "aarch64";
#else
	const char *machine = "another machine";
#endif

	(void)printf("%s, gcc %d.%d, glibc %s\n", machine, __GNUC__,
		     __GNUC_MINOR__, gnu_get_libc_version());
}

int main(int argc, char **argv)
{
	/* Else it takes a random one, and its memory comes back in another
	 * order each time. */
	json_object_seed(7);
	if (argc == 2 && !strcmp(argv[1], "machine")) {
		print_machine();
		return 0;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (argc == 2 && !strcmp(argv[1], paths[i].name)) {
			paths[i].count();
			return 0;
		}
	}
	(void)fputs("usage: guard engine|filter|bus|document|store|machine\n",
		    stderr);
	return 2;
}
