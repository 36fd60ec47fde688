#include "daemon/persist.h"

#include "document/pack.h"

static void put_created(struct store *store, struct run *run)
{
	store_put_definition(store, run_definition(run));
	store_put_document(store, &run->record.id, DOCUMENT_ATTRIBUTES,
			   blob_slice(run->attributes));
	store_put_document(store, &run->record.id, DOCUMENT_INPUT,
			   blob_slice(run->input));
}

static void put_skips(struct store *store, const struct run *run)
{
	struct buf bytes = { 0 };

	pack_write(&bytes, &run->skips);
	store_put_document(store, &run->record.id, DOCUMENT_SKIPS,
			   buf_slice(&bytes));
	buf_fini(&bytes);
}

static void put_run(struct store *store, struct run *run)
{
	store_put_run(store, &run->record, run->stored_state);
	run->stored_state = (int)run->record.state;
	run->changed = false;
}

/* A small output goes with its task's record, which changes with it. */
static bool is_small(const struct blob *output)
{
	return output && output->len && output->len <= RECORD_OUTPUT_MAX;
}

static void put_task(struct store *store, const struct id *run,
		     struct task *task)
{
	struct task_record record = task->record;

	if (is_small(task->output)) {
		record.output = blob_slice(task->output);
	}
	store_put_task(store, run, &record);
	task->changed = false;
}

static void put_output(struct store *store, const struct id *run,
		       const struct task *task)
{
	if (!is_small(task->output)) {
		store_put_output(store, run, task->record.number,
				 blob_slice(task->output));
	}
}

static void put_change(struct store *store, const struct change *change)
{
	struct run *run = change->run;
	const struct id *id = &run->record.id;

	switch (change->kind) {
	case CHANGE_RUN:
		put_run(store, run);
		break;
	case CHANGE_ACTIVITY:
		store_put_activity(store, id,
				   &run->activities[change->index].record);
		run->activities[change->index].changed = false;
		break;
	case CHANGE_ACTIVITY_GONE:
		store_delete_activity(store, id, change->index);
		break;
	case CHANGE_TASK:
		put_task(store, id, run->tasks[change->index]);
		break;
	case CHANGE_OUTPUT:
		put_output(store, id, run->tasks[change->index]);
		break;
	case CHANGE_CREATED:
		put_created(store, run);
		break;
	case CHANGE_STASH:
		store_put_document(store, id, DOCUMENT_STASH,
				   blob_slice(run->stash));
		run->stash_changed = false;
		break;
	case CHANGE_SKIPS:
		put_skips(store, run);
		break;
	}
}

static void put_transitions(struct store *store, struct output *output)
{
	while (output->kept_transitions < output->transition_count) {
		size_t at = output->kept_transitions;
		uint64_t sequence = store_next_sequence(store);
		size_t put = store_put_transitions(
		    store, &output->transition_runs[at],
		    &output->transitions[at], output->transition_count - at);

		output->kept_transitions += put;
		for (; at < output->kept_transitions; at++) {
			output->transitions[at].sequence = sequence++;
		}
	}
}

void persist_output(struct store *store, struct output *output)
{
	while (output->kept_changes < output->change_count) {
		put_change(store, &output->changes[output->kept_changes++]);
	}
	put_transitions(store, output);
}

bool persist_goes_on(const struct change *change)
{
	return change->kind == CHANGE_RUN && change->run->stored_state >= 0 &&
	       group_state_final((enum group_state)change->run->stored_state);
}

void persist_early(struct store *store, struct output *output)
{
	while (output->kept_changes < output->change_count &&
	       !persist_goes_on(&output->changes[output->kept_changes])) {
		put_change(store, &output->changes[output->kept_changes++]);
	}
	put_transitions(store, output);
}
