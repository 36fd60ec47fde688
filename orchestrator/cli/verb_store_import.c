/*
 * `tutti store import FILE`. The file may be anybody's: a child process reads
 * it, checks it, and writes a clean one beside the store; only that is taken
 * in, by the daemon or, without one, here.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/guard.h"
#include "cli/json_run.h"
#include "cli/place.h"
#include "cli/verb.h"
#include "store/audit.h"
#include "store/lock.h"
#include "store/upkeep.h"

#define ROWS_AT_ONCE 2000

static const struct option_spec options[] = {
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only check the file",
	},
	{ 0 },
};

struct importing {
	const struct cli *cli;
	struct place place;
	const char *file;
	char *folder; /* of the child's file, in the store */
	char *clean;  /* the file */
	struct id run;
};

/* ---- in the child ---- */

static void keep_first(void *arg, const struct id *run, const char *what)
{
	struct err *err = arg;

	(void)run;
	if (err->code == 0) {
		(void)err_set(err, E_INVALID, "%s", what);
	}
}

static int only_run(struct view *view, struct run_list *ret_list,
		    struct err *reterr)
{
	struct view_query query = { .limit = 2 };
	int rc = view_list(view, &query, ret_list, reterr);

	if (rc == 0 && ret_list->len != 1) {
		rc = err_set(reterr, E_INVALID,
			     "not one run, but %s: only what 'tutti store "
			     "export' has written can be imported",
			     ret_list->len ? "several" : "none");
		run_list_fini(ret_list);
	}
	return rc;
}

static int check_ended(const struct run_record *run, struct err *reterr)
{
	return group_state_final(run->state)
		   ? 0
		   : err_set(reterr, E_INVALID,
			     "its run has not ended (%s): it would be done "
			     "twice; export it again when it has",
			     group_state_name(run->state));
}

static int copy_run(const struct importing *work, struct view *view,
		    struct id *ret_run, struct err *reterr)
{
	struct run_list list;
	int rc = only_run(view, &list, reterr);

	if (rc) {
		return rc;
	}
	*ret_run = list.runs[0].id;
	rc = check_ended(&list.runs[0], reterr);
	if (rc == 0) {
		rc = view_export(view, ret_run, work->clean, FILE_REPLACE,
				 reterr);
	}
	run_list_fini(&list);
	return rc;
}

static int clean(const struct importing *work, struct id *ret_run,
		 struct err *reterr)
{
	struct err found = { 0 };
	struct audit audit = { .found = keep_first, .arg = &found };
	struct view *view;
	int rc;

	if (audit_pages(&audit, work->file)) {
		rc = view_open(work->file, &view, reterr);
		if (rc) {
			return rc;
		}
		rc = audit_store(&audit, view, reterr);
		if (rc == 0 && found.code == 0) {
			rc = copy_run(work, view, ret_run, reterr);
		}
		view_close(view);
		if (rc) {
			return rc;
		}
	}
	return found.code ? err_set(reterr, E_INVALID, "damaged: %s", found.msg)
			  : 0;
}

static struct value clean_in_child(void *arg)
{
	struct value answer = value_map();
	struct err err = { 0 };
	struct id run;

	if (clean(arg, &run, &err)) {
		value_set(&answer, "error", value_int(err.code));
		value_set(&answer, "message", value_text(err.msg));
	} else {
		value_set(&answer, "run", json_id(&run));
	}
	return answer;
}

/* ---- in the parent ---- */

static int check_file(const char *file, struct err *reterr)
{
	struct stat status;

	if (stat(file, &status)) {
		return err_set(reterr,
			       errno == ENOENT ? E_NOT_FOUND : E_INVALID,
			       "%s: %s", file, strerror(errno));
	}
	if (!S_ISREG(status.st_mode)) {
		return err_set(reterr, E_INVALID, "%s is no file", file);
	}
	if (status.st_size > (off_t)LIMIT_IMPORT) {
		return err_set(reterr, E_TOO_BIG,
			       "%s has %lld bytes, the limit is %u", file,
			       (long long)status.st_size, LIMIT_IMPORT);
	}
	return 0;
}

/* What is wrong with the file is no fault of the store. */
static int code_of(int code)
{
	return code == E_CORRUPT || code == E_NOT_FOUND ? E_INVALID : code;
}

