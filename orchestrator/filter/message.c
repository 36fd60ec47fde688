#include "filter/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "filter/hash.h"
#include "filter/leaf_table.h"

void message_fini(struct message *message)
{
	free(message->leaves);
	free(message->trails);
	free(message->seen);
	free(message->masks);
	free(message->touched);
	free(message->table.slots);
	buf_fini(&message->path);
}

static void fit_keys(struct message *message)
{
	uint32_t cap = message->keys->cap;

	if (message->keys_cap >= cap && message->masks) {
		return;
	}
	uint32_t old = message->keys_cap;

	cap = cap ? cap : 1;
	message->seen =
	    alloc_resize(message->seen, cap, sizeof(*message->seen));
	message->masks =
	    alloc_resize(message->masks, cap, sizeof(*message->masks));
	memset(&message->seen[old], 0, (cap - old) * sizeof(*message->seen));
	memset(&message->masks[old], 0, (cap - old) * sizeof(*message->masks));
	message->keys_cap = cap;
	message->masks[0] = UINT64_MAX;
}

static void start(struct message *message)
{
	if (!message->cap) {
		message->cap = 64;
		message->leaves =
		    alloc_resize(NULL, message->cap, sizeof(*message->leaves));
		message->trails_cap = 8;
		message->trails = alloc_resize(NULL, message->trails_cap,
					       sizeof(*message->trails));
		message->trails[0] = (struct trail){ .end = UINT32_MAX };
		memset(&message->leaves[0], 0, sizeof(*message->leaves));
	}
	message->len = 1;
	message->trails_len = 1;
	message->lists = 0;
	message->refused = false;
}

void message_begin(struct message *message, const struct keys *keys,
		   const struct lists *ahead)
{
	message->keys = keys;
	message->ahead = ahead;
	for (uint32_t i = 0; i < message->touched_len; i++) {
		uint32_t key = message->touched[i];

		message->seen[key] = (struct seen){ 0 };
		message->masks[key] = 0;
	}
	message->touched_len = 0;
	leaf_table_clear(&message->table);
	fit_keys(message);
	start(message);
}

/* The path is put together only where keys are nested. */
static struct slice join(struct message *message, const struct place *above,
			 struct slice key)
{
	if (above->level == 1) {
		buf_clear(&message->path);
		buf_put_slice(&message->path, above->top);
	} else {
		message->path.len = above->path_len;
	}
	buf_put_byte(&message->path, '.');
	buf_put_slice(&message->path, key);
	return buf_slice(&message->path);
}

static uint32_t key_of(const struct message *message, struct slice path)
{
	const struct keys *keys = message->keys;

	if (!keys_may_have(keys, path)) {
		return 0;
	}
	return keys_find(keys, path, hash_text(keys->seed, HASH_PATH, 0, path));
}

struct place message_enter_key(struct message *message,
			       const struct place *above, struct slice key)
{
	struct slice path = above->level ? join(message, above, key) : key;

	return (struct place){
		.key = key_of(message, path),
		.trail = above->trail,
		.level = above->level + 1,
		.top = key,
		.path_len = path.len,
	};
}

uint32_t message_new_list(struct message *message)
{
	return ++message->lists;
}

struct place message_enter_element(struct message *message,
				   const struct place *above, uint32_t list)
{
	struct place place = *above;

	alloc_grow(message->trails, message->trails_len, message->trails_cap);
	place.trail = message->trails_len++;
	message->trails[place.trail] = (struct trail){
		.parent = above->trail,
		.list = list,
		.depth = message->trails[above->trail].depth + 1,
	};
	return place;
}

void message_leave_element(struct message *message, const struct place *place)
{
	message->trails[place->trail].end = message->trails_len;
}

static struct seen *see(struct message *message, uint32_t key)
{
	struct seen *seen = &message->seen[key];

	if (!seen->first) {
		alloc_grow(message->touched, message->touched_len,
			   message->touched_cap);
		message->touched[message->touched_len++] = key;
	}
	return seen;
}

static void append(struct message *message, struct seen *seen)
{
	if (seen->first) {
		message->leaves[seen->last].next = message->len;
	} else {
		seen->first = message->len;
	}
	seen->last = message->len;
	seen->count++;
}

void message_add_leaf(struct message *message, const struct place *place,
		      const struct value *value)
{
	if (!place->key) {
		return;
	}
	struct seen *seen = see(message, place->key);

	alloc_grow(message->leaves, message->len, message->cap);
	struct leaf *leaf = &message->leaves[message->len];

	*leaf = (struct leaf){
		.value = *value,
		.hash = hash_leaf(message->keys->seed, place->key, value),
		.key = place->key,
		.trail = place->trail,
	};
	if (seen->count >= MANY_LEAVES &&
	    !leaf_table_add(message, seen, message->len)) {
		return;
	}
	lists_prefetch(message->ahead, leaf->hash);
	message->masks[place->key] |= 1ULL << leaf->hash % 64;
	append(message, seen);
	message->len++;
}

size_t message_size(const struct message *message)
{
	return message->cap * sizeof(*message->leaves) +
	       message->trails_cap * sizeof(*message->trails) +
	       message->keys_cap *
		   (sizeof(*message->seen) + sizeof(*message->masks)) +
	       message->touched_cap * sizeof(*message->touched) +
	       leaf_table_size(&message->table) + message->path.cap;
}
