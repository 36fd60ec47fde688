/* clock, duration and id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"

static void times_have_microseconds(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
	clock_format(INT64_C(1772360430123456), text);
	assert_string_equal(text, "2026-03-01T10:20:30.123456Z");
	clock_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
}

static int64_t parsed(const char *text)
{
	int64_t us = -1;

	assert_int_equal(clock_parse(slice_of(text), &us), 0);
	return us;
}

static void times_are_read_back(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-03-01",
		"2026-03-01T10:20:30",
		"2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-03-01T24:00:00Z",
		"2026-03-01T10:20:30.Z",
		"2026-03-01T10:20:30.1234567890Z",
		"2026-03-01T10:20:30+0100",
		"2026-03-01T10:20:30Zx",
		"2026-03-01T10:20:30+24:00",
	};
	int64_t us;

	(void)state;
	assert_int_equal(parsed("2026-03-01T10:20:30.123456Z"),
			 INT64_C(1772360430123456));
	assert_int_equal(parsed("2026-03-01T11:20:30.123456789+01:00"),
			 INT64_C(1772360430123456));
	assert_int_equal(parsed("2024-02-29t00:00:00.5z"),
			 INT64_C(1709164800500000));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(clock_parse(slice_of(bad[i]), &us), E_INVALID);
	}
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "250ms", 250 },
		{ "30s", 30000 },
		{ "5m", 300000 },
		{ "2h", 7200000 },
		{ "1d", 86400000 },
		{ "1.5h", 5400000 },
		{ "0.5s", 500 },
		{ "0s", 0 },
		{ "10000d", 864000000000 },
	};
	static const char *const bad[] = { "",    "5",    "s",     "-1s",
					   "1 s", "1.s",  "1..5s", "10001d",
					   "1S",  "1e3s", ".5s" };
	int64_t ms;
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(duration_parse(slice_of(good[i].text), &ms),
				 0);
		assert_int_equal(ms, good[i].ms);
		duration_format(ms, text);
		int64_t again;

		assert_int_equal(duration_parse(slice_of(text), &again), 0);
		assert_int_equal(again, ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(duration_parse(slice_of(bad[i]), &ms),
				 E_INVALID);
	}
}

static void ids_rise_and_read_back(void **state)
{
	unsigned char random[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 255 };
	struct id id = id_make(INT64_C(1772360430123456), random);
	struct id later = id_make(INT64_C(1772360430124456), random);
	struct id next = id_next(id);
	struct id read;
	char text[ID_TEXT_SIZE];
	char text_next[ID_TEXT_SIZE];

	(void)state;
	assert_true(id_compare(&id, &next) < 0);
	assert_true(id_compare(&next, &later) < 0);
	id_format(&id, text);
	id_format(&next, text_next);
	assert_int_equal(strlen(text), 26);
	assert_true(strcmp(text, text_next) < 0);
	assert_int_equal(id_parse(slice_of(text), &read), 0);
	assert_true(id_equal(&id, &read));
	assert_int_equal(id_parse(SLICE("7zzzzzzzzzzzzzzzzzzzzzzzzz"), &read),
			 0);
	for (size_t i = 0; i < ID_SIZE; i++) {
		assert_int_equal(read.bytes[i], 255);
	}
	assert_int_equal(id_parse(SLICE("8zzzzzzzzzzzzzzzzzzzzzzzzz"), &read),
			 E_INVALID);
	assert_int_equal(id_parse(SLICE("0000000000000000000000000u"), &read),
			 E_INVALID);
	assert_int_equal(id_parse(SLICE("short"), &read), E_INVALID);
}

static void never_is_not_early(void **state)
{
	(void)state;
	assert_int_equal(clock_earlier(2, 3), 2);
	assert_int_equal(clock_earlier(3, 2), 2);
	assert_int_equal(clock_earlier(0, 3), 3);
	assert_int_equal(clock_earlier(3, 0), 3);
	assert_int_equal(clock_earlier(0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_microseconds),
		cmocka_unit_test(times_are_read_back),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(never_is_not_early),
		cmocka_unit_test(ids_rise_and_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
