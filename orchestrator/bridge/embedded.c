#include "bridge/embedded.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/view.h"

static bool parcel_before(const struct heap_node *a, const struct heap_node *b)
{
	return heap_entry(a, struct parcel, heap)->due_us <
	       heap_entry(b, struct parcel, heap)->due_us;
}

static bool queue_before(const struct heap_node *a, const struct heap_node *b)
{
	return heap_entry(a, struct queue, pace)->slot.us <
	       heap_entry(b, struct queue, pace)->slot.us;
}

static struct parcel *first_of(const struct heap *heap)
{
	struct heap_node *node = heap_first(heap);

	return node ? heap_entry(node, struct parcel, heap) : NULL;
}

/* ---- life ---- */

static void free_letter(void *arg, struct chain_node *node)
{
	struct letter *letter = chains_entry(node, struct letter, node);

	(void)arg;
	if (letter->state == MESSAGE_DEAD) {
		free(letter);
	} else {
		parcel_free((struct parcel *)(void *)letter);
	}
}

static void free_part(void *arg, struct chain_node *node)
{
	(void)arg;
	free(chains_entry(node, struct part, node));
}

static void free_group(void *arg, struct chain_node *node)
{
	struct group *group = chains_entry(node, struct group, node);

	(void)arg;
	slice_disown(&group->key);
	free(group);
}

static void free_queue(void *arg, struct chain_node *node)
{
	struct queue *queue = chains_entry(node, struct queue, node);

	chains_each(&queue->groups, free_group, arg);
	embedded_destroy(queue);
}

static void embedded_close(struct queue_backend *backend)
{
	if (!backend) {
		return;
	}
	part_forget_hashed(backend);
	view_close(backend->view);
	chains_each(&backend->letters, free_letter, NULL);
	chains_each(&backend->parts, free_part, NULL);
	chains_each(&backend->queues, free_queue, NULL);
	chains_fini(&backend->letters);
	chains_fini(&backend->parts);
	chains_fini(&backend->queues);
	heap_fini(&backend->later);
	heap_fini(&backend->leases);
	heap_fini(&backend->paces);
	free(backend);
}

static int embedded_open(const struct queue_backend_options *options,
			 int64_t now_us, struct queue_backend **ret_backend,
			 struct err *reterr)
{
	struct queue_backend *backend = alloc_zeroed(1, sizeof(*backend));
	int rc;

	backend->options = *options;
	backend->view = view_of_store(options->store);
	backend->later.before = parcel_before;
	backend->leases.before = parcel_before;
	backend->paces.before = queue_before;
	rc = embedded_load(backend, now_us, reterr);
	if (rc) {
		embedded_close(backend);
		return rc;
	}
	*ret_backend = backend;
	return 0;
}

/* ---- time ---- */

static int64_t embedded_next_due(const struct queue_backend *backend)
{
	const struct parcel *later = first_of(&backend->later);
	const struct parcel *lease = first_of(&backend->leases);
	int64_t due_us =
	    clock_earlier(later ? later->due_us : 0, lease ? lease->due_us : 0);

	return clock_earlier(due_us, pace_due(backend));
}

static void embedded_turn(struct queue_backend *backend, int64_t now_us)
{
	struct parcel *parcel;

	part_forget_hashed(backend);
	while ((parcel = first_of(&backend->later)) &&
	       parcel->due_us <= now_us) {
		parcel_unfile(backend, parcel);
		parcel_file(backend, parcel, now_us);
	}
	pace_turn(backend, now_us);
}

static bool counts_from_moment(const struct parcel *parcel)
{
	if (parcel->letter.state == MESSAGE_LEASED) {
		return parcel->due_us != 0;
	}
	return parcel->deliveries == 0 && parcel->due_us != 0 &&
	       parcel->due_us != QUEUE_ASIDE;
}

struct clock_step {
	struct queue_backend *backend;
	int64_t step_us;
};

