/*
 * A simple model of who takes part: every change of what plugins subscribe to
 * makes a scene, a copy of all of it. A run keeps the scene that was there when
 * it opened its first phase, or when it last stopped waiting for plugins.
 * Nothing is indexed and nothing is shared, so little can be wrong.
 */
#ifndef TESTS_ENGINE_SCENES_H
#define TESTS_ENGINE_SCENES_H

#include "world.h"

#define SCENE_PLUGINS    5
#define SCENE_ACTIVITIES 3
#define SCENE_DOORS      6 /* subscriptions of one plugin */

/* Attributes are {"k": -1..2, "l": -1..1}, where -1 is left out. */
struct scene_attributes {
	int k;
	int l;
};

/* A filter, and what it means. */
struct scene_filter {
	const char *text;
	bool (*matches)(struct scene_attributes given);
};

static inline bool scene_k1(struct scene_attributes given)
{
	return given.k == 1;
}

static inline bool scene_k12(struct scene_attributes given)
{
	return given.k == 1 || given.k == 2;
}

static inline bool scene_not_k1(struct scene_attributes given)
{
	return given.k >= 0 && given.k != 1;
}

static inline bool scene_no_l(struct scene_attributes given)
{
	return given.l < 0;
}

static inline bool scene_both(struct scene_attributes given)
{
	return given.k >= 1 && given.l == 0;
}

static inline bool scene_either(struct scene_attributes given)
{
	return given.k == 0 || given.l == 1;
}

static inline bool scene_all(struct scene_attributes given)
{
	(void)given;
	return true;
}

/* The first is no filter. */
static const struct scene_filter scene_filters[] = {
	{ "null", scene_all },
	{ "{}", scene_all },
	{ "{\"k\": [1]}", scene_k1 },
	{ "{\"k\": [2, 1]}", scene_k12 },
	{ "{\"k\": [{\"anything-but\": [1]}]}", scene_not_k1 },
	{ "{\"l\": [{\"exists\": false}]}", scene_no_l },
	{ "{\"k\": [{\"numeric\": [\">=\", 1]}], \"l\": [0]}", scene_both },
	{ "{\"$or\": [{\"k\": [0]}, {\"l\": [1]}]}", scene_either },
};

#define SCENE_FILTERS (sizeof(scene_filters) / sizeof(*scene_filters))

struct scene_door {
	uint32_t activity; /* "A0", "A1"... */
	enum phase_kind phase;
	int order;
	bool optional;
	uint32_t filter; /* among scene_filters */
};

struct scene_plugin {
	struct scene_door doors[SCENE_DOORS];
	size_t len;
};

struct scene {
	struct scene_plugin plugins[SCENE_PLUGINS];
};

struct scenes {
	struct scene *list; /* the last is the one of now */
	size_t len;
	size_t cap;
	bool registered[SCENE_PLUGINS];
};

static inline void scenes_fini(struct scenes *scenes)
{
	free(scenes->list);
}

static inline size_t scenes_now(const struct scenes *scenes)
{
	return scenes->len - 1;
}

/* `with` NULL: it is removed. */
static inline void scenes_change(struct scenes *scenes, uint32_t plugin,
				 const struct scene_plugin *with)
{
	struct scene next = { 0 };

	if (scenes->len) {
		next = scenes->list[scenes_now(scenes)];
	}
	next.plugins[plugin] = with ? *with : (struct scene_plugin){ 0 };
	scenes->registered[plugin] = with != NULL;
	alloc_grow(scenes->list, scenes->len, scenes->cap);
	scenes->list[scenes->len++] = next;
}

/* What must come out. */
struct scene_member {
	int order;
	uint32_t rank;
	char name[16];
	bool mandatory;
};

struct scene_phase {
	struct scene_member members[64];
	size_t len;
	uint32_t filtered;
};

struct scene_question {
	const struct scenes *scenes;
	size_t scene;
	const struct activity_definition *definition;
	uint32_t activity;
	enum phase_kind phase;
	struct scene_attributes attributes;
	bool well;   /* nothing has failed, nobody has cancelled */
	bool failed; /* something has */
};

