#include "bridge/bridge.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

#include <uthash.h>

enum outlet_use {
	OUTLET_FOUND,   /* the driver has it from before the restart */
	OUTLET_USED,    /* its plugin has it */
	OUTLET_RETIRED, /* it is there until it is empty */
};

/* A queue, as something to hand out from. */
struct outlet {
	char *queue;
	struct source *source;
	enum outlet_use use;
	struct outlet *next_of_source;
	bool marked; /* it may have something, and its plugin a free slot */
	struct outlet *next_marked;
	UT_hash_handle hh; /* by queue */
};

/* A plugin with the queues whose messages are for it. */
struct source {
	char *plugin;
	struct outlet *outlets;
	UT_hash_handle hh; /* by plugin */
};

/* Names of queues that a driver's threads say are ready. */
struct inbox {
	pthread_mutex_t lock;
	char **names;
	size_t len;
	size_t cap;
};

struct bridge {
	struct bridge_options options;
	struct queue_backend *backend;
	pthread_t loop;
	struct outlet *outlets;     /* uthash */
	struct source *sources;     /* uthash */
	struct outlet *marked;      /* each in turn: taken here, */
	struct outlet *marked_last; /* put back here */
	struct outlet *leased;      /* what bridge_next() has leased from */
	struct inbox inbox;
};

/* ---- queues and their plugins ---- */

static struct outlet *find_outlet(const struct bridge *bridge,
				  struct slice queue)
{
	struct outlet *outlet;

	HASH_FIND(hh, bridge->outlets, queue.ptr, queue.len, outlet);
	return outlet;
}

static struct source *find_source(const struct bridge *bridge,
				  struct slice plugin)
{
	struct source *source;

	HASH_FIND(hh, bridge->sources, plugin.ptr, plugin.len, source);
	return source;
}

static struct source *need_source(struct bridge *bridge, struct slice plugin)
{
	struct source *source = find_source(bridge, plugin);

	if (!source) {
		source = alloc_zeroed(1, sizeof(*source));
		source->plugin = slice_dup(plugin);
		HASH_ADD_KEYPTR(hh, bridge->sources, source->plugin, plugin.len,
				source);
	}
	return source;
}

/* As the last one. */
static void join(struct outlet *outlet, struct source *source)
{
	struct outlet **at = &source->outlets;

	while (*at) {
		at = &(*at)->next_of_source;
	}
	outlet->source = source;
	outlet->next_of_source = NULL;
	*at = outlet;
}

static void part_from(struct outlet *outlet)
{
	struct outlet **at = &outlet->source->outlets;

	while (*at != outlet) {
		at = &(*at)->next_of_source;
	}
	*at = outlet->next_of_source;
}

static struct outlet *add_outlet(struct bridge *bridge, struct slice queue,
				 struct slice plugin, enum outlet_use use)
{
	struct outlet *outlet = alloc_zeroed(1, sizeof(*outlet));

	outlet->queue = slice_dup(queue);
	outlet->use = use;
	join(outlet, need_source(bridge, plugin));
	HASH_ADD_KEYPTR(hh, bridge->outlets, outlet->queue, queue.len, outlet);
	return outlet;
}

/* ---- marks ---- */

static void mark(struct bridge *bridge, struct outlet *outlet)
{
	if (outlet->marked) {
		return;
	}
	outlet->marked = true;
	outlet->next_marked = NULL;
	if (bridge->marked_last) {
		bridge->marked_last->next_marked = outlet;
	} else {
		bridge->marked = outlet;
	}
	bridge->marked_last = outlet;
}

static struct outlet *take_marked(struct bridge *bridge)
{
	struct outlet *outlet = bridge->marked;

	if (outlet) {
		bridge->marked = outlet->next_marked;
		if (!bridge->marked) {
			bridge->marked_last = NULL;
		}
		outlet->marked = false;
	}
	return outlet;
}

static void unmark(struct bridge *bridge, struct outlet *outlet)
{
	struct outlet **at = &bridge->marked;
	struct outlet *last = NULL;

	if (!outlet->marked) {
		return;
	}
	while (*at != outlet) {
		last = *at;
		at = &last->next_marked;
	}
	*at = outlet->next_marked;
	if (bridge->marked_last == outlet) {
		bridge->marked_last = last;
	}
	outlet->marked = false;
}

static void forget_outlet(struct bridge *bridge, struct outlet *outlet)
{
	unmark(bridge, outlet);
	if (bridge->leased == outlet) {
		bridge->leased = NULL;
	}
	part_from(outlet);
	HASH_DEL(bridge->outlets, outlet);
	free(outlet->queue);
	free(outlet);
}

