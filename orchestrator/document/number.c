#include "document/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static locale_t c_locale;

static void c_locale_make(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t neutral_locale(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, c_locale_make);
	return c_locale;
}

/* printf follows the locale's decimal point. */
static void neutralize(char *text)
{
	text[strcspn(text, ",")] = '.';
}

static bool reads_back(const char *text, double number)
{
	double again = strtod(text, NULL);

	return !(again < number) && !(again > number);
}

void number_format(double number, char text[NUMBER_TEXT_SIZE])
{
	/* A normal double holds 15 digits of any decimal, a tiny one fewer. */
	int digits = fabs(number) < DBL_MIN ? 1 : DBL_DIG;

	do {
		(void)snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, number);
	} while (!reads_back(text, number) && ++digits <= DBL_DECIMAL_DIG);
	if (strchr(text, ',')) {
		neutralize(text);
	}
	if (!strpbrk(text, ".e")) {
		memcpy(text + strlen(text), ".0", sizeof(".0"));
	}
}

bool number_parse(struct slice text, double *ret_number)
{
	char small[64];
	char *copy = small;
	char *end;

	if (text.len < sizeof(small)) {
		memcpy(small, text.len ? text.ptr : "", text.len);
		small[text.len] = '\0';
	} else {
		copy = slice_dup(text);
	}
	double number = strtod_l(copy, &end, neutral_locale());
	bool ok = text.len && *end == '\0' && isfinite(number);

	if (copy != small) {
		free(copy);
	}
	if (ok) {
		*ret_number = number;
	}
	return ok;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9') {
		return (unsigned)(c - '0');
	}
	if (c >= 'a' && c <= 'f') {
		return (unsigned)(c - 'a') + 10;
	}
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

bool number_parse_digits(struct slice digits, unsigned base,
			 uint64_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < digits.len; i++) {
		unsigned digit = digit_value(digits.ptr[i]);

		if (digit >= base || number > (UINT64_MAX - digit) / base) {
			return false;
		}
		number = number * base + digit;
	}
	if (digits.len) {
		*ret_number = number;
	}
	return digits.len != 0;
}
