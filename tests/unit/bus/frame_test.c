/*
 * Frames of the control socket as bytes: what is written is what is read, and
 * what is not a message is refused with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "bus/frame.h"
#include "document/pack.h"

static struct err err;

static struct slice body_of(const struct buf *frame)
{
	size_t len = 0;

	assert_int_equal(frame_read_header(frame->data, &len), 0);
	assert_int_equal(len, frame->len - FRAME_HEADER_SIZE);
	return (struct slice){ frame->data + FRAME_HEADER_SIZE, len };
}

static void request_and_back(void **state)
{
	(void)state;
	struct value args = value_map();
	struct buf frame = { 0 };
	uint64_t id = 0;
	char *verb = NULL;
	struct value back;

	value_set(&args, "run", value_text("abc"));
	assert_int_equal(
	    frame_put_request(&frame, UINT64_MAX, "start", &args, &err), 0);
	assert_int_equal(
	    frame_read_request(body_of(&frame), &id, &verb, &back, &err), 0);
	assert_true(id == UINT64_MAX);
	assert_string_equal(verb, "start");
	assert_true(value_equal(&args, &back));
	free(verb);
	value_clear(&back);
	value_clear(&args);
	buf_fini(&frame);
}

static void request_bytes(void **state)
{
	(void)state;
	static const char want[] = "\0\0\0\x13"
				   "\x83\xa2id\x07\xa4verb\xa2ls\xa4"
				   "args\x80";
	struct buf frame = { 0 };

	assert_int_equal(frame_put_request(&frame, 7, "ls", NULL, &err), 0);
	assert_int_equal(frame.len, sizeof(want) - 1);
	assert_memory_equal(frame.data, want, frame.len);
	buf_fini(&frame);
}

static void result_and_back(void **state)
{
	(void)state;
	struct value result = value_text("done");
	struct buf frame = { 0 };
	struct frame_answer answer;

	assert_int_equal(frame_put_result(&frame, 3, &result, &err), 0);
	assert_int_equal(frame_read_answer(body_of(&frame), &answer, &err), 0);
	assert_int_equal(answer.id, 3);
	assert_int_equal(answer.error.code, 0);
	assert_true(value_equal(&answer.result, &result));
	value_clear(&answer.result);
	value_clear(&result);
	buf_fini(&frame);
}

static void every_error_and_back(void **state)
{
	(void)state;
	static const int codes[] = {
#define X(name, number, text) name,
		ERR_MAP(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct buf frame = { 0 };
		struct frame_answer answer;
		struct err sent;

		(void)err_set(&sent, codes[i], "sentence %zu", i);
		frame_put_error(&frame, i, &sent);
		assert_int_equal(
		    frame_read_answer(body_of(&frame), &answer, &err), 0);
		assert_int_equal(answer.id, i);
		assert_int_equal(answer.error.code, codes[i]);
		assert_string_equal(answer.error.msg, sent.msg);
		buf_fini(&frame);
	}
}

static void unknown_code(void **state)
{
	(void)state;
	struct frame_answer answer;
	struct err sent = { .code = -9999, .msg = "from the future" };
	struct buf frame = { 0 };

	frame_put_error(&frame, 1, &sent);
	assert_int_equal(frame_read_answer(body_of(&frame), &answer, &err), 0);
	assert_int_equal(answer.error.code, E_INVALID);
	assert_string_equal(answer.error.msg, "from the future");
	buf_fini(&frame);
}

static void headers(void **state)
{
	(void)state;
	size_t len = 99;

	assert_int_equal(frame_read_header("\0\0\0\0", &len), E_INVALID);
	assert_int_equal(frame_read_header("\xff\xff\xff\xff", &len),
			 E_TOO_BIG);
	assert_int_equal(frame_read_header("\x02\0\0\x01", &len), E_TOO_BIG);
	assert_int_equal(len, 99);
	assert_int_equal(frame_read_header("\x02\0\0\0", &len), 0);
	assert_int_equal(len, LIMIT_CONTROL_FRAME);
	assert_int_equal(frame_read_header("\0\0\0\x01", &len), 0);
	assert_int_equal(len, 1);
}

/* A request whose body is exactly `size` bytes long. */
static int put_sized(struct buf *frame, size_t size)
{
	/* id, verb, args and one text with a length of four bytes */
	size_t overhead = strlen("\x83\xa2id\x01\xa4verb\xa1v\xa4"
				 "args\x81\xa1t\xdb....");
	char *text = alloc_zeroed(1, size);
	struct value args = value_map();

	value_set(&args, "t",
		  value_bytes((struct slice){ text, size - overhead }));
	free(text);
	int rc = frame_put_request(frame, 1, "v", &args, &err);

	value_clear(&args);
	return rc;
}

static void largest_frame(void **state)
{
	(void)state;
	struct buf frame = { 0 };

	assert_int_equal(put_sized(&frame, LIMIT_CONTROL_FRAME), 0);
	assert_int_equal(body_of(&frame).len, LIMIT_CONTROL_FRAME);
	assert_int_equal(frame_check(body_of(&frame), &err), 0);
	buf_clear(&frame);
	buf_put_text(&frame, "before");
	assert_int_equal(put_sized(&frame, LIMIT_CONTROL_FRAME + 1), E_TOO_BIG);
	assert_int_equal(frame.len, 6);
	buf_fini(&frame);
}

