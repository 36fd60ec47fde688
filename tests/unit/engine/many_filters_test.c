/*
 * As many filters at one door as there may be, with changes and removals
 * between, against filter_match() on every one of them. ENGINE_SEED=n repeats
 * what a run of the test has printed.
 */
#include "world.h"

#include <time.h>

#ifdef TEST_SANITIZED
#define PLUGINS 10000
#else
#define PLUGINS 100000
#endif
#define CHANGES 400 /* per round */
#define ROUNDS  6
#define KEYS    (PLUGINS / 40)

static const char held_definition[] =
    "{\"workflow\": \"w\", \"activities\": [{\"name\": \"S\", \"pre\": "
    "[{\"plugin\": \"work\"}], \"parallel\": [{\"plugin\": \"p000007\"}, "
    "{\"plugin\": \"p000008\", \"as\": \"bound\", \"filter\": {\"key\": "
    "[{\"prefix\": \"k\"}]}}]}]}";

/* A filter as it was; kept until the end, for runs that still go by it. */
struct past {
	struct filter *filter;
	struct past *next;
};

struct many {
	struct world world;
	struct past *pasts;
	const struct filter **filters; /* by plugin; NULL: not registered */
	uint64_t random;
	size_t matches; /* of all phases that were looked at */
};

/* A run that waits in its first phase, and what was there when it began. */
struct held {
	struct id id;
	char attributes[80];
	const struct filter **filters;
};

static unsigned draw(struct many *many, unsigned below)
{
	many->random ^= many->random << 13;
	many->random ^= many->random >> 7;
	many->random ^= many->random << 17;
	return (unsigned)((many->random >> 11) % below);
}

static void make_filter(struct many *many, char text[160])
{
	unsigned key = draw(many, KEYS);
	unsigned size = draw(many, 100);

	switch (draw(many, 5)) {
	case 0:
		(void)snprintf(text, 160, "{\"key\": [\"k%u\"]}", key);
		break;
	case 1:
		(void)snprintf(text, 160,
			       "{\"key\": [\"k%u\", \"k%u\"], \"size\": "
			       "[{\"numeric\": [\">=\", %u]}]}",
			       key, key + 1, size);
		break;
	case 2:
		(void)snprintf(text, 160,
			       "{\"key\": [{\"prefix\": \"k%u\"}], \"size\": "
			       "[%u, %u, %u]}",
			       key, size, size + 1, size + 2);
		break;
	case 3:
		(void)snprintf(text, 160,
			       "{\"key\": [\"k%u\"], \"size\": "
			       "[{\"anything-but\": [%u]}], \"none\": "
			       "[{\"exists\": false}]}",
			       key, size);
		break;
	default:
		(void)snprintf(text, 160,
			       "{\"size\": [%u], \"key\": [{\"prefix\": "
			       "\"k%u\"}]}",
			       size, key);
		break;
	}
}

static void plugin_name(unsigned number, char name[16])
{
	(void)snprintf(name, 16, "p%06u", number);
}

static void put(struct many *many, unsigned number)
{
	char name[16];
	char text[160];
	struct past *past = alloc_zeroed(1, sizeof(*past));
	struct err err;

	make_filter(many, text);
	struct value document = json(text);
	struct engine_subscription wanted = { .activity = SLICE("S"),
					      .phase = PHASE_PARALLEL,
					      .filter = document };
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = { .subscriptions = &wanted,
			       .subscription_count = 1 },
	};

	plugin_name(number, name);
	event.as.plugin.name = slice_of(name);
	assert_int_equal(world_step(&many->world, &event), 0);
	assert_int_equal(filter_compile(&document, &past->filter, &err), 0);
	past->next = many->pasts;
	many->pasts = past;
	many->filters[number] = past->filter;
	value_clear(&document);
}

static void take_away(struct many *many, unsigned number)
{
	char name[16];
	struct event event = { .kind = EVENT_REMOVE };

	plugin_name(number, name);
	event.as.remove.name = slice_of(name);
	assert_int_equal(world_step(&many->world, &event),
			 many->filters[number] ? 0 : E_NOT_FOUND);
	many->filters[number] = NULL;
}

static void change_some(struct many *many)
{
	for (unsigned i = 0; i < CHANGES; i++) {
		if (draw(many, 3) == 0) {
			take_away(many, draw(many, PLUGINS));
		} else {
			put(many, draw(many, PLUGINS));
		}
	}
}

static void make_attributes(struct many *many, char text[80])
{
	(void)snprintf(text, 80, "{\"key\": [\"k%u\", \"k%u\"], \"size\": %u}",
		       draw(many, KEYS), draw(many, KEYS), draw(many, 100));
}

