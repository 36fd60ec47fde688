#include "base/clock.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#define MAX_DURATION_MS (INT64_C(10000) * 86400000)

int64_t clock_wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	if (a == 0 || b == 0) {
		return a ? a : b;
	}
	return a < b ? a : b;
}

void clock_format(int64_t wall_us, char text[CLOCK_TEXT_SIZE])
{
	int64_t micros = wall_us % 1000000;
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm parts;

	if (micros < 0) {
		micros += 1000000;
		seconds--;
	}
	gmtime_r(&seconds, &parts);
	size_t len =
	    strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);

	(void)snprintf(text + len, CLOCK_TEXT_SIZE - len, ".%06" PRId64 "Z",
		       micros);
}

/* Exactly `digits` digits at text[*at]; advances. -1 when they are not. */
static int read_digits(struct slice text, size_t *at, int digits)
{
	int number = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (*at >= text.len || !isdigit((unsigned char)text.ptr[*at])) {
			return -1;
		}
		number = number * 10 + (text.ptr[*at] - '0');
	}
	return number;
}

static bool read_char(struct slice text, size_t *at, const char *any_of)
{
	if (*at < text.len && text.ptr[*at] && strchr(any_of, text.ptr[*at])) {
		(*at)++;
		return true;
	}
	return false;
}

static int read_fraction_us(struct slice text, size_t *at)
{
	int micros = 0;
	int digits = 0;

	for (; *at < text.len && isdigit((unsigned char)text.ptr[*at]);
	     (*at)++, digits++) {
		if (digits < 6) {
			micros = micros * 10 + (text.ptr[*at] - '0');
		}
	}
	if (digits == 0 || digits > 9) {
		return -1;
	}
	for (; digits < 6; digits++) {
		micros *= 10;
	}
	return micros;
}

/* Seconds east of UTC at the end of the text; false when it is not one. */
static bool read_offset(struct slice text, size_t *at, int *ret_seconds)
{
	*ret_seconds = 0;
	if (read_char(text, at, "Zz")) {
		return *at == text.len;
	}
	if (*at >= text.len) {
		return false;
	}
	int sign = text.ptr[*at] == '-' ? -1 : 1;

	if (!read_char(text, at, "+-")) {
		return false;
	}
	int hours = read_digits(text, at, 2);
	bool colon = read_char(text, at, ":");
	int minutes = read_digits(text, at, 2);

	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return colon && hours >= 0 && hours < 24 && minutes >= 0 &&
	       minutes < 60 && *at == text.len;
}

static bool read_date(struct slice text, size_t *at, struct tm *parts)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int year = read_digits(text, at, 4);
	bool dash = read_char(text, at, "-");
	int month = read_digits(text, at, 2);

	dash = dash && read_char(text, at, "-");
	int day = read_digits(text, at, 2);

	if (!dash || year < 1970 || month < 1 || month > 12 || day < 1) {
		return false;
	}
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	parts->tm_year = year - 1900;
	parts->tm_mon = month - 1;
	parts->tm_mday = day;
	return day <= days[month - 1] + (month == 2 && leap);
}

static bool read_time(struct slice text, size_t *at, struct tm *parts)
{
	parts->tm_hour = read_digits(text, at, 2);
	bool colon = read_char(text, at, ":");

	parts->tm_min = read_digits(text, at, 2);
	colon = colon && read_char(text, at, ":");
	parts->tm_sec = read_digits(text, at, 2);
	return colon && parts->tm_hour >= 0 && parts->tm_hour < 24 &&
	       parts->tm_min >= 0 && parts->tm_min < 60 && parts->tm_sec >= 0 &&
	       parts->tm_sec < 61;
}

int clock_parse(struct slice text, int64_t *ret_wall_us)
{
	struct tm parts = { 0 };
	size_t at = 0;
	int micros = 0;
	int offset;

	if (!read_date(text, &at, &parts) || !read_char(text, &at, "Tt ") ||
	    !read_time(text, &at, &parts)) {
		return E_INVALID;
	}
	if (read_char(text, &at, ".")) {
		micros = read_fraction_us(text, &at);
	}
	if (micros < 0 || !read_offset(text, &at, &offset)) {
		return E_INVALID;
	}
	*ret_wall_us = ((int64_t)timegm(&parts) - offset) * 1000000 + micros;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
	{ "s", 1000 },     { "ms", 1 },
};

int duration_parse(struct slice text, int64_t *ret_ms)
{
	double number = 0;
	double scale = 0;
	size_t at = 0;
	size_t digits = 0;

	for (; at < text.len; at++) {
		char c = text.ptr[at];

		if (c == '.' && scale == 0 && digits) {
			scale = 1;
		} else if (isdigit((unsigned char)c) && digits < 15) {
			number = number * 10 + (c - '0');
			scale *= 10;
			digits++;
		} else {
			break;
		}
	}
	struct slice unit = { text.ptr + at, text.len - at };

	for (size_t i = 0; digits && i < sizeof(units) / sizeof(*units); i++) {
		if (!slice_is(unit, units[i].name)) {
			continue;
		}
		double ms =
		    number / (scale > 0 ? scale : 1) * (double)units[i].ms;

		if (scale == 1 || ms > (double)MAX_DURATION_MS) {
			return E_INVALID;
		}
		*ret_ms = (int64_t)(ms + 0.5);
		return 0;
	}
	return E_INVALID;
}

void duration_format(int64_t duration_ms, char text[CLOCK_TEXT_SIZE])
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (duration_ms % units[i].ms == 0 &&
		    (duration_ms || units[i].ms == 1000)) {
			(void)snprintf(text, CLOCK_TEXT_SIZE, "%" PRId64 "%s",
				       duration_ms / units[i].ms,
				       units[i].name);
			return;
		}
	}
}
