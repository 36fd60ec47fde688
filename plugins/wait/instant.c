#include "instant.h"

#include <stdio.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)

/* `count` digits at `at` as a number; -1 when they are none. */
static int digits(struct tutti_slice text, size_t at, size_t count)
{
	int number = 0;

	if (at + count > text.len) {
		return -1;
	}
	for (size_t i = at; i < at + count; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return -1;
		}
		number = number * 10 + (text.ptr[i] - '0');
	}
	return number;
}

static bool has(struct tutti_slice text, size_t at, const char *one_of)
{
	return at < text.len && text.ptr[at] && strchr(one_of, text.ptr[at]);
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "2026-03-01T10:20:30", the first 19 bytes. */
static bool read_seconds(struct tutti_slice text, int64_t *ret_seconds)
{
	int year = digits(text, 0, 4);
	int month = digits(text, 5, 2);
	int day = digits(text, 8, 2);
	int hour = digits(text, 11, 2);
	int minute = digits(text, 14, 2);
	int second = digits(text, 17, 2);

	if (!has(text, 4, "-") || !has(text, 7, "-") || !has(text, 10, "Tt ") ||
	    !has(text, 13, ":") || !has(text, 16, ":")) {
		return false;
	}
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month) || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 60) {
		return false;
	}
	struct tm tm = {
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second,
	};

	*ret_seconds = timegm(&tm);
	return true;
}

/* Digits behind the point; those beyond a microsecond do not count. */
static bool read_fraction(struct tutti_slice text, size_t *at, int64_t *ret_us)
{
	int64_t place = US_PER_S / 10;

	*ret_us = 0;
	if (!has(text, *at, ".")) {
		return true;
	}
	++*at;
	if (digits(text, *at, 1) < 0) {
		return false;
	}
	for (; digits(text, *at, 1) >= 0; ++*at, place /= 10) {
		*ret_us += place * digits(text, *at, 1);
	}
	return true;
}

/* "Z" or "+01:00", up to the end of the text. */
static bool read_offset(struct tutti_slice text, size_t at,
			int64_t *ret_seconds)
{
	int hours = digits(text, at + 1, 2);
	int minutes = digits(text, at + 4, 2);

	if (has(text, at, "Zz") && at + 1 == text.len) {
		*ret_seconds = 0;
		return true;
	}
	if (!has(text, at, "+-") || !has(text, at + 3, ":") || hours < 0 ||
	    hours > 23 || minutes < 0 || minutes > 59 || at + 6 != text.len) {
		return false;
	}
	*ret_seconds = hours * 3600 + minutes * 60;
	if (text.ptr[at] == '-') {
		*ret_seconds = -*ret_seconds;
	}
	return true;
}

bool instant_read_us(struct tutti_slice text, int64_t *ret_us)
{
	int64_t seconds;
	int64_t fraction;
	int64_t offset;
	size_t at = 19;

	if (!read_seconds(text, &seconds) ||
	    !read_fraction(text, &at, &fraction) ||
	    !read_offset(text, at, &offset)) {
		return false;
	}
	*ret_us = (seconds - offset) * US_PER_S + fraction;
	return true;
}

void instant_write(int64_t wall_us, char text[INSTANT_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall_us / US_PER_S);
	unsigned fraction = (unsigned)(wall_us % US_PER_S);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	size_t len =
	    strftime(text, INSTANT_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);

	(void)snprintf(text + len, INSTANT_TEXT_SIZE - len, ".%06uZ", fraction);
}