static bool is_empty(const struct bridge *bridge, const struct outlet *outlet)
{
	return bridge->options.driver->empty(bridge->backend,
					     slice_of(outlet->queue));
}

/* One that was retired is gone as soon as it is empty. */
static bool is_gone(const struct bridge *bridge, const struct outlet *outlet)
{
	return outlet->use == OUTLET_RETIRED && is_empty(bridge, outlet);
}

static void post(struct bridge *bridge, struct slice queue)
{
	struct inbox *inbox = &bridge->inbox;

	(void)pthread_mutex_lock(&inbox->lock);
	alloc_grow(inbox->names, inbox->len, inbox->cap);
	inbox->names[inbox->len++] = slice_dup(queue);
	(void)pthread_mutex_unlock(&inbox->lock);
	bridge->options.wake(bridge->options.arg);
}

static void ready(void *arg, struct slice queue)
{
	struct bridge *bridge = arg;
	struct outlet *outlet;

	if (!pthread_equal(pthread_self(), bridge->loop)) {
		post(bridge, queue);
		return;
	}
	outlet = find_outlet(bridge, queue);
	if (outlet) {
		mark(bridge, outlet);
	}
}

static void read_inbox(struct bridge *bridge)
{
	struct inbox *inbox = &bridge->inbox;

	(void)pthread_mutex_lock(&inbox->lock);
	for (size_t i = 0; i < inbox->len; i++) {
		struct outlet *outlet =
		    find_outlet(bridge, slice_of(inbox->names[i]));

		if (outlet) {
			mark(bridge, outlet);
		}
		free(inbox->names[i]);
	}
	inbox->len = 0;
	(void)pthread_mutex_unlock(&inbox->lock);
}

/* ---- life ---- */

static void found(void *arg, struct slice queue, struct slice plugin)
{
	struct bridge *bridge = arg;

	/* What it said it had while it was opened was not known yet. */
	mark(bridge, add_outlet(bridge, queue, plugin, OUTLET_FOUND));
}

int bridge_open(const struct bridge_options *options, int64_t now_us,
		struct bridge **ret_bridge, struct err *reterr)
{
	struct bridge *bridge = alloc_zeroed(1, sizeof(*bridge));
	struct queue_backend_options backend = {
		.store = options->store,
		.ready = ready,
		.arg = bridge,
	};
	int rc;

	bridge->options = *options;
	bridge->loop = pthread_self();
	(void)pthread_mutex_init(&bridge->inbox.lock, NULL);
	rc = options->driver->open(&backend, now_us, &bridge->backend, reterr);
	if (rc) {
		bridge_close(bridge);
		return rc;
	}
	options->driver->each_queue(bridge->backend, found, bridge);
	*ret_bridge = bridge;
	return 0;
}

static void free_outlets(struct bridge *bridge)
{
	struct outlet *outlet = bridge->outlets;

	HASH_CLEAR(hh, bridge->outlets);
	while (outlet) {
		struct outlet *next = outlet->hh.next;

		free(outlet->queue);
		free(outlet);
		outlet = next;
	}
}

static void free_sources(struct bridge *bridge)
{
	struct source *source = bridge->sources;

	HASH_CLEAR(hh, bridge->sources);
	while (source) {
		struct source *next = source->hh.next;

		free(source->plugin);
		free(source);
		source = next;
	}
}

void bridge_close(struct bridge *bridge)
{
	if (!bridge) {
		return;
	}
	/* Its threads end first. */
	bridge->options.driver->close(bridge->backend);
	free_outlets(bridge);
	free_sources(bridge);
	for (size_t i = 0; i < bridge->inbox.len; i++) {
		free(bridge->inbox.names[i]);
	}
	free(bridge->inbox.names);
	(void)pthread_mutex_destroy(&bridge->inbox.lock);
	free(bridge);
}

/* ---- which plugin has which queue ---- */

/* A queue is another plugin's as long as that uses it, or messages are in it.
 */
int bridge_check_plugin(const struct bridge *bridge, struct slice plugin,
			const struct queue_policy *policy, struct err *reterr)
{
	struct outlet *outlet =
	    policy ? find_outlet(bridge, queue_policy_name(policy, plugin))
		   : NULL;

	if (!outlet || slice_is(plugin, outlet->source->plugin)) {
		return 0;
	}
	if (outlet->use == OUTLET_USED) {
		return err_set(reterr, E_CONFLICT,
			       "queue '%s' is that of plugin '%s'",
			       outlet->queue, outlet->source->plugin);
	}
	if (is_empty(bridge, outlet)) {
		return 0;
	}
	return err_set(reterr, E_CONFLICT,
		       "queue '%s' has messages of plugin '%s'", outlet->queue,
		       outlet->source->plugin);
}

