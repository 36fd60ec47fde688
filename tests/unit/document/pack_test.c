#include "document_test.h"

#include "base/limits.h"
#include "document/pack.h"

static void assert_packs(const char *json, struct slice wanted)
{
	struct value value = from_json(json);
	struct value again;
	struct buf out = { 0 };

	pack_write(&out, &value);
	if (!slice_equal(buf_slice(&out), wanted)) {
		fail_msg("%s is packed otherwise", json);
	}
	assert_int_equal(pack_read(wanted, NULL, &again, NULL), 0);
	assert_value(&again, json);
	value_clear(&value);
	value_clear(&again);
	buf_fini(&out);
}

static void test_shortest_forms(void **state)
{
	(void)state;
	assert_packs("null", SLICE("\xc0"));
	assert_packs("true", SLICE("\xc3"));
	assert_packs("false", SLICE("\xc2"));
	assert_packs("127", SLICE("\x7f"));
	assert_packs("128", SLICE("\xcc\x80"));
	assert_packs("256", SLICE("\xcd\x01\x00"));
	assert_packs("65536", SLICE("\xce\x00\x01\x00\x00"));
	assert_packs("4294967296",
		     SLICE("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"));
	assert_packs("18446744073709551615",
		     SLICE("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"));
	assert_packs("-32", SLICE("\xe0"));
	assert_packs("-33", SLICE("\xd0\xdf"));
	assert_packs("-9223372036854775808",
		     SLICE("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"));
	assert_packs("1.5", SLICE("\xca\x3f\xc0\x00\x00"));
	assert_packs("0.1", SLICE("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"));
	assert_packs("1e+300", SLICE("\xcb\x7e\x37\xe4\x3c\x88\x00\x75\x9c"));
	assert_packs("\"\"", SLICE("\xa0"));
	assert_packs("\"abc\"", SLICE("\xa3"
				      "abc"));
	assert_packs("[]", SLICE("\x90"));
	assert_packs("{}", SLICE("\x80"));
	assert_packs("{\"b\":[1],\"a\":null}", SLICE("\x82\xa1"
						     "b\x91\x01\xa1"
						     "a\xc0"));
}

static void test_bytes(void **state)
{
	(void)state;
	struct value value = value_bytes(SLICE("\0\xff"));
	struct value again;
	struct buf out = { 0 };

	pack_write(&out, &value);
	assert_true(slice_equal(buf_slice(&out), SLICE("\xc4\x02\0\xff")));
	assert_int_equal(pack_read(buf_slice(&out), NULL, &again, NULL), 0);
	assert_int_equal(again.type, VALUE_BYTES);
	assert_true(value_equal(&value, &again));
	value_clear(&value);
	value_clear(&again);
	buf_fini(&out);
}

static void assert_canonical(const char *a, const char *b)
{
	struct value x = from_json(a);
	struct value y = from_json(b);
	struct buf first = { 0 };
	struct buf second = { 0 };

	assert_same(&x, &y);
	pack_write_canonical(&first, &x);
	pack_write_canonical(&second, &y);
	assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
	value_clear(&x);
	value_clear(&y);
	buf_fini(&first);
	buf_fini(&second);
}

static void test_canonical(void **state)
{
	(void)state;
	assert_canonical("{\"a\":1,\"b\":{\"c\":2,\"d\":3}}",
			 "{\"b\":{\"d\":3,\"c\":2},\"a\":1}");
	assert_canonical("{\"a\":1,\"ab\":2,\"\":3}",
			 "{\"ab\":2,\"\":3,\"a\":1}");
	assert_canonical("[{\"a\":0.0,\"b\":[]}]", "[{\"b\":[],\"a\":-0.0}]");
}

static void test_plain_keeps_negative_zero(void **state)
{
	(void)state;
	struct value value = from_json("-0.0");
	struct buf out = { 0 };

	pack_write(&out, &value);
	assert_true(
	    slice_equal(buf_slice(&out), SLICE("\xca\x80\x00\x00\x00")));
	buf_fini(&out);
}

