#include "bus/link_client_seen.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"

#include <utlist.h>

#define BUCKETS_FIRST 64

/* 64 bytes: each of thousands is looked at when no cache has it any more. */
struct link_seen_entry {
	struct wire_key key;
	enum link_seen_state state;
	int64_t since_ms;
	struct link_seen_entry *prev;
	struct link_seen_entry *next;
	struct link_seen_entry *chain; /* in its bucket */
};

static struct link_seen_entry **list_of(struct link_seen *seen,
					enum link_seen_state state)
{
	switch (state) {
	case LINK_HELD:
		return &seen->held;
	case LINK_ACCEPTED:
		return &seen->accepted;
	case LINK_FINISHED:
		break;
	}
	return &seen->finished;
}

/* ---- the table ---- */

/* Run ids are random in their low half; numbers count up. */
static struct link_seen_entry **bucket_of(const struct link_seen *seen,
					  const struct wire_key *key)
{
	uint64_t hash = (read_u64((const char *)key->run.bytes + 8) ^
			 key->task ^ (uint64_t)key->attempt << 32) *
			UINT64_C(0x9e3779b97f4a7c15);

	return &seen->buckets[(hash >> 32) & (seen->bucket_count - 1)];
}

static bool same_key(const struct wire_key *a, const struct wire_key *b)
{
	return a->task == b->task && a->attempt == b->attempt &&
	       a->wakes == b->wakes && id_equal(&a->run, &b->run);
}

static struct link_seen_entry *find(const struct link_seen *seen,
				    const struct wire_key *key)
{
	struct link_seen_entry *entry =
	    seen->count ? *bucket_of(seen, key) : NULL;

	while (entry && !same_key(&entry->key, key)) {
		entry = entry->chain;
	}
	return entry;
}

static void insert(struct link_seen *seen, struct link_seen_entry *entry)
{
	struct link_seen_entry **bucket = bucket_of(seen, &entry->key);

	entry->chain = *bucket;
	*bucket = entry;
}

static void grow(struct link_seen *seen)
{
	struct link_seen_entry **old = seen->buckets;
	size_t count = seen->bucket_count;

	seen->bucket_count = count ? 2 * count : BUCKETS_FIRST;
	seen->buckets =
	    alloc_zeroed(seen->bucket_count, sizeof(*seen->buckets));
	for (size_t i = 0; i < count; i++) {
		while (old[i]) {
			struct link_seen_entry *entry = old[i];

			old[i] = entry->chain;
			insert(seen, entry);
		}
	}
	free(old);
}

static void table_add(struct link_seen *seen, struct link_seen_entry *entry)
{
	if (seen->count == seen->bucket_count) {
		grow(seen);
	}
	insert(seen, entry);
	seen->count++;
}

static void table_remove(struct link_seen *seen, struct link_seen_entry *entry)
{
	struct link_seen_entry **place = bucket_of(seen, &entry->key);

	while (*place != entry) {
		place = &(*place)->chain;
	}
	*place = entry->chain;
	seen->count--;
}

/* ---- entries ---- */

static void forget(struct link_seen *seen, struct link_seen_entry *entry)
{
	struct link_seen_entry **list = list_of(seen, entry->state);

	DL_DELETE(*list, entry);
	table_remove(seen, entry);
	free(entry);
}

static void forget_oldest(struct link_seen *seen)
{
	while (seen->finished_count > LINK_SEEN_FINISHED) {
		forget(seen, seen->finished);
		seen->finished_count--;
	}
}

static void move(struct link_seen *seen, struct link_seen_entry *entry,
		 enum link_seen_state state)
{
	struct link_seen_entry **from = list_of(seen, entry->state);
	struct link_seen_entry **to = list_of(seen, state);

	DL_DELETE(*from, entry);
	DL_APPEND(*to, entry);
	if (state == LINK_FINISHED && entry->state != LINK_FINISHED) {
		seen->in_hand--;
		seen->finished_count++;
	}
	entry->state = state;
	forget_oldest(seen);
}

void link_seen_fini(struct link_seen *seen)
{
	while (seen->held) {
		forget(seen, seen->held);
	}
	while (seen->accepted) {
		forget(seen, seen->accepted);
	}
	while (seen->finished) {
		forget(seen, seen->finished);
	}
	free(seen->buckets);
	*seen = (struct link_seen){ 0 };
}

bool link_seen_add(struct link_seen *seen, const struct wire_key *key,
		   enum link_seen_state state, int64_t now_ms,
		   enum link_seen_state *ret_state)
{
	struct link_seen_entry *entry = find(seen, key);

	if (entry) {
		if (entry->state == LINK_FINISHED) {
			move(seen, entry, LINK_FINISHED);
		}
		*ret_state = entry->state;
		return false;
	}
	entry = alloc_zeroed(1, sizeof(*entry));
	entry->key = *key;
	entry->state = state;
	entry->since_ms = now_ms;
	table_add(seen, entry);
	struct link_seen_entry **list = list_of(seen, state);

	DL_APPEND(*list, entry);
	seen->in_hand++;
	*ret_state = state;
	return true;
}

void link_seen_accept(struct link_seen *seen, const struct wire_key *key)
{
	struct link_seen_entry *entry = find(seen, key);

	if (entry && entry->state == LINK_HELD) {
		move(seen, entry, LINK_ACCEPTED);
	}
}

void link_seen_finish(struct link_seen *seen, const struct wire_key *key)
{
	struct link_seen_entry *entry = find(seen, key);

	if (entry && entry->state != LINK_FINISHED) {
		move(seen, entry, LINK_FINISHED);
	}
}

void link_seen_finish_all(struct link_seen *seen,
			  void (*each)(void *arg, const struct wire_key *key),
			  void *arg)
{
	while (seen->held || seen->accepted) {
		struct link_seen_entry *entry =
		    seen->held ? seen->held : seen->accepted;
		struct wire_key key = entry->key;

		move(seen, entry, LINK_FINISHED);
		each(arg, &key);
	}
}

const struct wire_key *link_seen_oldest(const struct link_seen *seen,
					int64_t *ret_since_ms)
{
	if (!seen->held) {
		return NULL;
	}
	*ret_since_ms = seen->held->since_ms;
	return &seen->held->key;
}
