#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/listing.h"
#include "cli/table.h"

static const struct style plain = { 0 };
static const struct style rich = { .colour = true, .utf8 = true };

static void check(struct buf *text, const char *expected)
{
	buf_put_byte(text, '\0');
	assert_string_equal(text->data, expected);
	buf_fini(text);
}

static void put(struct table *table, const char *a, const char *b,
		const char *c)
{
	table_put(table, TONE_PLAIN, slice_of(a));
	table_put(table, TONE_GOOD, slice_of(b));
	table_put(table, TONE_PLAIN, slice_of(c));
}

static void test_columns_line_up_by_width(void **state)
{
	struct table table;
	struct buf text = { 0 };

	(void)state;
	table_init(&table, plain, 3);
	put(&table, "NAME", "STATE", "NOTE");
	put(&table, "日本語", "ok", "wide");
	put(&table, "e\xcc\x81t\xc3\xa9", "failed", "");
	put(&table, "", "x", "combining");
	table_write(&table, &text);
	check(&text, "NAME    STATE   NOTE\n"
		     "日本語  ok      wide\n"
		     "e\xcc\x81t\xc3\xa9     failed\n"
		     "        x       combining\n");
	table_fini(&table);
}

static void test_flush_right_and_empty_columns(void **state)
{
	struct table table;
	struct buf text = { 0 };

	(void)state;
	table_init(&table, plain, 3);
	table.right = 1u << 0;
	put(&table, "5", "", "a");
	put(&table, "1234", "", "b");
	table_write(&table, &text);
	check(&text, "   5  a\n"
		     "1234  b\n");
	table_fini(&table);
}

static void test_colour_takes_no_room(void **state)
{
	struct table table;
	struct buf text = { 0 };

	(void)state;
	table_init(&table, rich, 3);
	put(&table, "a", "ok", "1");
	put(&table, "bb", "fine", "2");
	table_write(&table, &text);
	check(&text, "a   \033[32mok\033[0m    1\n"
		     "bb  \033[32mfine\033[0m  2\n");
	table_fini(&table);
}

static void test_spans_do_not_count(void **state)
{
	struct table table;
	struct buf text = { 0 };
	struct buf span = { 0 };

	(void)state;
	table_init(&table, plain, 3);
	put(&table, "a", "b", "c");
	buf_put_text(&span, "a line much longer than the columns are");
	table_span(&table, &span);
	put(&table, "d", "e", "f");
	table_write(&table, &text);
	check(&text, "a  b  c\n"
		     "a line much longer than the columns are\n"
		     "d  e  f\n");
	table_fini(&table);
}

static const struct column columns[] = {
	{ .key = "id", .title = "ID" },
	{ .key = "state", .title = "STATE", .show = listing_show_state },
	{ .key = "count", .title = "COUNT", .right = true, .wide = true },
	{ .key = "extra" },
	{ 0 },
};

static void make_listing(struct listing *listing)
{
	struct value row = value_map();

	listing_init(listing, columns, "id", 0);
	value_set(&row, "id", value_text("a,\x01"));
	value_set(&row, "state", value_text("failed"));
	value_set(&row, "count", value_int(12));
	value_set(&row, "extra", value_null());
	listing_add(listing, row);
	row = value_map();
	value_set(&row, "id", value_text("b"));
	value_set(&row, "state", value_text("succeeded"));
	listing_add(listing, row);
}

static void check_form(enum form form, const char *expected)
{
	struct listing listing;
	struct buf text = { 0 };

	make_listing(&listing);
	listing_write(&listing, form, plain, &text);
	listing_fini(&listing);
	check(&text, expected);
}

static void test_every_form_of_a_listing(void **state)
{
	(void)state;
	check_form(FORM_TEXT, "ID      STATE\n"
			      "a,\\x01  failed\n"
			      "b       succeeded\n");
	check_form(FORM_WIDE, "ID      STATE      COUNT\n"
			      "a,\\x01  failed        12\n"
			      "b       succeeded      -\n");
	check_form(FORM_CSV, "id,state,count,extra\n"
			     "\"a,\x01\",failed,12,\n"
			     "b,succeeded,,\n");
	check_form(FORM_NAME, "a,\x01\nb\n");
	check_form(FORM_JSONL,
		   "{\"id\":\"a,\\u0001\",\"state\":\"failed\",\"count\":12,"
		   "\"extra\":null}\n"
		   "{\"id\":\"b\",\"state\":\"succeeded\"}\n");
	check_form(FORM_JSON, "[\n"
			      "  {\n"
			      "    \"id\": \"a,\\u0001\",\n"
			      "    \"state\": \"failed\",\n"
			      "    \"count\": 12,\n"
			      "    \"extra\": null\n"
			      "  },\n"
			      "  {\n"
			      "    \"id\": \"b\",\n"
			      "    \"state\": \"succeeded\"\n"
			      "  }\n"
			      "]\n");
}

static void test_empty_listing(void **state)
{
	struct listing listing;
	struct buf text = { 0 };

	(void)state;
	listing_init(&listing, columns, "id", 0);
	listing_write(&listing, FORM_TEXT, plain, &text);
	assert_int_equal(text.len, 0);
	listing_write(&listing, FORM_JSON, plain, &text);
	check(&text, "[]\n");
	listing_fini(&listing);
}

static void test_no_style_without_a_terminal(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	struct style style = style_detect(ends[1], false);

	assert_false(style.colour);
	assert_false(style.utf8);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void check_terminal(int fd, const char *locale, const char *no_color,
			   bool ascii, struct style expected)
{
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(setenv("LC_ALL", locale, 1), 0);
	assert_int_equal(setenv("NO_COLOR", no_color, 1), 0);
	struct style style = style_detect(fd, ascii);

	assert_int_equal(style.colour, expected.colour);
	assert_int_equal(style.utf8, expected.utf8);
}

static void test_style_on_a_terminal(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	if (fd < 0) {
		skip();
	}
	check_terminal(fd, "C.UTF-8", "", false,
		       (struct style){ .colour = true, .utf8 = true });
	check_terminal(fd, "de_DE.utf8", "1", false,
		       (struct style){ .utf8 = true });
	check_terminal(fd, "C", "", false, (struct style){ .colour = true });
	check_terminal(fd, "C.UTF-8", "", true,
		       (struct style){ .colour = true });
	assert_int_equal(setenv("TERM", "dumb", 1), 0);
	assert_false(style_detect(fd, false).colour);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_line_up_by_width),
		cmocka_unit_test(test_flush_right_and_empty_columns),
		cmocka_unit_test(test_colour_takes_no_room),
		cmocka_unit_test(test_spans_do_not_count),
		cmocka_unit_test(test_every_form_of_a_listing),
		cmocka_unit_test(test_empty_listing),
		cmocka_unit_test(test_no_style_without_a_terminal),
		cmocka_unit_test(test_style_on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