static void test_deepest(void **state)
{
	(void)state;
	struct value value = value_int(1);
	struct value again;
	struct buf out = { 0 };

	for (int i = 0; i < PACK_DEPTH; i++) {
		struct value outer = i % 2 ? value_array() : value_map();

		if (i % 2) {
			value_push(&outer, value);
		} else {
			value_set(&outer, "k", value);
		}
		value = outer;
	}
	pack_write(&out, &value);
	assert_int_equal(pack_read(buf_slice(&out), NULL, &again, NULL), 0);
	assert_same(&value, &again);
	value_clear(&again);
	struct value deeper = value_array();

	value_push(&deeper, value);
	buf_clear(&out);
	pack_write(&out, &deeper);
	assert_int_equal(pack_read(buf_slice(&out), NULL, &again, NULL),
			 E_TOO_BIG);
	value_clear(&deeper);
	buf_fini(&out);
}

static void test_hostile(void **state)
{
	(void)state;
	struct value value = value_int(42);
	struct err err;

	assert_int_equal(
	    pack_read(SLICE("\xdd\x10\x00\x00\x00"), NULL, &value, &err),
	    E_INVALID);
	assert_int_equal(err.code, E_INVALID);
	assert_int_equal(pack_read(SLICE("\xc1"), NULL, &value, &err),
			 E_INVALID);
	assert_int_equal(value.as.integer, 42);
}

static void test_most_nodes(void **state)
{
	(void)state;
	struct buf bytes = { 0 };
	struct value value;

	buf_put_byte(&bytes, 0xdd);
	buf_put_u32(&bytes, LIMIT_DOCUMENT_NODES - 1);
	for (unsigned i = 1; i < LIMIT_DOCUMENT_NODES; i++) {
		buf_put_byte(&bytes, 0x90);
	}
	assert_int_equal(pack_read(buf_slice(&bytes), NULL, &value, NULL), 0);
	assert_int_equal(value_len(&value), LIMIT_DOCUMENT_NODES - 1);
	value_clear(&value);
	bytes.len = 1;
	buf_put_u32(&bytes, LIMIT_DOCUMENT_NODES);
	bytes.len += LIMIT_DOCUMENT_NODES - 1;
	buf_put_byte(&bytes, 0x90);
	assert_int_equal(pack_read(buf_slice(&bytes), NULL, &value, NULL),
			 E_TOO_BIG);
	buf_fini(&bytes);
}

static void test_without_memory(void **state)
{
	(void)state;
	struct value value = from_json(
	    "{\"a\":[1,\"b\",[]],\"c\":{\"d\":{}},\"e\":1,\"f\":1,\"g\":1,"
	    "\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":\"m\"}");
	struct buf out = { 0 };

	pack_write(&out, &value);
	for (size_t at = 1;; at++) {
		struct value again;
		struct err err;

		alloc_fail_after(at);
		int rc = pack_read(buf_slice(&out), NULL, &again, &err);

		alloc_fail_after(0);
		if (rc == 0) {
			assert_true(at > 10);
			value_clear(&again);
			break;
		}
		assert_int_equal(rc, E_NO_MEMORY);
		assert_int_equal(err.code, E_NO_MEMORY);
	}
	value_clear(&value);
	buf_fini(&out);
}

static void blobs_keep_within_limits(void **state)
{
	struct value value = value_array();
	struct document_limits limits = { .size = 3, .depth = 1, .nodes = 3 };
	struct blob *blob = NULL;
	struct blob *untouched = NULL;

	(void)state;
	value_push(&value, value_int(1));
	value_push(&value, value_int(2));
	assert_int_equal(pack_blob_within(&value, &limits, &blob, NULL), 0);
	assert_int_equal(blob->len, 3);
	limits.size = 2;
	assert_int_equal(pack_blob_within(&value, &limits, &untouched, NULL),
			 E_TOO_BIG);
	limits.size = 3;
	limits.nodes = 2;
	assert_int_equal(pack_blob_within(&value, &limits, &untouched, NULL),
			 E_TOO_BIG);
	assert_null(untouched);
	blob_unref(blob);
	value_clear(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shortest_forms),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_plain_keeps_negative_zero),
		cmocka_unit_test(test_deepest),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_most_nodes),
		cmocka_unit_test(test_without_memory),
		cmocka_unit_test(blobs_keep_within_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
