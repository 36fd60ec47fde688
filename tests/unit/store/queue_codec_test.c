/*
 * Queues and messages through their codecs, as codec_test.c does it with the
 * other records.
 */
#include "base/limits.h"
#include "codecs.h"

static int decode_queue(struct slice bytes)
{
	struct queue_record queue;

	return queue_decode(bytes, SLICE("ocr"), &queue);
}

static void queue_comes_back(void **state)
{
	(void)state;
	struct queue_record queue = {
		.name = SLICE("ocr"),
		.plugin = SLICE("scanner"),
		.policy = SLICE("{}"),
		.paused_by = SLICE("me"),
		.paused_us = 99,
	};
	struct queue_record back;
	struct buf buf = { 0 };

	queue_encode(&buf, &queue);
	assert_int_equal(queue_decode(buf_slice(&buf), queue.name, &back), 0);
	assert_slice(back.name, "ocr");
	assert_slice(back.plugin, "scanner");
	assert_slice(back.policy, "{}");
	assert_slice(back.paused_by, "me");
	assert_int_equal(back.paused_us, 99);
	check_damage(&buf, decode_queue);
	check_garbage(&buf, decode_queue);
	check_hex(&buf, "01000000000000006300077363616e6e65720002"
			"6d65000000027b7d");
	buf_fini(&buf);
}

/* `len` bytes of x, on the heap. */
static struct slice long_text(size_t len)
{
	char *text = alloc_bytes(len);

	memset(text, 'x', len);
	return (struct slice){ text, len };
}

static void queue_names_have_a_limit(void **state)
{
	(void)state;
	struct slice name = long_text(LIMIT_NAME + 1);
	struct slice fits = { name.ptr, LIMIT_NAME };
	struct queue_record queue = { .plugin = fits };
	struct buf buf = { 0 };

	queue_encode(&buf, &queue);
	assert_int_equal(queue_decode(buf_slice(&buf), fits, &queue), 0);
	assert_int_equal(queue_decode(buf_slice(&buf), name, &queue),
			 E_CORRUPT);
	assert_int_equal(queue_decode(buf_slice(&buf), SLICE(""), &queue),
			 E_CORRUPT);
	buf_clear(&buf);
	queue.plugin = name;
	queue_encode(&buf, &queue);
	assert_int_equal(queue_decode(buf_slice(&buf), fits, &queue),
			 E_CORRUPT);
	buf_fini(&buf);
	free((void *)(uintptr_t)name.ptr);
}

static int read_message(const struct buf *buf,
			struct message_record *ret_message)
{
	struct id run = test_id(1);

	return message_decode(buf_slice(buf), &run, 7, ret_message);
}

static int decode_message(struct slice bytes)
{
	struct message_record message;
	struct id run = test_id(1);

	return message_decode(bytes, &run, 7, &message);
}

static struct message_record full_message(void)
{
	struct message_record message = {
		.run = test_id(1),
		.task = 7,
		.queue = SLICE("ocr"),
		.plugin = SLICE("scanner"),
		.group = SLICE("acme"),
		.state = MESSAGE_DEAD,
		.priority = -1000,
		.place = 0x0102030405060708,
		.deliveries = 5,
		.entered_us = 11,
		.visible_us = 12,
		.leased_us = 13,
		.lease_until_us = 14,
		.dead_us = 15,
		.error = SLICE("exit 3"),
	};

	for (int i = 0; i < DEFINITION_HASH_SIZE; i++) {
		message.parts[MESSAGE_STASH][i] = (unsigned char)i;
		message.parts[MESSAGE_WITH][i] = (unsigned char)(0xff - i);
	}
	return message;
}

