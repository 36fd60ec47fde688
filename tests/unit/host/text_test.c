/* Texts and documents of plugins, at their limits and one beyond. */
#include "fixture.h"
#include "host/text.h"

static void check_clean(struct slice text, size_t max, const char *expected)
{
	char *clean = host_text_clean(text, max);

	assert_string_equal(clean, expected);
	free(clean);
}

static void texts_are_cut_between_characters(void **state)
{
	(void)state;
	check_clean(SLICE("abc"), 3, "abc");
	check_clean(SLICE("abcd"), 3, "abc");
	check_clean(SLICE("ab\xe2\x82\xac"), 5, "ab\xe2\x82\xac");
	check_clean(SLICE("ab\xe2\x82\xac"), 4, "ab");
	check_clean(SLICE("ab\xff"), 4, "ab");
	check_clean(SLICE("ab\xff"), 5, "ab\xef\xbf\xbd");
	check_clean(SLICE("a\0b"), 9,
		    "a\xef\xbf\xbd"
		    "b");
	check_clean(SLICE("\xef\xbf\xbd"), 9, "\xef\xbf\xbd");
	check_clean((struct slice){ NULL, 0 }, 9, "");
}

/* A document of `size` bytes in MessagePack: one string. */
static int read_sized(size_t size, int32_t encoding, size_t limit)
{
	struct buf text = { 0 };
	struct blob *blob = NULL;
	struct err err = { 0 };

	if (encoding == TUTTI_JSON) {
		buf_put_byte(&text, '"');
	} else {
		buf_put_byte(&text, 0xda);
		buf_put_u16(&text, (uint16_t)(size - 3));
	}
	for (size_t i = 3; i < size; i++) {
		buf_put_byte(&text, 'x');
	}
	if (encoding == TUTTI_JSON) {
		buf_put_byte(&text, '"');
	}
	int rc = host_document_read(buf_slice(&text), encoding, limit,
				    HOST_DOCUMENT_ANY, &blob, &err);

	assert_int_equal(rc, err.code);
	assert_int_equal(blob != NULL, rc == 0);
	if (blob) {
		assert_int_equal(blob->len, size);
	}
	blob_unref(blob);
	buf_fini(&text);
	return rc;
}

static void documents_have_a_limit(void **state)
{
	static const int32_t encodings[] = { TUTTI_JSON, TUTTI_MSGPACK };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(read_sized(1000, encodings[i], 1000), 0);
		assert_int_equal(read_sized(1001, encodings[i], 1000),
				 E_TOO_BIG);
	}
}

static int read_map(const char *json)
{
	struct blob *blob = NULL;
	int rc = host_document_read(slice_of(json), TUTTI_JSON, 100,
				    HOST_DOCUMENT_MAP, &blob, NULL);

	blob_unref(blob);
	return rc;
}

static void a_patch_is_a_map(void **state)
{
	struct blob *blob = NULL;

	(void)state;
	assert_int_equal(read_map("{}"), 0);
	assert_int_equal(read_map("{\"a\": null}"), 0);
	assert_int_equal(read_map("[]"), E_INVALID);
	assert_int_equal(read_map("null"), E_INVALID);
	/* A map may also be written in a longer form than it needs. */
	assert_int_equal(host_document_read(SLICE("\xdf\0\0\0\0"),
					    TUTTI_MSGPACK, 100,
					    HOST_DOCUMENT_MAP, &blob, NULL),
			 0);
	blob_unref(blob);
}

static void codes_have_texts(void **state)
{
	(void)state;
	for (int32_t code = TUTTI_EAGAIN; code <= TUTTI_EINVAL; code++) {
		assert_non_null(host_code_text(code));
	}
	assert_null(host_code_text(TUTTI_OK));
	assert_null(host_code_text(TUTTI_EAGAIN - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(documents_have_a_limit),
		cmocka_unit_test(a_patch_is_a_map),
		cmocka_unit_test(codes_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
