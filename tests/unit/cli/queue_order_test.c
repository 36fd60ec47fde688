/* In which order the messages of a queue are handed out, and which of them
 * waits for which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cli/queue_book.h"

#define NOW INT64_C(1772360430123456)

static struct queue_book book;
static struct queue_sheet *sheet;

static int setup(void **state)
{
	struct queue_record queue = {
		.name = SLICE("ocr"),
		.plugin = SLICE("reader"),
		.policy = SLICE("{\"attempts\":3,\"concurrency\":4}"),
	};

	(void)state;
	book = (struct queue_book){ .now_us = NOW };
	queue_book_add_queue(&book, &queue);
	sheet = queue_book_find(&book, SLICE("ocr"));
	sheet->keeps = QUEUE_KEEPS_ALL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	queue_book_fini(&book);
	return 0;
}

/* Messages are known by their task, and come in no order at all. */
static struct message_record message(uint32_t task, uint64_t place)
{
	return (struct message_record){
		.run = { .bytes = { 1, (unsigned char)(task * 37 % 5) } },
		.task = task,
		.queue = SLICE("ocr"),
		.plugin = SLICE("reader"),
		.place = place,
		.entered_us = NOW - (int64_t)task * 1000,
	};
}

static void add(uint32_t task, uint64_t place, int priority, const char *group)
{
	struct message_record it = message(task, place);

	it.priority = priority;
	it.group = slice_of(group);
	queue_book_add_message(&book, &it);
}

static void check_order(const uint32_t *tasks, size_t len)
{
	queue_book_arrange(&book);
	assert_int_equal(sheet->len, len);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(sheet->order[i]->task, tasks[i]);
	}
}

#define CHECK_ORDER(...)                                        \
	check_order((const uint32_t[]){ __VA_ARGS__ },          \
		    sizeof((const uint32_t[]){ __VA_ARGS__ }) / \
			sizeof(uint32_t))

static const struct queued *find(uint32_t task)
{
	struct id run = message(task, 0).run;

	return queue_sheet_find(sheet, &run, task);
}

static void test_place(void **state)
{
	(void)state;
	add(3, 30, 0, NULL);
	add(1, 10, 0, NULL);
	add(2, 20, 0, NULL);
	CHECK_ORDER(1, 2, 3);
	assert_int_equal(find(1)->position, 1);
	assert_int_equal(find(3)->position, 3);
	assert_null(queue_sheet_find(sheet, &find(1)->run, 9));
}

static void test_priority(void **state)
{
	(void)state;
	add(1, 1, 0, NULL);
	add(2, 2, 1000, NULL);
	add(3, 3, -1000, NULL);
	add(4, 4, 1000, NULL);
	CHECK_ORDER(2, 4, 1, 3);
}

/* However urgent, none comes before those of its group that came earlier. */
static void test_groups(void **state)
{
	(void)state;
	add(1, 1, 0, "a");
	add(2, 2, 9, "a");
	add(3, 3, 5, "b");
	add(4, 4, 0, "b");
	add(5, 5, 0, NULL);
	CHECK_ORDER(3, 1, 2, 4, 5);
	assert_ptr_equal(find(1)->head, find(1));
	assert_ptr_equal(find(2)->head, find(1));
	assert_ptr_equal(find(4)->head, find(3));
	assert_ptr_equal(find(5)->head, find(5));
}

/* What is delayed comes by its time, and its group behind it. */
static void test_delayed(void **state)
{
	struct message_record it = message(1, 1);

	(void)state;
	it.visible_us = NOW + 5000;
	it.group = SLICE("a");
	queue_book_add_message(&book, &it);
	add(2, 2, 9, "a");
	it = message(3, 3);
	it.visible_us = NOW + 1;
	queue_book_add_message(&book, &it);
	it = message(4, 4);
	it.visible_us = NOW;
	queue_book_add_message(&book, &it);
	add(5, 5, 0, NULL);
	CHECK_ORDER(4, 5, 3, 1, 2);
	assert_int_equal(sheet->waiting, 5);
	assert_int_equal(sheet->delayed, 2);
	assert_int_equal(sheet->oldest_us, NOW - 5000);
}

/* Leased ones are before all others, dead ones behind as they died. */
static void test_states(void **state)
{
	struct message_record it = message(1, 9);

	(void)state;
	it.state = MESSAGE_LEASED;
	it.group = SLICE("a");
	it.visible_us = NOW + 5000;
	queue_book_add_message(&book, &it);
	add(2, 2, 0, "a");
	it = message(3, 1);
	it.state = MESSAGE_DEAD;
	it.group = SLICE("a");
	it.dead_us = NOW - 1;
	queue_book_add_message(&book, &it);
	it = message(4, 5);
	it.state = MESSAGE_DEAD;
	it.dead_us = NOW - 2;
	queue_book_add_message(&book, &it);
	CHECK_ORDER(1, 2, 4, 3);
	assert_ptr_equal(find(2)->head, find(1));
	assert_ptr_equal(find(3)->head, find(3));
	assert_int_equal(find(1)->position, 0);
	assert_int_equal(find(2)->position, 1);
	assert_int_equal(find(3)->position, 0);
	assert_int_equal(sheet->leased, 1);
	assert_int_equal(sheet->dead, 2);
}

/* Only counted, unless somebody wants to look closely. */
static void test_counting(void **state)
{
	struct message_record it = message(1, 1);

	(void)state;
	sheet->keeps = QUEUE_KEEPS_DEAD;
	add(2, 2, 0, NULL);
	it.queue = SLICE("another");
	it.plugin = SLICE("new");
	queue_book_add_message(&book, &it);
	queue_book_arrange(&book);
	sheet = queue_book_find(&book, SLICE("ocr"));
	assert_int_equal(sheet->waiting, 1);
	assert_int_equal(sheet->len, 0);
	assert_int_equal(sheet->policy.retry.attempts, 3);
	sheet = queue_book_find(&book, SLICE("another"));
	assert_int_equal(sheet->waiting, 1);
	assert_string_equal(sheet->plugin, "new");
	assert_int_equal(sheet->policy.retry.attempts, QUEUE_ATTEMPTS);
}

static void test_unknown(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(queue_book_find(&book, SLICE("ocrr")));
	assert_int_equal(queue_book_no_queue(&book, SLICE("ocrr"), &err),
			 E_NOT_FOUND);
	assert_string_equal(err.msg,
			    "there is no queue 'ocrr'; did you mean 'ocr'?");
	(void)queue_book_no_queue(&book, SLICE("mail"), &err);
	assert_string_equal(
	    err.msg, "there is no queue 'mail'; 'tutti queue ls' lists them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_priority, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
