#include "stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim.h"
#include "store/codec.h"

/* One after the other: the memory is used again. */
static struct stored kept;
static uint32_t activity_cap;
static uint32_t task_cap;

static void make_room(void)
{
	if (kept.run.activity_count > activity_cap) {
		activity_cap = kept.run.activity_count;
		kept.activities = alloc_resize(kept.activities, activity_cap,
					       sizeof(*kept.activities));
	}
	if (kept.run.task_count > task_cap) {
		task_cap = kept.run.task_count + 32;
		kept.tasks =
		    alloc_resize(kept.tasks, task_cap, sizeof(*kept.tasks));
	}
}

static void read_activities(struct sim *sim, const struct sim_run *run)
{
	for (uint32_t i = 0; i < kept.run.activity_count; i++) {
		sim_check(
		    sim,
		    activity_decode(disk_row(&run->image, TREE_ACTIVITY, i), i,
				    &kept.activities[i]) == 0,
		    "records can be read", "r%u: activity %u", run->number, i);
	}
}

static void read_tasks(struct sim *sim, const struct sim_run *run)
{
	kept.task_count = kept.run.task_count;
	for (uint32_t i = 0; i < kept.task_count; i++) {
		sim_check(sim,
			  task_decode(disk_row(&run->image, TREE_TASK, i), i,
				      &kept.tasks[i]) == 0,
			  "records can be read", "r%u/%u of %u", run->number, i,
			  kept.task_count);
	}
	sim_check(sim,
		  disk_row(&run->image, TREE_TASK, kept.task_count).len == 0,
		  "a run says how many tasks it has", "r%u: more than %u",
		  run->number, kept.task_count);
}

const struct stored *stored_read(struct sim *sim, const struct sim_run *run)
{
	struct slice bytes = { run->image.run.data, run->image.run.len };

	sim_check(sim, run_decode(bytes, &run->id, &kept.run) == 0,
		  "records can be read", "r%u", run->number);
	kept.definition = disk_definition(sim, kept.run.version);
	sim_check(sim, kept.definition->len == kept.run.activity_count,
		  "a run keeps its definition", "r%u", run->number);
	make_room();
	read_activities(sim, run);
	read_tasks(sim, run);
	return &kept;
}

void stored_fini(void)
{
	free(kept.activities);
	free(kept.tasks);
	kept = (struct stored){ 0 };
	activity_cap = 0;
	task_cap = 0;
}

/* ---- differences ---- */

#define SAME(field)                         \
	do {                                \
		if (a->field != b->field) { \
			return #field;      \
		}                           \
	} while (0)
#define SAME_TEXT(field)                                \
	do {                                            \
		if (!slice_equal(a->field, b->field)) { \
			return #field;                  \
		}                                       \
	} while (0)

const char *stored_run_differs(const struct run_record *a,
			       const struct run_record *b)
{
	if (memcmp(a->version, b->version, sizeof(a->version)) != 0) {
		return "version";
	}
	SAME_TEXT(tenant);
	SAME_TEXT(uid);
	SAME_TEXT(workflow);
	SAME(state);
	SAME(reason);
	SAME_TEXT(message);
	SAME(cancel_requested);
	SAME(cancel_forced);
	SAME(paused);
	SAME(resumes);
	SAME(task_count);
	SAME(activity_count);
	SAME(created_us);
	SAME(started_us);
	SAME(ended_us);
	SAME(deadline_us);
	return NULL;
}

static const char *phase_differs(const struct phase_record *a,
				 const struct phase_record *b)
{
	SAME(state);
	SAME(reason);
	SAME(opened);
	SAME(curtailed);
	SAME(mandatory_done);
	SAME(first);
	SAME(expected);
	SAME(finished);
	SAME(filtered);
	SAME(started_us);
	SAME(ended_us);
	return NULL;
}

const char *stored_activity_differs(const struct activity_record *a,
				    const struct activity_record *b)
{
	SAME(index);
	SAME(state);
	SAME(reason);
	SAME(visit);
	SAME(expired);
	SAME(started_us);
	SAME(ended_us);
	SAME(deadline_us);
	for (int p = 0; p < PHASE_KINDS; p++) {
		const char *field = phase_differs(&a->phases[p], &b->phases[p]);

		if (field) {
			return field;
		}
	}
	return NULL;
}

const char *stored_task_differs(const struct task_record *a,
				const struct task_record *b)
{
	SAME(number);
	SAME(activity);
	SAME(phase);
	SAME(state);
	SAME(reason);
	SAME(mandatory);
	SAME(cancel_requested);
	SAME(attempt);
	SAME(deaths);
	SAME(failures);
	SAME(superseded);
	SAME(wakes);
	SAME_TEXT(name);
	SAME_TEXT(plugin);
	SAME_TEXT(queue);
	SAME_TEXT(instance);
	SAME_TEXT(message);
	SAME(timeout_ms);
	SAME(created_us);
	SAME(started_us);
	SAME(ended_us);
	SAME(wake_us);
	SAME(deadline_us);
	SAME(expires_us);
	return NULL;
}
