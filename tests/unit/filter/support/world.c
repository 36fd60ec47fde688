#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "document/json.h"
#include "document/pack.h"
#include "random_filter.h"

static uint32_t id_of(const struct world *world, size_t slot)
{
	return (uint32_t)slot * world->stride;
}

void world_init(struct world *world, uint64_t seed)
{
	*world = (struct world){
		.seed = seed,
		.chance = { seed },
		.generation = 1,
	};
	words_init(&world->words, &world->chance);
	world->index = filter_index_create(chance_next(&world->chance));
	world->stride = chance_below(&world->chance, 4) ? 1 : 37;
	/* Most of them full to begin with. */
	for (size_t i = 0; i < WORLD_SLOTS * 2; i++) {
		world_change(world);
	}
}

static void slot_clear(struct slot *slot)
{
	filter_destroy(slot->filter);
	value_clear(&slot->document);
	*slot = (struct slot){ 0 };
}

void world_fini(struct world *world)
{
	filter_index_destroy(world->index);
	for (size_t i = 0; i < WORLD_SLOTS; i++) {
		slot_clear(&world->slots[i]);
	}
	words_fini(&world->words);
}

/* Often the same filter as another's, or one that has a clause of it. */
static void slot_fill(struct world *world, struct slot *slot)
{
	const struct slot *other =
	    &world->slots[chance_below(&world->chance, WORLD_SLOTS)];

	if (chance_percent(&world->chance, 1)) {
		slot->filter = NULL;
	} else if (other->filter && chance_percent(&world->chance, 10)) {
		slot->document = value_copy(&other->document);
		assert_int_equal(
		    filter_compile(&slot->document, &slot->filter, NULL), 0);
	} else {
		slot->document =
		    random_filter(&world->words, &world->chance, &slot->filter);
	}
	slot->used = true;
	slot->born = world->generation;
	slot->retired = UINT64_MAX;
}

static void add(struct world *world, size_t i)
{
	struct slot *slot = &world->slots[i];
	uint32_t id = id_of(world, i);

	if (slot->used) {
		return;
	}
	assert_int_equal(filter_index_remove(world->index, id), E_NOT_FOUND);
	assert_int_equal(filter_index_retire(world->index, id, 0), E_NOT_FOUND);
	slot_fill(world, slot);
	filter_index_add(world->index, slot->filter, id, slot->born);
}

static void retire(struct world *world, size_t i)
{
	struct slot *slot = &world->slots[i];
	uint32_t id = id_of(world, i);
	int rc = filter_index_retire(world->index, id, world->generation);

	if (!slot->used || slot->retired != UINT64_MAX) {
		assert_int_equal(rc, E_NOT_FOUND);
	} else {
		assert_int_equal(rc, 0);
		slot->retired = world->generation;
	}
}

static void remove_one(struct world *world, size_t i)
{
	struct slot *slot = &world->slots[i];
	int rc = filter_index_remove(world->index, id_of(world, i));

	assert_int_equal(rc, slot->used ? 0 : E_NOT_FOUND);
	slot_clear(slot);
}

void world_change(struct world *world)
{
	size_t i = chance_below(&world->chance, WORLD_SLOTS);
	uint32_t kind = chance_below(&world->chance, 100);

	world->step++;
	if (kind < 60) {
		add(world, i);
	} else if (kind < 75) {
		retire(world, i);
	} else if (kind < 90) {
		remove_one(world, i);
	} else {
		world->generation++;
	}
}

void world_change_later(struct world *world)
{
	size_t i = chance_below(&world->chance, WORLD_SLOTS);

	world->step++;
	if (chance_percent(&world->chance, 60)) {
		add(world, i);
	} else if (chance_percent(&world->chance, 80)) {
		retire(world, i);
	} else {
		world->generation++;
	}
}

static void differ(const struct world *world, const struct value *message,
		   size_t slot, const char *way, bool expected)
{
	struct buf text = { 0 };

	buf_printf(
	    &text, "TUTTI_SEED=%llu step %llu: %s, id %u, %s match\nfilter: ",
	    (unsigned long long)world->seed, (unsigned long long)world->step,
	    way, id_of(world, slot), expected ? "should" : "should not");
	json_write(&text, &world->slots[slot].document, JSON_COMPACT);
	buf_put_text(&text, "\nmessage: ");
	json_write(&text, message, JSON_COMPACT);
	print_error("%.*s\n", SLICE_ARG(buf_slice(&text)));
	buf_fini(&text);
	fail();
}

static bool is_seen(const struct slot *slot, uint64_t generation)
{
	return slot->used && slot->born <= generation &&
	       generation < slot->retired;
}

static void compare(struct world *world, const struct value *message,
		    const bool *expected, const uint32_t *ids, size_t len,
		    const char *way)
{
	size_t at = 0;

	for (size_t i = 0; i < WORLD_SLOTS; i++) {
		bool found = at < len && ids[at] == id_of(world, i);

		if (found != expected[i]) {
			differ(world, message, i, way, expected[i]);
		}
		at += found;
	}
	assert_int_equal(at, len);
}

/* What the oracle says of all filters, in whatever generation. */
static void ask_oracle(struct world *world, const struct value *message,
		       bool ret_matches[WORLD_SLOTS])
{
	for (size_t i = 0; i < WORLD_SLOTS; i++) {
		const struct slot *slot = &world->slots[i];

		ret_matches[i] =
		    slot->used && filter_match(slot->filter, message);
		world->pairs += slot->used;
		world->matches += ret_matches[i];
	}
}

static void check_generation(struct world *world, const struct value *message,
			     struct slice packed, const bool *matches,
			     uint64_t generation)
{
	bool expected[WORLD_SLOTS];
	const uint32_t *ids;
	size_t len;

	for (size_t i = 0; i < WORLD_SLOTS; i++) {
		expected[i] =
		    matches[i] && is_seen(&world->slots[i], generation);
	}
	len = filter_index_match(world->index, message, generation, &ids);
	compare(world, message, expected, ids, len, "as a value");
	len = filter_index_match_packed(world->index, packed, generation, &ids);
	compare(world, message, expected, ids, len, "packed");
}

void world_check(struct world *world, const struct value *message)
{
	bool matches[WORLD_SLOTS];
	struct buf packed = { 0 };
	uint64_t older =
	    chance_below(&world->chance, (uint32_t)world->generation + 2);

	world->step++;
	pack_write(&packed, message);
	ask_oracle(world, message, matches);
	check_generation(world, message, buf_slice(&packed), matches,
			 world->generation);
	check_generation(world, message, buf_slice(&packed), matches, older);
	buf_fini(&packed);
}
