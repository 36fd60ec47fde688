/*
 * A run whose tasks are in a queue: one waits there, one is in somebody's
 * hands, one has become a dead letter.
 */
#ifndef TEST_STORE_QUEUED_H
#define TEST_STORE_QUEUED_H

#include "auditing.h"

enum { QUEUED_WAITING, QUEUED_LEASED, QUEUED_DEAD, QUEUED_TASKS };

/* Documents of their messages. */
#define QUEUED_STASH SLICE("\x81\xa1n\x05")
#define QUEUED_WITH  SLICE("\x81\xa1n\x06")

static inline void put_queue(const char *name)
{
	struct queue_record queue = {
		.name = slice_of(name),
		.plugin = SLICE("scanner"),
		.policy = SLICE("{\"attempts\": 2}"),
	};

	store_put_queue(store, &queue);
}

static inline struct message_record
queued_message(const struct id *run, uint32_t task, enum message_state state)
{
	struct message_record message = {
		.run = *run,
		.task = task,
		.queue = SLICE("ocr"),
		.plugin = SLICE("scanner"),
		.state = state,
		.place = 7 + task,
		.error = state == MESSAGE_DEAD ? SLICE("exit 3") : SLICE(""),
	};

	definition_hash(QUEUED_STASH, message.parts[MESSAGE_STASH]);
	definition_hash(QUEUED_WITH, message.parts[MESSAGE_WITH]);
	return message;
}

static inline void put_message(const struct id *run, uint32_t task,
			       enum message_state state)
{
	struct message_record message = queued_message(run, task, state);

	store_put_message(store, &message);
}

static inline void put_queued_task(const struct id *run, uint32_t number,
				   enum task_state state)
{
	struct task_record task = test_task(number);

	task.phase = PHASE_PARALLEL;
	task.state = state;
	task.queue = SLICE("ocr");
	store_put_task(store, run, &task);
}

static inline void put_parts(const struct id *run)
{
	unsigned char hash[DEFINITION_HASH_SIZE];

	definition_hash(QUEUED_STASH, hash);
	store_put_part(store, run, hash, QUEUED_STASH);
	definition_hash(QUEUED_WITH, hash);
	store_put_part(store, run, hash, QUEUED_WITH);
}

static inline void put_queued_phase(const struct id *run, uint32_t tasks,
				    uint32_t finished, enum group_state state)
{
	struct activity_record activity = {
		.state = state,
		.visit = 1,
		.phases[PHASE_PRE] = { .opened = true,
				       .mandatory_done = true,
				       .state = GROUP_SUCCEEDED },
		.phases[PHASE_PARALLEL] = { .opened = true,
					    .mandatory_done = true,
					    .expected = tasks,
					    .finished = finished,
					    .state = state },
	};

	store_put_activity(store, run, &activity);
}

static inline struct run_record put_queued_run(unsigned n)
{
	struct run_record run = sound_run(n, QUEUED_TASKS);

	run.state = GROUP_RUNNING;
	run.ended_us = 0;
	commit();
	store_put_run(store, &run, GROUP_SUCCEEDED);
	put_queued_phase(&run.id, QUEUED_TASKS, 1, GROUP_RUNNING);
	put_queued_task(&run.id, QUEUED_WAITING, TASK_QUEUED);
	put_queued_task(&run.id, QUEUED_LEASED, TASK_RUNNING);
	put_queued_task(&run.id, QUEUED_DEAD, TASK_FAILED);
	put_message(&run.id, QUEUED_WAITING, MESSAGE_WAITING);
	put_message(&run.id, QUEUED_LEASED, MESSAGE_LEASED);
	put_message(&run.id, QUEUED_DEAD, MESSAGE_DEAD);
	put_parts(&run.id);
	put_queue("ocr");
	commit();
	return run;
}

/* One task, which has failed; its message is a dead letter. */
static inline struct run_record put_dead_run(unsigned n)
{
	struct run_record run = sound_run(n, 1);

	run.state = GROUP_DEGRADED;
	commit();
	store_put_run(store, &run, GROUP_SUCCEEDED);
	put_queued_phase(&run.id, 1, 1, GROUP_DEGRADED);
	put_queued_task(&run.id, 0, TASK_FAILED);
	put_message(&run.id, 0, MESSAGE_DEAD);
	put_parts(&run.id);
	put_queue("ocr");
	commit();
	return run;
}

#endif
