#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "store/audit.h"

void audit_say(struct audit *audit, const struct id *run, const char *format,
	       ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	audit->findings++;
	audit->found(audit->arg, run, what);
}

/* One phase, and what its tasks add up to. */
struct phase_sum {
	struct audit *audit;
	const struct run_view *run;
	const struct activity_record *activity;
	enum phase_kind kind;
	const struct phase_record *record;
	uint32_t tasks;
	uint32_t finished;
	uint32_t mandatory_open;
	uint32_t mandatory_failed;
};

static void say(const struct phase_sum *sum, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct phase_sum *sum, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	audit_say(sum->audit, &sum->run->run.id, "%s/%s: %s",
		  sum->run->definition->activities[sum->activity->index].name,
		  phase_kind_name(sum->kind), what);
}

static void add_task(struct phase_sum *sum, const struct task_record *task)
{
	bool final = task_state_final(task->state);

	sum->tasks++;
	sum->finished += final;
	sum->mandatory_open += task->mandatory && !final;
	sum->mandatory_failed += task->mandatory && task->state == TASK_FAILED;
}

/* Its tasks are those from `first` on, and no others. */
static void check_place(const struct phase_sum *sum)
{
	const struct phase_record *record = sum->record;
	uint32_t count = (uint32_t)sum->run->task_count;

	if (record->first == UNKNOWN_FIRST || record->expected == 0) {
		return;
	}
	if (record->first > count || record->expected > count - record->first) {
		say(sum, "its tasks begin at %" PRIu32 " of %" PRIu32,
		    record->first, count);
		return;
	}
	for (uint32_t i = 0; i < record->expected; i++) {
		const struct task_record *task =
		    &sum->run->tasks[record->first + i];

		if (task->superseded || task->phase != sum->kind ||
		    task->activity != sum->activity->index) {
			say(sum, "task %" PRIu32 " is not one of its tasks",
			    record->first + i);
			return;
		}
	}
}

static void check_counts(const struct phase_sum *sum)
{
	const struct phase_record *record = sum->record;

	if (sum->tasks != record->expected) {
		say(sum, "expects %" PRIu32 " tasks, there are %" PRIu32,
		    record->expected, sum->tasks);
	}
	if (sum->finished != record->finished) {
		say(sum,
		    "counts %" PRIu32 " finished tasks, there are %" PRIu32,
		    record->finished, sum->finished);
	}
	if (record->opened &&
	    record->mandatory_done != (sum->mandatory_open == 0)) {
		say(sum,
		    "%" PRIu32 " mandatory tasks are open, 'mandatory_done'"
		    " says %s",
		    sum->mandatory_open,
		    record->mandatory_done ? "none" : "some");
	}
}

static void check_phase_state(const struct phase_sum *sum)
{
	const struct phase_record *record = sum->record;
	bool ended = record->opened && sum->finished == sum->tasks;
	const char *state = group_state_name(record->state);

	if (record->state == GROUP_SKIPPED) {
		say(sum, "a phase cannot be skipped");
	}
	if (ended && !group_state_final(record->state)) {
		say(sum, "is %s, though all its tasks have ended", state);
	}
	if (!ended && group_state_final(record->state) &&
	    record->state != GROUP_FAILED) {
		say(sum, "is %s, though not all its tasks have ended", state);
	}
	if (sum->mandatory_failed && record->state != GROUP_FAILED) {
		say(sum, "is %s, though a mandatory task has failed", state);
	}
}

/* ---- the run ---- */

static bool in_progress(enum group_state state)
{
	return state != GROUP_PENDING && !group_state_final(state);
}

