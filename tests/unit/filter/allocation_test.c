/*
 * Once its buffers have grown, the index allocates nothing to match. The
 * linker sends every call of ours through the counters below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "document/pack.h"
#include "support/random_message.h"
#include "support/world.h"

#define SEED     4711
#define MESSAGES 250
#define MATCHES  10000

static size_t calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	calls++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	calls++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	calls++;
	return __real_realloc(old, size);
}

struct letter {
	struct value message;
	struct buf packed;
};

static void match_all(struct world *world, const struct letter *letters,
		      size_t matches)
{
	const uint32_t *ids;

	for (size_t i = 0; i < matches; i++) {
		const struct letter *letter = &letters[i % MESSAGES];

		if (i / MESSAGES % 2) {
			(void)filter_index_match(world->index, &letter->message,
						 world->generation, &ids);
		} else {
			(void)filter_index_match_packed(
			    world->index, buf_slice(&letter->packed),
			    world->generation, &ids);
		}
	}
}

static void matches_allocate_nothing(void **arg)
{
	static struct letter letters[MESSAGES];
	struct world world;

	(void)arg;
	world_init(&world, chance_seed(SEED));
	for (size_t i = 0; i < MESSAGES; i++) {
		letters[i].message =
		    random_message(&world.words, &world.chance);
		pack_write(&letters[i].packed, &letters[i].message);
	}
	assert_true(calls > MESSAGES); /* they are counted */
	match_all(&world, letters, (size_t)2 * MESSAGES);
	calls = 0;
	match_all(&world, letters, MATCHES);
	assert_int_equal(calls, 0);
	for (size_t i = 0; i < MESSAGES; i++) {
		value_clear(&letters[i].message);
		buf_fini(&letters[i].packed);
	}
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_allocate_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