static inline bool scene_runs(const struct scene_question *question,
			      enum run_on run_on)
{
	return run_on == RUN_ON_ALWAYS ||
	       (run_on == RUN_ON_FAILURE ? question->failed : question->well);
}

static inline const struct scene_plugin *
scene_plugin(const struct scene_question *question, uint32_t plugin)
{
	return &question->scenes->list[question->scene].plugins[plugin];
}

static inline bool scene_fits(const struct scene_question *question,
			      const struct scene_door *door)
{
	return door->activity == question->activity &&
	       door->phase == question->phase;
}

static inline void scene_decide(const struct scene_question *question,
				bool matches, const struct scene_member *member,
				struct scene_phase *phase)
{
	if (!matches) {
		phase->filtered++;
		return;
	}
	assert_true(phase->len < 64);
	phase->members[phase->len] = *member;
	phase->members[phase->len++].mandatory |=
	    question->definition->fail_on_optional_failure;
}

static inline bool scene_matches(const struct value *filter,
				 struct scene_attributes attributes)
{
	for (size_t i = 0; i < SCENE_FILTERS; i++) {
		struct value known = json(scene_filters[i].text);
		bool same = value_equal(&known, filter);

		value_clear(&known);
		if (same) {
			return scene_filters[i].matches(attributes);
		}
	}
	fail_msg("a filter that nobody wrote");
	return false;
}

static inline void scene_bind(const struct scene_question *question,
			      const struct binding *binding, uint32_t place,
			      struct scene_phase *phase)
{
	const struct scene_plugin *plugin =
	    scene_plugin(question, (uint32_t)(binding->plugin[1] - '0'));
	const struct scene_door *own = NULL;
	bool matches = scene_matches(&binding->filter, question->attributes);
	struct scene_member member = {
		.order = binding->order,
	};

	if (!scene_runs(question, binding->run_on)) {
		return;
	}
	for (size_t i = plugin->len; i-- > 0;) {
		if (scene_fits(question, &plugin->doors[i])) {
			own = &plugin->doors[i];
		}
	}
	if (binding->filter.type == VALUE_NULL && own) {
		matches =
		    scene_filters[own->filter].matches(question->attributes);
	}
	if (member.order == 0 && own) {
		member.order = own->order;
	}
	if (member.order == 0) {
		member.order = 90;
		member.rank = place + 1;
	}
	member.mandatory = binding->mandatory == CHOICE_UNSET
			       ? !own || !own->optional
			       : binding->mandatory == CHOICE_YES;
	(void)snprintf(member.name, sizeof(member.name), "%s", binding->name);
	scene_decide(question, matches, &member, phase);
}

static inline bool scene_binds(const struct phase_definition *phase,
			       uint32_t plugin)
{
	for (size_t i = 0; i < phase->len; i++) {
		if (phase->bindings[i].plugin[1] == (char)('0' + plugin)) {
			return true;
		}
	}
	return false;
}

static inline void scene_subscribe(const struct scene_question *question,
				   uint32_t number, struct scene_phase *phase)
{
	const struct scene_plugin *plugin = scene_plugin(question, number);

	for (size_t i = 0; i < plugin->len; i++) {
		const struct scene_door *door = &plugin->doors[i];
		struct scene_member member = {
			.order = door->order ? door->order : 90,
			.mandatory = !door->optional,
		};

		if (scene_fits(question, door)) {
			(void)snprintf(member.name, sizeof(member.name), "p%u",
				       number);
			scene_decide(question,
				     scene_filters[door->filter].matches(
					 question->attributes),
				     &member, phase);
		}
	}
}

