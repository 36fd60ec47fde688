#include "yaml_test.h"

#include "document/pack.h"
#include "document/yaml_write.h"

#define ROUNDS 3000
#define DEPTH  4

static struct value through_json(const struct value *value,
				 enum json_style style)
{
	struct buf out = { 0 };
	struct value again;
	struct err err;

	json_write(&out, value, style);
	if (json_read(buf_slice(&out), NULL, &again, &err) < 0) {
		fail_msg("%s\n%.*s", err.msg, SLICE_ARG(buf_slice(&out)));
	}
	buf_fini(&out);
	return again;
}

static struct value through_pack(const struct value *value)
{
	struct buf out = { 0 };
	struct value again;
	struct err err;

	pack_write(&out, value);
	if (pack_read(buf_slice(&out), NULL, &again, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	buf_fini(&out);
	return again;
}

static struct value through_yaml(const struct value *value)
{
	struct buf out = { 0 };

	yaml_write(&out, value);
	struct yaml_tree *tree = read_yaml(buf_slice(&out));
	struct value again = yaml_to_value(yaml_tree_root(tree));

	yaml_tree_destroy(tree);
	buf_fini(&out);
	return again;
}

/* Also the order of keys and the types of numbers. */
static void assert_identical(struct value *again, const struct value *value)
{
	struct buf a = { 0 };
	struct buf b = { 0 };

	assert_same(again, value);
	pack_write(&a, again);
	pack_write(&b, value);
	assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
	buf_fini(&a);
	buf_fini(&b);
	value_clear(again);
}

static void test_random_values(void **state)
{
	(void)state;
	struct chance chance = { 20260301 };

	for (int i = 0; i < ROUNDS; i++) {
		struct value value = chance_value(&chance, DEPTH);
		struct value again = through_json(&value, JSON_COMPACT);

		assert_identical(&again, &value);
		again = through_json(&value, JSON_PRETTY);
		assert_identical(&again, &value);
		again = through_pack(&value);
		assert_identical(&again, &value);
		again = through_yaml(&value);
		assert_identical(&again, &value);
		again = value_copy(&value);
		assert_identical(&again, &value);
		value_clear(&value);
	}
}

static void test_chain(void **state)
{
	(void)state;
	struct chance chance = { 99 };

	for (int i = 0; i < ROUNDS / 4; i++) {
		struct value value = chance_value(&chance, DEPTH);
		struct value json = through_json(&value, JSON_COMPACT);
		struct value pack = through_pack(&json);
		struct value yaml = through_yaml(&pack);

		assert_identical(&yaml, &value);
		value_clear(&json);
		value_clear(&pack);
		value_clear(&value);
	}
}

static bool has_raw_break(struct slice text)
{
	static const char *const characters[] = { "\x7f", "\xc2\x85",
						  "\xe2\x80\xa8" };

	for (size_t i = 0; i < COUNT(characters); i++) {
		if (memmem(text.ptr, text.len, characters[i],
			   strlen(characters[i]))) {
			return true;
		}
	}
	return false;
}

/* But for characters that YAML wants escaped, JSON files are YAML files. */
static void test_json_is_yaml(void **state)
{
	(void)state;
	struct chance chance = { 4 };
	size_t read = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct value value = chance_value(&chance, DEPTH);
		struct buf out = { 0 };

		json_write(&out, &value, i % 2 ? JSON_COMPACT : JSON_PRETTY);
		if (!has_raw_break(buf_slice(&out))) {
			struct yaml_tree *tree = read_yaml(buf_slice(&out));
			struct value again =
			    yaml_to_value(yaml_tree_root(tree));

			assert_same(&again, &value);
			value_clear(&again);
			yaml_tree_destroy(tree);
			read++;
		}
		buf_fini(&out);
		value_clear(&value);
	}
	assert_true(read > ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_json_is_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
