#include "workload/events.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "document/pack.h"

/* `count` of the noise keys, in any order. */
static void put_noise(struct dice *dice, struct value *map, uint32_t count)
{
	uint32_t keys[NOISE_KEYS];

	for (uint32_t i = 0; i < NOISE_KEYS; i++) {
		keys[i] = i;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = dice_between(dice, i, NOISE_KEYS - 1);
		uint32_t key = keys[other];
		char name[8];
		char text[16];

		keys[other] = keys[i];
		(void)snprintf(name, sizeof(name), "x_%02u", key);
		(void)snprintf(text, sizeof(text), "%08x",
			       (unsigned)dice_next(dice));
		value_set(map, name, value_text(text));
	}
}

static struct value draw_attributes(struct fields *fields)
{
	struct value map = value_map();

	for (enum field field = 0; field < FIELDS; field++) {
		if (dice_chance(&fields->dice, field_present(field))) {
			value_set(&map, field_name(field),
				  fields_draw_member(fields, field));
		}
	}
	put_noise(&fields->dice, &map,
		  dice_between(&fields->dice, 0, NOISE_KEYS));
	return map;
}

struct event event_of(struct value attributes)
{
	struct event event = { .attributes = attributes };

	pack_write(&event.packed, &event.attributes);
	return event;
}

struct event *events_create(struct fields *fields, size_t len)
{
	struct event *events = alloc_zeroed(len, sizeof(*events));

	for (size_t i = 0; i < len; i++) {
		events[i] = event_of(draw_attributes(fields));
	}
	return events;
}

void events_destroy(struct event *events, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		value_clear(&events[i].attributes);
		buf_fini(&events[i].packed);
	}
	free(events);
}
