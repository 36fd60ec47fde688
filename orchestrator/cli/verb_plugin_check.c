/*
 * `tutti plugin check FILE...`: does a plugin keep to the rules?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "cli/verb.h"
#include "document/json.h"

static const struct option_spec check_options[] = {
	{
	    .name = "only",
	    .kind = OPTION_VALUE,
	    .argument = "RE",
	    .help = "only rules whose name matches",
	},
	{
	    .name = "only-failed",
	    .kind = OPTION_FLAG,
	    .help = "print only rules that are broken",
	},
	{
	    .name = "params",
	    .kind = OPTION_VALUE,
	    .argument = "JSON",
	    .help = "what stands under `config:` of the module",
	},
	{
	    .name = "task",
	    .kind = OPTION_REPEATED,
	    .argument = "JSON",
	    .help = "a task that it can do: {with: ..., attributes: ...}",
	},
	{
	    .name = "fuzz",
	    .kind = OPTION_VALUE,
	    .argument = "SECONDS",
	    .help = "how long to try random tasks",
	},
	{
	    .name = "seed",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "make the same random tasks again",
	},
	{
	    .name = "reproduce",
	    .kind = OPTION_VALUE,
	    .argument = "SEED",
	    .help = "only these random tasks, in this process",
	},
	{
	    .name = "in-process",
	    .kind = OPTION_FLAG,
	    .help = "no child processes: for a debugger",
	},
	{
	    .name = "json",
	    .kind = OPTION_FLAG,
	    .help = "one JSON document instead of lines",
	},
	{ 0 },
};

/* A whole number, `other` when the option is not given. */
static int number(const struct cli *cli, const char *name, uint64_t most,
		  uint64_t *ret_number)
{
	const char *text = options_value(&cli->options, name);
	char *end = NULL;

	*ret_number = 0;
	if (!text) {
		return EXIT_DONE;
	}
	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || *ret_number > most) {
		return cli_usage_error(cli, "--%s must be a whole number",
				       name);
	}
	return EXIT_DONE;
}

static int read_numbers(const struct cli *cli, struct check_options *options)
{
	uint64_t seconds = 0;
	int code = number(cli, "fuzz", 1000000, &seconds);

	options->fuzz_ms = (int64_t)seconds * 1000;
	if (code == EXIT_DONE) {
		code = number(cli, "seed", UINT64_MAX, &options->seed);
	}
	if (code == EXIT_DONE) {
		code =
		    number(cli, "reproduce", UINT64_MAX, &options->reproduce);
	}
	return code;
}

static int read_tasks(const struct cli *cli, struct value *tasks)
{
	struct err error = { 0 };
	struct value task;
	const char *text;
	size_t at = 0;

	while ((text = options_next(&cli->options, "task", &at))) {
		int rc = json_read(slice_of(text), NULL, &task, &error);

		if (rc == 0) {
			value_push(tasks, task);
		}
		if (rc == 0 && task.type != VALUE_MAP) {
			rc = err_set(&error, E_INVALID, "it is no map");
		}
		if (rc < 0) {
			(void)err_wrap(&error, "--task");
			return cli_fail(cli, &error);
		}
	}
	return EXIT_DONE;
}

static int check(const struct cli *cli, const struct check_options *options)
{
	struct err error = { 0 };
	bool failed = true;
	int rc = check_run(options, &failed, &error);

	if (rc < 0) {
		return cli_fail(cli, &error);
	}
	return failed ? EXIT_RUN_FAILED : EXIT_DONE;
}

/* The words behind `tutti` that lead here. */
static const char *const here[] = { "plugin", "check", NULL };

static int run(struct cli *cli)
{
	struct value tasks = value_array();
	struct check_options options = {
		.files = cli->options.args,
		.file_count = cli->options.arg_len,
		.only = options_value(&cli->options, "only"),
		.only_failed = options_has(&cli->options, "only-failed"),
		.in_process = options_has(&cli->options, "in-process"),
		.json = options_has(&cli->options, "json"),
		.params = options_value(&cli->options, "params"),
		.tasks = &tasks,
		.again = here,
		.out = cli->program->out,
	};

	if (options.file_count == 2 && !strcmp(options.files[0], CHECK_TRIAL)) {
		(void)check_trial(options.files[1]);
	}
	int code = read_numbers(cli, &options);

	if (code == EXIT_DONE) {
		code = read_tasks(cli, &tasks);
	}
	if (code == EXIT_DONE) {
		code = check(cli, &options);
	}
	value_clear(&tasks);
	return code;
}

const struct verb verb_plugin_check = {
	.name = "plugin check",
	.group = VERB_PLUGINS,
	.summary = "try whether plugins keep to the rules of the SDK",
	.usage = "FILE...",
	.text = "FILE is a module (.so) or a plugin program. Each rule is "
		"tried in a process of\nits own; docs/plugin-check.md explains "
		"them. Exits with 1 when one is broken.\nThe plugin runs with "
		"odd and random tasks: do not let it near anything dear.\n",
	.options = check_options,
	.min_args = 1,
	.max_args = VERB_ANY_ARGS,
	.run = run,
};