static void retire_others(struct bridge *bridge, struct slice plugin,
			  struct slice name)
{
	struct source *source = find_source(bridge, plugin);
	struct outlet *outlet = source ? source->outlets : NULL;
	struct outlet *next;

	for (; outlet; outlet = next) {
		next = outlet->next_of_source;
		if (slice_is(name, outlet->queue)) {
			continue;
		}
		if (outlet->use != OUTLET_RETIRED) {
			outlet->use = OUTLET_RETIRED;
			bridge->options.driver->retire(bridge->backend,
						       slice_of(outlet->queue));
		}
		if (is_gone(bridge, outlet)) {
			forget_outlet(bridge, outlet);
		}
	}
}

static struct outlet *use_outlet(struct bridge *bridge, struct slice queue,
				 struct slice plugin)
{
	struct outlet *outlet = find_outlet(bridge, queue);

	if (!outlet) {
		return add_outlet(bridge, queue, plugin, OUTLET_USED);
	}
	outlet->use = OUTLET_USED;
	if (!slice_is(plugin, outlet->source->plugin)) {
		part_from(outlet);
		join(outlet, need_source(bridge, plugin));
	}
	return outlet;
}

int bridge_set_plugin(struct bridge *bridge, struct slice plugin,
		      const struct queue_policy *policy, int64_t now_us,
		      struct err *reterr)
{
	int rc = bridge_check_plugin(bridge, plugin, policy, reterr);
	struct slice name = { 0 };

	if (rc) {
		return rc;
	}
	if (policy) {
		name = queue_policy_name(policy, plugin);
		mark(bridge, use_outlet(bridge, name, plugin));
		bridge->options.driver->set(bridge->backend, name, plugin,
					    policy, now_us);
	}
	retire_others(bridge, plugin, name);
	return 0;
}

int bridge_pause(struct bridge *bridge, struct slice queue, struct slice by,
		 int64_t now_us, struct err *reterr)
{
	return bridge->options.driver->pause(bridge->backend, queue, by, now_us,
					     reterr);
}

bool bridge_has_queue(const struct bridge *bridge, struct slice queue)
{
	const struct outlet *outlet = find_outlet(bridge, queue);

	return outlet && !is_gone(bridge, outlet);
}

void bridge_each_depth(const struct bridge *bridge,
		       void (*each)(void *arg, struct slice queue,
				    struct slice plugin,
				    const struct queue_depth *depth),
		       void *arg)
{
	const struct queue_driver *driver = bridge->options.driver;

	for (const struct outlet *outlet = bridge->outlets; outlet;
	     outlet = outlet->hh.next) {
		struct slice queue = slice_of(outlet->queue);
		struct queue_depth depth;

		if (driver->depth(bridge->backend, queue, &depth)) {
			each(arg, queue, slice_of(outlet->source->plugin),
			     &depth);
		}
	}
}

/* ---- orders ---- */

static void put(struct bridge *bridge, const struct queue_order *order,
		const struct message_key *key, int64_t now_us)
{
	struct queue_message message = {
		.key = *key,
		.queue = order->queue,
		.plugin = order->plugin,
		.group = order->group,
		.priority = order->priority,
		.visible_us = order->visible_us,
		.parts = { [MESSAGE_STASH] = order->stash,
			   [MESSAGE_OUTPUTS] = order->outputs,
			   [MESSAGE_WITH] = order->with },
	};

	/* The plugin may have come to another queue, or to none. */
	if (!find_outlet(bridge, order->queue)) {
		(void)add_outlet(bridge, order->queue, order->plugin,
				 OUTLET_RETIRED);
	}
	bridge->options.driver->put(bridge->backend, &message, now_us);
}

static void obey(struct bridge *bridge, const struct queue_order *order,
		 int64_t now_us)
{
	const struct queue_driver *driver = bridge->options.driver;
	struct queue_backend *backend = bridge->backend;
	struct message_key key = { order->run, order->task };

	switch (order->kind) {
	case QUEUE_PUT:
		put(bridge, order, &key, now_us);
		return;
	case QUEUE_EXTEND:
		driver->extend(backend, &key, now_us);
		return;
	case QUEUE_NACK:
		driver->nack(backend, &key, order->visible_us, order->error,
			     now_us);
		return;
	case QUEUE_EXPOSE:
		driver->expose(backend, &key, now_us);
		return;
	case QUEUE_BURY:
		driver->bury(backend, &key, order->error, now_us);
		return;
	case QUEUE_ACK:
		driver->ack(backend, &key, now_us);
		return;
	}
}

