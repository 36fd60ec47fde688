#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/about.h"

enum { OPTION_DESCRIBE = 256, OPTION_MAX_TASKS, OPTION_EPHEMERAL, OPTION_BUS };

static const struct option option_table[] = {
	{ "describe", no_argument, NULL, OPTION_DESCRIBE },
	{ "max-tasks", required_argument, NULL, OPTION_MAX_TASKS },
	{ "ephemeral", no_argument, NULL, OPTION_EPHEMERAL },
	{ "bus", required_argument, NULL, OPTION_BUS },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
    "A plugin of Tutti as a program. It registers with the orchestrator and\n"
    "does the tasks that it is given, until SIGTERM.\n"
    "\n"
    "  --bus FILE     the orchestrator's bus.json (also $TUTTI_BUS; else\n"
    "                 $TUTTI_STORE/bus.json, else .tutti/bus.json)\n"
    "  --max-tasks N  take no more than N tasks at a time\n"
    "  --ephemeral    forget the plugin when this process ends\n"
    "  --describe     print what is in it as JSON, and exit\n"
    "  --version      print its plugins and their versions, and exit\n"
    "  --help         this text\n";

int runner_parse_count(const char *text, uint32_t *ret_count)
{
	char *end;

	if (*text < '0' || *text > '9') {
		return E_INVALID;
	}
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);

	if (errno || *end || number < 1 || number > UINT32_MAX) {
		return E_INVALID;
	}
	*ret_count = (uint32_t)number;
	return 0;
}

static int print_versions(const struct runner_options *options)
{
	struct runner_about about;
	struct err err = { 0 };

	if (runner_about_init(&about, options, &err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", options->program, err.msg);
		return RUNNER_REFUSED;
	}
	for (size_t i = 0; i < about.hello.plugin_count; i++) {
		const struct wire_plugin *plugin = &about.hello.plugins[i];

		(void)printf("%.*s %.*s (%.*s)\n", SLICE_ARG(plugin->name),
			     SLICE_ARG(plugin->version),
			     SLICE_ARG(about.hello.sdk));
	}
	runner_about_fini(&about);
	return fflush(stdout) ? RUNNER_FAILED : RUNNER_DONE;
}

static int print_help(const struct runner_options *options)
{
	(void)printf("usage: %s [--bus FILE] [--max-tasks N] [--ephemeral]\n"
		     "\n%s",
		     options->program, help_text);
	return fflush(stdout) ? RUNNER_FAILED : RUNNER_DONE;
}

/* `text` is NULL when the mistake has been told. */
static int usage_error(const struct runner_options *options, const char *text)
{
	if (text) {
		(void)fprintf(stderr, "%s: %s\n", options->program, text);
	}
	(void)fprintf(stderr, "'%s --help' says more.\n", options->program);
	return RUNNER_USAGE;
}

/* The letter of what is to be done, 0 to run, or '?' with a usage error. */
static int read_options(int argc, char **argv, struct runner_options *options)
{
	int todo = 0;
	int letter;

	while ((letter = getopt_long(argc, argv, "h", option_table, NULL)) !=
	       -1) {
		if (letter == OPTION_BUS) {
			options->bus_file = optarg;
		} else if (letter == OPTION_EPHEMERAL) {
			options->ephemeral = true;
		} else if (letter != OPTION_MAX_TASKS) {
			todo = letter;
		} else if (runner_parse_count(optarg, &options->max_tasks) <
			   0) {
			(void)fprintf(stderr,
				      "%s: --max-tasks needs a number from 1\n",
				      options->program);
			return '?';
		}
		if (letter == '?') {
			return letter;
		}
	}
	return todo;
}

int runner_main(int argc, char **argv, host_entry entry)
{
	struct runner_options options = {
		.entry = entry,
		.program = argc > 0 && argv[0] ? argv[0] : "plugin",
	};
	int todo = read_options(argc, argv, &options);

	if (todo == '?' || optind < argc) {
		return usage_error(&options,
				   todo == '?' ? NULL : "it takes no argument");
	}
	switch (todo) {
	case OPTION_DESCRIBE:
		return runner_describe(&options);
	case 'V':
		return print_versions(&options);
	case 'h':
		return print_help(&options);
	default:
		return runner_run(&options);
	}
}
