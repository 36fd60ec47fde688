/* Lines of the plugins' log, and reading it while it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/log_follow.h"
#include "cli/log_line.h"
#include "document/json.h"

#include "../folder.h"

#define LINE                                                          \
	"time=2026-03-01T10:20:30.000006Z level=info plugin=\"ocr\" " \
	"instance=\"reader#2\" pid=12 stream=\"stdout\" run=\"R1\" "  \
	"task=\"A/parallel/ocr\" msg=\"a \\\"b\\\" c\\\\n plugin=x\""

static void assert_object(const char *line, const char *json)
{
	struct value row = log_line_to_value(slice_of(line));
	struct buf text = { 0 };

	json_write(&text, &row, JSON_COMPACT);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, json);
	buf_fini(&text);
	value_clear(&row);
}

static void objects(void **arg)
{
	(void)arg;
	assert_object(LINE,
		      "{\"time\":\"2026-03-01T10:20:30.000006Z\","
		      "\"level\":\"info\",\"plugin\":\"ocr\","
		      "\"instance\":\"reader#2\",\"pid\":12,\"run\":\"R1\","
		      "\"stream\":\"stdout\",\"task\":\"A/parallel/ocr\","
		      "\"msg\":\"a \\\"b\\\" c\\\\n plugin=x\"}");
	assert_object("pid=abc msg=\"not ended",
		      "{\"time\":null,\"level\":null,\"plugin\":null,"
		      "\"instance\":null,\"pid\":\"abc\",\"run\":null,"
		      "\"stream\":null,\"task\":null,\"msg\":\"not ended\"}");
	assert_object("", "{\"time\":null,\"level\":null,\"plugin\":null,"
			  "\"instance\":null,\"pid\":null,\"run\":null,"
			  "\"stream\":null,\"task\":null,\"msg\":null}");
}

/* What the writer quotes is read back. */
static void quoted_texts(void **arg)
{
	static const char *const texts[] = { "",    "\\",    "\"", "a\\\"b",
					     "\\n", "x y=z", "é" };

	(void)arg;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf line = { 0 };
		struct buf value = { 0 };
		struct slice key;

		buf_put_text(&line, "msg=");
		log_put_quoted(&line, slice_of(texts[i]));
		buf_put_text(&line, " next=1");
		struct slice rest = buf_slice(&line);

		assert_true(log_line_next(&rest, &key, &value));
		assert_true(slice_is(key, "msg"));
		assert_true(slice_equal(buf_slice(&value), slice_of(texts[i])));
		assert_true(log_line_next(&rest, &key, &value));
		assert_true(slice_is(key, "next"));
		assert_false(log_line_next(&rest, &key, &value));
		buf_fini(&line);
		buf_fini(&value);
	}
}

static bool matches(const char *plugin, const char *run)
{
	struct log_query query = { slice_of(plugin), slice_of(run) };

	return log_line_matches(slice_of(LINE), &query);
}

static void queries(void **arg)
{
	(void)arg;
	assert_true(matches("", ""));
	assert_true(matches("ocr", ""));
	assert_true(matches("reader", ""));
	assert_true(matches("", "R1"));
	assert_true(matches("ocr", "R1"));
	assert_false(matches("ocr", "R2"));
	assert_false(matches("x", ""));
	assert_false(matches("read", ""));
	assert_false(matches("reader#2", ""));
	assert_false(matches("oc", "R1"));
}

/* ---- files ---- */

static char folder[] = "/tmp/tutti-log-XXXXXX";
static char path[64];
static char path_before[64];

struct taken {
	struct buf text; /* lines, with | behind each */
};

static void take(void *arg, struct slice line)
{
	struct taken *taken = arg;

	buf_put_slice(&taken->text, line);
	buf_put_byte(&taken->text, '|');
}

static void assert_taken(struct taken *taken, const char *expected)
{
	buf_put_byte(&taken->text, '\0');
	assert_string_equal(taken->text.data, expected);
	buf_clear(&taken->text);
}

static void append(const char *text)
{
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void turn(struct log_follow *follow, struct taken *taken)
{
	struct err err = { 0 };

	if (log_follow_turn(follow, take, taken, &err)) {
		fail_msg("%s", err.msg);
	}
}

static void no_file_yet(void **arg)
{
	struct log_follow follow;
	struct taken taken = { 0 };

	(void)arg;
	log_follow_init(&follow, path);
	log_follow_before(&follow, take, &taken);
	turn(&follow, &taken);
	assert_taken(&taken, "");
	append("a\n");
	turn(&follow, &taken);
	assert_taken(&taken, "a|");
	log_follow_fini(&follow);
	log_follow_fini(&follow);
	buf_fini(&taken.text);
	assert_int_equal(unlink(path), 0);
}

static void lines_in_pieces(void **arg)
{
	struct log_follow follow;
	struct taken taken = { 0 };

	(void)arg;
	append("one\ntw");
	log_follow_init(&follow, path);
	turn(&follow, &taken);
	assert_taken(&taken, "one|");
	append("o\n\nthree");
	turn(&follow, &taken);
	assert_taken(&taken, "two||");
	turn(&follow, &taken);
	assert_taken(&taken, "");
	log_follow_rest(&follow, take, &taken);
	assert_taken(&taken, "three|");
	log_follow_rest(&follow, take, &taken);
	assert_taken(&taken, "");
	log_follow_fini(&follow);
	buf_fini(&taken.text);
	assert_int_equal(unlink(path), 0);
}

static void rotation(void **arg)
{
	struct log_follow follow;
	struct taken taken = { 0 };

	(void)arg;
	append("older\n");
	assert_int_equal(rename(path, path_before), 0);
	append("old\n");
	log_follow_init(&follow, path);
	log_follow_before(&follow, take, &taken);
	turn(&follow, &taken);
	assert_taken(&taken, "older|old|");
	append("last of the old\n");
	assert_int_equal(rename(path, path_before), 0);
	append("first of the new\n");
	turn(&follow, &taken);
	assert_taken(&taken, "last of the old|first of the new|");
	append("more\n");
	turn(&follow, &taken);
	assert_taken(&taken, "more|");
	log_follow_fini(&follow);
	buf_fini(&taken.text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(path_before), 0);
}

/* The wait ends because of the change, long before its time. */
static void waiting(void **arg)
{
	struct log_follow follow;
	struct taken taken = { 0 };

	(void)arg;
	append("a\n");
	log_follow_init(&follow, path);
	assert_true(follow.watch >= 0);
	turn(&follow, &taken);
	append("b\n");
	log_follow_wait(&follow, -1);
	turn(&follow, &taken);
	assert_taken(&taken, "a|b|");
	log_follow_fini(&follow);
	buf_fini(&taken.text);
	assert_int_equal(unlink(path), 0);
}

static int enter(void **arg)
{
	(void)arg;
	if (!mkdtemp(folder)) {
		return -1;
	}
	(void)snprintf(path, sizeof(path), "%s/p.log", folder);
	(void)snprintf(path_before, sizeof(path_before), "%s/p.log.1", folder);
	return 0;
}

static int leave(void **arg)
{
	(void)arg;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects),
		cmocka_unit_test(quoted_texts),
		cmocka_unit_test(queries),
		cmocka_unit_test(no_file_yet),
		cmocka_unit_test(lines_in_pieces),
		cmocka_unit_test(rotation),
		cmocka_unit_test(waiting),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
