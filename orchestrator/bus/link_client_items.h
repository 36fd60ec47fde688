/*
 * Items on their way to the orchestrator: copies, in order. A queue takes them
 * from any thread; lists belong to the client's thread.
 *
 * Waking a thread costs more than most of what it is woken for. The owner is
 * not woken while it is awake anyway, nor as long as more is expected.
 */
#ifndef BUS_LINK_CLIENT_ITEMS_H
#define BUS_LINK_CLIENT_ITEMS_H

#include <pthread.h>
#include <stdatomic.h>

#include "bus/wire.h"

struct link_item {
	struct wire_item item; /* borrows from the bytes below */
	size_t size;           /* about, when encoded */
	struct link_item *prev;
	struct link_item *next;
	char bytes[];
};

/* Progress and log lines wait only up to this many; more are dropped, as they
 * would fill the memory while no orchestrator is there. */
#define LINK_ITEMS_LOOSE 4096

struct link_items {
	pthread_mutex_t lock;
	struct link_item *queue;   /* [lock] */
	size_t expected;           /* [lock] tasks that end soon */
	bool asleep;               /* [lock] the owner waits for `wake` */
	int wake;                  /* eventfd; -1: none */
	atomic_size_t total;       /* not freed yet */
	atomic_size_t loose;       /* of those, progress and log lines */
	atomic_uint_fast64_t lost; /* lines dropped since the last report */
};

/* E_IO when there is no descriptor left. */
int link_items_init(struct link_items *items, struct err *reterr);
void link_items_fini(struct link_items *items);

/* [any thread] */
void link_items_put(struct link_items *items, const struct wire_item *item);
bool link_items_settled(const struct link_items *items);

/*
 * So many more tasks are likely to end at once: until they have, or it is given
 * up with link_items_expect_none(), items wait for them. Owner's thread, as all
 * below.
 */
void link_items_expect(struct link_items *items, size_t count);
void link_items_expect_none(struct link_items *items);
bool link_items_expects(struct link_items *items);

/* Is there nothing to be taken? Then `wake` becomes readable with the next item
 * that is not waited with. */
bool link_items_sleep(struct link_items *items);
/* The owner is awake; `woken`: because `wake` was readable. */
void link_items_awake(struct link_items *items, bool woken);

/* Put a line that says how many were lost, if there is room again. */
void link_items_report(struct link_items *items, struct slice plugin);

/* Moves what was put to the end of `list`, unless more is expected; returns the
 * first of it or NULL. */
struct link_item *link_items_take(struct link_items *items,
				  struct link_item **list);

/* As much of `from` as one frame holds goes to `to`, in order. */
size_t link_items_batch(struct link_item **from, struct link_item **to);

/* Free the whole list. */
void link_items_free(struct link_items *items, struct link_item **list);

/* Free what a new session has no use for: what is not a completion or a line
 * of the log. */
void link_items_prune(struct link_items *items, struct link_item **list);

#endif
