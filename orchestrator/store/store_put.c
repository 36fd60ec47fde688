#include "document/pack.h"

#include "store/codec.h"
#include "store/handle.h"
#include "store/history_row.h"
#include "store/record.h"
#include <string.h>

static struct buf *scratch(struct store *store)
{
	buf_clear(&store->scratch);
	return &store->scratch;
}

/* An index entry has its say in the key; the value is empty. */
static const struct slice nothing = { "", 0 };

static void index_new_run(struct store *store, const struct run_record *run)
{
	struct key flow = key_flow(run->tenant, run->workflow, &run->id);

	batch_put(&store->batch, TABLE_IX_FLOW, &flow, nothing);
	if (run->uid.len == 0) {
		return;
	}
	struct key uid = key_uid(run->uid, run->tenant, run->workflow);
	struct buf *value = scratch(store);

	uid_encode(value, &run->id);
	batch_put(&store->batch, TABLE_IX_UID, &uid, buf_slice(value));
}

static void index_state(struct store *store, const struct run_record *run,
			int before)
{
	/* One that went on may have ended again, with another time. */
	if (before == (int)run->state && !group_state_final(run->state)) {
		return;
	}
	if (before >= 0 && group_state_final((enum group_state)before)) {
		struct key key = key_run(&run->id);

		batch_unend(&store->batch, &key);
	}
	if (before >= 0) {
		struct key old = key_state((unsigned)before, &run->id);

		batch_delete(&store->batch, TABLE_IX_STATE, &old);
	}
	struct key now = key_state(run->state, &run->id);

	batch_put(&store->batch, TABLE_IX_STATE, &now, nothing);
	if (group_state_final(run->state)) {
		struct key ended =
		    key_ended(run->state, run->ended_us, &run->id);

		batch_put(&store->batch, TABLE_IX_ENDED, &ended, nothing);
	}
}

void store_put_run(struct store *store, const struct run_record *run,
		   int before)
{
	struct key key = key_run(&run->id);
	struct buf *value;

	/* Before the record: what it says so far is looked at. */
	index_state(store, run, before);
	value = scratch(store);
	run_encode(value, run);
	if (before < 0) {
		batch_append(&store->batch, TABLE_RUNS, &key, buf_slice(value));
		index_new_run(store, run);
		tails_new_run(store, &run->id);
	} else {
		batch_put(&store->batch, TABLE_RUNS, &key, buf_slice(value));
	}
}

void store_put_row(struct store *store, enum table table, struct slice key,
		   struct slice value)
{
	struct key copy = key_text(key);

	batch_put(&store->batch, table, &copy, value);
}

static void put_tree(struct store *store, const struct id *run,
		     enum tree_kind kind, uint32_t number, struct slice value)
{
	struct key key = key_tree(run, kind, number);

	batch_put(&store->batch, TABLE_TREE, &key, value);
}

void store_put_activity(struct store *store, const struct id *run,
			const struct activity_record *activity)
{
	struct buf *value = scratch(store);

	activity_encode(value, activity);
	put_tree(store, run, TREE_ACTIVITY, activity->index, buf_slice(value));
}

void store_delete_activity(struct store *store, const struct id *run,
			   uint32_t index)
{
	struct key key = key_tree(run, TREE_ACTIVITY, index);

	batch_delete(&store->batch, TABLE_TREE, &key);
}

void store_put_task(struct store *store, const struct id *run,
		    const struct task_record *task)
{
	struct buf *value = scratch(store);

	task_encode(value, task);
	put_tree(store, run, TREE_TASK, task->number, buf_slice(value));
}

static struct slice document(struct store *store, struct slice msgpack)
{
	struct buf *value = scratch(store);

	record_begin(value);
	buf_put_slice(value, msgpack);
	return buf_slice(value);
}

void store_put_document(struct store *store, const struct id *run,
			enum document_kind kind, struct slice msgpack)
{
	put_tree(store, run, TREE_DOCUMENT, kind, document(store, msgpack));
}

void store_put_output(struct store *store, const struct id *run, uint32_t task,
		      struct slice msgpack)
{
	put_tree(store, run, TREE_OUTPUT, task, document(store, msgpack));
}

