/*
 * Agreement of clauses on list elements against the definition taken word by
 * word: flatten the attributes into (path, leaf, elements passed), try every
 * choice of one leaf per key, and let no two of them pass different elements
 * of the same list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "document/json.h"
#include "filter/filter.h"

#define DEPTH  16
#define LEAVES 512
#define KEYS   4
#define ROUNDS 20000

static uint32_t seed = 99;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

struct passage {
	const struct value *list;
	size_t index;
};

struct leaf {
	char path[64];
	int64_t number;
	struct passage passages[DEPTH];
	size_t len;
};

static struct leaf leaves[LEAVES];
static size_t leaf_count;

static void flatten(const struct value *value, struct leaf here);

static void flatten_map(const struct value *map, const struct leaf *here)
{
	for (size_t i = 0; i < value_len(map); i++) {
		const struct value_entry *entry = value_entry_at(map, i);
		struct leaf below = *here;

		(void)snprintf(below.path, sizeof(below.path), "%.30s%s%.*s",
			       here->path, here->path[0] ? "." : "",
			       SLICE_ARG(entry->key));
		flatten(&entry->value, below);
	}
}

static void flatten_list(const struct value *list, const struct leaf *here)
{
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *item = value_at(list, i);
		struct leaf below = *here;

		if (item->type == VALUE_ARRAY || item->type == VALUE_MAP) {
			below.passages[below.len].list = list;
			below.passages[below.len++].index = i;
		}
		flatten(item, below);
	}
}

static void flatten(const struct value *value, struct leaf here)
{
	if (value->type == VALUE_MAP) {
		flatten_map(value, &here);
	} else if (value->type == VALUE_ARRAY) {
		flatten_list(value, &here);
	} else {
		assert_true(leaf_count < LEAVES);
		here.number = value->as.integer;
		leaves[leaf_count++] = here;
	}
}

static bool consistent(const struct leaf *a, const struct leaf *b)
{
	for (size_t i = 0; i < a->len; i++) {
		for (size_t j = 0; j < b->len; j++) {
			if (a->passages[i].list == b->passages[j].list &&
			    a->passages[i].index != b->passages[j].index) {
				return false;
			}
		}
	}
	return true;
}

struct wish {
	const char *path;
	int64_t number;
};

static bool choose(const struct wish *wishes, size_t len,
		   const struct leaf **chosen, size_t done)
{
	if (done == len || done == KEYS) {
		return true;
	}
	for (size_t i = 0; i < leaf_count; i++) {
		bool fits = strcmp(leaves[i].path, wishes[done].path) == 0 &&
			    leaves[i].number == wishes[done].number;

		for (size_t j = 0; fits && j < done; j++) {
			fits = consistent(&leaves[i], chosen[j]);
		}
		chosen[done] = &leaves[i];
		if (fits && choose(wishes, len, chosen, done + 1)) {
			return true;
		}
	}
	return false;
}

static const char *const names[] = { "a", "b", "a.b", "x", "y" };

/* Small trees of maps and lists whose paths often coincide. */
static struct value random_tree(unsigned depth)
{
	struct value tree;
	uint32_t kind = depth == 0 ? 0 : dice(5);

	if (kind == 0) {
		return value_int(dice(2));
	}
	tree = kind < 3 ? value_array() : value_map();
	for (uint32_t i = 0, len = dice(4); i < len; i++) {
		if (tree.type == VALUE_ARRAY) {
			value_push(&tree, random_tree(depth - 1));
		} else {
			value_set(&tree, names[dice(5)],
				  random_tree(depth - 1));
		}
	}
	return tree;
}

static struct value random_attributes(void)
{
	struct value map = value_map();

	value_set(&map, "a", random_tree(4));
	value_set(&map, "b", random_tree(4));
	value_set(&map, "a.b", random_tree(3));
	return map;
}

static struct filter *wish_filter(const struct wish *wishes, size_t len)
{
	struct value document = value_map();
	struct filter *filter;

	for (size_t i = 0; i < len; i++) {
		struct value list = value_array();

		value_push(&list, value_int(wishes[i].number));
		value_set(&document, wishes[i].path, list);
	}
	assert_int_equal(filter_compile(&document, &filter, NULL), 0);
	value_clear(&document);
	return filter;
}

/* Paths that are there, so that many answers hang on the lists. */
static size_t random_wishes(struct wish wishes[KEYS])
{
	size_t len = 0;

	for (size_t i = 0; i < KEYS && leaf_count; i++) {
		const struct leaf *leaf = &leaves[dice((uint32_t)leaf_count)];
		bool known = false;

		for (size_t j = 0; j < len; j++) {
			known |= strcmp(wishes[j].path, leaf->path) == 0;
		}
		if (!known) {
			wishes[len].path = leaf->path;
			wishes[len++].number = leaf->number;
		}
	}
	return len;
}

static void agreement_is_the_definition(void **arg)
{
	size_t answers[2] = { 0 };

	(void)arg;
	for (size_t round = 0; round < ROUNDS; round++) {
		struct value attributes = random_attributes();
		struct wish wishes[KEYS];
		const struct leaf *chosen[KEYS];

		leaf_count = 0;
		flatten(&attributes, (struct leaf){ .len = 0 });
		size_t len = random_wishes(wishes);
		struct filter *filter = wish_filter(wishes, len);
		bool expected = choose(wishes, len, chosen, 0);

		assert_int_equal(filter_match(filter, &attributes), expected);
		answers[expected]++;
		filter_destroy(filter);
		value_clear(&attributes);
	}
	/* Both answers must be common for this to say anything. */
	assert_true(answers[0] > ROUNDS / 20);
	assert_true(answers[1] > ROUNDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement_is_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