static void bad_request(const char *bytes, size_t len, const char *sentence)
{
	uint64_t id = 0;
	char *verb = NULL;
	struct value args = value_null();
	char *exact = alloc_bytes(len);

	memcpy(exact, bytes, len);
	assert_int_equal(frame_read_request((struct slice){ exact, len }, &id,
					    &verb, &args, &err),
			 E_INVALID);
	if (!strstr(err.msg, sentence)) {
		fail_msg("'%s' is not in '%s'", sentence, err.msg);
	}
	assert_null(verb);
	assert_int_equal(args.type, VALUE_NULL);
	free(exact);
}

static void bad_requests(void **state)
{
	(void)state;
#define BAD(bytes, sentence) bad_request((bytes), sizeof(bytes) - 1, sentence)
	BAD("\xc1", "");
	BAD("\x83", "");
	BAD("\x01", "must be a map");
	BAD("\x93\x01\x02\x03", "must be a map");
	BAD("\x80", "number 'id'");
	BAD("\x81\xa2id\xa1x", "number 'id'");
	BAD("\x81\xa2id\xff", "number 'id'");
	BAD("\x81\xa2id\x01", "text 'verb'");
	BAD("\x82\xa2id\x01\xa4verb\x05", "text 'verb'");
	BAD("\x82\xa2id\x01\xa4verb\xa0", "text 'verb'");
	BAD("\x82\xa2id\x01\xa4verb\xa2"
	    "a\0",
	    "text 'verb'");
	BAD("\x83\xa2id\x01\xa4verb\xa1v\xa4"
	    "args\x05",
	    "'args' must be a map");
	BAD("\x82\xa2id\x01\xa4verb\xa1v ", "");
#undef BAD
}

static void longest_verb(void **state)
{
	(void)state;
	char verb[LIMIT_NAME + 2];
	struct buf frame = { 0 };
	uint64_t id;
	char *back;
	struct value args;

	memset(verb, 'v', sizeof(verb));
	verb[LIMIT_NAME] = '\0';
	assert_int_equal(frame_put_request(&frame, 1, verb, NULL, &err), 0);
	assert_int_equal(
	    frame_read_request(body_of(&frame), &id, &back, &args, &err), 0);
	free(back);
	value_clear(&args);
	verb[LIMIT_NAME] = 'v';
	verb[LIMIT_NAME + 1] = '\0';
	buf_clear(&frame);
	assert_int_equal(frame_put_request(&frame, 1, verb, NULL, &err), 0);
	assert_int_equal(
	    frame_read_request(body_of(&frame), &id, &back, &args, &err),
	    E_INVALID);
	buf_fini(&frame);
}

static void args_may_be_absent(void **state)
{
	(void)state;
	uint64_t id;
	char *verb;
	struct value args;

	assert_int_equal(
	    frame_read_request(SLICE("\x82\xa2id\x01\xa4verb\xa1v"), &id, &verb,
			       &args, &err),
	    0);
	assert_int_equal(args.type, VALUE_MAP);
	assert_int_equal(value_len(&args), 0);
	free(verb);
	value_clear(&args);
}

static struct value nested(unsigned depth)
{
	struct value value = value_map();

	while (depth-- > 1) {
		struct value outer = value_map();

		value_set(&outer, "x", value);
		value = outer;
	}
	return value;
}

static int check_depth(unsigned depth)
{
	struct value args = nested(depth);
	struct buf frame = { 0 };

	assert_int_equal(frame_put_request(&frame, 1, "v", &args, &err), 0);
	int rc = frame_check(body_of(&frame), &err);

	value_clear(&args);
	buf_fini(&frame);
	return rc;
}

static void depth_is_checked(void **state)
{
	(void)state;
	assert_int_equal(check_depth(PACK_DEPTH - 1), 0);
	assert_int_equal(check_depth(PACK_DEPTH), E_TOO_BIG);
}

/* Besides the values there are four in the message itself, and its keys. */
static int check_nodes(bool answered, size_t nodes)
{
	struct value list = value_array();
	struct value args = value_map();
	struct value back = value_null();
	struct buf frame = { 0 };
	struct frame_answer answer = { 0 };
	uint64_t id = 0;
	char *verb = NULL;
	int rc;

	for (size_t i = 0; i < nodes; i++) {
		value_push(&list, value_int(1));
	}
	value_set(&args, "a", list);
	if (answered) {
		assert_int_equal(frame_put_result(&frame, 1, &args, &err), 0);
		rc = frame_read_answer(body_of(&frame), &answer, &err);
	} else {
		assert_int_equal(frame_put_request(&frame, 1, "v", &args, &err),
				 0);
		rc = frame_read_request(body_of(&frame), &id, &verb, &back,
					&err);
		assert_int_equal(frame_check(body_of(&frame), &err), rc);
	}
	free(verb);
	value_clear(&back);
	value_clear(&answer.result);
	value_clear(&args);
	buf_fini(&frame);
	return rc;
}

static void values_are_counted(void **state)
{
	static const size_t limits[] = { LIMIT_DOCUMENT_NODES,
					 LIMIT_CONTROL_NODES };

	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		size_t beside = 0;

		while (beside < 20 &&
		       check_nodes(answered, limits[answered] - beside)) {
			beside++;
		}
		assert_in_range(beside, 1, 19);
		assert_int_equal(
		    check_nodes(answered, limits[answered] - beside + 1),
		    E_TOO_BIG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_and_back),
		cmocka_unit_test(request_bytes),
		cmocka_unit_test(result_and_back),
		cmocka_unit_test(every_error_and_back),
		cmocka_unit_test(unknown_code),
		cmocka_unit_test(headers),
		cmocka_unit_test(largest_frame),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(longest_verb),
		cmocka_unit_test(args_may_be_absent),
		cmocka_unit_test(depth_is_checked),
		cmocka_unit_test(values_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
