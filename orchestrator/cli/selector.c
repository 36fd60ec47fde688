#include "cli/selector.h"

#include "base/buf.h"
#include "base/near.h"

#define SHOWN 6 /* candidates named in a message */

static int no_run(struct slice text, struct err *reterr)
{
	return err_set(reterr, E_NOT_FOUND,
		       "there is no run '%.*s'; 'tutti ls' lists them",
		       SLICE_ARG(text));
}

static int ambiguous(struct slice text, const struct id *ids, size_t len,
		     struct err *reterr)
{
	struct buf list = { 0 };
	size_t shown = len < SHOWN ? len : SHOWN;

	for (size_t i = 0; i < shown; i++) {
		char id[ID_TEXT_SIZE];

		id_format(&ids[i], id);
		buf_printf(&list, "%s%s", i ? ", " : "", id);
	}
	if (len > shown) {
		buf_put_text(&list, ", ...");
	}
	int rc =
	    err_set(reterr, E_INVALID, "'%.*s' is ambiguous, give the id: %.*s",
		    SLICE_ARG(text), SLICE_ARG(buf_slice(&list)));

	buf_fini(&list);
	return rc;
}

/* The runs of a query: 0 with the one there is, or E_NOT_FOUND. */
static int one_of(struct view *view, const struct view_query *query,
		  struct slice text, struct id *ret_run, struct err *reterr)
{
	struct run_list list;
	struct id ids[SHOWN + 1];
	int rc = view_list(view, query, &list, reterr);

	if (rc) {
		return rc;
	}
	for (size_t i = 0; i < list.len && i <= SHOWN; i++) {
		ids[i] = list.runs[i].id;
	}
	if (list.len == 1) {
		*ret_run = ids[0];
	} else if (list.len == 0) {
		rc = no_run(text, reterr);
	} else {
		rc = ambiguous(text, ids, list.len, reterr);
	}
	run_list_fini(&list);
	return rc;
}

static int find_word(struct view *view, struct slice tenant, struct slice text,
		     struct id *ret_run, struct err *reterr)
{
	struct view_query query = {
		.tenant = tenant,
		.limit = 1,
	};

	if (slice_is(text, "@failed")) {
		query.states = 1u << GROUP_FAILED;
	} else if (!slice_is(text, "@latest")) {
		struct near near = { 0 };

		near_try(&near, text, "@latest");
		near_try(&near, text, "@failed");
		return err_set(reterr, E_INVALID,
			       "'%.*s' selects nothing; did you mean '%s'?",
			       SLICE_ARG(text),
			       near.best ? near.best : "@latest");
	}
	return one_of(view, &query, text, ret_run, reterr);
}

static bool exists(struct view *view, const struct id *id)
{
	char text[ID_TEXT_SIZE];
	struct id found;

	id_format(id, text);
	return view_find(view, slice_of(text), &found, 1, NULL) == 1;
}

int selector_find(struct view *view, struct slice tenant, struct slice text,
		  struct id *ret_run, struct err *reterr)
{
	struct id ids[SHOWN + 1];

	if (text.len > 0 && text.ptr[0] == '@') {
		return find_word(view, tenant, text, ret_run, reterr);
	}
	if (!id_parse(text, &ids[0]) && exists(view, &ids[0])) {
		*ret_run = ids[0];
		return 0;
	}
	struct view_query query = {
		.tenant = tenant,
		.uid = text,
		.limit = SHOWN + 1,
	};
	int rc = text.len == 0 ? no_run(text, reterr)
			       : one_of(view, &query, text, ret_run, reterr);

	if (rc != E_NOT_FOUND || text.len == 0) {
		return rc;
	}
	int found = view_find(view, text, ids, SHOWN + 1, reterr);

	if (found == 1) {
		*ret_run = ids[0];
		return 0;
	}
	return found > 1 ? ambiguous(text, ids, (size_t)found, reterr)
	       : found   ? found
			 : no_run(text, reterr);
}
