/*
 * docs/protocol.md, replayed: every hex dump with `request`, `reply` or
 * `publication` beside it is read, compared with the JSON block before it, and
 * written again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/wire.h"
#include "document/json.h"
#include "document/pack.h"

#define PROTOCOL TEST_DATA "/../../docs/protocol.md"

static struct err err;

struct block {
	char kind[32]; /* behind the three quotes */
	struct buf text;
};

/* The next fenced block; false at the end. */
static bool next_block(FILE *file, struct block *block)
{
	char line[1000];
	bool inside = false;

	buf_clear(&block->text);
	while (fgets(line, sizeof(line), file)) {
		const char *at = line + strspn(line, " ");

		if (strncmp(at, "```", 3) == 0 && inside) {
			return true;
		}
		if (inside) {
			buf_put_text(&block->text, at);
		} else if (strncmp(at, "```", 3) == 0) {
			inside = true;
			(void)snprintf(block->kind, sizeof(block->kind), "%.*s",
				       (int)strcspn(at + 3, "\n"), at + 3);
		}
	}
	return false;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Lines of an offset, bytes, two blanks and characters. */
static void put_dump(struct buf *out, struct slice dump)
{
	const char *end = dump.ptr + dump.len;

	for (const char *line = dump.ptr; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		const char *at = line + 6;

		for (; at[0] != ' ' && at[0] != '\n'; at += 3) {
			assert_true(digit(at[0]) >= 0 && digit(at[1]) >= 0);
			buf_put_byte(
			    out, (uint8_t)(digit(at[0]) * 16 + digit(at[1])));
			if (at[2] == '\n') {
				break;
			}
		}
		assert_non_null(next);
		line = next + 1;
	}
}

static char *json_of(struct slice body)
{
	struct value value;
	struct buf text = { 0 };

	assert_int_equal(pack_read(body, NULL, &value, &err), 0);
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

static void check_json(struct slice body, struct slice json)
{
	struct value value;
	struct buf text = { 0 };
	char *got = json_of(body);

	assert_int_equal(json_read(json, NULL, &value, &err), 0);
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	char *wanted = buf_take(&text);

	assert_string_equal(got, wanted);
	free(got);
	free(wanted);
}

static void check_again(const struct buf *again, struct slice body)
{
	assert_int_equal(again->len, body.len);
	assert_memory_equal(again->data, body.ptr, body.len);
}

static void replay_request(struct slice body, struct buf *again)
{
	struct wire_request request;

	assert_int_equal(wire_get_request(body, &request, &err), 0);
	wire_put_request(again, &request);
	wire_request_fini(&request);
}

static void replay_reply(struct slice body, struct buf *again)
{
	struct wire_reply reply;

	assert_int_equal(wire_get_reply(body, &reply, &err), 0);
	wire_put_reply(again, &reply);
	wire_reply_fini(&reply);
}

static void replay_publication(struct slice body, struct buf *again)
{
	struct wire_publication publication;

	assert_int_equal(wire_get_publication(body, &publication, &err), 0);
	wire_put_publication(again, &publication);
	wire_publication_fini(&publication);
}

static void replay(const char *kind, struct slice frame, struct slice json)
{
	struct buf again = { 0 };
	struct slice body = { frame.ptr + 8, frame.len - 8 };
	struct slice map;
	struct slice topic;

	assert_int_equal(read_u64(frame.ptr), body.len);
	if (strcmp(kind, "hex publication") == 0) {
		assert_int_equal(wire_split_topic(body, &topic, &map, &err), 0);
		replay_publication(body, &again);
		check_again(&again, body);
	} else {
		assert_true(read_u32(body.ptr) & 0x80000000u);
		map = (struct slice){ body.ptr + 4, body.len - 4 };
		if (strcmp(kind, "hex request") == 0) {
			replay_request(map, &again);
		} else {
			assert_string_equal(kind, "hex reply");
			replay_reply(map, &again);
		}
		check_again(&again, map);
	}
	check_json(map, json);
	buf_fini(&again);
}

static void test_examples(void **state)
{
	FILE *file = fopen(PROTOCOL, "re");
	struct block block = { .kind = "" };
	struct buf json = { 0 };
	unsigned replayed = 0;

	(void)state;
	assert_non_null(file);
	while (next_block(file, &block)) {
		struct buf frame = { 0 };

		if (strcmp(block.kind, "json") == 0) {
			buf_clear(&json);
			buf_put_slice(&json, buf_slice(&block.text));
		} else if (strncmp(block.kind, "hex ", 4) == 0 &&
			   strcmp(block.kind, "hex bytes") != 0) {
			put_dump(&frame, buf_slice(&block.text));
			replay(block.kind, buf_slice(&frame), buf_slice(&json));
			replayed++;
		}
		buf_fini(&frame);
	}
	(void)fclose(file);
	buf_fini(&json);
	buf_fini(&block.text);
	assert_int_equal(replayed, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
