/*
 * Who would take part in a workflow's phases for given attributes, and for
 * each of the others the clause of its filter that failed. The engine decides,
 * as for a run; nothing is changed and no plugin's code is called.
 */
#ifndef DAEMON_EXPLAIN_H
#define DAEMON_EXPLAIN_H

#include "daemon/daemon.h"

struct engine;

struct explain_question {
	struct definition *definition;
	struct slice activity; /* only this one; empty: all */
	const struct value *attributes;
	const struct run_view *run; /* whose phases these are; NULL: nobody's */
};

/*
 * {"workflow", "version", "run", "uid", "state", "attributes", "activities":
 * [{"name", "state", "phase_states": {"pre": "failed"...}, "opened":
 * ["pre"...], "omitted": {"pre": 0...}, "pre": [candidate...], "parallel":
 * [...], "post": [...]}]} with candidate = {"task", "plugin", "bound",
 * "registered", "mandatory", "order", "run_on", "takes_part", "recorded",
 * "differs", "reason"}; states are null where there is no run; see
 * docs/schemas/explain.schema.json. E_NOT_FOUND: no such activity.
 */
int explain_put(struct engine *engine, const struct explain_question *question,
		struct value *ret_answer, struct err *reterr);

/*
 * Without a daemon: an engine that knows plugins and runs nothing. One thread.
 */
struct explainer;

/*
 * By a config: its modules are loaded as daemon_check() does. Programs are
 * known as far as `view` (NULL: no store) has their registrations. Mistakes in
 * the config are appended to `diagnostics`.
 */
int explainer_of_config(const struct daemon_options *options, struct view *view,
			struct explainer **ret_explainer,
			struct buf *diagnostics, struct err *reterr);

/* By the registrations in the store. */
int explainer_of_records(struct view *view, struct explainer **ret_explainer,
			 struct err *reterr);

/* Entries of the config whose plugins are not known: array of names. */
const struct value *explainer_unknown(const struct explainer *explainer);

/* As explain_put(). */
int explainer_ask(struct explainer *explainer,
		  const struct explain_question *question,
		  struct value *ret_answer, struct err *reterr);

void explainer_destroy(struct explainer *explainer); /* NULL is fine */

#endif
