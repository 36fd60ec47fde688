#include "bridge/order.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

_Static_assert(ORDER_PAGE == 64, "a page has the bits of one word");
_Static_assert(ORDER_PAGES <= 32, "pages have the bits of one word");

/* Levels count from the highest priority down. */
static unsigned level_of(const struct parcel *parcel)
{
	return (unsigned)(QUEUE_PRIORITY_MAX - parcel->priority);
}

static bool comes_before(const struct parcel *a, const struct parcel *b)
{
	return a->priority != b->priority ? a->priority > b->priority
					  : a->place < b->place;
}

static bool heap_before(const struct heap_node *a, const struct heap_node *b)
{
	return comes_before(heap_entry(a, struct parcel, heap),
			    heap_entry(b, struct parcel, heap));
}

void order_init(struct order *order)
{
	*order = (struct order){ .back.before = heap_before };
}

void order_fini(struct order *order)
{
	for (unsigned i = 0; i < ORDER_PAGES; i++) {
		free(order->pages[i]);
	}
	heap_fini(&order->back);
}

static struct order_level *level_at(struct order *order, unsigned level)
{
	struct order_level **page = &order->pages[level / ORDER_PAGE];

	if (!*page) {
		*page = alloc_zeroed(ORDER_PAGE, sizeof(**page));
	}
	return &(*page)[level % ORDER_PAGE];
}

static void append(struct order *order, struct order_level *level,
		   struct parcel *parcel)
{
	unsigned at = level_of(parcel);

	parcel->where = PARCEL_IN_LEVEL;
	parcel->next = NULL;
	parcel->before = level->last;
	*(level->last ? &level->last->next : &level->first) = parcel;
	level->last = parcel;
	order->used[at / ORDER_PAGE] |= UINT64_C(1) << at % ORDER_PAGE;
	order->pages_used |= UINT32_C(1) << at / ORDER_PAGE;
}

void order_add(struct order *order, struct parcel *parcel)
{
	struct order_level *level = level_at(order, level_of(parcel));

	order->len++;
	/* The links of one in a group are the group's. */
	if (!parcel->group &&
	    (!level->last || level->last->place < parcel->place)) {
		append(order, level, parcel);
		return;
	}
	parcel->where = PARCEL_IN_BACK;
	heap_add(&order->back, &parcel->heap);
}

static void unlink_level(struct order *order, struct parcel *parcel)
{
	unsigned at = level_of(parcel);
	struct order_level *level = level_at(order, at);

	*(parcel->before ? &parcel->before->next : &level->first) =
	    parcel->next;
	*(parcel->next ? &parcel->next->before : &level->last) = parcel->before;
	parcel->before = parcel->next = NULL;
	if (level->first) {
		return;
	}
	order->used[at / ORDER_PAGE] &= ~(UINT64_C(1) << at % ORDER_PAGE);
	if (!order->used[at / ORDER_PAGE]) {
		order->pages_used &= ~(UINT32_C(1) << at / ORDER_PAGE);
	}
}

void order_remove(struct order *order, struct parcel *parcel)
{
	order->len--;
	if (parcel->where == PARCEL_IN_LEVEL) {
		unlink_level(order, parcel);
	} else {
		assert(parcel->where == PARCEL_IN_BACK);
		heap_remove(&order->back, &parcel->heap);
	}
	parcel->where = PARCEL_NOWHERE;
}

static struct parcel *first_of_levels(const struct order *order)
{
	if (!order->pages_used) {
		return NULL;
	}
	unsigned page = (unsigned)__builtin_ctz(order->pages_used);

	return order->pages[page][__builtin_ctzll(order->used[page])].first;
}

struct parcel *order_first(const struct order *order)
{
	struct parcel *fresh = first_of_levels(order);
	struct heap_node *node = heap_first(&order->back);
	struct parcel *back =
	    node ? heap_entry(node, struct parcel, heap) : NULL;

	if (!fresh || !back) {
		return fresh ? fresh : back;
	}
	return comes_before(back, fresh) ? back : fresh;
}
