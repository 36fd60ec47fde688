/* Accepting runs; see daemon.h. */
#include <sys/random.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/utf8.h"
#include "daemon/arrivals.h"
#include "daemon/request.h"
#include "daemon/resume.h"
#include "document/pack.h"

static int check_uid(struct slice uid, struct err *reterr)
{
	if (uid.len == 0) {
		return err_set(reterr, E_INVALID,
			       "the uid is empty: give 1 to %d bytes, or leave "
			       "it out to have one made",
			       LIMIT_UID);
	}
	if (uid.len > LIMIT_UID) {
		return err_set(reterr, E_TOO_BIG,
			       "the uid has %zu bytes, the limit is %d",
			       uid.len, LIMIT_UID);
	}
	bool good = utf8_valid(uid);

	for (size_t i = 0; i < uid.len; i++) {
		good &= (unsigned char)uid.ptr[i] >= ' ' && uid.ptr[i] != 0x7f;
	}
	return good ? 0
		    : err_set(reterr, E_INVALID,
			      "the uid must be UTF-8 without control "
			      "characters");
}

#define WORKFLOWS_SHOWN 8

static int name_one(const struct config *config, struct err *reterr)
{
	struct buf names = { 0 };
	size_t count = config->workflow_count;

	if (count == 0) {
		return err_set(reterr, E_INVALID, "the config has no workflow");
	}
	for (size_t i = 0; i < count && i < WORKFLOWS_SHOWN; i++) {
		buf_printf(&names, "%s'%s'", i ? ", " : "",
			   config->workflows[i]->workflow);
	}
	int rc =
	    err_set(reterr, E_INVALID,
		    "name the workflow: the config has %zu of them: %.*s%s",
		    count, SLICE_ARG(buf_slice(&names)),
		    count > WORKFLOWS_SHOWN ? ", ..." : "");

	buf_fini(&names);
	return rc;
}

int daemon_find_workflow(const struct config *config, struct slice name,
			 struct definition **ret_definition, struct err *reterr)
{
	struct near near = { 0 };

