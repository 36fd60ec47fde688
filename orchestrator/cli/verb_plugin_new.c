/*
 * `tutti plugin new NAME`: a project to begin with.
 */
#include <stdlib.h>
#include <string.h>

#include "check/scaffold.h"
#include "cli/verb.h"

static const struct option_spec new_options[] = {
	{
	    .name = "lang",
	    .kind = OPTION_VALUE,
	    .argument = "LANG",
	    .help = "c (the default), cpp or python",
	},
	{
	    .name = "dir",
	    .kind = OPTION_VALUE,
	    .argument = "DIR",
	    .help = "the new folder; else ./NAME",
	},
	{ 0 },
};

static void put_next_steps(struct buf *out, const char *folder,
			   const char *language, const char *name)
{
	char *id = scaffold_identifier(name);

	buf_printf(out, "%s is there. Next:\n\n  cd %s\n", folder, folder);
	if (!strcmp(language, "python")) {
		buf_printf(out,
			   "  export PYTHONPATH=/usr/local/share/tutti/python  "
			   "# where Tutti is installed\n"
			   "  python3 -m unittest %s_test\n",
			   id);
	} else {
		buf_put_text(out,
			     "  cmake -S . -B build && cmake --build build\n"
			     "  ctest --test-dir build --output-on-failure\n");
	}
	buf_put_text(out, "  tutti run tutti.yaml Hello --attr who=Ada\n");
	free(id);
}

static int run(struct cli *cli)
{
	const char *name = cli_arg(cli, 0);
	const char *language = options_value(&cli->options, "lang");
	const char *folder = options_value(&cli->options, "dir");
	struct buf text = { 0 };
	struct err error = { 0 };

	language = language ? language : "c";
	folder = folder ? folder : name;
	if (scaffold_write(name, language, folder, &error) < 0) {
		return cli_fail(cli, &error);
	}
	put_next_steps(&text, folder, language, name);
	cli_print(cli, &text);
	return EXIT_DONE;
}

const struct verb verb_plugin_new = {
	.name = "plugin new",
	.group = VERB_PLUGINS,
	.summary = "make a project for a plugin of your own",
	.usage = "NAME",
	.text = "The project builds, is tested and runs as it is: go on from "
		"there.\n",
	.options = new_options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