static inline int scene_compare(const void *a, const void *b)
{
	const struct scene_member *x = a;
	const struct scene_member *y = b;

	if (x->order != y->order) {
		return x->order - y->order;
	}
	if (x->rank != y->rank) {
		return x->rank < y->rank ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

static inline struct scene_phase
scene_ask(const struct scene_question *question)
{
	const struct phase_definition *bound =
	    &question->definition->phases[question->phase];
	struct scene_phase phase = { 0 };

	for (size_t i = 0; i < bound->len; i++) {
		scene_bind(question, &bound->bindings[i], (uint32_t)i, &phase);
	}
	for (uint32_t i = 0; question->well && i < SCENE_PLUGINS; i++) {
		if (question->scenes->registered[i] && !scene_binds(bound, i)) {
			scene_subscribe(question, i, &phase);
		}
	}
	qsort(phase.members, phase.len, sizeof(*phase.members), scene_compare);
	return phase;
}

static inline void scene_put(struct buf *out, struct slice name, bool mandatory)
{
	buf_printf(out, " %.*s%s", SLICE_ARG(name),
		   mandatory ? "" : ":optional");
}

/* Of several tasks of one name any may be the mandatory one. */
static inline void scene_assert(const struct scene_phase *expected,
				const struct phase_record *record,
				const struct phase *phase)
{
	struct buf wanted = { 0 };
	struct buf found = { 0 };
	int mandatory = 0;
	bool same = expected->len == record->expected &&
		    expected->filtered == record->filtered;

	for (size_t i = 0; i < expected->len; i++) {
		const struct scene_member *member = &expected->members[i];

		scene_put(&wanted, slice_of(member->name), member->mandatory);
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		const struct task_record *task = &phase->tasks[i].record;

		scene_put(&found, task->name, task->mandatory);
	}
	for (size_t i = 0; same && i < expected->len; i++) {
		const struct scene_member *member = &expected->members[i];
		const struct task_record *task = &phase->tasks[i].record;

		mandatory += (int)member->mandatory - (int)task->mandatory;
		same =
		    slice_is(task->name, member->name) &&
		    (mandatory == 0 || (i + 1 < expected->len &&
					slice_is(task->name, member[1].name)));
	}
	if (!same) {
		fail_msg("expected%.*s (%u), found%.*s (%u)",
			 SLICE_ARG(buf_slice(&wanted)), expected->filtered,
			 SLICE_ARG(buf_slice(&found)), record->filtered);
	}
	buf_fini(&wanted);
	buf_fini(&found);
}

/* ---- a run that is watched ---- */

/* What the model knows of a run. */
struct witness {
	struct scene_attributes attributes;
	int scene; /* that it keeps; -1: the one of now */
	bool waits;
	bool opened[SCENE_ACTIVITIES][PHASE_KINDS];
};

static inline void witness_check(const struct witness *witness,
				 const struct scenes *scenes,
				 const struct run *run, uint32_t a,
				 enum phase_kind p)
{
	const struct activity *activity = &run->activities[a];
	const struct phase_record *record = &activity->record.phases[p];
	bool failed = false;

	for (int before = 0; before < (int)p; before++) {
		failed |= activity->record.phases[before].state == GROUP_FAILED;
	}
	struct scene_question question = {
		.scenes = scenes,
		.scene = (size_t)witness->scene,
		.definition = run_activity_definition(run, a),
		.activity = a,
		.phase = p,
		.attributes = witness->attributes,
		.well = !record->curtailed,
		.failed = record->curtailed && failed,
	};
	struct scene_phase expected = scene_ask(&question);

	scene_assert(&expected, record, &activity->phases[p]);
}

/* Between two phases, and the next one is not opened. */
static inline bool scene_waits(const struct run *run)
{
	const struct activity_record *activity =
	    &run->activities[run->current].record;

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *phase = &activity->phases[p];

		if (phase->opened && phase->finished < phase->expected) {
			return false;
		}
	}
	return run->record.state == GROUP_WAITING;
}

/* All that opened in one step opened with the same set. */
static inline void witness_look(struct witness *witness,
				const struct scenes *scenes,
				const struct run *run)
{
	bool anew = witness->scene < 0 ||
		    (witness->waits && !run->record.cancel_requested);

	for (uint32_t a = 0; a < run->record.activity_count; a++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			if (witness->opened[a][p] ||
			    !run->activities[a].record.phases[p].opened) {
				continue;
			}
			if (anew) {
				witness->scene = (int)scenes_now(scenes);
				anew = false;
			}
			witness->opened[a][p] = true;
			witness_check(witness, scenes, run, a,
				      (enum phase_kind)p);
		}
	}
	witness->waits = scene_waits(run);
}

#endif
