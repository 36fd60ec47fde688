/*
 * `tutti store export RUN FILE`.
 */
#include "cli/place.h"
#include "cli/selector.h"
#include "cli/verb.h"
#include "store/upkeep.h"

static const struct option_spec options[] = {
	{
	    .name = "force",
	    .kind = OPTION_FLAG,
	    .help = "replace a file that is there",
	},
	{ 0 },
};

static int export_one(const struct cli *cli, const struct looking *looking,
		      struct err *reterr)
{
	bool force = options_has(&cli->options, "force");
	const char *file = cli_arg(cli, 1);
	struct buf text = { 0 };
	char name[ID_TEXT_SIZE];
	struct id id;
	int rc = selector_find(looking->view, cli_tenant(cli),
			       slice_of(cli_arg(cli, 0)), &id, reterr);

	if (rc == 0) {
		rc = view_export(looking->view, &id, file,
				 force ? FILE_REPLACE : FILE_KEEP, reterr);
	}
	if (rc == E_CONFLICT) {
		return err_set(reterr, rc,
			       "%s is there already; --force replaces it",
			       file);
	}
	if (rc == 0) {
		id_format(&id, name);
		buf_printf(&text, "%s: run %s\n", file, name);
		cli_print(cli, &text);
	}
	return rc;
}

static int run(struct cli *cli)
{
	struct looking looking;
	struct err error = { 0 };
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	if (export_one(cli, &looking, &error)) {
		code = cli_fail(cli, &error);
	}
	looking_close(&looking);
	return code;
}

const struct verb verb_store_export = {
	.name = "store export",
	.group = VERB_UPKEEP,
	.summary = "write one run to a file, with all that belongs to it",
	.usage = "RUN FILE",
	.text = "Whatever looks at a store takes the file as one: 'tutti "
		"--store FILE show\n@latest'. 'tutti store import' takes it "
		"in elsewhere.\n",
	.options = options,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
