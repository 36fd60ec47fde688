#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/embedded.h"

/* ---- finding ---- */

static bool same_letter(const struct chain_node *node, const void *arg)
{
	const struct letter *letter = chains_entry(node, struct letter, node);
	const struct message_key *key = arg;

	return letter->task == key->task && id_equal(&letter->run, &key->run);
}

/* Tasks of a run are neighbours in the table, as they are in time. */
static uint32_t hash_key(const struct message_key *key)
{
	return (uint32_t)hash_bytes(&key->run, sizeof(key->run)) + key->task;
}

struct letter *letter_find(const struct queue_backend *backend,
			   const struct message_key *key)
{
	struct chain_node *node =
	    chains_find(&backend->letters, hash_key(key), same_letter, key);

	return node ? chains_entry(node, struct letter, node) : NULL;
}

void letter_add(struct queue_backend *backend, struct letter *letter)
{
	struct message_key key = letter_key(letter);

	chains_add(&backend->letters, &letter->node, hash_key(&key));
}

struct message_key letter_key(const struct letter *letter)
{
	return (struct message_key){ letter->run, letter->task };
}

struct parcel *parcel_find(const struct queue_backend *backend,
			   const struct message_key *key)
{
	struct letter *letter = letter_find(backend, key);

	return letter && letter->state != MESSAGE_DEAD
		   ? (struct parcel *)(void *)letter
		   : NULL;
}

/* ---- groups ---- */

static bool same_group(const struct chain_node *node, const void *key)
{
	return slice_equal(chains_entry(node, struct group, node)->key,
			   *(const struct slice *)key);
}

static struct group *group_need(struct queue *queue, struct slice key)
{
	uint32_t hash = (uint32_t)hash_bytes(key.ptr, key.len);
	struct chain_node *node =
	    chains_find(&queue->groups, hash, same_group, &key);

	if (node) {
		return chains_entry(node, struct group, node);
	}
	struct group *group = alloc_zeroed(1, sizeof(*group));

	slice_own(&group->key, key);
	chains_add(&queue->groups, &group->node, hash);
	return group;
}

static void group_append(struct group *group, struct parcel *parcel)
{
	parcel->group = group;
	parcel->before = group->last;
	*(group->last ? &group->last->next : &group->first) = parcel;
	group->last = parcel;
}

/* Returns the one whose turn it is now; NULL: that has not changed. */
static struct parcel *group_leave(struct parcel *parcel)
{
	struct group *group = parcel->group;
	bool was_first = group->first == parcel;

	*(parcel->before ? &parcel->before->next : &group->first) =
	    parcel->next;
	*(parcel->next ? &parcel->next->before : &group->last) = parcel->before;
	parcel->before = parcel->next = NULL;
	parcel->group = NULL;
	if (!group->first) {
		chains_remove(&parcel->letter.queue->groups, &group->node);
		slice_disown(&group->key);
		free(group);
		return NULL;
	}
	return was_first ? group->first : NULL;
}

/* ---- in and out ---- */

static void add_waiting(struct parcel *parcel)
{
	struct queue *queue = parcel->letter.queue;

	parcel->waiting_before = NULL;
	parcel->waiting_next = queue->waiting;
	if (queue->waiting) {
		queue->waiting->waiting_before = parcel;
	}
	queue->waiting = parcel;
	queue->waiting_count++;
}

static void remove_waiting(struct parcel *parcel)
{
	struct queue *queue = parcel->letter.queue;

	*(parcel->waiting_before ? &parcel->waiting_before->waiting_next
				 : &queue->waiting) = parcel->waiting_next;
	if (parcel->waiting_next) {
		parcel->waiting_next->waiting_before = parcel->waiting_before;
	}
	queue->waiting_count--;
}

static void add_state(struct parcel *parcel)
{
	if (parcel->letter.state == MESSAGE_WAITING) {
		add_waiting(parcel);
	} else {
		parcel->letter.queue->leased_count++;
	}
}

static void remove_state(struct parcel *parcel)
{
	if (parcel->letter.state == MESSAGE_WAITING) {
		remove_waiting(parcel);
	} else {
		parcel->letter.queue->leased_count--;
	}
}

void parcel_set_state(struct parcel *parcel, enum message_state state)
{
	remove_state(parcel);
	parcel->letter.state = state;
	add_state(parcel);
}

void parcel_set_error(struct parcel *parcel, struct slice error)
{
	if (error.len) {
		error.len = utf8_floor(error, LIMIT_MESSAGE);
		free(parcel->error);
		parcel->error = slice_dup(error);
	}
}

static void file_later(struct queue_backend *backend, struct parcel *parcel)
{
	if (parcel->due_us != QUEUE_ASIDE) {
		parcel->where = PARCEL_IN_LATER;
		heap_add(&backend->later, &parcel->heap);
	}
}

void parcel_file(struct queue_backend *backend, struct parcel *parcel,
		 int64_t now_us)
{
	if (parcel->group && parcel->group->first != parcel) {
		return;
	}
	if (parcel->due_us > now_us) {
		file_later(backend, parcel);
		return;
	}
	order_add(&parcel->letter.queue->order, parcel);
	pace_review(backend, parcel->letter.queue, now_us);
}

void parcel_unfile(struct queue_backend *backend, struct parcel *parcel)
{
	switch ((enum parcel_where)parcel->where) {
	case PARCEL_NOWHERE:
		return;
	case PARCEL_IN_LEVEL:
	case PARCEL_IN_BACK:
		order_remove(&parcel->letter.queue->order, parcel);
		return;
	case PARCEL_IN_LATER:
		heap_remove(&backend->later, &parcel->heap);
		break;
	case PARCEL_IN_LEASES:
		heap_remove(&backend->leases, &parcel->heap);
		break;
	}
	parcel->where = PARCEL_NOWHERE;
}

void parcel_enter(struct queue_backend *backend, struct parcel *parcel,
		  struct slice group, int64_t now_us)
{
	letter_add(backend, &parcel->letter);
	add_waiting(parcel);
	if (group.len) {
		group.len = utf8_floor(group, LIMIT_QUEUE_GROUP);
		group_append(group_need(parcel->letter.queue, group), parcel);
	}
	parcel_file(backend, parcel, now_us);
}

void parcel_leave(struct queue_backend *backend, struct parcel *parcel,
		  int64_t now_us)
{
	struct queue *queue = parcel->letter.queue;
	struct parcel *next;

	parcel_unfile(backend, parcel);
	chains_remove(&backend->letters, &parcel->letter.node);
	remove_state(parcel);
	next = parcel->group ? group_leave(parcel) : NULL;
	if (next) {
		parcel_file(backend, next, now_us);
	}
	/* There may be one less to hand out, or one less in hands. */
	pace_review(backend, queue, now_us);
}

void parcel_free(struct parcel *parcel)
{
	free(parcel->error);
	free(parcel);
}
