/* Simple case folding, by characters and within texts. */
#include "filter_test.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "filter/fold.h"

static void characters(void **arg)
{
	static const struct {
		uint32_t from;
		uint32_t to;
	} cases[] = {
		{ 'A', 'a' },         { 'Z', 'z' },           { 'a', 'a' },
		{ '@', '@' }, /* are not '`' and '{' in other clothes */
		{ '[', '[' },         { '`', '`' },           { '{', '{' },
		{ 0xc9, 0xe9 },     /* É */
		{ 0xd7, 0xd7 },     /* the sign between two runs: × */
		{ 0x178, 0xff },    /* Ÿ */
		{ 0x100, 0x101 },   /* runs with a stride */
		{ 0x101, 0x101 },   /* and what lies between */
		{ 0x12e, 0x12f },   /* the last of it */
		{ 0x130, 0x130 },   /* İ has no simple folding */
		{ 0x131, 0x131 },   /* nor has ı */
		{ 0x17f, 's' },     /* ſ */
		{ 0xb5, 0x3bc },    /* µ */
		{ 0x3a3, 0x3c3 },   /* Σ */
		{ 0x3c2, 0x3c3 },   /* ς */
		{ 0x41f, 0x43f },   /* П */
		{ 0xdf, 0xdf },     /* ß */
		{ 0x1e9e, 0xdf },   /* ẞ */
		{ 0x212a, 'k' },    /* the Kelvin sign */
		{ 0x212b, 0xe5 },   /* the Ångström sign */
		{ 0x23a, 0x2c65 },  /* grows by a byte */
		{ 0x13f8, 0x13f0 }, /* Cherokee folds to upper case */
		{ 0xab70, 0x13a0 }, /* likewise */
		{ 0xfb00, 0xfb00 }, /* ﬀ folds to two, which is not simple */
		{ 0x10400, 0x10428 }, /* Deseret */
		{ 0x1e921, 0x1e943 }, /* the last there is */
		{ 0x1e922, 0x1e922 }, { 0x10ffff, 0x10ffff },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(fold_character(cases[i].from), cases[i].to);
	}
}

/* Folding folded text changes nothing, and nothing grows beyond the room. */
static void folding_twice_is_folding_once(void **arg)
{
	size_t changed = 0;

	(void)arg;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		uint32_t once = fold_character(c);

		assert_int_equal(fold_character(once), once);
		assert_true(once <= 0x10ffff);
		assert_true(once < 0x80 || c >= 0x80);
		assert_true(once < 0x800 || c >= 0x80);
		assert_true(once < 0x10000 || c >= 0x10000);
		changed += once != c;
	}
	/* Unicode only ever adds to it; Debian 12 has 15.0. */
	assert_true(changed >= 1411);
}

struct pair {
	const char *a;
	const char *b;
	bool same;
};

static const struct pair pairs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "HELLO", "hello", true },
	{ "HELLO", "hell", false },
	{ "É", "é", true },
	{ "E\xcc\x81", "é", false }, /* no normalisation */
	{ "é", "e", false },
	{ "Привет", "ПРИВЕТ", true },
	{ "ΣΑΣ", "σας", true },
	{ "σ", "ς", true },
	{ "ß", "ẞ", true },
	{ "ß", "SS", false },
	{ "ß", "ss", false },
	{ "K", "\xe2\x84\xaa", true },
	{ "\xe2\x84\xaa", "k", true },
	{ "Å", "\xe2\x84\xab", true },
	{ "S", "ſ", true },
	{ "İ", "i", false },
	{ "I", "ı", false },
	{ "Ⱥ", "ⱥ", true },
	{ "𐐀", "𐐨", true },
	{ "𐐀", "𐐩", false },
	{ "@", "`", false },
	{ "[", "{", false },
	{ "a b", "A\tB", false },
};

static void equality(void **arg)
{
	(void)arg;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct slice a = slice_of(pairs[i].a);
		struct slice b = slice_of(pairs[i].b);

		if (fold_equal(a, b) != pairs[i].same ||
		    fold_equal(b, a) != pairs[i].same) {
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
		}
		/* Equal texts begin and end with one another. */
		if (pairs[i].same) {
			assert_true(fold_starts_with(a, b));
			assert_true(fold_ends_with(a, b));
		} else {
			assert_false(fold_starts_with(a, b) &&
				     fold_starts_with(b, a));
		}
	}
}

static void beginnings_and_ends(void **arg)
{
	static const struct {
		const char *text;
		const char *part;
		bool starts;
		bool ends;
	} cases[] = {
		{ "abc", "", true, true },
		{ "", "", true, true },
		{ "", "a", false, false },
		{ "ABCdef", "abCD", true, false },
		{ "ABCdef", "CDEF", false, true },
		{ "ab", "abc", false, false },
		/* The same letters in fewer or more bytes. */
		{ "\xe2\x84\xaa", "k", true, true },
		{ "k", "\xe2\x84\xaa", true, true },
		{ "xⱥ", "Ⱥ", false, true },
		{ "Ⱥx", "ⱥ", true, false },
		{ "xȺ", "ⱥ", false, true },
		{ "𐐀x", "𐐨", true, false },
		{ "x𐐀", "X𐐨", true, true },
		{ "straẞe", "ßE", false, true },
		/* Never half a character. */
		{ "é", "\xc3", false, false },
		{ "é", "\xa9", false, false },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice text = slice_of(cases[i].text);
		struct slice part = slice_of(cases[i].part);

		if (fold_starts_with(text, part) != cases[i].starts ||
		    fold_ends_with(text, part) != cases[i].ends) {
			fail_msg("%s in %s", cases[i].part, cases[i].text);
		}
	}
}

static char *folded(struct slice text, size_t *ret_len)
{
	size_t room = fold_room(text.len);
	char *out = alloc_bytes(room);

	*ret_len = fold_write(text, out);
	assert_true(*ret_len <= room);
	return out;
}

/* Texts are equal exactly when they are folded to the same bytes. */
static void writing(void **arg)
{
	(void)arg;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		size_t a_len;
		size_t b_len;
		char *a = folded(slice_of(pairs[i].a), &a_len);
		char *b = folded(slice_of(pairs[i].b), &b_len);

		assert_int_equal(slice_equal((struct slice){ a, a_len },
					     (struct slice){ b, b_len }),
				 pairs[i].same);
		assert_true(utf8_valid((struct slice){ a, a_len }));
		free(a);
		free(b);
	}
}

static void bytes_that_are_no_text_stay(void **arg)
{
	size_t len;
	char *out = folded(SLICE("A\xff\xc3"), &len);

	(void)arg;
	assert_int_equal(len, 3);
	assert_memory_equal(out, "a\xff\xc3", 3);
	free(out);
	assert_true(fold_equal(SLICE("A\xff"), SLICE("a\xff")));
	assert_false(fold_equal(SLICE("\xfe"), SLICE("\xff")));
	assert_false(fold_equal(SLICE("\xff"), SLICE("\xef\xbf\xbd")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(equality),
		cmocka_unit_test(beginnings_and_ends),
		cmocka_unit_test(writing),
		cmocka_unit_test(bytes_that_are_no_text_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
