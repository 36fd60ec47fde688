#include "disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "queue_disk.h"
#include "sim.h"
#include "store/codec.h"
#include "store/history_row.h"
#include "store/read.h"

void disk_bytes_set(struct bytes *bytes, struct slice from)
{
	if (bytes->cap < from.len) {
		bytes->cap = (uint32_t)from.len + 32;
		bytes->data = alloc_resize(bytes->data, bytes->cap, 1);
	}
	if (from.len) {
		memcpy(bytes->data, from.ptr, from.len);
	}
	bytes->len = (uint32_t)from.len;
	bytes->there = true;
}

struct slice disk_bytes(const struct bytes *bytes)
{
	return (struct slice){ bytes->data, bytes->len };
}

struct bytes *disk_row_at(struct byte_list *rows, uint32_t number)
{
	if (number >= rows->len) {
		uint32_t len = number + 8;

		rows->list = alloc_resize(rows->list, len, sizeof(*rows->list));
		memset(rows->list + rows->len, 0,
		       (len - rows->len) * sizeof(*rows->list));
		rows->len = len;
	}
	return &rows->list[number];
}

struct slice disk_row(const struct image *image, enum tree_kind kind,
		      uint32_t number)
{
	const struct byte_list *rows = &image->tree[kind];

	if (number >= rows->len || !rows->list[number].there) {
		return (struct slice){ NULL, 0 };
	}
	return (struct slice){ rows->list[number].data,
			       rows->list[number].len };
}

/* ---- tables ---- */

struct sim_run *disk_run_of(struct sim *sim, const void *bytes)
{
	struct id id;

	memcpy(id.bytes, bytes, ID_SIZE);
	struct sim_run *run = sim_run(sim, &id);

	sim_check(sim, run, "only runs that were started are written",
		  "a record of an unknown run");
	run->image.touched = true;
	return run;
}

static void put_history(struct sim *sim, struct slice key, struct slice value)
{
	struct sim_run *run = disk_run_of(sim, key.ptr);
	uint64_t sequence = 0;
	struct transition_record move;
	struct history_row row;
	int found = 0;

	sim_check(sim, key_sequence(key, &sequence), "keys are well-formed",
		  "a key of the history");
	sim_check(sim, sequence > sim->disk.last_sequence, "history only grows",
		  "r%u: sequence %llu after %llu", run->number,
		  (unsigned long long)sequence,
		  (unsigned long long)sim->disk.last_sequence);
	sim_check(sim, history_row_read(value, sequence, &row) == 0,
		  "records can be read", "r%u: a row of history", run->number);
	while ((found = history_row_next(&row, &move)) > 0) {
		sim->disk.last_sequence = move.sequence;
		sim->totals.transitions++;
		history_take(sim, run, &move);
	}
	sim_check(sim, found == 0, "records can be read", "r%u: a transition",
		  run->number);
}

static void put_tree(struct sim *sim, struct slice key, struct slice value)
{
	struct sim_run *run = disk_run_of(sim, key.ptr);
	unsigned kind = (unsigned char)key.ptr[ID_SIZE];

	if (kind == TREE_HISTORY) {
		put_history(sim, key, value);
		return;
	}
	sim_check(sim, key.len == ID_SIZE + 5 && kind < TREE_KINDS,
		  "keys are well-formed", "a key of the tree");
	disk_bytes_set(disk_row_at(&run->image.tree[kind],
				   read_u32(key.ptr + ID_SIZE + 1)),
		       value);
}

static void put_uid(struct sim *sim, struct slice value)
{
	struct id id;

	sim_check(sim, uid_decode(value, &id) == 0, "records can be read",
		  "a uid");
	struct image *image = &disk_run_of(sim, id.bytes)->image;

	sim_check(sim, !image->uid_listed, "a uid names one run",
		  "it is listed twice");
	image->uid_listed = true;
}

static void put_definition(struct sim *sim, struct slice key,
			   struct slice value)
{
	struct disk *disk = &sim->disk;
	struct definition *definition = NULL;
	struct err err = { 0 };

	for (size_t i = 0; i < disk->definition_count; i++) {
		if (!memcmp(disk->definitions[i].hash, key.ptr, key.len)) {
			return;
		}
	}
	sim_check(sim, read_definition(value, &definition, &err) == 0,
		  "records can be read", "a definition: %s", err.msg);
	sim_check(sim, !memcmp(definition->hash, key.ptr, key.len),
		  "a definition read back is the same", "workflow %s",
		  definition->workflow);
	alloc_grow(disk->definitions, disk->definition_count,
		   disk->definition_cap);
	struct stored_definition *stored =
	    &disk->definitions[disk->definition_count++];

	memcpy(stored->hash, key.ptr, DEFINITION_HASH_SIZE);
	stored->definition = definition;
}

struct definition *disk_definition(struct sim *sim, const unsigned char *hash)
{
	for (size_t i = 0; i < sim->disk.definition_count; i++) {
		if (!memcmp(sim->disk.definitions[i].hash, hash,
			    DEFINITION_HASH_SIZE)) {
			return sim->disk.definitions[i].definition;
		}
	}
	sim_fail(sim, "a run's definition is stored", "it is not there");
}