size_t store_put_transitions(struct store *store, const struct id *runs,
			     const struct transition_record *transitions,
			     size_t count)
{
	size_t same = 1;

	while (same < count && id_equal(&runs[same], &runs[0])) {
		same++;
	}
	struct key key = key_history(&runs[0], store->next_sequence);
	struct buf *value = scratch(store);
	size_t put = history_row_put(value, transitions, same);

	batch_put(&store->batch, TABLE_TREE, &key, buf_slice(value));
	store->next_sequence += put;
	return put;
}

void store_put_transition(struct store *store, const struct id *run,
			  const struct transition_record *transition)
{
	(void)store_put_transitions(store, run, transition, 1);
}

void store_put_definition(struct store *store,
			  const struct definition *definition)
{
	struct key key = { .len = 0 };

	if (store->has_definition &&
	    !memcmp(store->definition, definition->hash,
		    DEFINITION_HASH_SIZE)) {
		return;
	}
	struct value tree = definition_to_value(definition);
	struct buf *value = scratch(store);

	memcpy(store->definition, definition->hash, DEFINITION_HASH_SIZE);
	store->has_definition = true;

	key_put(&key, definition->hash, DEFINITION_HASH_SIZE);
	record_begin(value);
	pack_write(value, &tree);
	value_clear(&tree);
	batch_put(&store->batch, TABLE_DEFINITIONS, &key, buf_slice(value));
}

void store_put_plugins(struct store *store, const struct plugin_record *plugins,
		       size_t len)
{
	batch_clear_table(&store->batch, TABLE_PLUGINS);
	for (size_t i = 0; i < len; i++) {
		store_put_plugin(store, &plugins[i]);
	}
}

void store_put_plugin(struct store *store, const struct plugin_record *plugin)
{
	struct key key = key_text(plugin->name);
	struct buf *value = scratch(store);

	plugin_encode(value, plugin);
	batch_put(&store->batch, TABLE_PLUGINS, &key, buf_slice(value));
}

void store_delete_plugin(struct store *store, struct slice name)
{
	struct key key = key_text(name);

	batch_delete(&store->batch, TABLE_PLUGINS, &key);
}

void store_put_pause(struct store *store, struct slice workflow,
		     struct slice actor, int64_t time_us)
{
	struct pause_record pause = { .actor = actor, .since_us = time_us };
	struct key key = key_pause(workflow);
	struct buf *value = scratch(store);

	pause_encode(value, &pause);
	batch_put(&store->batch, TABLE_PAUSES, &key, buf_slice(value));
}

void store_delete_pause(struct store *store, struct slice workflow)
{
	struct key key = key_pause(workflow);

	batch_delete(&store->batch, TABLE_PAUSES, &key);
}

void store_put_queue(struct store *store, const struct queue_record *queue)
{
	struct key key = key_text(queue->name);
	struct buf *value = scratch(store);

	queue_encode(value, queue);
	batch_put(&store->batch, TABLE_QUEUES, &key, buf_slice(value));
}

void store_delete_queue(struct store *store, struct slice name)
{
	struct key key = key_text(name);

	batch_delete(&store->batch, TABLE_QUEUES, &key);
}

void store_put_message(struct store *store,
		       const struct message_record *message)
{
	struct key key = key_message(&message->run, message->task);
	struct buf *value = scratch(store);

	message_encode(value, message);
	batch_put(&store->batch, TABLE_MESSAGES, &key, buf_slice(value));
}

void store_delete_message(struct store *store, const struct id *run,
			  uint32_t task)
{
	struct key key = key_message(run, task);

	batch_delete(&store->batch, TABLE_MESSAGES, &key);
}

void store_put_part(struct store *store, const struct id *run,
		    const unsigned char hash[DEFINITION_HASH_SIZE],
		    struct slice msgpack)
{
	struct key key = key_part(run, hash);

	batch_put(&store->batch, TABLE_PARTS, &key, document(store, msgpack));
}

void store_delete_part(struct store *store, const struct id *run,
		       const unsigned char hash[DEFINITION_HASH_SIZE])
{
	struct key key = key_part(run, hash);

	batch_delete(&store->batch, TABLE_PARTS, &key);
}

uint64_t store_next_sequence(const struct store *store)
{
	return store->next_sequence;
}
