#include "daemon/explain.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/near.h"
#include "document/pack.h"
#include "engine/engine.h"

/* ---- one candidate ---- */

static struct value describe_reason(const struct filter_explanation *why)
{
	struct value reason = value_map();

	value_set(&reason, "sentence", value_text(why->sentence));
	value_set(&reason, "clause", value_copy(&why->clause));
	value_set(&reason, "seen", value_copy(&why->seen));
	value_set(&reason, "seen_count", value_uint(why->seen_count));
	return reason;
}

static struct value describe_candidate(const struct engine_candidate *candidate)
{
	struct value one = value_map();

	value_set(&one, "task", value_text(candidate->task));
	value_set(&one, "plugin", value_text(candidate->plugin));
	value_set(&one, "bound", value_bool(candidate->bound));
	value_set(&one, "registered", value_bool(candidate->registered));
	value_set(&one, "mandatory", value_bool(candidate->mandatory));
	value_set(&one, "order", value_int(candidate->order));
	value_set(&one, "run_on", value_text(run_on_name(candidate->run_on)));
	value_set(&one, "takes_part", value_bool(candidate->takes_part));
	value_set(&one, "recorded", value_null());
	value_set(&one, "differs", value_bool(false));
	value_set(&one, "reason",
		  candidate->takes_part ? value_null()
					: describe_reason(&candidate->why));
	return one;
}

/* ---- what a run has recorded ---- */

/* The tasks that a phase has. A binding and a plugin that subscribes itself may
 * be called the same, and a plugin may subscribe more than once. */
struct recorded {
	struct value first; /* key to number; -1: none is left */
	int64_t *next;      /* by number: another of that key, or -1 */
};

static struct buf task_key(bool bound, struct slice name)
{
	struct buf key = { 0 };

	buf_put_text(&key, bound ? "bound/" : "/");
	buf_put_slice(&key, name);
	return key;
}

static void record_task(struct recorded *recorded,
			const struct task_record *task, int64_t number)
{
	struct buf key = task_key(task->binding != NO_BINDING, task->name);
	const struct value *first =
	    value_get_slice(&recorded->first, buf_slice(&key));

	recorded->next[number] = first ? first->as.integer : -1;
	value_set_slice(&recorded->first, buf_slice(&key), value_int(number));
	buf_fini(&key);
}

static struct recorded recorded_tasks(const struct run_view *run,
				      size_t activity, enum phase_kind phase)
{
	struct recorded recorded = {
		.first = value_map(),
		.next = alloc_zeroed(run->task_count, sizeof(int64_t)),
	};

	for (size_t i = run->task_count; i-- > 0;) {
		const struct task_record *task = &run->tasks[i];

		if (task->activity == activity && task->phase == phase &&
		    !task->superseded) {
			record_task(&recorded, task, (int64_t)i);
		}
	}
	return recorded;
}

/* Is there one that stands for no other candidate? */
static bool take_recorded(struct recorded *recorded, bool bound,
			  struct slice name)
{
	struct buf key = task_key(bound, name);
	struct value *first =
	    value_get_mutable(&recorded->first, buf_slice(&key));
	bool found = first && first->as.integer >= 0;

	if (found) {
		*first = value_int(recorded->next[first->as.integer]);
	}
	buf_fini(&key);
	return found;
}

/* A task whose plugin is no candidate any more. */
static struct value describe_former(const struct task_record *task)
{
	struct value one = value_map();
	struct value reason = value_map();

	value_set(&reason, "sentence",
		  value_text("its plugin subscribes no more"));
	value_set(&reason, "clause", value_null());
	value_set(&reason, "seen", value_array());
	value_set(&reason, "seen_count", value_int(0));
	value_set(&one, "task", value_string(task->name));
	value_set(&one, "plugin", value_string(task->plugin));
	value_set(&one, "bound", value_bool(task->binding != NO_BINDING));
	value_set(&one, "registered", value_null());
	value_set(&one, "mandatory", value_bool(task->mandatory));
	value_set(&one, "order", value_null());
	value_set(&one, "run_on", value_null());
	value_set(&one, "takes_part", value_bool(false));
	value_set(&one, "recorded", value_bool(true));
	value_set(&one, "differs", value_bool(true));
	value_set(&one, "reason", reason);
	return one;
}

