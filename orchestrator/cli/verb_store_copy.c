/*
 * `tutti store backup DIR` and `tutti store compact`.
 */
#include <inttypes.h>

#include "cli/place.h"
#include "cli/verb.h"
#include "store/lock.h"
#include "store/upkeep.h"

/* ---- backup ---- */

static const struct option_spec backup_options[] = {
	{
	    .name = "compact",
	    .kind = OPTION_FLAG,
	    .help = "leave free pages out; takes longer",
	},
	{ 0 },
};

static int run_backup(struct cli *cli)
{
	const char *directory = cli_arg(cli, 0);
	bool compact = options_has(&cli->options, "compact");
	struct looking looking;
	struct err error = { 0 };
	struct buf text = { 0 };
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	if (view_backup(looking.view, directory,
			compact ? BACKUP_COMPACT : BACKUP_AS_IS, &error)) {
		code = cli_fail(cli, &error);
	} else {
		buf_printf(&text, "%s: a backup of %s\n", directory,
			   looking.place.store);
		cli_print(cli, &text);
	}
	looking_close(&looking);
	return code;
}

const struct verb verb_store_backup = {
	.name = "store backup",
	.group = VERB_UPKEEP,
	.summary = "copy a store to a new directory, while a daemon works",
	.usage = "DIR",
	.text = "DIR is then a store as it was at one moment. To restore it, "
		"put its data.mdb\n"
		"in the place of the other one, with no daemon running.\n",
	.options = backup_options,
	.min_args = 1,
	.max_args = 1,
	.run = run_backup,
};

/* ---- compact ---- */

static int fail_busy(const struct cli *cli, const char *store,
		     struct err *error)
{
	if (error->code == E_BUSY && owner_find(store)) {
		(void)err_set(error, E_BUSY,
			      "a daemon has the store: stop it first, or copy "
			      "the store with 'tutti store backup DIR "
			      "--compact'");
	}
	place_tell_no_store(store, error);
	return cli_fail(cli, error);
}

static int run_compact(struct cli *cli)
{
	struct compaction done;
	struct place place;
	struct err error = { 0 };
	struct buf text = { 0 };
	int code = place_find(cli, &place);

	if (code) {
		return code;
	}
	if (store_compact(place.store, &done, &error)) {
		code = fail_busy(cli, place.store, &error);
	} else {
		buf_printf(&text,
			   "%s: %" PRIu64 " bytes, was %" PRIu64
			   "; unused definitions dropped: %" PRIu64 "\n",
			   place.store, done.after_bytes, done.before_bytes,
			   done.definitions);
		cli_print(cli, &text);
	}
	place_fini(&place);
	return code;
}

const struct verb verb_store_compact = {
	.name = "store compact",
	.group = VERB_UPKEEP,
	.summary = "give the space of what was deleted back to the disk",
	.usage = "",
	.text = "Needs the store for itself: no daemon. Definitions that no "
		"run uses go, too.\n",
	.min_args = 0,
	.max_args = 0,
	.run = run_compact,
};
