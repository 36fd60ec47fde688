#include "document_test.h"

#include "base/limits.h"
#include "document/pack.h"

static void assert_check(struct slice bytes, int code, const char *sentence)
{
	struct err err = { .msg = "" };
	int rc = pack_check(bytes, NULL, &err);

	if (rc != code || !strstr(err.msg, sentence)) {
		fail_msg("%d instead of %d: %s", rc, code, err.msg);
	}
	assert_int_equal(pack_check(bytes, NULL, NULL), code);
}

static void test_good(void **state)
{
	(void)state;
	static const struct slice good[] = {
		TEXT("\xc0"),
		TEXT("\xc2"),
		TEXT("\x00"),
		TEXT("\x7f"),
		TEXT("\xe0"),
		TEXT("\xff"),
		TEXT("\xcc\xff"),
		TEXT("\xcd\xff\xff"),
		TEXT("\xce\xff\xff\xff\xff"),
		TEXT("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
		TEXT("\xd0\x80"),
		TEXT("\xd1\x80\x00"),
		TEXT("\xd2\x80\x00\x00\x00"),
		TEXT("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
		TEXT("\xca\x3f\x80\x00\x00"),
		TEXT("\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
		TEXT("\xa0"),
		TEXT("\xa1z"),
		TEXT("\xd9\x01z"),
		TEXT("\xda\x00\x01z"),
		TEXT("\xdb\x00\x00\x00\x01z"),
		TEXT("\xc4\x01\xff"),
		TEXT("\xc5\x00\x01\xff"),
		TEXT("\xc6\x00\x00\x00\x01\xff"),
		TEXT("\x90"),
		TEXT("\x92\x01\x90"),
		TEXT("\xdc\x00\x01\x01"),
		TEXT("\xdd\x00\x00\x00\x01\x01"),
		TEXT("\x80"),
		TEXT("\x81\xa1k\x81\xa1k\x01"),
		TEXT("\x82\xa1"
		     "a\x81\xa1"
		     "b\x01\xa1"
		     "b\x02"),
		TEXT("\xde\x00\x01\xa0\xc0"),
		TEXT("\xdf\x00\x00\x00\x01\xa1k\xc3"),
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		assert_check(good[i], 0, "");
	}
}

static void test_every_prefix_is_too_short(void **state)
{
	(void)state;
	struct slice whole =
	    SLICE("\x86\xa1"
		  "a\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1"
		  "b\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xa1"
		  "c\x92\xda\x00\x02zz\xc5\x00\x01\xff\xa1"
		  "d\xde\x00\x01\xd9\x01k\xc0\xa1"
		  "e\xdd\x00\x00\x00\x01\xd2\x80\x00\x00\x00\xa1"
		  "f\xdb\x00\x00\x00\x03zzz");

	assert_check(whole, 0, "");
	for (size_t len = 0; len < whole.len; len++) {
		assert_check((struct slice){ whole.ptr, len }, E_INVALID,
			     "byte ");
	}
}

static void test_bad(void **state)
{
	(void)state;
	static const struct {
		struct slice bytes;
		const char *sentence;
	} bad[] = {
		{ TEXT(""), "too early" },
		{ TEXT("\xc1"), "does not exist" },
		{ TEXT("\xd4\x01\x01"), "extension" },
		{ TEXT("\xc7\x00\x01"), "extension" },
		{ TEXT("\xd6\xff\x00\x00\x00\x00"), "extension" },
		{ TEXT("\xc0\xc0"), "behind the value" },
		{ TEXT("\x90 "), "behind the value" },
		{ TEXT("\xa1\xff"), "UTF-8" },
		{ TEXT("\xa3\xed\xa0\x80"), "UTF-8" },
		{ TEXT("\xca\x7f\x80\x00\x00"), "infinite" },
		{ TEXT("\xca\x7f\xc0\x00\x00"), "infinite" },
		{ TEXT("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"), "infinite" },
		{ TEXT("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), "infinite" },
		{ TEXT("\x81\x01\x01"), "not a string" },
		{ TEXT("\x81\xc4\x01z\x01"), "not a string" },
		{ TEXT("\x81\xc0\x01"), "not a string" },
		{ TEXT("\x81\x90\x01"), "not a string" },
		{ TEXT("\x82\xa1k\x01\xa1k\x02"), "'k' is here twice" },
		{ TEXT("\x82\xa1k\x01\xd9\x01k\x02"), "'k' is here twice" },
		{ TEXT("\x82\xa0\x01\xa0\x02"), "twice" },
		{ TEXT("\x91\x81\xa1z\x82\xa1k\x01\xa1k\x02"), "twice" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_check(bad[i].bytes, E_INVALID, bad[i].sentence);
	}
}

/* Counts that a reader would allocate for before it sees the end. */
static void test_claims(void **state)
{
	(void)state;
	static const struct slice claims[] = {
		TEXT("\xdd\x10\x00\x00\x00"), TEXT("\xdd\xff\xff\xff\xff"),
		TEXT("\xdf\xff\xff\xff\xff"), TEXT("\xdf\x80\x00\x00\x00"),
		TEXT("\xdc\xff\xff"),         TEXT("\x9f"),

		TEXT("\xdb\xff\xff\xff\xff"), TEXT("\xc6\xff\xff\xff\xff"),
	};

	for (size_t i = 0; i < COUNT(claims); i++) {
		assert_check(claims[i], E_INVALID, "left");
	}
}

static void test_depth(void **state)
{
	(void)state;
	char bytes[PACK_DEPTH + 2];
	struct document_limits wide = { SIZE_MAX, SIZE_MAX, SIZE_MAX };
	struct document_limits none = { 100, 0, 100 };

	memset(bytes, '\x91', sizeof(bytes));
	bytes[PACK_DEPTH] = '\xc0';
	assert_check((struct slice){ bytes, PACK_DEPTH + 1 }, 0, "");
	bytes[PACK_DEPTH] = '\x91';
	bytes[PACK_DEPTH + 1] = '\xc0';
	assert_check((struct slice){ bytes, PACK_DEPTH + 2 }, E_TOO_BIG,
		     "32 levels");
	assert_int_equal(
	    pack_check((struct slice){ bytes, PACK_DEPTH + 2 }, &wide, NULL),
	    E_TOO_BIG);
	assert_int_equal(pack_check(SLICE("\x01"), &none, NULL), 0);
	assert_int_equal(pack_check(SLICE("\x90"), &none, NULL), E_TOO_BIG);
}

static void test_nodes_and_size(void **state)
{
	(void)state;
	struct document_limits tight = { 9, 3, 4 };

	assert_int_equal(pack_check(SLICE("\x93\x01\x02\x03"), &tight, NULL),
			 0);
	assert_int_equal(
	    pack_check(SLICE("\x94\x01\x02\x03\x04"), &tight, NULL), E_TOO_BIG);
	/* Keys are not counted. */
	assert_int_equal(pack_check(SLICE("\x83\xa0\x01\xa1"
					  "a\x01\xa1"
					  "b\x02"),
				    &tight, NULL),
			 0);
	assert_int_equal(pack_check(SLICE("\xa9"
					  "123456789"),
				    &tight, NULL),
			 E_TOO_BIG);
	assert_int_equal(pack_check(SLICE("\xa8"
					  "12345678"),
				    &tight, NULL),
			 0);
}

/* As many keys as given, the last of them the same as the first or not. */
static struct buf many_keys(uint32_t count, uint32_t last)
{
	struct buf bytes = { 0 };

	buf_put_byte(&bytes, 0xdf);
	buf_put_u32(&bytes, count);
	for (uint32_t i = 0; i < count; i++) {
		buf_put_byte(&bytes, 0xa4);
		buf_put_u32(&bytes, (i + 1 == count ? last : i) & 0x7f7f7f7f);
		buf_put_byte(&bytes, 0xc0);
	}
	return bytes;
}

static void test_duplicates_in_maps_of_any_size(void **state)
{
	(void)state;
	for (uint32_t count = 2; count < 100; count++) {
		struct buf good = many_keys(count, count - 1);
		struct buf bad = many_keys(count, 0);

		assert_check(buf_slice(&good), 0, "");
		assert_check(buf_slice(&bad), E_INVALID, "twice");
		buf_fini(&good);
		buf_fini(&bad);
	}
}

static void test_without_memory(void **state)
{
	(void)state;
	struct buf bytes = many_keys(100, 99);

	for (size_t at = 1;; at++) {
		alloc_fail_after(at);
		int rc = pack_check(buf_slice(&bytes), NULL, NULL);

		alloc_fail_after(0);
		if (rc == 0) {
			assert_true(at > 3);
			break;
		}
		assert_int_equal(rc, E_NO_MEMORY);
	}
	buf_fini(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_every_prefix_is_too_short),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_nodes_and_size),
		cmocka_unit_test(test_duplicates_in_maps_of_any_size),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
