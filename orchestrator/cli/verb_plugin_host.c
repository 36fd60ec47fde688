/*
 * `tutti plugin-host`: a plugin module in a process of its own. The daemon
 * starts it for entries of `form: isolated`.
 */
#include "cli/verb.h"
#include "runner/runner.h"

static int run(struct cli *cli)
{
	const char *max_tasks = options_value(&cli->options, "max-tasks");
	struct runner_options options = {
		.path = cli_arg(cli, 0),
		.program = "tutti plugin-host",
		.ephemeral = options_has(&cli->options, "ephemeral"),
		.bus_file = options_value(&cli->options, "bus"),
	};

	if (max_tasks &&
	    runner_parse_count(max_tasks, &options.max_tasks) < 0) {
		return cli_usage_error(cli,
				       "--max-tasks needs a number from 1");
	}
	return options_has(&cli->options, "describe")
		   ? runner_describe(&options)
		   : runner_run(&options);
}

static const struct option_spec plugin_host_options[] = {
	{
	    .name = "bus",
	    .kind = OPTION_VALUE,
	    .argument = "FILE",
	    .help = "the daemon's bus.json (also $TUTTI_BUS)",
	},
	{
	    .name = "max-tasks",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "take no more than N tasks at a time",
	},
	{
	    .name = "ephemeral",
	    .kind = OPTION_FLAG,
	    .help = "forget the plugin when this process ends",
	},
	{
	    .name = "describe",
	    .kind = OPTION_FLAG,
	    .help = "print what is in the module as JSON, and exit",
	},
	{ 0 },
};

const struct verb verb_plugin_host = {
	.name = "plugin-host",
	.group = VERB_HIDDEN,
	.summary = "run a plugin module in a process of its own",
	.usage = "MODULE",
	.text = "Exit codes: 0 stopped in good order, 5 no daemon was found, "
		"78 refused,\n1 anything else.\n",
	.options = plugin_host_options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
