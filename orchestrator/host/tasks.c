#include "host/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define BUCKETS_FIRST 64

void host_tasks_init(struct host_tasks *tasks)
{
	memset(tasks, 0, sizeof(*tasks));
	(void)pthread_mutex_init(&tasks->lock, NULL);
	tasks->bucket_count = BUCKETS_FIRST;
	tasks->buckets = alloc_zeroed(BUCKETS_FIRST, sizeof(*tasks->buckets));
}

void host_tasks_fini(struct host_tasks *tasks)
{
	free(tasks->buckets);
	(void)pthread_mutex_destroy(&tasks->lock);
}

struct tutti_task_id host_task_id(const struct host_key *key)
{
	return (struct tutti_task_id){
		.run_high = read_u64(key->run.bytes),
		.run_low = read_u64(key->run.bytes + 8),
		.number = key->number,
	};
}

static bool same_id(struct tutti_task_id a, struct tutti_task_id b)
{
	return a.run_high == b.run_high && a.run_low == b.run_low &&
	       a.number == b.number;
}

/* Run ids are random in their low half; numbers count up. */
static struct delivery **bucket_of(const struct host_tasks *tasks,
				   struct tutti_task_id id)
{
	uint64_t hash = (id.run_low ^ id.number) * UINT64_C(0x9e3779b97f4a7c15);

	return &tasks->buckets[(hash >> 32) & (tasks->bucket_count - 1)];
}

static void grow(struct host_tasks *tasks)
{
	struct delivery **old = tasks->buckets;
	size_t count = tasks->bucket_count;

	tasks->bucket_count = count * 2;
	tasks->buckets =
	    alloc_zeroed(tasks->bucket_count, sizeof(*tasks->buckets));
	for (size_t i = 0; i < count; i++) {
		while (old[i]) {
			struct delivery *delivery = old[i];
			struct delivery **bucket =
			    bucket_of(tasks, delivery->task.id);

			old[i] = delivery->next;
			delivery->next = *bucket;
			*bucket = delivery;
		}
	}
	free(old);
}

static void door_take(struct delivery *delivery)
{
	struct host_plugin *plugin = delivery->plugin;
	struct host_door *door = plugin->free_door;

	if (door) {
		plugin->free_door = door->next;
	} else {
		door = alloc_zeroed(1, sizeof(*door));
		host_door_init(door, plugin);
	}
	door->next = NULL;
	door->delivery = delivery;
	delivery->door = door;
	delivery->task.host = &door->table;
}

/* [tasks lock] */
static int may_add(const struct host_tasks *tasks, const struct delivery *new,
		   struct err *reterr)
{
	const struct host_plugin *plugin = new->plugin;

	if (plugin->in_flight >= plugin->max_tasks) {
		return err_set(reterr, E_BUSY,
			       "plugin '%s' has its %u tasks already",
			       plugin->about.name, plugin->max_tasks);
	}
	for (const struct delivery *other = *bucket_of(tasks, new->task.id);
	     other; other = other->next) {
		if (same_id(other->task.id, new->task.id) &&
		    other->key.attempt == new->key.attempt) {
			return err_set(reterr, E_CONFLICT,
				       "attempt %u of this task is with "
				       "plugin '%s' already",
				       new->key.attempt,
				       other->plugin->about.name);
		}
	}
	return 0;
}

/* [tasks lock] */
static void add(struct host_tasks *tasks, struct delivery *new)
{
	if (tasks->len == tasks->bucket_count) {
		grow(tasks);
	}
	struct delivery **bucket = bucket_of(tasks, new->task.id);

	for (struct delivery *old = *bucket; old; old = old->next) {
		if (same_id(old->task.id, new->task.id) &&
		    old->key.attempt < new->key.attempt) {
			old->over = true;
		}
	}
	new->next = *bucket;
	*bucket = new;
	new->listed = true;
	tasks->len++;
	new->plugin->in_flight++;
	host_blame_count(new->plugin->blame, 1);
	new->plugin->pinned++;
	atomic_fetch_add(&tasks->pinned, 1);
	door_take(new);
}

int host_tasks_add(struct host_tasks *tasks, struct delivery *delivery,
		   struct err *reterr)
{
	(void)pthread_mutex_lock(&tasks->lock);
	int rc = may_add(tasks, delivery, reterr);

	if (rc == 0) {
		add(tasks, delivery);
	}
	(void)pthread_mutex_unlock(&tasks->lock);
	return rc;
}

/* [tasks lock] */
static void unlink_from(struct host_tasks *tasks, struct delivery *delivery)
{
	struct delivery **place = bucket_of(tasks, delivery->task.id);

	while (*place != delivery) {
		place = &(*place)->next;
	}
	*place = delivery->next;
	delivery->listed = false;
	tasks->len--;
	delivery->plugin->in_flight--;
	host_blame_count(delivery->plugin->blame, -1);
}

bool host_tasks_listed(struct host_tasks *tasks,
		       const struct delivery *delivery)
{
	(void)pthread_mutex_lock(&tasks->lock);
	bool listed = delivery->listed;

	(void)pthread_mutex_unlock(&tasks->lock);
	return listed;
}

enum host_taken host_tasks_take(struct host_tasks *tasks,
				struct delivery *delivery)
{
	enum host_taken taken = HOST_NOT_MINE;

	(void)pthread_mutex_lock(&tasks->lock);
	if (delivery->listed) {
		taken = delivery->over ? HOST_TAKEN_OVER : HOST_TAKEN;
		unlink_from(tasks, delivery);
	}
	(void)pthread_mutex_unlock(&tasks->lock);
	return taken;
}

/* [tasks lock] */
static struct delivery *oldest(const struct host_tasks *tasks,
			       const struct host_plugin *plugin,
			       struct tutti_task_id id)
{
	struct delivery *found = NULL;

	for (struct delivery *each = *bucket_of(tasks, id); each;
	     each = each->next) {
		if (each->plugin == plugin && same_id(each->task.id, id) &&
		    (!found || each->key.attempt < found->key.attempt)) {
			found = each;
		}
	}
	return found;
}

struct delivery *host_tasks_find(struct host_tasks *tasks,
				 const struct host_door *door,
				 struct tutti_task_id id)
{
	(void)pthread_mutex_lock(&tasks->lock);
	struct delivery *found = door->delivery;

	if (!found || !same_id(found->task.id, id)) {
		found = oldest(tasks, door->plugin, id);
	} else if (!found->listed) {
		found = NULL;
	}
	if (found) {
		atomic_fetch_add(&found->references, 1);
	}
	(void)pthread_mutex_unlock(&tasks->lock);
	return found;
}

struct delivery *host_tasks_find_key(struct host_tasks *tasks,
				     const struct host_key *key)
{
	struct tutti_task_id id = host_task_id(key);

	(void)pthread_mutex_lock(&tasks->lock);
	struct delivery *found = *bucket_of(tasks, id);

	while (found && (!same_id(found->task.id, id) ||
			 found->key.attempt != key->attempt)) {
		found = found->next;
	}
	if (found) {
		atomic_fetch_add(&found->references, 1);
	}
	(void)pthread_mutex_unlock(&tasks->lock);
	return found;
}

void host_tasks_release(struct host_tasks *tasks, struct delivery *delivery)
{
	struct host_plugin *plugin = delivery->plugin;

	(void)pthread_mutex_lock(&tasks->lock);
	delivery->door->delivery = NULL;
	delivery->door->next = plugin->free_door;
	plugin->free_door = delivery->door;
	plugin->pinned--;
	(void)pthread_mutex_unlock(&tasks->lock);
}
