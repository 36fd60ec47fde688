/*
 * Rows of several transitions: what goes in comes out, rows stay small, and
 * bytes that are no row are refused.
 */
#include "support.h"

#include "store/codec.h"
#include "store/history_row.h"

#define TRANSITIONS 100

static struct transition_record transition_of(unsigned n)
{
	static const char *const messages[] = { "", "exit code 1",
						"a longer message of a task" };

	return (struct transition_record){
		.time_us = TEST_MS * 1000 + n,
		.kind = OBJECT_TASK,
		.activity = n % 3,
		.phase = PHASE_PARALLEL,
		.task = n,
		.attempt = 1 + n % 2,
		.from = n % 2 ? TASK_PENDING : -1,
		.to = TASK_RUNNING,
		.actor = SLICE("engine"),
		.message = slice_of(messages[n % 3]),
	};
}

static void assert_same(const struct transition_record *a,
			const struct transition_record *b, uint64_t sequence)
{
	assert_int_equal(a->sequence, sequence);
	assert_int_equal(a->time_us, b->time_us);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->activity, b->activity);
	assert_int_equal(a->task, b->task);
	assert_int_equal(a->attempt, b->attempt);
	assert_int_equal(a->from, b->from);
	assert_int_equal(a->to, b->to);
	assert_true(slice_equal(a->actor, b->actor));
	assert_true(slice_equal(a->message, b->message));
}

static void what_goes_in_comes_out(void **state)
{
	struct transition_record all[TRANSITIONS];
	size_t rows = 0;

	(void)state;
	for (unsigned i = 0; i < TRANSITIONS; i++) {
		all[i] = transition_of(i);
	}
	for (size_t at = 0; at < TRANSITIONS; rows++) {
		struct buf bytes = { 0 };
		struct history_row row;
		struct transition_record back;
		size_t put =
		    history_row_put(&bytes, &all[at], TRANSITIONS - at);

		assert_in_range(put, 1, TRANSITIONS - at);
		assert_true(bytes.len <= HISTORY_ROW_BYTES);
		assert_int_equal(
		    history_row_read(buf_slice(&bytes), 100 + at, &row), 0);
		for (size_t i = 0; i < put; i++) {
			assert_int_equal(history_row_next(&row, &back), 1);
			assert_same(&back, &all[at + i], 100 + at + i);
		}
		assert_int_equal(history_row_next(&row, &back), 0);
		buf_fini(&bytes);
		at += put;
	}
	assert_in_range(rows, 2, TRANSITIONS / 25);
}

/* Each alone is more than a row may have, or has a length of its own. */
static void a_long_one_stands_alone(void **state)
{
	static char letters[70000];
	const size_t lengths[] = { HISTORY_ROW_BYTES, 65000, 70000 };

	(void)state;
	memset(letters, 'x', sizeof(letters));
	for (size_t i = 0; i < 3; i++) {
		struct transition_record two[] = { transition_of(0),
						   transition_of(1) };
		struct transition_record back;
		struct history_row row;
		struct buf bytes = { 0 };

		two[0].actor = (struct slice){ letters, lengths[i] };
		two[0].message = (struct slice){ letters, lengths[i] };
		assert_int_equal(history_row_put(&bytes, two, 2), 1);
		assert_int_equal(history_row_read(buf_slice(&bytes), 7, &row),
				 0);
		assert_int_equal(history_row_next(&row, &back), 1);
		assert_int_equal(back.message.len, lengths[i] > UINT16_MAX
						       ? UINT16_MAX
						       : lengths[i]);
		assert_int_equal(history_row_next(&row, &back), 0);
		buf_fini(&bytes);
	}
}

/* Eight bytes each, once the actor is known. */
static void rows_are_full(void **state)
{
	struct transition_record all[200];
	struct buf row = { 0 };

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		all[i] = transition_of(0);
	}
	size_t put = history_row_put(&row, all, 200);

	assert_in_range(row.len, HISTORY_ROW_BYTES - 7, HISTORY_ROW_BYTES);
	assert_in_range(put, (HISTORY_ROW_BYTES - 40) / 8,
			HISTORY_ROW_BYTES / 8);
	buf_fini(&row);
}

/* As they were written before schema 5 and in it. */
static void old_rows_are_read(void **state)
{
	static const char one[] = "\x01"
				  "\0\0\0\0\0\0\0\x05"
				  "\x03\0\0\0\x06\x01\0\0\0\x07"
				  "\0\0\0\x08\x00\x02\x02\0\x06"
				  "engine\0\x02no";
	const size_t len = sizeof(one) - 1;
	struct transition_record back;
	struct history_row row;
	struct buf two = { 0 };

	(void)state;
	assert_int_equal(history_row_read((struct slice){ one, len }, 7, &row),
			 0);
	assert_int_equal(history_row_next(&row, &back), 1);
	assert_int_equal(back.sequence, 7);
	assert_int_equal(back.time_us, 5);
	assert_int_equal(back.task, 7);
	assert_slice(back.actor, "engine");
	assert_slice(back.message, "no");
	assert_int_equal(history_row_next(&row, &back), 0);

	buf_put_byte(&two, 2);
	for (int i = 0; i < 2; i++) {
		buf_put_u16(&two, (uint16_t)len);
		buf_put(&two, one, len);
	}
	assert_int_equal(history_row_read(buf_slice(&two), 9, &row), 0);
	for (uint64_t i = 9; i < 11; i++) {
		assert_int_equal(history_row_next(&row, &back), 1);
		assert_int_equal(back.sequence, i);
		assert_int_equal(back.attempt, 8);
		assert_slice(back.message, "no");
	}
	assert_int_equal(history_row_next(&row, &back), 0);
	two.len--;
	assert_int_equal(history_row_read(buf_slice(&two), 9, &row), 0);
	assert_int_equal(history_row_next(&row, &back), 1);
	assert_int_equal(history_row_next(&row, &back), E_CORRUPT);
	buf_fini(&two);
}

/* Cut anywhere, and with any byte changed: all that it says, or an error. */
static void damage_is_noticed(void **state)
{
	struct transition_record three[] = { transition_of(0), transition_of(1),
					     transition_of(2) };
	struct transition_record back;
	struct history_row row;
	struct buf bytes = { 0 };

	(void)state;
	assert_int_equal(history_row_put(&bytes, three, 3), 3);
	for (size_t len = 0; len < bytes.len; len++) {
		struct slice cut = { bytes.data, len };
		int rc = history_row_read(cut, 1, &row);
		int found = 0;

		while (rc == 0 && (rc = history_row_next(&row, &back)) == 1) {
			found++;
			rc = 0;
		}
		assert_int_equal(rc, E_CORRUPT);
		assert_true(found < 3);
	}
	for (size_t at = 0; at < bytes.len; at++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << bit));
			int rc = history_row_read(buf_slice(&bytes), 1, &row);

			for (int i = 0; rc >= 0 && i < 100; i++) {
				rc = history_row_next(&row, &back);
				if (rc == 0) {
					break;
				}
			}
			assert_true(rc == 0 || rc == E_CORRUPT);
			bytes.data[at] = (char)(bytes.data[at] ^ (1 << bit));
		}
	}
	buf_fini(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_long_one_stands_alone),
		cmocka_unit_test(rows_are_full),
		cmocka_unit_test(old_rows_are_read),
		cmocka_unit_test(damage_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
