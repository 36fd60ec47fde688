#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "bridge/embedded.h"
#include "document/json.h"

static bool same_name(const struct chain_node *node, const void *key)
{
	const struct slice *name = key;

	return slice_is(*name, chains_entry(node, struct queue, node)->name);
}

static uint32_t hash_name(struct slice name)
{
	return (uint32_t)hash_bytes(name.ptr, name.len);
}

struct queue *embedded_find(const struct queue_backend *backend,
			    struct slice name)
{
	struct chain_node *node =
	    chains_find(&backend->queues, hash_name(name), same_name, &name);

	return node ? chains_entry(node, struct queue, node) : NULL;
}

static void append(struct queue_backend *backend, struct queue *queue)
{
	queue->before = backend->last;
	*(queue->before ? &queue->before->next : &backend->first) = queue;
	backend->last = queue;
}

static void take_out(struct queue_backend *backend, struct queue *queue)
{
	*(queue->before ? &queue->before->next : &backend->first) = queue->next;
	*(queue->next ? &queue->next->before : &backend->last) = queue->before;
}

struct queue *embedded_need(struct queue_backend *backend, struct slice name,
			    struct slice plugin)
{
	struct queue *queue = embedded_find(backend, name);

	if (queue) {
		return queue;
	}
	queue = alloc_zeroed(1, sizeof(*queue));
	queue->name = slice_dup(name);
	queue->plugin = slice_dup(plugin);
	queue->policy = queue_policy_default();
	order_init(&queue->order);
	chains_add(&backend->queues, &queue->node, hash_name(name));
	append(backend, queue);
	return queue;
}

void embedded_destroy(struct queue *queue)
{
	order_fini(&queue->order);
	chains_fini(&queue->groups);
	queue_policy_fini(&queue->policy);
	free(queue->paused_by);
	free(queue->plugin);
	free(queue->name);
	free(queue);
}

void embedded_write(struct queue_backend *backend, const struct queue *queue)
{
	struct value policy = queue_policy_to_value(&queue->policy);
	struct buf text = { 0 };

	json_write(&text, &policy, JSON_COMPACT);
	store_put_queue(backend->options.store,
			&(struct queue_record){
			    .name = slice_of(queue->name),
			    .plugin = slice_of(queue->plugin),
			    .policy = buf_slice(&text),
			    .paused_by = slice_of(queue->paused_by),
			    .paused_us = queue->paused_us,
			});
	buf_fini(&text);
	value_clear(&policy);
}

bool embedded_is_empty(const struct queue *queue)
{
	return !queue->waiting_count && !queue->leased_count &&
	       !queue->dead_count;
}

void embedded_settle(struct queue_backend *backend, struct queue *queue)
{
	if (!queue->retired || !embedded_is_empty(queue)) {
		return;
	}
	if (queue->pace.slot) {
		heap_remove(&backend->paces, &queue->pace);
	}
	store_delete_queue(backend->options.store, slice_of(queue->name));
	chains_remove(&backend->queues, &queue->node);
	take_out(backend, queue);
	embedded_destroy(queue);
}

static bool is_set_so(const struct queue *queue, struct slice plugin,
		      const struct queue_policy *policy)
{
	return queue->stored && slice_is(plugin, queue->plugin) &&
	       queue_policy_equal(&queue->policy, policy);
}

void embedded_set(struct queue_backend *backend, struct slice name,
		  struct slice plugin, const struct queue_policy *policy,
		  int64_t now_us)
{
	struct queue *queue = embedded_need(backend, name, plugin);

	queue->retired = false;
	if (is_set_so(queue, plugin, policy)) {
		return;
	}
	free(queue->plugin);
	queue->plugin = slice_dup(plugin);
	queue_policy_fini(&queue->policy);
	queue->policy = queue_policy_copy(policy);
	queue->stored = true;
	embedded_write(backend, queue);
	pace_change(backend, queue, now_us);
	pace_review(backend, queue, now_us);
}

void embedded_retire(struct queue_backend *backend, struct slice name)
{
	struct queue *queue = embedded_find(backend, name);

	if (queue) {
		queue->retired = true;
		embedded_settle(backend, queue);
	}
}

static int cannot_pause(int code, struct slice name, const struct queue *queue,
			struct err *reterr)
{
	if (!queue) {
		return err_set(reterr, code, "there is no queue '%.*s'",
			       SLICE_ARG(name));
	}
	return queue->paused_by
		   ? err_set(reterr, code, "queue '%.*s' is paused already",
			     SLICE_ARG(name))
		   : err_set(reterr, code, "queue '%.*s' is not paused",
			     SLICE_ARG(name));
}

int embedded_pause(struct queue_backend *backend, struct slice name,
		   struct slice by, int64_t now_us, struct err *reterr)
{
	struct queue *queue = embedded_find(backend, name);

	if (!queue) {
		return cannot_pause(E_NOT_FOUND, name, queue, reterr);
	}
	if (!queue->paused_by == !by.len) {
		return cannot_pause(E_UNCHANGED, name, queue, reterr);
	}
	free(queue->paused_by);
	queue->paused_by = by.len ? slice_dup(by) : NULL;
	queue->paused_us = by.len ? now_us : 0;
	embedded_write(backend, queue);
	pace_review(backend, queue, now_us);
	return 0;
}
