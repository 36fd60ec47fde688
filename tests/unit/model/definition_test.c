#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "document/json.h"
#include "model/definition.h"

static struct value parse(const char *json)
{
	struct value value;

	assert_int_equal(json_read(slice_of(json), NULL, &value, NULL), 0);
	return value;
}

static struct definition *load(const char *json)
{
	struct value document = parse(json);
	struct definition *definition;
	struct err err = { 0 };

	if (definition_from_value(&document, &definition, &err)) {
		fail_msg("%s", err.msg);
	}
	value_clear(&document);
	return definition;
}

static void assert_json(const struct definition *definition, const char *json)
{
	struct value document = definition_to_value(definition);
	struct buf text = { 0 };

	json_write(&text, &document, JSON_COMPACT);
	buf_put_byte(&text, 0);
	assert_string_equal(text.data, json);
	buf_fini(&text);
	value_clear(&document);
}

static bool same_hash(const struct definition *a, const struct definition *b)
{
	return memcmp(a->hash, b->hash, DEFINITION_HASH_SIZE) == 0;
}

static const char full[] =
    "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
    "\"pre\":[{\"plugin\":\"p\"}],"
    "\"parallel\":[{\"plugin\":\"exec\",\"as\":\"convert\","
    "\"filter\":{\"mime\":[{\"prefix\":\"image/\"}]},"
    "\"with\":{\"argv\":[\"x\",1.5]},\"mandatory\":false,\"order\":10,"
    "\"timeout_ms\":30000}],"
    "\"post\":[{\"plugin\":\"c\",\"mandatory\":true,"
    "\"run_on\":\"always\"}],"
    "\"on_failure\":\"cancel\",\"on_empty\":\"fail\","
    "\"optional_failure\":\"fail\"},{\"name\":\"b\"}]}";

static void full_round_trip(void **arg)
{
	(void)arg;
	struct definition *definition = load(full);
	const struct activity_definition *a = &definition->activities[0];
	const struct binding *convert = &a->phases[PHASE_PARALLEL].bindings[0];

	assert_json(definition, full);
	assert_int_equal(definition->len, 2);
	assert_string_equal(convert->name, "convert");
	assert_int_equal(convert->mandatory, CHOICE_NO);
	assert_int_equal(convert->order, 10);
	assert_int_equal(convert->timeout_ms, 30000);
	assert_string_equal(a->phases[PHASE_PRE].bindings[0].name, "p");
	assert_int_equal(a->phases[PHASE_PRE].bindings[0].mandatory,
			 CHOICE_UNSET);
	assert_int_equal(a->phases[PHASE_POST].bindings[0].run_on,
			 RUN_ON_ALWAYS);
	assert_int_equal(a->on_failure, ON_FAILURE_CANCEL);
	assert_true(a->fail_on_empty && a->fail_on_optional_failure);
	assert_false(definition->activities[1].fail_on_empty);
	definition_unref(definition);
}

static void defaults_are_left_out(void **arg)
{
	(void)arg;
	struct definition *definition =
	    load("{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		 "\"pre\":[{\"plugin\":\"p\",\"as\":\"p\","
		 "\"run_on\":\"success\"}]}]}");

	assert_json(definition, "{\"workflow\":\"w\",\"activities\":[{"
				"\"name\":\"a\",\"pre\":[{\"plugin\":\"p\"}]}"
				"]}");
	definition_unref(definition);
}

static void requirements_round_trip(void **arg)
{
	static const char needs[] =
	    "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
	    "\"require\":[\"z\",\"b\"],\"register_window_ms\":250}]}";
	struct definition *one = load(needs);
	struct definition *none =
	    load("{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\"}]}");
	struct activity_definition *copy = alloc_zeroed(1, sizeof(*copy));

	(void)arg;
	assert_json(one, needs);
	assert_int_equal(one->activities[0].require_len, 2);
	assert_string_equal(one->activities[0].require[0], "z");
	assert_int_equal(one->activities[0].register_window_ms, 250);
	assert_false(same_hash(one, none));
	*copy = activity_definition_copy(&one->activities[0]);
	struct definition *two = definition_make("w", copy, 1, 0);

	assert_true(same_hash(one, two));
	definition_unref(one);
	assert_json(two, needs);
	definition_unref(two);
	definition_unref(none);
}

/* What has been stored before must keep its name. */
static void hash_stays(void **arg)
{
	struct definition *definition = load(full);
	char version[DEFINITION_VERSION_SIZE];

	(void)arg;
	definition_version(definition->hash, version);
	assert_string_equal(version, "sha256:02cc84132ae18dff7581ec5fe9e49d0c"
				     "fcad69fdcd3583d0c0fa2ed48ab3e703");
	definition_unref(definition);
}

static void copy_is_deep_and_hashes_the_same(void **arg)
{
	(void)arg;
	struct definition *one = load(full);
	struct activity_definition *activities =
	    alloc_zeroed(one->len, sizeof(*activities));

	for (size_t i = 0; i < one->len; i++) {
		activities[i] = activity_definition_copy(&one->activities[i]);
	}
	struct definition *two = definition_make("w", activities, one->len, 0);

	assert_true(same_hash(one, two));
	definition_unref(one);
	assert_json(two, full);
	definition_unref(two);
}