/* After a failure others are called than else. */
static bool left_out(enum run_on run_on, bool curtailed)
{
	return run_on == RUN_ON_FAILURE ? !curtailed
					: run_on == RUN_ON_SUCCESS && curtailed;
}

static void put_recorded(struct value *one,
			 const struct engine_candidate *candidate,
			 struct recorded *tasks, bool curtailed)
{
	bool recorded =
	    take_recorded(tasks, candidate->bound, slice_of(candidate->task));
	bool expected =
	    candidate->takes_part && !left_out(candidate->run_on, curtailed);

	value_set(one, "recorded", value_bool(recorded));
	value_set(one, "differs",
		  value_bool(recorded ? !candidate->takes_part : expected));
}

struct phase_answer {
	struct value list;
	size_t filtered; /* of the list */
	int64_t omitted;
};

static void add(struct phase_answer *answer, struct value one)
{
	bool filtered = !value_get_bool(&one, "takes_part", true) &&
			!value_get_bool(&one, "differs", false);

	if (filtered && answer->filtered == LIMIT_EXPLAINED) {
		answer->omitted++;
		value_clear(&one);
		return;
	}
	answer->filtered += filtered;
	value_push(&answer->list, one);
}

static struct phase_answer
describe_phase(const struct engine_candidate *candidates, size_t len,
	       const struct run_view *run, size_t activity,
	       enum phase_kind phase)
{
	struct phase_answer answer = { .list = value_array() };
	const struct phase_record *record =
	    run ? &run->activities[activity].phases[phase] : NULL;
	bool opened = record && record->opened;
	struct recorded tasks = { .first = value_map() };

	if (opened) {
		tasks = recorded_tasks(run, activity, phase);
	}

	for (size_t i = 0; i < len; i++) {
		struct value one = describe_candidate(&candidates[i]);

		if (opened) {
			put_recorded(&one, &candidates[i], &tasks,
				     record->curtailed);
		}
		add(&answer, one);
	}
	for (size_t i = value_len(&tasks.first); i-- > 0;) {
		int64_t number =
		    value_entry_at(&tasks.first, i)->value.as.integer;

		for (; number >= 0; number = tasks.next[number]) {
			add(&answer, describe_former(&run->tasks[number]));
		}
	}
	value_clear(&tasks.first);
	free(tasks.next);
	return answer;
}

/* ---- the whole ---- */

struct asked {
	struct engine *engine;
	const struct explain_question *question;
	struct slice packed; /* its attributes */
};

static int put_phase(const struct asked *asked, uint32_t activity,
		     enum phase_kind phase, struct value *one,
		     struct err *reterr)
{
	const struct explain_question *question = asked->question;
	struct engine_candidate *candidates;
	size_t len;
	struct engine_question of_phase = {
		.definition = question->definition,
		.activity = activity,
		.phase = phase,
		.attributes = question->attributes,
		.packed = asked->packed,
		.run = question->run ? &question->run->run.id : NULL,
	};
	int rc =
	    engine_explain(asked->engine, &of_phase, &candidates, &len, reterr);

	if (rc < 0) {
		return rc;
	}
	struct phase_answer answer =
	    describe_phase(candidates, len, question->run, activity, phase);

	value_set(one, phase_kind_name(phase), answer.list);
	value_set(value_get_mutable(one, SLICE("omitted")),
		  phase_kind_name(phase), value_int(answer.omitted));
	engine_candidates_free(candidates, len);
	return 0;
}

static struct value opened_phases(const struct run_view *run, size_t activity)
{
	struct value list = value_array();

