#include "engine/door.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct door *door_create(void)
{
	struct door *door = alloc_zeroed(1, sizeof(*door));
	static const char purpose[] = "filters";

	/* The process's own secret, so that nobody can choose collisions. */
	door->index = filter_index_create(hash_bytes(purpose, sizeof(purpose)));
	return door;
}

void attendance_destroy(struct attendance *attendance)
{
	HASH_DELETE(by_plugin, attendance->door->attendances, attendance);
	free(attendance);
}

void door_destroy(struct door *door)
{
	struct attendance *attendance;
	struct attendance *next;

	filter_index_destroy(door->index);
	for (size_t i = 0; i < door->len; i++) {
		if (door->places[i]) {
			filter_destroy(door->places[i]->filter);
			free(door->places[i]);
		}
	}
	HASH_ITER(by_plugin, door->attendances, attendance, next)
	{
		attendance_destroy(attendance);
	}
	free(door->places);
	free(door->free);
	free(door->counts);
	free(door);
}

bool door_is_empty(const struct door *door)
{
	return door->free_len == door->len;
}

struct attendance *door_attendance(const struct door *door,
				   const struct plugin *plugin)
{
	struct attendance *attendance = NULL;

	HASH_FIND(by_plugin, door->attendances, &plugin, sizeof(plugin),
		  attendance);
	return attendance;
}

/* ---- how many there are ---- */

/* The first entry of a generation after this one. */
static size_t counts_after(const struct door *door, uint64_t generation)
{
	size_t low = 0;
	size_t high = door->count_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (door->counts[middle].generation <= generation) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Those before the last that holds for the oldest generation anyone keeps. */
static void forget_counts(struct door *door, const struct pins *pins)
{
	size_t after =
	    pins->oldest ? counts_after(door, pins->oldest->generation) : 0;

	if (after > 1) {
		door->count_len -= after - 1;
		memmove(door->counts, &door->counts[after - 1],
			door->count_len * sizeof(*door->counts));
	}
}

/* One more or one less from `generation` on. A count that no run looks at is
 * overwritten, so there are no more of them than generations kept. */
static void count_change(struct door *door, uint64_t generation,
			 const struct pins *pins, bool more)
{
	struct door_count *last =
	    door->count_len ? &door->counts[door->count_len - 1] : NULL;
	size_t len = last ? last->len : 0;

	len = more ? len + 1 : len - 1;
	if (last && (last->generation == generation || !pins->newest ||
		     pins->newest->generation < last->generation)) {
		*last = (struct door_count){ generation, len };
		return;
	}
	forget_counts(door, pins);
	alloc_grow(door->counts, door->count_len, door->count_cap);
	door->counts[door->count_len++] =
	    (struct door_count){ generation, len };
}

void door_count_retired(const struct subscription *subscription, bool counted)
{
	struct door *door = subscription->attendance->door;

	for (size_t i = counts_after(door, subscription->born - 1);
	     i < door->count_len &&
	     door->counts[i].generation < subscription->retired;
	     i++) {
		door->counts[i].len += counted ? 1 : (size_t)-1;
	}
}

size_t door_count(const struct door *door, uint64_t generation)
{
	size_t after = counts_after(door, generation);

	return after ? door->counts[after - 1].len : 0;
}

/* ---- what is there ---- */

static uint32_t take_place(struct door *door)
{
	if (door->free_len) {
		return door->free[--door->free_len];
	}
	alloc_grow(door->places, door->len, door->cap);
	return (uint32_t)door->len++;
}

static struct attendance *attend(struct door *door, struct plugin *plugin)
{
	struct attendance *attendance = alloc_zeroed(1, sizeof(*attendance));

	attendance->plugin = plugin;
	attendance->door = door;
	HASH_ADD(by_plugin, door->attendances, plugin, sizeof(plugin),
		 attendance);
	return attendance;
}

static void append(struct attendance *attendance,
		   struct subscription *subscription)
{
	subscription->attendance = attendance;
	subscription->previous = attendance->last;
	if (attendance->last) {
		attendance->last->next = subscription;
	} else {
		attendance->first = subscription;
	}
	attendance->last = subscription;
}

static void detach(struct attendance *attendance,
		   struct subscription *subscription)
{
	if (subscription->previous) {
		subscription->previous->next = subscription->next;
	} else {
		attendance->first = subscription->next;
	}
	if (subscription->next) {
		subscription->next->previous = subscription->previous;
	} else {
		attendance->last = subscription->previous;
	}
}

struct subscription *door_add(struct door *door, struct plugin *plugin,
			      struct filter *filter, uint64_t generation,
			      const struct pins *pins,
			      struct attendance **ret_attendance)
{
	struct subscription *subscription =
	    alloc_zeroed(1, sizeof(*subscription));
	struct attendance *attendance = door_attendance(door, plugin);

	*ret_attendance = NULL;
	if (!attendance) {
		attendance = attend(door, plugin);
		*ret_attendance = attendance;
	}
	append(attendance, subscription);
	subscription->filter = filter;
	subscription->born = generation;
	subscription->retired = NOT_RETIRED;
	subscription->place = take_place(door);
	door->places[subscription->place] = subscription;
	filter_index_add(door->index, filter, subscription->place, generation);
	count_change(door, generation, pins, true);
	return subscription;
}

void door_retire(struct subscription *subscription, uint64_t generation,
		 const struct pins *pins)
{
	struct door *door = subscription->attendance->door;

	subscription->retired = generation;
	(void)filter_index_retire(door->index, subscription->place, generation);
	count_change(door, generation, pins, false);
}

void door_remove(struct subscription *subscription, bool counted)
{
	struct attendance *attendance = subscription->attendance;
	struct door *door = attendance->door;

	if (counted) {
		door_count_retired(subscription, false);
	}
	(void)filter_index_remove(door->index, subscription->place);
	door->places[subscription->place] = NULL;
	alloc_grow(door->free, door->free_len, door->free_cap);
	door->free[door->free_len++] = subscription->place;
	detach(attendance, subscription);
	filter_destroy(subscription->filter);
	free(subscription);
}

bool subscription_is_seen(const struct subscription *subscription,
			  uint64_t generation)
{
	return subscription->born <= generation &&
	       generation < subscription->retired;
}
