/* slice, buf, utf8, near, err, hash: the small text things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/near.h"
#include "base/utf8.h"

static void slices_compare_by_bytes(void **state)
{
	(void)state;
	assert_true(slice_equal(SLICE("abc"), slice_of("abc")));
	assert_false(slice_equal(SLICE("abc"), SLICE("abd")));
	assert_true(slice_compare(SLICE("ab"), SLICE("abc")) < 0);
	assert_true(slice_compare(SLICE("b"), SLICE("abc")) > 0);
	assert_int_equal(slice_compare(SLICE(""), slice_of(NULL)), 0);
	assert_true(slice_starts_with(SLICE("abc"), SLICE("ab")));
	assert_true(slice_ends_with(SLICE("abc"), SLICE("bc")));
	assert_true(slice_ends_with(SLICE("abc"), SLICE("")));
	assert_false(slice_ends_with(SLICE("c"), SLICE("bc")));
}

static void owned_slices_may_assign_themselves(void **state)
{
	struct slice owned = { NULL, 0 };

	(void)state;
	slice_own(&owned, SLICE("hello"));
	slice_own(&owned, (struct slice){ owned.ptr + 1, 3 });
	assert_true(slice_is(owned, "ell"));
	slice_disown(&owned);
	assert_null(owned.ptr);
}

static void buffers_grow(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_printf(&buf, "%d,", i);
	}
	assert_true(slice_ends_with(buf_slice(&buf), SLICE(",998,999,")));
	buf_clear(&buf);
	buf_put_u64(&buf, UINT64_C(0x0102030405060708));
	buf_put_u32(&buf, 0xfffefdfc);
	buf_put_u16(&buf, 0x1234);
	assert_int_equal(read_u64(buf.data), UINT64_C(0x0102030405060708));
	assert_int_equal(read_u32(buf.data + 8), 0xfffefdfc);
	assert_int_equal(read_u16(buf.data + 12), 0x1234);
	assert_int_equal(buf.data[0], 1);
	buf_fini(&buf);
	assert_int_equal(buf.len, 0);
	char *empty = buf_take(&buf);

	assert_string_equal(empty, "");
	free(empty);
}

static void utf8_is_strict(void **state)
{
	static const char *const bad[] = {
		"\x80",         "\xc0\xaf",         "\xc1\xbf", "\xe0\x80\xaf",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5",     "\xe2\x82",
		"a\xff",        "\xf0\x80\x80\xaf",
	};
	static const char *const good[] = {
		"",
		"abc",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x8e\xbc",
		"\xef\xbf\xbd",
		"\xf4\x8f\xbf\xbf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(utf8_valid(slice_of(bad[i])));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(utf8_valid(slice_of(good[i])));
	}
	assert_int_equal(utf8_length(SLICE("a\xe2\x82\xac\xf0\x9f\x8e\xbc")),
			 3);
	assert_int_equal(utf8_width(SLICE("a\xe4\xb8\xad")), 3);
}

/* Every cut of a text of many lengths leaves valid text. */
static void cuts_fall_between_characters(void **state)
{
	struct slice text = SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xbcz");

	(void)state;
	for (size_t max = 0; max <= text.len + 2; max++) {
		size_t cut = utf8_floor(text, max);

		assert_true(cut <= max);
		assert_true(utf8_valid((struct slice){ text.ptr, cut }));
		assert_true(max > text.len || max - cut < 4);
		/* A text that itself ends inside a character. */
		struct slice broken = { text.ptr,
					max < text.len ? max : text.len };

		cut = utf8_floor(broken, broken.len);
		assert_true(utf8_valid((struct slice){ text.ptr, cut }));
	}
}

static void errors_are_wrapped_and_cut(void **state)
{
	struct err err = { 0 };
	char longer[600];

	(void)state;
	assert_int_equal(err_set(&err, E_INVALID, "bad %s", "thing"),
			 E_INVALID);
	assert_int_equal(err_wrap(&err, "activity '%s'", "A"), E_INVALID);
	assert_string_equal(err.msg, "activity 'A': bad thing");
	assert_int_equal(err_set(NULL, E_IO, "nobody listens"), E_IO);
	memset(longer, 'x', sizeof(longer));
	longer[0] = 'y';
	for (size_t i = 1; i + 3 < sizeof(longer); i += 3) {
		memcpy(longer + i, "\xe2\x82\xac", 3);
	}
	longer[sizeof(longer) - 1] = '\0';
	(void)err_set(&err, E_IO, "%s", longer);
	assert_true(utf8_valid(slice_of(err.msg)));
	assert_true(strlen(err.msg) > 470);
	assert_string_equal(err_text(E_CONFLICT), "conflict");
	assert_string_equal(err_name(E_CONFLICT), "E_CONFLICT");
	assert_string_equal(err_text(-9999), "unknown error");
}

static const char *nearest(const char *wrong)
{
	static const char *const names[] = { "parallel", "pre", "post",
					     "mandatory", "with" };
	struct near near = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		near_try(&near, slice_of(wrong), names[i]);
	}
	return near.best;
}

static void near_names_are_found(void **state)
{
	(void)state;
	assert_string_equal(nearest("paralel"), "parallel");
	assert_string_equal(nearest("pots"), "post");
	assert_string_equal(nearest("Madatory"), "mandatory");
	assert_string_equal(nearest("pr"), "pre");
	assert_null(nearest("elephant"));
	assert_null(nearest(""));
	char longer[300];

	memset(longer, 'p', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_null(nearest(longer));
}

static void hashes_depend_on_every_byte(void **state)
{
	char bytes[40] = { 0 };
	uint64_t first = hash_bytes(bytes, sizeof(bytes));

	(void)state;
	assert_true(first == hash_bytes(bytes, sizeof(bytes)));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 1;
		assert_false(first == hash_bytes(bytes, sizeof(bytes)));
		bytes[i] = 0;
		assert_false(first == hash_bytes(bytes, i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_compare_by_bytes),
		cmocka_unit_test(owned_slices_may_assign_themselves),
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(cuts_fall_between_characters),
		cmocka_unit_test(errors_are_wrapped_and_cut),
		cmocka_unit_test(near_names_are_found),
		cmocka_unit_test(hashes_depend_on_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
