#include "filter/slots.h"

#include <stdlib.h>

#include "base/alloc.h"

#define SLOTS_MIN 16

void slots_fini(struct slots *slots)
{
	free(slots->list);
	*slots = (struct slots){ 0 };
}

static void put(struct slots *slots, struct slot slot)
{
	size_t at = (size_t)slot.hash & slots->mask;

	while (slots->list[at].number) {
		at = (at + 1) & slots->mask;
	}
	slots->list[at] = slot;
}

static void grow(struct slots *slots)
{
	struct slots old = *slots;
	size_t old_cap = old.list ? old.mask + 1 : 0;
	size_t cap = old_cap ? old_cap * 2 : SLOTS_MIN;

	slots->list = alloc_zeroed(cap, sizeof(*slots->list));
	slots->mask = cap - 1;
	for (size_t i = 0; i < old_cap; i++) {
		if (old.list[i].number) {
			put(slots, old.list[i]);
		}
	}
	free(old.list);
}

void slots_add(struct slots *slots, uint64_t hash, uint32_t number)
{
	size_t cap = slots->list ? slots->mask + 1 : 0;

	/* At most three in four are taken. */
	if (slots->len + 1 > cap - cap / 4) {
		grow(slots);
	}
	put(slots, (struct slot){ hash, number });
	slots->len++;
}

/* Who stands behind the gap moves up, unless its home lies behind it. */
static void close_gap(struct slots *slots, size_t gap)
{
	size_t at = gap;

	for (;;) {
		at = (at + 1) & slots->mask;
		struct slot *slot = &slots->list[at];

		if (!slot->number) {
			break;
		}
		size_t home = (size_t)slot->hash & slots->mask;

		if (((at - home) & slots->mask) >= ((at - gap) & slots->mask)) {
			slots->list[gap] = *slot;
			gap = at;
		}
	}
	slots->list[gap] = (struct slot){ 0 };
}

void slots_remove(struct slots *slots, uint64_t hash, uint32_t number)
{
	size_t at = (size_t)hash & slots->mask;

	while (slots->list[at].hash != hash ||
	       slots->list[at].number != number) {
		at = (at + 1) & slots->mask;
	}
	close_gap(slots, at);
	slots->len--;
}
