#include "documents.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "sim.h"
#include "store/codec.h"
#include "store/read.h"

/* One in three is stored apart from its task's record. */
#define LARGE(serial) ((serial) % 3 == 0)

static struct value one_number(const char *name, uint32_t serial)
{
	struct value map = value_map();

	value_set(&map, name, serial ? value_int(serial) : value_null());
	return map;
}

static struct blob *packed(struct value map)
{
	struct blob *blob = pack_blob(&map);

	value_clear(&map);
	return blob;
}

struct blob *documents_output(uint32_t serial)
{
	static char letters[RECORD_OUTPUT_MAX];

	if (!serial) {
		return NULL;
	}
	struct value map = one_number("v", serial);

	if (LARGE(serial)) {
		memset(letters, 'x', sizeof(letters));
		value_set(
		    &map, "large",
		    value_string((struct slice){ letters, sizeof(letters) }));
	}
	return packed(map);
}

static void key_name(uint32_t key, char name[8])
{
	(void)snprintf(name, 8, "k%u", key % STASH_KEYS);
}

struct blob *documents_patch(uint32_t key, uint32_t serial)
{
	char name[8];

	key_name(key, name);
	return packed(one_number(name, serial));
}

static uint32_t *output_at(struct documents *documents, uint32_t task)
{
	if (task >= documents->output_count) {
		uint32_t count = task + 16;

		documents->outputs =
		    alloc_resize(documents->outputs, count, sizeof(uint32_t));
		memset(documents->outputs + documents->output_count, 0,
		       (count - documents->output_count) * sizeof(uint32_t));
		documents->output_count = count;
	}
	return &documents->outputs[task];
}

void documents_apply(struct sim *sim, const struct fact *facts, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct fact *fact = &facts[i];
		struct documents *documents =
		    &sim_run(sim, &fact->run)->image.documents;

		if (fact->output || fact->forgets) {
			*output_at(documents, fact->task) = fact->output;
		}
		if (fact->patches) {
			documents->stash[fact->key] = fact->patch;
			sim->disk.last_serial =
			    fact->patch > sim->disk.last_serial
				? fact->patch
				: sim->disk.last_serial;
		}
	}
}

static struct value read_row(struct sim *sim, const struct sim_run *run,
			     enum tree_kind kind, uint32_t number)
{
	struct slice bytes = disk_row(&run->image, kind, number);
	struct value value = value_null();
	struct err err = { 0 };

	if (bytes.len) {
		sim_check(sim, read_document(bytes, &value, &err) == 0,
			  "records can be read", "r%u: a document: %s",
			  run->number, err.msg);
	}
	return value;
}

static void check_stash(struct sim *sim, const struct sim_run *run)
{
	struct value stash = read_row(sim, run, TREE_DOCUMENT, DOCUMENT_STASH);

	for (uint32_t key = 0; key < STASH_KEYS; key++) {
		char name[8];

		key_name(key, name);
		int64_t there = value_get_int(&stash, name, 0);
		uint32_t expected = run->image.documents.stash[key];

		sim_check(sim, there == expected,
			  "patches are applied once, in the order of commits",
			  "r%u: %s is %lld in the stash, not %u", run->number,
			  name, (long long)there, expected);
	}
	value_clear(&stash);
}

void documents_check_leaving(struct sim *sim, const struct blob *blob)
{
	struct value stash = value_null();

	if (!blob) {
		return;
	}
	(void)pack_read(blob_slice(blob), NULL, &stash, NULL);
	for (uint32_t key = 0; key < STASH_KEYS; key++) {
		char name[8];

		key_name(key, name);
		int64_t there = value_get_int(&stash, name, 0);

		sim_check(sim, there <= sim->disk.last_serial,
			  "nothing leaves before it is committed",
			  "%s is %lld in a stash that is handed over", name,
			  (long long)there);
	}
	value_clear(&stash);
}

/* In the task's record, or beside it. */
static struct value read_output(struct sim *sim, const struct sim_run *run,
				uint32_t number)
{
	struct slice row = disk_row(&run->image, TREE_TASK, number);
	struct value value = value_null();
	struct task_record task = { 0 };
	struct err err = { 0 };

	if (row.len && task_decode(row, number, &task) == 0 &&
	    task.output.len) {
		sim_check(sim, read_msgpack(task.output, &value, &err) == 0,
			  "records can be read", "r%u/%u: an output: %s",
			  run->number, number, err.msg);
		return value;
	}
	return read_row(sim, run, TREE_OUTPUT, number);
}

static void check_output(struct sim *sim, const struct sim_run *run,
			 uint32_t task, uint32_t expected)
{
	struct value output = read_output(sim, run, task);
	int64_t there = value_get_int(&output, "v", 0);

	sim_check(sim, there == expected, "outputs are what plugins said",
		  "r%u/%u: %lld, not %u", run->number, task, (long long)there,
		  expected);
	value_clear(&output);
}

void documents_check(struct sim *sim, const struct sim_run *run)
{
	const struct documents *documents = &run->image.documents;
	uint32_t rows = run->image.tree[TREE_TASK].len;

	check_stash(sim, run);
	for (uint32_t i = 0; i < rows || i < documents->output_count; i++) {
		check_output(sim, run, i,
			     i < documents->output_count ? documents->outputs[i]
							 : 0);
	}
}
