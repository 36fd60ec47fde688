/*
 * Messages in MessagePack, read in place: each form of a number and a text is
 * the value that it is, and what is cut off or garbage ends there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "document/json.h"
#include "document/pack.h"
#include "filter/index.h"

static struct filter *compile(const char *json)
{
	struct value document;
	struct filter *filter = NULL;
	struct err err;

	if (json_read(slice_of(json), NULL, &document, &err) ||
	    filter_compile(&document, &filter, &err)) {
		fail_msg("%s: %s", json, err.msg);
	}
	value_clear(&document);
	return filter;
}

/* {"a": bytes}, the bytes with their length. */
static bool matches(const char *filter_json, const char *bytes, size_t len)
{
	struct filter_index *index = filter_index_create(5);
	struct filter *filter = compile(filter_json);
	struct buf message = { 0 };
	const uint32_t *ids;

	filter_index_add(index, filter, 0, 0);
	buf_put(&message,
		"\x81\xa1"
		"a",
		3);
	buf_put(&message, bytes, len);
	assert_int_equal(pack_check(buf_slice(&message), NULL, NULL), 0);
	size_t found =
	    filter_index_match_packed(index, buf_slice(&message), 0, &ids);

	filter_index_destroy(index);
	filter_destroy(filter);
	buf_fini(&message);
	return found == 1;
}

#define assert_packed(filter, bytes) \
	assert_true(matches(filter, bytes, sizeof(bytes) - 1))

static void every_form_of_a_number(void **arg)
{
	(void)arg;
	assert_packed("{\"a\":[5]}", "\x05");
	assert_packed("{\"a\":[-3]}", "\xfd");
	assert_packed("{\"a\":[200]}", "\xcc\xc8");
	assert_packed("{\"a\":[513]}", "\xcd\x02\x01");
	assert_packed("{\"a\":[16909060]}", "\xce\x01\x02\x03\x04");
	assert_packed("{\"a\":[18446744073709551615]}",
		      "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
	assert_packed("{\"a\":[9223372036854775807]}",
		      "\xcf\x7f\xff\xff\xff\xff\xff\xff\xff");
	assert_packed("{\"a\":[-100]}", "\xd0\x9c");
	assert_packed("{\"a\":[-300]}", "\xd1\xfe\xd4");
	assert_packed("{\"a\":[-70000]}", "\xd2\xff\xfe\xee\x90");
	assert_packed("{\"a\":[-9223372036854775808]}",
		      "\xd3\x80\x00\x00\x00\x00\x00\x00\x00");
	assert_packed("{\"a\":[7]}", "\xd3\x00\x00\x00\x00\x00\x00\x00\x07");
	assert_packed("{\"a\":[1.5]}", "\xca\x3f\xc0\x00\x00");
	assert_packed("{\"a\":[0.1]}", "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a");
	assert_packed("{\"a\":[0]}", "\xcb\x80\x00\x00\x00\x00\x00\x00\x00");
	assert_packed("{\"a\":[9007199254740993]}",
		      "\xcf\x00\x20\x00\x00\x00\x00\x00\x01");
	assert_false(matches("{\"a\":[9007199254740992]}",
			     "\xcf\x00\x20\x00\x00\x00\x00\x00\x01", 9));
}

static void every_other_form(void **arg)
{
	(void)arg;
	assert_packed("{\"a\":[null]}", "\xc0");
	assert_packed("{\"a\":[true]}", "\xc3");
	assert_packed("{\"a\":[false]}", "\xc2");
	assert_packed("{\"a\":[\"xyz\"]}", "\xa3xyz");
	assert_packed("{\"a\":[\"xyz\"]}", "\xd9\x03xyz");
	assert_packed("{\"a\":[\"xyz\"]}", "\xda\x00\x03xyz");
	assert_packed("{\"a\":[\"xyz\"]}", "\xdb\x00\x00\x00\x03xyz");
	assert_packed("{\"a\":[{\"exists\":false}]}", "\xc4\x01x");
	assert_packed("{\"a\":[\"y\"]}", "\x93\xc5\x00\x01x\xa1y\x01");
	assert_packed("{\"a\":[2]}", "\xdc\x00\x02\x01\x02");
	assert_packed("{\"a\":[2]}", "\xdd\x00\x00\x00\x02\x01\x02");
	assert_packed("{\"a.b\":[2]}", "\xde\x00\x01\xa1"
				       "b\x02");
	assert_packed("{\"a.b\":[2]}", "\xdf\x00\x00\x00\x01\xa1"
				       "b\x02");
	assert_packed("{\"a.b\":[{\"exists\":false}]}", "\x80");
}

static void put_sample(struct buf *out)
{
	struct value value;

	assert_int_equal(
	    json_read(SLICE("{\"a\":[{\"b\":1,\"c\":[2.5,null,\"x\"]},[true]],"
			    "\"long\":\"0123456789012345678901234567890123\","
			    "\"n\":-70000,\"u\":18446744073709551615}"),
		      NULL, &value, NULL),
	    0);
	pack_write(out, &value);
	value_clear(&value);
}

/* Nothing is read behind the end: the sanitizer watches an exact block. */
static void what_is_cut_off_ends_there(void **arg)
{
	struct filter_index *index = filter_index_create(5);
	struct filter *filter =
	    compile("{\"a.b\":[1],\"a.c\":[{\"exists\":true}]}");
	struct buf sample = { 0 };
	const uint32_t *ids;

	(void)arg;
	put_sample(&sample);
	filter_index_add(index, filter, 0, 0);
	for (size_t len = 0; len <= sample.len; len++) {
		char *part = malloc(len ? len : 1);

		assert_non_null(part);
		memcpy(part, sample.data, len);
		size_t found = filter_index_match_packed(
		    index, (struct slice){ part, len }, 0, &ids);

		assert_true(found <= 1);
		assert_true(len < sample.len || found == 1);
		free(part);
	}
	filter_index_destroy(index);
	filter_destroy(filter);
	buf_fini(&sample);
}

static void what_is_no_map_satisfies_no_key(void **arg)
{
	static const struct {
		const char *text;
		size_t found;
	} texts[] = {
		{ "\xc0", 1 },      { "", 1 },         { "\x80", 1 },
		{ "\x01", 0 },      { "\x91\x01", 0 }, { "\xa1x", 0 },
		{ "\xc4\x01x", 0 }, { "\xc1", 0 },
	};
	struct filter_index *index = filter_index_create(5);
	struct filter *filter = compile("{\"a\":[{\"exists\":false}]}");
	const uint32_t *ids;

	(void)arg;
	filter_index_add(index, filter, 0, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(filter_index_match_packed(
				     index, slice_of(texts[i].text), 0, &ids),
				 texts[i].found);
	}
	filter_index_destroy(index);
	filter_destroy(filter);
}

/* Deeper than any checked document: refused, not followed. */
static void depth_is_bounded(void **arg)
{
	struct filter_index *index = filter_index_create(5);
	struct buf deep = { 0 };
	const uint32_t *ids;

	(void)arg;
	filter_index_add(index, NULL, 0, 0);
	buf_put(&deep,
		"\x81\xa1"
		"a",
		3);
	for (int i = 0; i < 100000; i++) {
		buf_put_byte(&deep, 0x91);
	}
	assert_int_equal(
	    filter_index_match_packed(index, buf_slice(&deep), 0, &ids), 1);
	filter_index_destroy(index);
	buf_fini(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_number),
		cmocka_unit_test(every_other_form),
		cmocka_unit_test(what_is_cut_off_ends_there),
		cmocka_unit_test(what_is_no_map_satisfies_no_key),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