struct expected {
	char (*names)[16];
	size_t len;
	size_t filtered;
};

static void expect_one(struct expected *expected, const char *name,
		       bool matches)
{
	if (!matches) {
		expected->filtered++;
		return;
	}
	(void)snprintf(expected->names[expected->len++], 16, "%s", name);
}

/* By what was there when the run began and is there now; p000007 and p000008
 * are bound. */
static struct expected expect(const struct many *many, const struct held *held)
{
	struct value attributes = json(held->attributes);
	struct expected expected = {
		.names = alloc_zeroed(PLUGINS + 2, 16),
	};
	char name[16];

	expect_one(&expected, "bound", true);
	for (unsigned i = 0; i < PLUGINS; i++) {
		bool there = i == 7 || (held->filters[i] && many->filters[i]);

		plugin_name(i, name);
		if (there && i != 8) {
			expect_one(&expected, name,
				   filter_match(held->filters[i], &attributes));
		}
	}
	value_clear(&attributes);
	return expected;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void assert_members(struct many *many, const struct held *held)
{
	struct expected expected = expect(many, held);
	const struct run *run = engine_run(many->world.engine, &held->id);
	const struct phase_record *record =
	    &run->activities[0].record.phases[PHASE_PARALLEL];
	const struct phase *phase = &run->activities[0].phases[PHASE_PARALLEL];
	char(*names)[16] = alloc_zeroed(record->expected, 16);

	assert_true(record->opened);
	for (uint32_t i = 0; i < record->expected; i++) {
		(void)snprintf(names[i], 16, "%.*s",
			       SLICE_ARG(phase->tasks[i].record.name));
	}
	qsort(names, record->expected, 16, compare_names);
	qsort(expected.names, expected.len, 16, compare_names);
	assert_int_equal(record->expected, expected.len);
	assert_int_equal(record->filtered, expected.filtered);
	for (size_t i = 0; i < expected.len; i++) {
		assert_string_equal(names[i], expected.names[i]);
	}
	many->matches += expected.len;
	free(names);
	free(expected.names);
}

static struct held begin(struct many *many)
{
	struct held held = {
		.filters = alloc_zeroed(PLUGINS, sizeof(*held.filters)),
	};

	memcpy(held.filters, many->filters, PLUGINS * sizeof(*held.filters));
	make_attributes(many, held.attributes);
	held.id = world_start(&many->world, held_definition, held.attributes);
	return held;
}

static void open_parallel(struct many *many, struct held *held)
{
	for (size_t i = 0; i < many->world.delivered; i++) {
		const struct delivery *delivery = &many->world.deliveries[i];

		if (!memcmp(&delivery->run, &held->id, sizeof(held->id))) {
			complete_delivery(&many->world, delivery,
					  COMPLETION_SUCCEEDED, NULL, NULL,
					  NULL, 0);
			break;
		}
	}
	assert_members(many, held);
	engine_forget(many->world.engine,
		      engine_run(many->world.engine, &held->id));
	free(held->filters);
}

static void exact_whatever_changes(void **state)
{
	struct many *many = *state;
	struct held held[ROUNDS];

	for (unsigned i = 0; i < PLUGINS; i++) {
		put(many, i);
	}
	for (int i = 0; i < ROUNDS; i++) {
		held[i] = begin(many);
		change_some(many);
		struct held now = begin(many);

		open_parallel(many, &now);
	}
	/* The newest of them first, so that the oldest keeps all. */
	for (int i = ROUNDS; i-- > ROUNDS / 2;) {
		open_parallel(many, &held[i]);
	}
	change_some(many);
	for (int i = 0; i < ROUNDS / 2; i++) {
		open_parallel(many, &held[i]);
		change_some(many);
	}
	/* Some hundreds; the bound ones alone are fewer. */
	assert_true(many->matches > (size_t)ROUNDS * 8);
}

static int setup(void **state)
{
	struct many *many = alloc_zeroed(1, sizeof(*many));
	const char *given = getenv("ENGINE_SEED");

	many->random = given ? strtoull(given, NULL, 0)
			     : (uint64_t)time(NULL) * 2654435761u + 1;
	print_message("ENGINE_SEED=%llu\n", (unsigned long long)many->random);
	many->filters = alloc_zeroed(PLUGINS, sizeof(*many->filters));
	world_init(&many->world);
	world_plugin(&many->world, "work", 99, "[]");
	*state = many;
	return 0;
}

static int teardown(void **state)
{
	struct many *many = *state;

	world_fini(&many->world);
	while (many->pasts) {
		struct past *past = many->pasts;

		many->pasts = past->next;
		filter_destroy(past->filter);
		free(past);
	}
	free(many->filters);
	free(many);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(exact_whatever_changes, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
