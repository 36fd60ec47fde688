#include "daemon/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "daemon/call.h"
#include "daemon/upkeep.h"
#include "store/upkeep.h"

#define ROWS_A_TURN 2000

/* ---- asking for it ---- */

/* Only what the command line has put into the store's own folder. */
static int read_file(const struct call *call, char **ret_path,
		     struct err *reterr)
{
	struct slice name = value_get_text(&call->request->args, "file");
	struct buf path = { 0 };

	if (!slice_starts_with(name, SLICE(IMPORT_FOLDER)) ||
	    memchr(name.ptr, 0, name.len) ||
	    memmem(name.ptr, name.len, "..", 2)) {
		return err_set(reterr, E_INVALID, "'%.*s' is no file to import",
			       SLICE_ARG(name));
	}
	buf_printf(&path, "%s/%.*s", store_directory(call->daemon->store),
		   SLICE_ARG(name));
	*ret_path = buf_take(&path);
	return 0;
}

static int check_free(const struct daemon *daemon, const struct import *import,
		      struct err *reterr)
{
	const struct run_record *run = import_run(import);
	int rc = arrivals_check_uid(daemon, run->tenant, run->workflow,
				    run->uid, reterr);

	if (rc == 0 &&
	    (engine_run(daemon->engine, &run->id) ||
	     (run->uid.len && engine_run_by_uid(daemon->engine, run->tenant,
						run->workflow, run->uid)))) {
		rc = err_set(reterr, E_CONFLICT,
			     "a run of that id or uid is active here");
	}
	return rc;
}

int request_import(struct call *call, struct err *reterr)
{
	struct daemon *daemon = call->daemon;
	struct import *import = NULL;
	char *path = NULL;
	int rc = read_file(call, &path, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = import_open(daemon->store, path, &import, reterr);
	free(path);
	if (rc == 0) {
		rc = check_free(daemon, import, reterr);
	}
	if (rc < 0) {
		import_close(import);
		return rc;
	}
	alloc_grow(daemon->arrivals, daemon->arrival_count,
		   daemon->arrival_cap);
	daemon->arrivals[daemon->arrival_count++] = (struct arrival){
		.session = call->request->session,
		.request = call->request->id,
		.import = import,
	};
	return 0;
}

/* ---- doing it ---- */

bool arrivals_wait(const struct daemon *daemon)
{
	return daemon->arrival_count > 0 && !daemon->arrivals[0].complete;
}

static void drop_first(struct daemon *daemon)
{
	import_close(daemon->arrivals[0].import);
	daemon->arrival_count--;
	memmove(daemon->arrivals, daemon->arrivals + 1,
		daemon->arrival_count * sizeof(*daemon->arrivals));
}

static void give_up(struct daemon *daemon, struct arrival *arrival,
		    const struct err *err)
{
	import_undo(arrival->import);
	control_refuse(daemon->control, arrival->session, arrival->request,
		       err);
	drop_first(daemon);
}

/* Between two pieces somebody may have started a run of the same uid. */
static int step(struct daemon *daemon, struct arrival *arrival,
		struct err *reterr)
{
	const struct run_record *run = import_run(arrival->import);

	if (run->uid.len && engine_run_by_uid(daemon->engine, run->tenant,
					      run->workflow, run->uid)) {
		return err_set(reterr, E_CONFLICT,
			       "its uid has been taken meanwhile");
	}
	return import_step(arrival->import, ROWS_A_TURN, reterr);
}

void arrivals_turn(struct daemon *daemon)
{
	struct err err = { 0 };

	if (daemon->arrival_count == 0 || daemon->arrivals[0].complete) {
		return;
	}
	struct arrival *arrival = &daemon->arrivals[0];
	int rc = step(daemon, arrival, &err);

	if (rc < 0) {
		give_up(daemon, arrival, &err);
	} else {
		arrival->complete = rc == 0;
	}
}

void arrivals_leaving(struct daemon *daemon)
{
	if (daemon->arrival_count) {
		daemon->arrivals[0].leaving = daemon->arrivals[0].complete;
	}
}

void arrivals_committed(struct daemon *daemon)
{
	if (daemon->arrival_count == 0 || !daemon->arrivals[0].leaving) {
		return;
	}
	const struct arrival *arrival = &daemon->arrivals[0];
	const struct run_record *run = import_run(arrival->import);
	struct value result = value_map();
	char text[ID_TEXT_SIZE];

	id_format(&run->id, text);
	value_set(&result, "id", value_text(text));
	log_info("run=%s msg=\"imported\"", text);
	control_answer(daemon->control, arrival->session, arrival->request,
		       &result);
	value_clear(&result);
	upkeep_ended(daemon, run);
	drop_first(daemon);
}

int arrivals_check_uid(const struct daemon *daemon, struct slice tenant,
		       struct slice workflow, struct slice uid,
		       struct err *reterr)
{
	for (size_t i = 0; i < daemon->arrival_count; i++) {
		const struct run_record *run =
		    import_run(daemon->arrivals[i].import);

		if (slice_equal(run->uid, uid) &&
		    slice_equal(run->tenant, tenant) &&
		    slice_equal(run->workflow, workflow)) {
			return err_set(reterr, E_CONFLICT,
				       "a run of uid '%.*s' is being imported",
				       SLICE_ARG(uid));
		}
	}
	return 0;
}

void arrivals_fini(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->arrival_count; i++) {
		import_close(daemon->arrivals[i].import);
	}
	free(daemon->arrivals);
}