/* Leases end with the process, a delay does not. */
static void step_letter(void *arg, struct chain_node *node)
{
	const struct clock_step *step = arg;
	struct letter *letter = chains_entry(node, struct letter, node);
	struct parcel *parcel = (struct parcel *)(void *)letter;

	if (letter->state == MESSAGE_DEAD || !counts_from_moment(parcel)) {
		return;
	}
	parcel->due_us += step->step_us;
	if (letter->state == MESSAGE_WAITING) {
		row_write(step->backend, parcel);
	}
}

static void step_queue(void *arg, struct chain_node *node)
{
	const struct clock_step *step = arg;

	chains_entry(node, struct queue, node)->slot.us += step->step_us;
}

static void embedded_clock_step(struct queue_backend *backend, int64_t step_us)
{
	struct clock_step step = { backend, step_us };

	chains_each(&backend->letters, step_letter, &step);
	chains_each(&backend->queues, step_queue, &step);
	heap_order(&backend->later);
	heap_order(&backend->leases);
	heap_order(&backend->paces);
}

/* ---- looking ---- */

static int embedded_parts(struct queue_backend *backend,
			  const struct message_key *key,
			  struct blob *ret_parts[MESSAGE_PARTS],
			  struct err *reterr)
{
	struct parcel *parcel = parcel_find(backend, key);
	struct blob *parts[MESSAGE_PARTS] = { NULL };
	int rc = 0;

	if (!parcel || parcel->letter.state != MESSAGE_LEASED) {
		return err_set(reterr, E_NOT_FOUND,
			       "nobody has a message of this task");
	}
	for (int i = 0; i < MESSAGE_PARTS && rc == 0; i++) {
		const struct part *part = parcel->letter.parts[i];

		if (part) {
			rc = view_part(backend->view, &key->run, part->key.hash,
				       &parts[i], reterr);
		}
	}
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		if (rc == 0) {
			ret_parts[i] = parts[i];
		} else {
			blob_unref(parts[i]);
		}
	}
	return rc;
}

static size_t embedded_waiting(const struct queue_backend *backend,
			       struct slice name, struct message_key *ret_keys,
			       size_t max)
{
	const struct queue *queue = embedded_find(backend, name);
	const struct parcel *parcel = queue ? queue->waiting : NULL;
	size_t len = 0;

	for (; parcel && len < max; parcel = parcel->waiting_next) {
		ret_keys[len++] = letter_key(&parcel->letter);
	}
	return len;
}

static bool embedded_empty(const struct queue_backend *backend,
			   struct slice name)
{
	const struct queue *queue = embedded_find(backend, name);

	return !queue || embedded_is_empty(queue);
}

static void embedded_each_queue(const struct queue_backend *backend,
				void (*each)(void *arg, struct slice queue,
					     struct slice plugin),
				void *arg)
{
	for (const struct queue *queue = backend->first; queue;
	     queue = queue->next) {
		each(arg, slice_of(queue->name), slice_of(queue->plugin));
	}
}

static bool embedded_depth(const struct queue_backend *backend,
			   struct slice name, struct queue_depth *ret_depth)
{
	const struct queue *queue = embedded_find(backend, name);

	if (queue) {
		*ret_depth = (struct queue_depth){
			.waiting = queue->waiting_count,
			.leased = queue->leased_count,
			.dead = queue->dead_count,
			.paused = queue->paused_by != NULL,
		};
	}
	return queue != NULL;
}

const struct queue_driver embedded_driver = {
	.name = "embedded",
	.open = embedded_open,
	.close = embedded_close,
	.set = embedded_set,
	.retire = embedded_retire,
	.pause = embedded_pause,
	.put = embedded_put,
	.lease = embedded_lease,
	.extend = embedded_extend,
	.nack = embedded_nack,
	.refuse = embedded_refuse,
	.expose = embedded_expose,
	.bury = embedded_bury,
	.ack = embedded_ack,
	.drop_dead = embedded_drop_dead,
	.forget_run = embedded_forget_run,
	.expired = embedded_expired,
	.next_due = embedded_next_due,
	.turn = embedded_turn,
	.clock_step = embedded_clock_step,
	.parts = embedded_parts,
	.waiting = embedded_waiting,
	.empty = embedded_empty,
	.each_queue = embedded_each_queue,
	.depth = embedded_depth,
};
