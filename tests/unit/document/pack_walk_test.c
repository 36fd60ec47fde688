#include "document_test.h"

#include "base/alloc.h"
#include "document/pack.h"
#include "document/pack_walk.h"

/* Whole, but no part of it, and not with something behind it. The parts are
 * copies, so that a sanitizer sees what is read beyond them. */
static void assert_whole(struct slice bytes)
{
	char *more = alloc_bytes(bytes.len + 1);

	memcpy(more, bytes.ptr, bytes.len);
	more[bytes.len] = 0;
	assert_true(pack_is_whole(bytes));
	assert_false(pack_is_whole((struct slice){ more, bytes.len + 1 }));
	free(more);
	for (size_t len = 0; len < bytes.len; len++) {
		char *part = alloc_bytes(len + 1);

		memcpy(part + 1, bytes.ptr, len);
		assert_false(pack_is_whole((struct slice){ part + 1, len }));
		free(part);
	}
}

/* As the reader of trees has it, and with its end at the end. */
static void assert_walk(struct slice bytes)
{
	struct pack_item item = pack_item_at(bytes.ptr);
	struct value value;

	assert_int_equal(pack_read(bytes, NULL, &value, NULL), 0);
	assert_int_equal(item.value.type, value.type);
	if (value.type == VALUE_MAP || value.type == VALUE_ARRAY) {
		assert_int_equal(item.len, value_len(&value));
	} else {
		assert_true(value_equal(&item.value, &value));
		assert_ptr_equal(item.behind, bytes.ptr + bytes.len);
	}
	assert_ptr_equal(pack_skip(bytes.ptr), bytes.ptr + bytes.len);
	assert_whole(bytes);
	value_clear(&value);
}

static void test_scalars(void **state)
{
	(void)state;
	assert_walk(SLICE("\xc0"));
	assert_walk(SLICE("\xc2"));
	assert_walk(SLICE("\xc3"));
	assert_walk(SLICE("\x7f"));
	assert_walk(SLICE("\xe0"));
	assert_walk(SLICE("\xff"));
	assert_walk(SLICE("\xcc\x80"));
	assert_walk(SLICE("\xcd\x80\x01"));
	assert_walk(SLICE("\xce\x80\x00\x00\x01"));
	assert_walk(SLICE("\xcf\x80\x00\x00\x00\x00\x00\x00\x01"));
	assert_walk(SLICE("\xd0\x80"));
	assert_walk(SLICE("\xd1\x80\x01"));
	assert_walk(SLICE("\xd2\x80\x00\x00\x01"));
	assert_walk(SLICE("\xd3\x80\x00\x00\x00\x00\x00\x00\x01"));
	assert_walk(SLICE("\xca\x3f\xc0\x00\x00"));
	assert_walk(SLICE("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"));
}

static void test_texts_and_bytes(void **state)
{
	(void)state;
	assert_walk(SLICE("\xa0"));
	assert_walk(SLICE("\xa2"
			  "ab"));
	assert_walk(SLICE("\xd9\x02"
			  "ab"));
	assert_walk(SLICE("\xda\x00\x02"
			  "ab"));
	assert_walk(SLICE("\xdb\x00\x00\x00\x02"
			  "ab"));
	assert_walk(SLICE("\xc4\x02\x00\xff"));
	assert_walk(SLICE("\xc5\x00\x02\x00\xff"));
	assert_walk(SLICE("\xc6\x00\x00\x00\x02\x00\xff"));
}

static void test_maps_and_arrays(void **state)
{
	(void)state;
	assert_walk(SLICE("\x80"));
	assert_walk(SLICE("\x90"));
	assert_walk(SLICE("\xdc\x00\x02\x01\x02"));
	assert_walk(SLICE("\xdd\x00\x00\x00\x02\x01\x02"));
	assert_walk(SLICE("\xde\x00\x01\xa1"
			  "a\x01"));
	assert_walk(SLICE("\xdf\x00\x00\x00\x01\xa1"
			  "a\x01"));
	assert_walk(SLICE("\x82\xa1"
			  "a\x93\x01\x80\x91\xc0\xa1"
			  "b\x81\xa1"
			  "c\xcd\x01\x00"));
}

/* Announces more than there is, or what there is not. */
static void test_what_is_not_whole(void **state)
{
	(void)state;
	assert_false(pack_is_whole(SLICE("\xc1")));
	assert_false(pack_is_whole(SLICE("\xc7\x00\x01")));
	assert_false(pack_is_whole(SLICE("\xd4\x01\x01")));
	assert_false(pack_is_whole(SLICE("\xd8\x01\x01")));
	assert_false(pack_is_whole(SLICE("\xdb\xff\xff\xff\xff"
					 "a")));
	assert_false(pack_is_whole(SLICE("\xdd\xff\xff\xff\xff\x01")));
	assert_false(pack_is_whole(SLICE("\xdf\x80\x00\x00\x00\x01\x01")));
	assert_false(pack_is_whole(SLICE("\x91\xdd\xff\xff\xff\xff\x01")));
}

/* It is enough to walk over it. */
static void test_what_is_not_looked_at(void **state)
{
	(void)state;
	assert_true(pack_is_whole(SLICE("\xa1\xff")));
	assert_true(pack_is_whole(SLICE("\x82\xa1"
					"a\x01\xa1"
					"a\x01")));
	assert_true(pack_is_whole(SLICE("\x81\x91\x01\x02")));
	assert_true(pack_is_whole(SLICE("\xcb\x7f\xf0\0\0\0\0\0\0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_texts_and_bytes),
		cmocka_unit_test(test_maps_and_arrays),
		cmocka_unit_test(test_what_is_not_whole),
		cmocka_unit_test(test_what_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