static void check_activity_end(struct audit *audit, const struct run_view *run,
			       const struct activity_record *activity)
{
	const char *name = run->definition->activities[activity->index].name;
	enum group_state whole = run->run.state;
	enum group_state part = activity->state;
	bool done = part == GROUP_SUCCEEDED || part == GROUP_SKIPPED;

	if (group_state_final(whole) && in_progress(part)) {
		audit_say(audit, &run->run.id,
			  "has ended, though its activity %s is %s", name,
			  group_state_name(part));
	} else if ((whole == GROUP_SUCCEEDED && !done) ||
		   (whole == GROUP_DEGRADED && !done &&
		    part != GROUP_DEGRADED)) {
		audit_say(
		    audit, &run->run.id, "is %s, though its activity %s is %s",
		    group_state_name(whole), name, group_state_name(part));
	}
}

static void check_end(struct audit *audit, const struct run_view *run)
{
	const struct run_record *record = &run->run;
	bool final = group_state_final(record->state);

	if (record->state == GROUP_SKIPPED) {
		audit_say(audit, &record->id, "a run cannot be skipped");
	}
	if (final != (record->ended_us != 0)) {
		audit_say(audit, &record->id,
			  "is %s and has %s time of its end",
			  group_state_name(record->state), final ? "no" : "a");
	}
	for (size_t i = 0; final && i < run->task_count; i++) {
		if (!run->tasks[i].superseded &&
		    !task_state_final(run->tasks[i].state)) {
			audit_say(audit, &record->id,
				  "has ended, though its task %zu is %s", i,
				  task_state_name(run->tasks[i].state));
		}
	}
	for (size_t i = 0; i < run->activity_count; i++) {
		check_activity_end(audit, run, &run->activities[i]);
	}
}

static bool uid_valid(struct slice uid)
{
	for (size_t i = 0; i < uid.len; i++) {
		if ((unsigned char)uid.ptr[i] < ' ') {
			return false;
		}
	}
	return uid.len <= LIMIT_UID;
}

static void check_names(struct audit *audit, const struct run_view *run)
{
	const struct run_record *record = &run->run;

	if (!name_valid(record->tenant) || !name_valid(record->workflow) ||
	    !uid_valid(record->uid)) {
		audit_say(audit, &record->id,
			  "its tenant, workflow or uid is none");
	}
	if (memcmp(record->version, run->definition->hash,
		   DEFINITION_HASH_SIZE) != 0) {
		audit_say(audit, &record->id,
			  "its definition is not what its hash says");
	}
	if (!slice_is(record->workflow, run->definition->workflow)) {
		audit_say(audit, &record->id,
			  "its definition is one of another workflow");
	}
	if (record->activity_count != run->definition->len) {
		audit_say(audit, &record->id,
			  "has %" PRIu32 " activities, its definition %zu",
			  record->activity_count, run->definition->len);
	}
}

static struct phase_sum *sum_up(struct audit *audit, const struct run_view *run)
{
	struct phase_sum *sums =
	    alloc_zeroed(run->activity_count * PHASE_KINDS, sizeof(*sums));

	for (size_t i = 0; i < run->activity_count * PHASE_KINDS; i++) {
		const struct activity_record *activity =
		    &run->activities[i / PHASE_KINDS];

		sums[i] = (struct phase_sum){
			.audit = audit,
			.run = run,
			.activity = activity,
			.kind = (enum phase_kind)(i % PHASE_KINDS),
			.record = &activity->phases[i % PHASE_KINDS],
		};
	}
	for (size_t i = 0; i < run->task_count; i++) {
		const struct task_record *task = &run->tasks[i];

		if (!task->superseded) {
			add_task(
			    &sums[task->activity * PHASE_KINDS + task->phase],
			    task);
		}
	}
	return sums;
}

void audit_run(struct audit *audit, const struct run_view *run)
{
	struct phase_sum *sums = sum_up(audit, run);

	audit->runs++;
	audit->tasks += run->task_count;
	check_names(audit, run);
	check_end(audit, run);
	for (size_t i = 0; i < run->activity_count * PHASE_KINDS; i++) {
		check_counts(&sums[i]);
		check_place(&sums[i]);
		check_phase_state(&sums[i]);
	}
	free(sums);
}