	if (name.len == 0 && config->workflow_count == 1) {
		*ret_definition = config->workflows[0];
		return 0;
	}
	if (name.len == 0) {
		return name_one(config, reterr);
	}
	*ret_definition = config_workflow(config, name);
	if (*ret_definition) {
		return 0;
	}
	for (size_t i = 0; i < config->workflow_count; i++) {
		near_try(&near, name, config->workflows[i]->workflow);
	}
	return err_set(reterr, E_NOT_FOUND, DAEMON_NO_WORKFLOW " '%.*s'%s%s%s",
		       SLICE_ARG(name), near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

/* A document that somebody gave: encoded, and within its limits. */
static int encode(const struct value *document, size_t limit, const char *what,
		  struct blob **ret_blob, struct err *reterr)
{
	struct document_limits limits = {
		.size = limit,
		.depth = LIMIT_GIVEN_DEPTH,
		.nodes = LIMIT_DOCUMENT_NODES,
	};
	struct buf bytes = { 0 };
	int rc = 0;

	if (document) {
		pack_write(&bytes, document);
		if (bytes.len > limit) {
			rc = err_set(reterr, E_TOO_BIG,
				     "the %s take %zu bytes encoded, the limit "
				     "is %zu",
				     what, bytes.len, limit);
		} else {
			rc = pack_check(buf_slice(&bytes), &limits, reterr);
			if (rc < 0) {
				err_wrap(reterr, "the %s", what);
			}
		}
	}
	if (rc == 0) {
		*ret_blob = document ? blob_make(buf_slice(&bytes)) : NULL;
	}
	buf_fini(&bytes);
	return rc;
}

/* Absent, null and an empty map are the same attributes. */
static bool same_document(const struct value *a, const struct value *b)
{
	struct value none = value_null();
	bool a_empty = !a || a->type == VALUE_NULL ||
		       (a->type == VALUE_MAP && value_len(a) == 0);
	bool b_empty = !b || b->type == VALUE_NULL ||
		       (b->type == VALUE_MAP && value_len(b) == 0);

	return value_equal(a_empty ? &none : a, b_empty ? &none : b);
}

static struct value decode(struct slice bytes)
{
	struct value value = value_null();

	if (bytes.len) {
		(void)pack_read(bytes, NULL, &value, NULL);
	}
	return value;
}

/* The run with that uid, wherever it is. E_NOT_FOUND: there is none. */
static int find_existing(struct daemon *daemon,
			 const struct daemon_start *start,
			 struct slice workflow, struct id *ret_run,
			 struct value *ret_attributes, struct value *ret_input,
			 struct err *reterr)
{
	const struct run *active = engine_run_by_uid(
	    daemon->engine, start->tenant, workflow, start->uid);
	struct run_view *ended = NULL;

	if (active) {
		*ret_run = active->record.id;
		*ret_attributes = decode(blob_slice(active->attributes));
		*ret_input = decode(blob_slice(active->input));
		return 0;
	}
	int rc = store_find_uid(daemon->store, start->tenant, workflow,
				start->uid, ret_run, reterr);

	if (rc == 0) {
		rc = view_run(daemon->view, ret_run, &ended, reterr);
	}
	if (rc == 0) {
		*ret_attributes = value_copy(&ended->attributes);
		*ret_input = value_copy(&ended->input);
		run_view_destroy(ended);
	}
	return rc;
}

/* What is other than in the run that exists; NULL: nothing. */
static const char *find_difference(const struct daemon_start *start,
				   const struct value *attributes,
				   const struct value *input)
{
	if (!same_document(start->attributes, attributes)) {
		return "attributes";
	}
	return same_document(start->input, input) ? NULL : "input";
}

static int conflict(const struct daemon_start *start, struct slice workflow,
		    const struct id *run, const char *other, struct err *reterr)
{
	char id[ID_TEXT_SIZE];

	id_format(run, id);
	return err_set(reterr, E_CONFLICT,
		       "uid '%.*s' of workflow '%.*s' is run %s, which was "
		       "started with other %s",
		       SLICE_ARG(start->uid), SLICE_ARG(workflow), id, other);
}

/* 0: a run exists that the start may mean; E_NOT_FOUND: none does; else the
 * error. */
static int match_existing(struct daemon *daemon,
			  const struct daemon_start *start,
			  struct slice workflow, struct id *ret_run,
			  bool *ret_differs, struct err *reterr)
{
	struct value attributes = value_null();
	struct value input = value_null();
	int rc = find_existing(daemon, start, workflow, ret_run, &attributes,
			       &input, reterr);
	const char *other =
	    rc == 0 ? find_difference(start, &attributes, &input) : NULL;

	*ret_differs = other != NULL;
	if (other && !start->override) {
		rc = conflict(start, workflow, ret_run, other, reterr);
	}
	value_clear(&attributes);
	value_clear(&input);
	return rc;
}

static struct id make_id(struct daemon *daemon, int64_t now_us)
{
	unsigned char random[10] = { 0 };

	(void)!getrandom(random, sizeof(random), 0);
	struct id id = id_make(now_us, random);

	/* Rising also within a millisecond and when the clock goes back. */
	if (id_compare(&id, &daemon->last_id) <= 0) {
		id = id_next(daemon->last_id);
	}
	daemon->last_id = id;
	return id;
}

/* Both documents of a start, encoded; unref them also after a failure. */
static int encode_both(const struct daemon_start *start,
		       struct blob **ret_attributes, struct blob **ret_input,
		       struct err *reterr)
{
	int rc = encode(start->attributes, LIMIT_ATTRIBUTES, "attributes",
			ret_attributes, reterr);

	return rc < 0 ? rc
		      : encode(start->input, LIMIT_INPUT, "input", ret_input,
			       reterr);
}

static int create_run(struct daemon *daemon, const struct daemon_start *start,
		      struct definition *definition, struct slice actor,
		      struct daemon_started *ret_started, struct err *reterr)
{
	int64_t now_us = clock_wall_us();
	struct event event = {
		.kind = EVENT_START,
		.actor = actor,
		.as.start = {
			.tenant = start->tenant,
			.uid = start->uid,
			.definition = definition,
		},
	};
	char id[ID_TEXT_SIZE];
	int rc = encode_both(start, &event.as.start.attributes,
			     &event.as.start.input, reterr);

	if (rc == 0 && !start->dry_run) {
		event.run = make_id(daemon, now_us);
		id_format(&event.run, id);
		if (!start->has_uid) {
			event.as.start.uid = slice_of(id);
		}
		rc = engine_step(daemon->engine, &event, now_us,
				 &daemon->output, reterr);
	}
	blob_unref(event.as.start.attributes);
	blob_unref(event.as.start.input);
	if (rc == 0) {
		ret_started->run = event.run;
		ret_started->created = true;
	}
	return rc;
}

static int check_start(const struct daemon_start *start, struct err *reterr)
{
	if (!name_valid(start->tenant)) {
		return err_set(reterr, E_INVALID,
			       "a tenant's name is 1 to %d bytes of UTF-8 "
			       "without control characters or '/'",
			       LIMIT_NAME);
	}
	if (start->attributes && start->attributes->type != VALUE_MAP &&
	    start->attributes->type != VALUE_NULL) {
		return err_set(reterr, E_INVALID,
			       "attributes must be a map, not %s",
			       value_type_name(start->attributes));
	}
	return start->has_uid ? check_uid(start->uid, reterr) : 0;
}

/*
 * The run exists and may have ended. One that has not, or in which nothing is
 * to be done, is an answer too: of several who want this at once, one wins.
 */
static int
resume_existing(struct daemon *daemon, const struct daemon_start *start,
		struct definition *definition, bool differs, struct slice actor,
		struct daemon_started *ret_started, struct err *reterr)
{
	struct engine_reopen reopen = {
		.kind = REOPEN_RERUN,
		.definition = definition,
		.documents_changed = differs,
		.dry_run = start->dry_run,
	};
	struct resume_order order = {
		.run = &ret_started->run,
		.reopen = &reopen,
		.actor = actor,
	};
	const struct run *run = engine_run(daemon->engine, order.run);

	if (run && !group_state_final(run->record.state)) {
		return 0;
	}
	int rc = encode_both(start, &order.attributes, &order.input, reterr);

	if (rc == 0) {
		rc = resume_ended(daemon, &order, reterr);
		ret_started->resumed = rc == 0;
	}
	blob_unref(order.attributes);
	blob_unref(order.input);
	return rc == E_UNCHANGED ? 0 : rc;
}

/* What a start means once its defaults are filled in. */
static int complete_start(struct daemon_start *start, struct err *reterr)
{
	if (start->tenant.len == 0) {
		start->tenant = SLICE("default");
	}
	if (start->attributes && start->attributes->type == VALUE_NULL) {
		start->attributes = NULL;
	}
	return check_start(start, reterr);
}

/* E_NOT_FOUND: no such run is on its way. */
static int check_arrivals(const struct daemon *daemon,
			  const struct daemon_start *start,
			  const struct definition *definition,
			  struct err *reterr)
{
	int rc = arrivals_check_uid(daemon, start->tenant,
				    definition ? slice_of(definition->workflow)
					       : start->workflow,
				    start->uid, reterr);

	return rc ? rc : E_NOT_FOUND;
}

int start_accept(struct daemon *daemon, const struct daemon_start *given,
		 struct slice actor, struct daemon_started *ret_started,
		 struct err *reterr)
{
	struct daemon_start start = *given;
	struct definition *definition = NULL;
	struct err unknown = { 0 };
	bool differs = false;
	int rc = complete_start(&start, reterr);

	if (rc < 0) {
		return rc;
	}
	int found = daemon_find_workflow(daemon->options.config, start.workflow,
					 &definition, &unknown);

	/* A uid names its run also when the workflow has left the config. */
	if (start.has_uid && (definition || start.workflow.len)) {
		rc = match_existing(daemon, &start,
				    definition ? slice_of(definition->workflow)
					       : start.workflow,
				    &ret_started->run, &differs, reterr);
		ret_started->created = false;
		if (rc == 0 && start.resume) {
			return resume_existing(daemon, &start, definition,
					       differs, actor, ret_started,
					       reterr);
		}
		if (rc == E_NOT_FOUND) {
			rc = check_arrivals(daemon, &start, definition, reterr);
		}
		if (rc != E_NOT_FOUND) {
			return rc;
		}
	}
	if (!definition) {
		return err_set(reterr, found, "%s", unknown.msg);
	}
	return create_run(daemon, &start, definition, actor, ret_started,
			  reterr);
}

int daemon_start_run(struct daemon *daemon, const struct daemon_start *start,
		     struct daemon_started *ret_started, struct err *reterr)
{
	return start_accept(daemon, start, SLICE("command line"), ret_started,
			    reterr);
}