void bridge_obey(struct bridge *bridge, struct output *output, int64_t now_us)
{
	for (size_t i = 0; i < output->order_count; i++) {
		obey(bridge, &output->orders[i], now_us);
	}
	output_clear_orders(output);
}

/* ---- what there is ---- */

static void mark_hungry(struct bridge *bridge, struct engine *engine)
{
	const char *plugin;

	while ((plugin = engine_next_hungry(engine))) {
		struct source *source = find_source(bridge, slice_of(plugin));
		struct outlet *outlet = source ? source->outlets : NULL;

		for (; outlet; outlet = outlet->next_of_source) {
			mark(bridge, outlet);
		}
	}
}

/* What a plugin has no room for stays unmarked until it is hungry. */
static bool lease(struct bridge *bridge, const struct engine *engine,
		  struct outlet *outlet, int64_t now_us,
		  struct message_key *ret_key)
{
	struct slice queue = slice_of(outlet->queue);

	if (engine_free_slots(engine, slice_of(outlet->source->plugin)) == 0) {
		return false;
	}
	if (bridge->options.driver->lease(bridge->backend, queue, now_us,
					  ret_key) == 0) {
		if (is_gone(bridge, outlet)) {
			forget_outlet(bridge, outlet);
		}
		return false;
	}
	mark(bridge, outlet);
	/* The others are marked before it when the next slot is free. */
	part_from(outlet);
	join(outlet, outlet->source);
	bridge->leased = outlet;
	return true;
}

enum bridge_kind bridge_next(struct bridge *bridge, struct engine *engine,
			     int64_t now_us, struct message_key *ret_key)
{
	const struct queue_driver *driver = bridge->options.driver;
	struct outlet *outlet;

	driver->turn(bridge->backend, now_us);
	read_inbox(bridge);
	mark_hungry(bridge, engine);
	if (driver->expired(bridge->backend, now_us, ret_key)) {
		return BRIDGE_EXPIRED;
	}
	while ((outlet = take_marked(bridge))) {
		if (lease(bridge, engine, outlet, now_us, ret_key)) {
			return BRIDGE_LEASED;
		}
	}
	return BRIDGE_NOTHING;
}

void bridge_refused(struct bridge *bridge, const struct message_key *key,
		    int code, int64_t now_us)
{
	const struct queue_driver *driver = bridge->options.driver;

	switch (code) {
	case E_NOT_FOUND:
		driver->ack(bridge->backend, key, now_us);
		return;
	case E_BUSY:
		driver->refuse(bridge->backend, key, 0, now_us);
		if (bridge->leased) {
			unmark(bridge, bridge->leased);
		}
		return;
	case E_UNCHANGED:
		driver->refuse(bridge->backend, key, QUEUE_ASIDE, now_us);
		return;
	default: /* E_CONFLICT: who has it will say more of it */
		return;
	}
}

int64_t bridge_next_due(const struct bridge *bridge)
{
	if (bridge->marked) {
		return 1;
	}
	return bridge->options.driver->next_due(bridge->backend);
}

void bridge_clock_step(struct bridge *bridge, int64_t step_us)
{
	bridge->options.driver->clock_step(bridge->backend, step_us);
}

/* ---- by way of the driver ---- */

int bridge_parts(struct bridge *bridge, const struct message_key *key,
		 struct blob *ret_parts[MESSAGE_PARTS], struct err *reterr)
{
	return bridge->options.driver->parts(bridge->backend, key, ret_parts,
					     reterr);
}

size_t bridge_waiting(const struct bridge *bridge, struct slice queue,
		      struct message_key *ret_keys, size_t max)
{
	return bridge->options.driver->waiting(bridge->backend, queue, ret_keys,
					       max);
}

void bridge_drop_dead(struct bridge *bridge, const struct message_key *key)
{
	bridge->options.driver->drop_dead(bridge->backend, key);
}

void bridge_forget_run(struct bridge *bridge, const struct id *run)
{
	bridge->options.driver->forget_run(bridge->backend, run);
}

void bridge_committing(struct bridge *bridge)
{
	if (bridge->options.driver->committing) {
		bridge->options.driver->committing(bridge->backend);
	}
}

void bridge_committed(struct bridge *bridge)
{
	if (bridge->options.driver->committed) {
		bridge->options.driver->committed(bridge->backend);
	}
}
