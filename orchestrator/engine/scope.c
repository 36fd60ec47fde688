#include "engine/scope.h"

#include <stdlib.h>

#include "base/hash.h"
#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "document/pack.h"
#include "engine/move.h"

void scope_outdated(struct run *run)
{
	value_clear(&run->scope);
}

void scope_outputs_outdated(struct run *run)
{
	blob_unref(run->outputs);
	run->outputs = NULL;
	scope_outdated(run);
}

/* Of a wide phase each task wakes on its own: to make the documents again for
 * every one of them would cost more than one run's memory is worth. */
#define FEW_TASKS 64

void scope_moved(const struct task *task)
{
	const struct phase *phase = task_phase(task);
	const struct phase_record *record = task_phase_record(task);

	if (record->expected <= FEW_TASKS &&
	    record->finished < record->expected &&
	    phase->counts[TASK_PENDING] + phase->counts[TASK_RUNNING] == 0) {
		scope_outputs_outdated(task->run);
	}
}

static const struct document_limits own_limits = {
	.size = SIZE_MAX,
	.depth = PACK_DEPTH,
	.nodes = SIZE_MAX,
};

static struct value decode(const struct blob *blob)
{
	struct value value = value_null();

	/* Our own encoding, and as big as a run's outputs may grow together;
	 * null should it ever be damaged. */
	(void)pack_read(blob_slice(blob), &own_limits, &value, NULL);
	return value;
}

static struct value describe_run(const struct run *run)
{
	struct value about = value_map();
	char id[ID_TEXT_SIZE];

	id_format(&run->record.id, id);
	value_set(&about, "id", value_text(id));
	value_set(&about, "uid", value_string(run->record.uid));
	value_set(&about, "tenant", value_string(run->record.tenant));
	value_set(&about, "workflow", value_string(run->record.workflow));
	return about;
}

/* The scope is made when first wanted and kept until a document changes. */
const struct value *scope_document(struct run *run)
{
	if (run->scope.type == VALUE_NULL) {
		struct blob *outputs = scope_outputs(run);
		struct value scope = value_map();

		value_set(&scope, "input", decode(run->input));
		value_set(&scope, "attributes", decode(run->attributes));
		value_set(&scope, "stash", decode(run->stash));
		value_set(&scope, "outputs", decode(outputs));
		value_set(&scope, "run", describe_run(run));
		blob_unref(outputs);
		run->scope = scope;
	}
	return &run->scope;
}

static const struct template *task_template(const struct task *task)
{
	const struct task_record *record = &task->record;

	if (record->binding == NO_BINDING) {
		return NULL;
	}
	return plan_phase(task->run->plan, record->activity, record->phase)
	    ->bindings[record->binding]
	    .template;
}

/* The same limits as for a document that is given at start. */
static const struct document_limits with_limits = {
	.size = LIMIT_INPUT,
	.depth = LIMIT_GIVEN_DEPTH,
	.nodes = LIMIT_DOCUMENT_NODES,
};

int scope_with(const struct task *task, struct blob **ret_with,
	       struct err *reterr)
{
	const struct template *template = task_template(task);
	struct value with = value_null();

	if (!template) {
		*ret_with = NULL;
		return 0;
	}
	struct value none = value_null();
	const struct value *scope =
	    template_is_dynamic(template) ? scope_document(task->run) : &none;
	int rc = template_evaluate_within(template, scope, &with_limits, &with,
					  reterr);

	if (rc == 0) {
		rc = pack_blob_within(&with, &with_limits, ret_with, reterr);
	}
	if (rc < 0) {
		err_wrap(reterr, "'with' cannot be filled in");
	}
	value_clear(&with);
	return rc;
}

/* MessagePack headers, so that stored outputs are copied, not decoded. */
static void put_map_header(struct buf *out, uint32_t len)
{
	if (len < 16) {
		buf_put_byte(out, (uint8_t)(0x80 | len));
	} else if (len < 65536) {
		buf_put_byte(out, 0xde);
		buf_put_u16(out, (uint16_t)len);
	} else {
		buf_put_byte(out, 0xdf);
		buf_put_u32(out, len);
	}
}

