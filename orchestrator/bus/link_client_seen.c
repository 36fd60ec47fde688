#include "bus/link_client_seen.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

#include <uthash.h>
#include <utlist.h>

struct link_seen_entry {
	struct wire_key key;
	enum link_seen_state state;
	int64_t since_ms;
	struct link_seen_entry *prev;
	struct link_seen_entry *next;
	UT_hash_handle hh;
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

static struct link_seen_entry *find(const struct link_seen *seen,
				    const struct wire_key *key)
{
	struct link_seen_entry *entry;

	HASH_FIND(hh, seen->table, key, sizeof(*key), entry);
	return entry;
}

static void forget(struct link_seen *seen, struct link_seen_entry *entry)
{
	struct link_seen_entry **list = list_of(seen, entry->state);

	DL_DELETE(*list, entry);
	HASH_DELETE(hh, seen->table, entry);
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
	while (seen->table) {
		forget(seen, seen->table);
	}
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
	HASH_ADD(hh, seen->table, key, sizeof(entry->key), entry);
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