static void put(struct sim *sim, enum table table, struct slice key,
		struct slice value)
{
	struct image *image;

	switch (table) {
	case TABLE_RUNS:
		image = &disk_run_of(sim, key.ptr)->image;
		disk_bytes_set(&image->run, value);
		image->there = true;
		break;
	case TABLE_TREE:
		put_tree(sim, key, value);
		break;
	case TABLE_IX_STATE:
		disk_run_of(sim, key.ptr + 1)->image.listed |=
		    1u << (unsigned char)key.ptr[0];
		break;
	case TABLE_IX_UID:
		put_uid(sim, value);
		break;
	case TABLE_DEFINITIONS:
		put_definition(sim, key, value);
		break;
	case TABLE_IX_ENDED:
		disk_run_of(sim, key.ptr + 9)->image.ended |=
		    1u << (unsigned char)key.ptr[0];
		break;
	case TABLE_QUEUES:
		queue_disk_put_queue(sim, key, value);
		break;
	case TABLE_MESSAGES:
		queue_disk_put_message(sim, key, value);
		break;
	case TABLE_PARTS:
		queue_disk_put_part(sim, key, value);
		break;
	case TABLE_META:
	case TABLE_OLD_HISTORY:
	case TABLE_IX_FLOW:
	case TABLE_PLUGINS:
	case TABLE_PAUSES:
	case TABLE_DOOMED:
	case TABLE_TAILS:
	case TABLES:
		break;
	}
}

/* An activity that a newer definition no longer has. */
static void delete_activity(struct sim *sim, struct slice key)
{
	struct sim_run *run = disk_run_of(sim, key.ptr);

	sim_check(sim,
		  key.len == ID_SIZE + 5 && key.ptr[ID_SIZE] == TREE_ACTIVITY,
		  "nothing committed vanishes", "a delete in r%u", run->number);
	disk_row_at(&run->image.tree[TREE_ACTIVITY],
		    read_u32(key.ptr + ID_SIZE + 1))
	    ->there = false;
}

static void delete_row(struct sim *sim, enum table table, struct slice key)
{
	switch (table) {
	case TABLE_TREE:
		delete_activity(sim, key);
		break;
	case TABLE_IX_STATE:
		disk_run_of(sim, key.ptr + 1)->image.listed &=
		    ~(1u << (unsigned char)key.ptr[0]);
		break;
	case TABLE_PAUSES:
		break;
	case TABLE_QUEUES:
		queue_disk_delete_queue(sim, key);
		break;
	case TABLE_MESSAGES:
		queue_disk_delete_message(sim, key);
		break;
	case TABLE_PARTS:
		queue_disk_delete_part(sim, key);
		break;
	default:
		sim_fail(sim, "nothing committed vanishes", "a delete in %s",
			 table_name(table));
	}
}

/* It is going on again: as its record still has it. */
static void unend(struct sim *sim, struct slice key)
{
	struct sim_run *run = disk_run_of(sim, key.ptr);
	struct slice bytes = { run->image.run.data, run->image.run.len };
	struct run_record record = { .state = GROUP_PENDING };

	sim_check(sim, run_decode(bytes, &run->id, &record) == 0,
		  "records can be read", "r%u", run->number);
	run->image.ended &= ~(1u << record.state);
}

static void apply(struct sim *sim, const struct operation *operation,
		  const char *bytes)
{
	struct slice key = { bytes, operation->key_len };
	struct slice value = { bytes + operation->key_len,
			       operation->value_len };

	switch (operation->kind) {
	case OPERATION_PUT:
	case OPERATION_APPEND:
		put(sim, operation->table, key, value);
		break;
	case OPERATION_DELETE:
		delete_row(sim, operation->table, key);
		break;
	case OPERATION_UNEND:
		unend(sim, key);
		break;
	case OPERATION_CLEAR:
		sim_fail(sim, "nothing committed vanishes", "%s is cleared",
			 table_name(operation->table));
	}
}

void disk_apply(struct sim *sim, const struct batch *batch)
{
	for (size_t i = 0; i < batch->len; i++) {
		apply(sim, &batch->operations[i],
		      batch->bytes.data + batch->operations[i].offset);
	}
}

void disk_delete(struct sim_run *run)
{
	struct image *image = &run->image;

	for (int kind = 0; kind < TREE_KINDS; kind++) {
		for (uint32_t i = 0; i < image->tree[kind].len; i++) {
			free(image->tree[kind].list[i].data);
		}
		free(image->tree[kind].list);
	}
	free(image->run.data);
	free(image->history.tasks);
	free(image->documents.outputs);
	queue_disk_drop_run(image);
	*image = (struct image){ 0 };
}

void disk_fini(struct disk *disk)
{
	for (size_t i = 0; i < disk->definition_count; i++) {
		definition_unref(disk->definitions[i].definition);
	}
	free(disk->definitions);
	queue_disk_fini(disk);
	*disk = (struct disk){ 0 };
}
