/*
 * Rounds: batches of a form that shows whether all of them is there. Round n
 * puts TASKS tasks with attempt n, as many transitions, an output and the run,
 * whose state alternates.
 */
#ifndef TEST_STORE_ROUNDS_H
#define TEST_STORE_ROUNDS_H

#include "support.h"

#define ROUND_TASKS 20

static inline enum group_state round_state(uint32_t round)
{
	return round % 2 ? GROUP_RUNNING : GROUP_WAITING;
}

static inline void round_put(struct store *store, uint32_t round)
{
	struct run_record run = test_run(1);
	struct definition *definition = test_definition(1);
	struct transition_record transition = test_transition();
	char text[6000] = { 0 };

	memcpy(run.version, definition->hash, DEFINITION_HASH_SIZE);
	run.state = round_state(round);
	run.task_count = ROUND_TASKS;
	store_put_run(store, &run,
		      round == 1 ? -1 : (int)round_state(round - 1));
	store_put_definition(store, definition);
	for (uint32_t i = 0; i < ROUND_TASKS; i++) {
		struct task_record task = test_task(i);

		task.attempt = round;
		transition.attempt = round;
		store_put_task(store, &run.id, &task);
		store_put_transition(store, &run.id, &transition);
	}
	struct value bytes =
	    value_bytes((struct slice){ text, 1 + round * 37 % sizeof(text) });
	struct buf output = { 0 };

	pack_write(&output, &bytes);
	store_put_output(store, &run.id, round % ROUND_TASKS,
			 buf_slice(&output));
	buf_fini(&output);
	value_clear(&bytes);
	definition_unref(definition);
}

/* All that one snapshot of the run shows is of one round; which one, or 0
 * when there is none, or -1 when it is a mixture. */
static inline int64_t round_of_run(struct view *view)
{
	struct id id = test_id(1);
	struct run_view *run;
	int rc = view_run(view, &id, &run, &test_err);

	if (rc) {
		return rc == E_NOT_FOUND ? 0 : -1;
	}
	int64_t round = run->task_count == ROUND_TASKS
			    ? (int64_t)run->tasks[0].attempt
			    : -1;

	for (size_t i = 0; i < run->task_count; i++) {
		if (run->tasks[i].attempt != round) {
			round = -1;
		}
	}
	if (round > 0 && run->run.state != round_state((uint32_t)round)) {
		round = -1;
	}
	run_view_destroy(run);
	return round;
}

/* The same for the history: whole rounds, numbered without a gap. */
static inline int64_t round_of_history(struct view *view)
{
	struct id id = test_id(1);
	struct history_list list;

	if (view_history(view, &id, &list, &test_err)) {
		return -1;
	}
	int64_t round = (int64_t)list.len / ROUND_TASKS;

	for (size_t i = 0; i < list.len; i++) {
		if (list.transitions[i].sequence != i + 1 ||
		    list.transitions[i].attempt != i / ROUND_TASKS + 1) {
			round = -1;
		}
	}
	if (list.len % ROUND_TASKS) {
		round = -1;
	}
	history_list_fini(&list);
	return round;
}

/* And for the index by state. */
static inline bool round_is_listed(struct view *view, uint32_t round)
{
	bool right = true;

	for (unsigned state = 0; state < GROUP_STATES; state++) {
		struct view_query query = { .states = 1u << state };
		struct run_list list;

		if (view_list(view, &query, &list, &test_err)) {
			return false;
		}
		size_t want = round && state == round_state(round) ? 1 : 0;

		right = right && list.len == want;
		run_list_fini(&list);
	}
	return right;
}

#endif
