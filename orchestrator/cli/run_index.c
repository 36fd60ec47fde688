#include "cli/run_index.h"

#include <stdlib.h>

#include "base/alloc.h"

static size_t slot_of(const struct task_record *task)
{
	return (size_t)task->activity * PHASE_KINDS + task->phase;
}

/* What was taken back belongs to no phase any more. */
static bool is_listed(const struct task_record *task, size_t slots)
{
	return slot_of(task) < slots && !task->superseded;
}

static void place_task(struct run_index *index, const struct task_record *task)
{
	size_t slot = slot_of(task);

	index->tasks[index->starts[slot + 1]++] = task;
	if (!index->first_open[slot] && !task_state_final(task->state)) {
		index->first_open[slot] = task;
	}
}

/* A counting sort: runs may have a hundred thousand tasks. */
void run_index_init(struct run_index *index, const struct run_view *run)
{
	size_t slots = run->activity_count * PHASE_KINDS;
	size_t *starts = alloc_zeroed(slots + 2, sizeof(*starts));

	/* Two further than the slot, so that filling leaves it one further. */
	for (size_t i = 0; i < run->task_count; i++) {
		if (is_listed(&run->tasks[i], slots)) {
			starts[slot_of(&run->tasks[i]) + 2]++;
		}
	}
	for (size_t i = 2; i < slots + 2; i++) {
		starts[i] += starts[i - 1];
	}
	*index = (struct run_index){
		.tasks = alloc_zeroed(run->task_count + 1,
				      sizeof(struct task_record *)),
		.starts = starts,
		.first_open =
		    alloc_zeroed(slots + 1, sizeof(struct task_record *)),
		.activities = run->activity_count,
	};
	for (size_t i = 0; i < run->task_count; i++) {
		if (is_listed(&run->tasks[i], slots)) {
			place_task(index, &run->tasks[i]);
		}
	}
}

void run_index_fini(struct run_index *index)
{
	free(index->tasks);
	free(index->starts);
	free(index->first_open);
	*index = (struct run_index){ 0 };
}

static struct task_list between(const struct run_index *index, size_t first,
				size_t last)
{
	return (struct task_list){
		.tasks = index->tasks + index->starts[first],
		.len = index->starts[last] - index->starts[first],
	};
}

struct task_list run_index_phase(const struct run_index *index, size_t activity,
				 enum phase_kind phase)
{
	size_t slot = activity * PHASE_KINDS + phase;

	if (activity >= index->activities) {
		return (struct task_list){ 0 };
	}
	return between(index, slot, slot + 1);
}

const struct task_record *run_index_first_open(const struct run_index *index,
					       size_t activity,
					       enum phase_kind phase)
{
	return activity < index->activities
		   ? index->first_open[activity * PHASE_KINDS + phase]
		   : NULL;
}

struct task_list run_index_activity(const struct run_index *index,
				    size_t activity)
{
	size_t slot = activity * PHASE_KINDS;

	if (activity >= index->activities) {
		return (struct task_list){ 0 };
	}
	return between(index, slot, slot + PHASE_KINDS);
}

const struct binding *run_task_binding(const struct run_view *run,
				       const struct task_record *task)
{
	const struct definition *definition = run->definition;

	if (!definition || task->activity >= definition->len) {
		return NULL;
	}
	const struct phase_definition *phase =
	    &definition->activities[task->activity].phases[task->phase];

	return task->binding < phase->len ? &phase->bindings[task->binding]
					  : NULL;
}

const char *run_activity_name(const struct run_view *run, size_t activity)
{
	if (!run->definition || activity >= run->definition->len) {
		return "?";
	}
	return run->definition->activities[activity].name;
}