static void hash_follows_content(void **arg)
{
	(void)arg;
	struct definition *one = load(full);
	struct definition *other = load("{\"workflow\":\"w\",\"activities\":"
					"[{\"name\":\"a\"},{\"name\":\"b\"}]}");
	struct definition *reordered =
	    load("{\"activities\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
		 "\"workflow\":\"w\"}");
	struct definition *swapped =
	    load("{\"workflow\":\"w\",\"activities\":"
		 "[{\"name\":\"b\"},{\"name\":\"a\"}]}");

	assert_false(same_hash(one, other));
	assert_true(same_hash(other, reordered));
	assert_false(same_hash(other, swapped));
	definition_unref(one);
	definition_unref(other);
	definition_unref(reordered);
	definition_unref(swapped);
}

static void references(void **arg)
{
	(void)arg;
	struct definition *definition = load(full);

	assert_ptr_equal(definition_ref(definition), definition);
	definition_unref(definition);
	assert_json(definition, full);
	definition_unref(definition);
	definition_unref(NULL);
}

static void hash_and_version(void **arg)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	char text[DEFINITION_VERSION_SIZE];

	(void)arg;
	definition_hash(SLICE("abc"), hash);
	definition_version(hash, text);
	assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad");
	definition_hash((struct slice){ NULL, 0 }, hash);
	definition_version(hash, text);
	assert_string_equal(text, "sha256:e3b0c44298fc1c149afbf4c8996fb924"
				  "27ae41e4649b934ca495991b7852b855");
}

static void corrupt_documents(void **arg)
{
	static const struct {
		const char *json;
		const char *msg;
	} cases[] = {
		{ "[]", "definition: must be a map" },
		{ "{\"workflow\":\"w\"}",
		  "definition: 'activities' must be a list" },
		{ "{\"workflow\":\"\",\"activities\":[]}",
		  "definition: 'workflow' must be a valid name" },
		{ "{\"workflow\":\"w\",\"activities\":[],\"x\":1}",
		  "definition: unknown key 'x'" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\"},7]}",
		  "definition: activity 1: must be a map" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a/b\"}]}",
		  "definition: activity 0: 'name' must be a valid name" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"pre\":{}}]}",
		  "definition: activity 0: pre: must be a list" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"on_failure\":\"stop\"}]}",
		  "definition: activity 0: 'on_failure' must be cancel" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"post\":[{\"plugin\":\"p\"},{\"plugin\":\"q\","
		  "\"order\":0}]}]}",
		  "definition: activity 0: post: binding 1: 'order' must be a "
		  "whole number in range" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"post\":[{\"plugin\":\"p\",\"run_on\":\"never\"}]}]}",
		  "definition: activity 0: post: binding 0: 'run_on' must be "
		  "success, failure or always" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"post\":[{\"plugin\":\"p\",\"mandatory\":1}]}]}",
		  "definition: activity 0: post: binding 0: 'mandatory' must "
		  "be true or false" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"post\":[{\"plugin\":\"p\",\"filter\":[]}]}]}",
		  "definition: activity 0: post: binding 0: 'filter' must be "
		  "a map" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"require\":[\"ok\",\"a/b\"]}]}",
		  "definition: activity 0: 'require' must be a list of names" },
		{ "{\"workflow\":\"w\",\"activities\":[{\"name\":\"a\","
		  "\"register_window_ms\":0}]}",
		  "definition: activity 0: 'register_window_ms' must be a "
		  "whole number in range" },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value document = parse(cases[i].json);
		struct definition *definition = NULL;
		struct err err = { 0 };

		assert_int_equal(
		    definition_from_value(&document, &definition, &err),
		    E_CORRUPT);
		assert_string_equal(err.msg, cases[i].msg);
		assert_int_equal(
		    definition_from_value(&document, &definition, NULL),
		    E_CORRUPT);
		assert_null(definition);
		value_clear(&document);
	}
}

static void names(void **arg)
{
	char longest[LIMIT_NAME + 2];

	(void)arg;
	memset(longest, 'n', sizeof(longest));
	assert_true(name_valid((struct slice){ longest, LIMIT_NAME }));
	assert_false(name_valid((struct slice){ longest, LIMIT_NAME + 1 }));
	assert_true(name_valid(SLICE("a")));
	assert_true(name_valid(SLICE("Größe 2 – 東京 . :")));
	assert_false(name_valid(SLICE("")));
	assert_false(name_valid(SLICE("a/b")));
	assert_false(name_valid(SLICE("a\nb")));
	assert_false(name_valid(SLICE("a\0b")));
	assert_false(name_valid(SLICE("a\x7f")));
	assert_false(name_valid(SLICE("a\xc2\x85")));
	assert_true(name_valid(SLICE("a\xc2\xa0")));
	assert_false(name_valid(SLICE("a\xff")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_round_trip),
		cmocka_unit_test(defaults_are_left_out),
		cmocka_unit_test(requirements_round_trip),
		cmocka_unit_test(hash_stays),
		cmocka_unit_test(copy_is_deep_and_hashes_the_same),
		cmocka_unit_test(hash_follows_content),
		cmocka_unit_test(references),
		cmocka_unit_test(hash_and_version),
		cmocka_unit_test(corrupt_documents),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
