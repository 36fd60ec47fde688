/* What a task is told of the outputs before it. See check.h. */
#include "check.h"
#include "document/pack.h"
#include "sim.h"

/* Parallel tasks do not see each other's outputs. */
static bool is_shown(const struct phase_record *record, int phase)
{
	return record->opened && (phase != PHASE_PARALLEL ||
				  record->finished == record->expected);
}

static int64_t number_of(const struct blob *blob)
{
	struct value value = value_null();

	(void)pack_read(blob_slice(blob), NULL, &value, NULL);
	int64_t number = value_get_int(&value, "v", 0);

	value_clear(&value);
	return number;
}

/* The last output under the name, which is what the document has. */
static int64_t expected_of(const struct activity *activity, struct slice name)
{
	for (int p = PHASE_KINDS; p-- > 0;) {
		const struct phase_record *record = &activity->record.phases[p];
		bool shown = is_shown(record, p);

		for (uint32_t i = record->expected; shown && i-- > 0;) {
			const struct task *task = &activity->phases[p].tasks[i];

			if (task->output &&
			    slice_equal(task->record.name, name)) {
				return number_of(task->output);
			}
		}
	}
	return 0;
}

static void check_activity(struct sim *sim, const struct run *run, uint32_t a,
			   const struct value *told, uint32_t number)
{
	const struct value *ours =
	    value_get(told, run_activity_definition(run, a)->name);
	const struct activity *activity = &run->activities[a];

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &activity->record.phases[p];
		bool shown = is_shown(record, p);

		for (uint32_t i = 0; shown && i < record->expected; i++) {
			struct slice name =
			    activity->phases[p].tasks[i].record.name;
			const struct value *output =
			    ours ? value_get_slice(ours, name) : NULL;
			int64_t there =
			    output ? value_get_int(output, "v", 0) : 0;
			int64_t expected = expected_of(activity, name);

			sim_check(sim, there == expected,
				  "a task is told the outputs before it",
				  "task %u is told %lld of A%u/%.*s, not %lld",
				  number, (long long)there, a, SLICE_ARG(name),
				  (long long)expected);
		}
	}
}

void check_outputs(struct sim *sim, const struct run *run, uint32_t task,
		   const struct blob *outputs)
{
	struct value told = value_null();

	if (outputs) {
		(void)pack_read(blob_slice(outputs), NULL, &told, NULL);
	}
	for (uint32_t a = 0; a <= run->current; a++) {
		check_activity(sim, run, a, &told, task);
	}
	value_clear(&told);
}