static int make_clean(struct importing *work, struct err *reterr)
{
	struct value answer;
	int rc;

	rc = guard_call(clean_in_child, work, &answer, reterr);
	if (rc) {
		return err_set(reterr, code_of(rc), "%s cannot be imported: %s",
			       work->file, reterr->msg);
	}
	rc = (int)value_get_int(&answer, "error", 0);
	if (rc) {
		rc = err_set(reterr, code_of(rc), "%s cannot be imported: %.*s",
			     work->file,
			     SLICE_ARG(value_get_text(&answer, "message")));
	} else {
		rc = id_parse(value_get_text(&answer, "run"), &work->run);
	}
	value_clear(&answer);
	return rc;
}

static int import_here(const struct importing *work, struct err *reterr)
{
	struct store *store;
	struct import *import = NULL;
	int rc = store_open(work->place.store, &store, reterr);

	if (rc) {
		return rc;
	}
	rc = import_open(store, work->clean, &import, reterr);
	rc = rc ? rc : 1;
	while (rc > 0) {
		rc = import_step(import, ROWS_AT_ONCE, reterr);
		int committed = rc < 0 ? 0 : store_commit(store, reterr);

		rc = committed ? committed : rc;
	}
	import_close(import);
	store_close(store);
	return rc;
}

static int import_there(const struct importing *work, struct err *reterr)
{
	struct control_client *client;
	const char *name = work->clean + strlen(work->place.store) + 1;
	struct value args = value_map();
	struct value result;
	int rc = control_connect(work->place.control, &client, reterr);

	value_set(&args, "file", value_text(name));
	if (rc == 0) {
		rc = place_call(client, "import", &args, &result, reterr);
		if (rc == 0) {
			value_clear(&result);
		}
		control_disconnect(client);
	}
	value_clear(&args);
	return rc;
}

static int take_in(struct importing *work, struct err *reterr)
{
	bool dry = options_has(&work->cli->options, "dry-run");
	struct buf text = { 0 };
	char id[ID_TEXT_SIZE];
	int rc = 0;

	if (!dry) {
		rc = owner_find(work->place.store) ? import_there(work, reterr)
						   : import_here(work, reterr);
	}
	if (rc == 0) {
		id_format(&work->run, id);
		buf_printf(&text, "%s: %s from %s\n", id,
			   dry ? "would be imported" : "imported", work->file);
		cli_print(work->cli, &text);
	}
	return rc;
}

static int make_folder(struct importing *work, struct err *reterr)
{
	struct buf path = { 0 };

	if (mkdir(work->place.store, 0700) && errno != EEXIST) {
		return err_set(reterr, E_UNREACHABLE, "cannot create %s: %s",
			       work->place.store, strerror(errno));
	}
	buf_printf(&path, "%s/" IMPORT_FOLDER "XXXXXX", work->place.store);
	work->folder = buf_take(&path);
	if (!mkdtemp(work->folder)) {
		return err_set(reterr, E_IO, "cannot create %s: %s",
			       work->folder, strerror(errno));
	}
	buf_printf(&path, "%s/run", work->folder);
	work->clean = buf_take(&path);
	return 0;
}

/* A child that has come to harm leaves half a file. */
static void remove_folder(const struct importing *work)
{
	DIR *folder = work->clean ? opendir(work->folder) : NULL;

	for (const struct dirent *entry; folder && (entry = readdir(folder));) {
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder) {
		(void)closedir(folder);
		(void)rmdir(work->folder);
	}
}

static int import(struct importing *work, struct err *reterr)
{
	int rc = check_file(work->file, reterr);

	if (rc == 0) {
		rc = make_folder(work, reterr);
	}
	if (rc == 0) {
		rc = make_clean(work, reterr);
	}
	if (rc == 0) {
		rc = take_in(work, reterr);
	}
	remove_folder(work);
	free(work->clean);
	free(work->folder);
	return rc;
}

static int run(struct cli *cli)
{
	struct importing work = { .cli = cli, .file = cli_arg(cli, 0) };
	struct err error = { 0 };
	int code = place_find(cli, &work.place);

	if (code) {
		return code;
	}
	if (import(&work, &error)) {
		code = cli_fail(cli, &error);
	}
	place_fini(&work.place);
	return code;
}

const struct verb verb_store_import = {
	.name = "store import",
	.group = VERB_UPKEEP,
	.summary = "take a run in that was exported elsewhere",
	.usage = "FILE",
	.text = "Only runs that have ended. A run or uid that is there already "
		"is a conflict.\n",
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