static void message_comes_back(void **state)
{
	(void)state;
	struct message_record message = full_message();
	struct message_record back;
	struct buf buf = { 0 };

	message_encode(&buf, &message);
	assert_int_equal(read_message(&buf, &back), 0);
	assert_true(id_equal(&back.run, &message.run));
	assert_int_equal(back.task, 7);
	assert_slice(back.queue, "ocr");
	assert_slice(back.plugin, "scanner");
	assert_slice(back.group, "acme");
	assert_slice(back.error, "exit 3");
	assert_int_equal(back.state, MESSAGE_DEAD);
	assert_int_equal(back.priority, -1000);
	assert_int_equal(back.place, 0x0102030405060708);
	assert_int_equal(back.deliveries, 5);
	assert_int_equal(back.entered_us, 11);
	assert_int_equal(back.visible_us, 12);
	assert_int_equal(back.leased_us, 13);
	assert_int_equal(back.lease_until_us, 14);
	assert_int_equal(back.dead_us, 15);
	assert_memory_equal(back.parts, message.parts, sizeof(back.parts));
	check_damage(&buf, decode_message);
	check_garbage(&buf, decode_message);
	buf_fini(&buf);
}

static void message_bytes_stay(void **state)
{
	(void)state;
	struct message_record message = full_message();
	struct buf buf = { 0 };

	message_encode(&buf, &message);
	check_hex(&buf, "0102fffffc18010203040506070800000005"
			"000000000000000b000000000000000c000000000000000d"
			"000000000000000e000000000000000f"
			"00036f637200077363616e6e6572000461636d650006"
			"65786974203305"
			"000102030405060708090a0b0c0d0e0f"
			"101112131415161718191a1b1c1d1e1f"
			"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0"
			"efeeedecebeae9e8e7e6e5e4e3e2e1e0");
	buf_fini(&buf);
}

static void message_with_unknown_numbers(void **state)
{
	(void)state;
	struct message_record message = full_message();
	struct buf buf = { 0 };

	memset(message.parts, 0, sizeof(message.parts));
	message_encode(&buf, &message);
	assert_int_equal(decode_message(buf_slice(&buf)), 0);
	buf.data[1] = MESSAGE_STATES;
	assert_int_equal(decode_message(buf_slice(&buf)), E_CORRUPT);
	buf.data[1] = MESSAGE_STATES - 1;
	buf.data[buf.len - 1] = 1 << MESSAGE_PARTS;
	assert_int_equal(decode_message(buf_slice(&buf)), E_CORRUPT);
	buf_fini(&buf);
}

static void message_texts_are_cut(void **state)
{
	(void)state;
	struct message_record message = full_message();
	struct message_record back;
	struct slice text = long_text(LIMIT_MESSAGE + 1);
	struct buf buf = { 0 };

	message.group = (struct slice){ text.ptr, LIMIT_QUEUE_GROUP };
	message.error = (struct slice){ text.ptr, LIMIT_MESSAGE };
	message_encode(&buf, &message);
	assert_int_equal(read_message(&buf, &back), 0);
	assert_true(slice_equal(back.group, message.group));
	assert_true(slice_equal(back.error, message.error));
	buf_clear(&buf);
	message.group.len++;
	message.error.len++;
	message_encode(&buf, &message);
	assert_int_equal(read_message(&buf, &back), 0);
	assert_int_equal(back.group.len, LIMIT_QUEUE_GROUP);
	assert_int_equal(back.error.len, LIMIT_MESSAGE);
	buf_fini(&buf);
	free((void *)(uintptr_t)text.ptr);
}

static void message_names_have_a_limit(void **state)
{
	(void)state;
	struct message_record message = full_message();
	struct slice text = long_text(LIMIT_NAME + 1);
	struct buf buf = { 0 };

	message.queue = (struct slice){ text.ptr, LIMIT_NAME };
	message_encode(&buf, &message);
	assert_int_equal(decode_message(buf_slice(&buf)), 0);
	buf_clear(&buf);
	message.queue = text;
	message_encode(&buf, &message);
	assert_int_equal(decode_message(buf_slice(&buf)), E_CORRUPT);
	buf_clear(&buf);
	message.queue = SLICE("");
	message_encode(&buf, &message);
	assert_int_equal(decode_message(buf_slice(&buf)), E_CORRUPT);
	buf_fini(&buf);
	free((void *)(uintptr_t)text.ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_comes_back),
		cmocka_unit_test(queue_names_have_a_limit),
		cmocka_unit_test(message_comes_back),
		cmocka_unit_test(message_bytes_stay),
		cmocka_unit_test(message_with_unknown_numbers),
		cmocka_unit_test(message_texts_are_cut),
		cmocka_unit_test(message_names_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