static void put_key(struct buf *out, struct slice key)
{
	if (key.len < 32) {
		buf_put_byte(out, (uint8_t)(0xa0 | key.len));
	} else {
		buf_put_byte(out, 0xd9);
		buf_put_byte(out, (uint8_t)key.len);
	}
	buf_put_slice(out, key);
}

/* A name of an activity whose output stands in the document. */
struct output_name {
	const struct task *task;
	UT_hash_handle by_name;
};

/* Takes the name for this task unless it is taken. */
static bool take_name(struct output_name **names, struct output_name *name,
		      const struct task *task)
{
	struct slice text = task->record.name;
	struct output_name *taken;

	HASH_FIND(by_name, *names, text.ptr, text.len, taken);
	if (taken) {
		return false;
	}
	name->task = task;
	HASH_ADD_KEYPTR(by_name, *names, text.ptr, text.len, name);
	return true;
}

/* Parallel tasks do not see each other's outputs. */
static bool is_shown(const struct phase_record *record, enum phase_kind kind)
{
	return record->opened &&
	       (kind != PHASE_PARALLEL || record->finished == record->expected);
}

/* Of a phase that is shown. */
static size_t count_outputs(const struct run *run, uint32_t activity)
{
	const struct activity *at = &run->activities[activity];
	size_t count = 0;

	for (int p = 0; p < PHASE_KINDS; p++) {
		const struct phase_record *record = &at->record.phases[p];
		bool shown = is_shown(record, (enum phase_kind)p);

		for (uint32_t i = 0; shown && i < record->expected; i++) {
			count += at->phases[p].tasks[i].output != NULL;
		}
	}
	return count;
}

/*
 * One key of the document is one name of the activity: where tasks share a
 * name, the output of the last one stands. Lists those, the last first; returns
 * how many there are.
 */
static uint32_t find_standing(const struct activity *at,
			      struct output_name *room)
{
	struct output_name *names = NULL;
	uint32_t count = 0;

	for (int p = PHASE_KINDS; p-- > 0;) {
		const struct phase_record *record = &at->record.phases[p];
		bool shown = is_shown(record, (enum phase_kind)p);

		for (uint32_t i = record->expected; shown && i-- > 0;) {
			const struct task *task = &at->phases[p].tasks[i];

			if (task->output &&
			    take_name(&names, &room[count], task)) {
				count++;
			}
		}
	}
	HASH_CLEAR(by_name, names);
	return count;
}

/* Appends the activity's outputs, of which there are some. */
static void put_outputs(struct buf *out, const struct run *run,
			uint32_t activity)
{
	struct output_name *room =
	    alloc_zeroed(count_outputs(run, activity), sizeof(*room));
	uint32_t count = find_standing(&run->activities[activity], room);

	put_key(out, slice_of(run_activity_definition(run, activity)->name));
	put_map_header(out, count);
	while (count-- > 0) {
		put_key(out, room[count].task->record.name);
		buf_put_slice(out, blob_slice(room[count].task->output));
	}
	free(room);
}

struct blob *scope_outputs(struct run *run)
{
	uint32_t with_outputs = 0;
	struct buf out = { 0 };

	if (run->outputs) {
		return blob_ref(run->outputs);
	}
	for (uint32_t a = 0; a <= run->current; a++) {
		with_outputs += count_outputs(run, a) > 0;
	}
	if (with_outputs == 0) {
		return NULL;
	}
	put_map_header(&out, with_outputs);
	for (uint32_t a = 0; a <= run->current; a++) {
		if (count_outputs(run, a)) {
			put_outputs(&out, run, a);
		}
	}
	run->outputs = blob_make(buf_slice(&out));
	buf_fini(&out);
	return blob_ref(run->outputs);
}
