#include "document_test.h"

#include "document/base64.h"

/* RFC 4648, chapter 10. */
static const struct {
	const char *bytes;
	const char *text;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct buf text = { 0 };
		struct buf bytes = { 0 };

		base64_write(&text, slice_of(vectors[i].bytes));
		assert_true(slice_is(buf_slice(&text), vectors[i].text));
		assert_true(base64_read(&bytes, buf_slice(&text)));
		assert_true(slice_is(buf_slice(&bytes), vectors[i].bytes));
		buf_fini(&text);
		buf_fini(&bytes);
	}
}

static void test_all_bytes(void **state)
{
	(void)state;
	char every[256];

	for (int i = 0; i < 256; i++) {
		every[i] = (char)i;
	}
	for (size_t len = 0; len <= sizeof(every); len++) {
		struct slice wanted = { every + sizeof(every) - len, len };
		struct buf text = { 0 };
		struct buf bytes = { 0 };

		base64_write(&text, wanted);
		assert_true(base64_read(&bytes, buf_slice(&text)));
		assert_true(slice_equal(buf_slice(&bytes), wanted));
		buf_fini(&text);
		buf_fini(&bytes);
	}
}

static void test_wrong(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"Z",    "Zg",   "Zg=",   "Zg===",  "=",
		"====", "Z===", "Zm9v=", "Zm9v==", "Zg==Zg==",
		"Zh==", "Zm9=", "Zm-v",  "Zg= =x", "Zm8=v"
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct buf bytes = { 0 };

		if (base64_read(&bytes, slice_of(wrong[i]))) {
			fail_msg("'%s' was taken", wrong[i]);
		}
		buf_fini(&bytes);
	}
	struct buf bytes = { 0 };

	assert_false(base64_read(&bytes, SLICE("Zm\0v")));
	buf_fini(&bytes);
}

static void test_blanks(void **state)
{
	(void)state;
	struct buf bytes = { 0 };

	assert_true(base64_read(&bytes, SLICE(" Zm9v\n Yg =\t=\r\n")));
	assert_true(slice_is(buf_slice(&bytes), "foob"));
	buf_fini(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_all_bytes),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