	for (int p = 0; run && p < PHASE_KINDS; p++) {
		if (run->activities[activity].phases[p].opened) {
			value_push(&list, value_text(phase_kind_name(
					      (enum phase_kind)p)));
		}
	}
	return list;
}

static struct value phase_states(const struct run_view *run, size_t activity)
{
	struct value states = value_map();

	for (int p = 0; run && p < PHASE_KINDS; p++) {
		const struct phase_record *phase =
		    &run->activities[activity].phases[p];

		value_set(&states, phase_kind_name((enum phase_kind)p),
			  value_text(group_state_name(phase->state)));
	}
	if (!run) {
		value_clear(&states);
	}
	return states;
}

static int put_activity(const struct asked *asked, uint32_t activity,
			struct value *activities, struct err *reterr)
{
	const struct explain_question *question = asked->question;
	const struct run_view *run = question->run;
	struct value one = value_map();
	int rc = 0;

	value_set(&one, "name",
		  value_text(question->definition->activities[activity].name));
	value_set(
	    &one, "state",
	    run ? value_text(group_state_name(run->activities[activity].state))
		: value_null());
	value_set(&one, "phase_states", phase_states(run, activity));
	value_set(&one, "opened", opened_phases(run, activity));
	value_set(&one, "omitted", value_map());
	for (int p = 0; rc == 0 && p < PHASE_KINDS; p++) {
		rc = put_phase(asked, activity, (enum phase_kind)p, &one,
			       reterr);
	}
	value_push(activities, one);
	return rc;
}

static int check_activity(const struct definition *definition,
			  struct slice activity, struct err *reterr)
{
	struct near near = { 0 };

	for (size_t i = 0; i < definition->len; i++) {
		if (slice_is(activity, definition->activities[i].name)) {
			return 0;
		}
		near_try(&near, activity, definition->activities[i].name);
	}
	return err_set(reterr, E_NOT_FOUND,
		       "workflow '%s' has no activity '%.*s'%s%s%s",
		       definition->workflow, SLICE_ARG(activity),
		       near.best ? "; did you mean '" : "",
		       near.best ? near.best : "", near.best ? "'?" : "");
}

static struct value describe_definition(const struct explain_question *question)
{
	const struct run_view *run = question->run;
	struct value answer = value_map();
	char version[DEFINITION_VERSION_SIZE];
	char id[ID_TEXT_SIZE];

	definition_version(question->definition->hash, version);
	value_set(&answer, "workflow",
		  value_text(question->definition->workflow));
	value_set(&answer, "version", value_text(version));
	if (run) {
		id_format(&run->run.id, id);
	}
	value_set(&answer, "run", run ? value_text(id) : value_null());
	value_set(&answer, "uid",
		  run ? value_string(run->run.uid) : value_null());
	value_set(&answer, "state",
		  run ? value_text(group_state_name(run->run.state))
		      : value_null());
	value_set(&answer, "attributes",
		  question->attributes->type == VALUE_MAP
		      ? value_copy(question->attributes)
		      : value_map());
	return answer;
}

int explain_put(struct engine *engine, const struct explain_question *question,
		struct value *ret_answer, struct err *reterr)
{
	const struct definition *definition = question->definition;
	bool all = question->activity.len == 0;
	struct value activities = value_array();
	struct buf packed = { 0 };

	pack_write(&packed, question->attributes);
	struct asked asked = { engine, question, buf_slice(&packed) };
	int rc =
	    all ? 0 : check_activity(definition, question->activity, reterr);

	for (uint32_t i = 0; rc == 0 && i < definition->len; i++) {
		if (all || slice_is(question->activity,
				    definition->activities[i].name)) {
			rc = put_activity(&asked, i, &activities, reterr);
		}
	}
	buf_fini(&packed);
	if (rc < 0) {
		value_clear(&activities);
		return rc;
	}
	*ret_answer = describe_definition(question);
	value_set(ret_answer, "activities", activities);
	return 0;
}
