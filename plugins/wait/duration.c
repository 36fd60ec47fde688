#include "instant.h"

#define US_MAX (INT64_C(10000) * 86400 * 1000000)

/* What one of the unit is; 0 for what is none. */
static int64_t unit_us(struct tutti_slice unit)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {
		{ "ms", 1000 },
		{ "s", 1000000 },
		{ "m", INT64_C(60) * 1000000 },
		{ "h", INT64_C(3600) * 1000000 },
		{ "d", INT64_C(86400) * 1000000 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == unit.len &&
		    memcmp(units[i].name, unit.ptr, unit.len) == 0) {
			return units[i].us;
		}
	}
	return 0;
}

static bool is_digit(struct tutti_slice text, size_t at)
{
	return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

bool duration_read_us(struct tutti_slice text, int64_t *ret_us)
{
	/* In millionths, so that no fraction of a unit is lost that counts. */
	int64_t whole = 0;
	int64_t millionths = 0;
	size_t at = 0;

	if (!is_digit(text, 0)) {
		return false;
	}
	for (; is_digit(text, at); at++) {
		if (whole > US_MAX) {
			return false;
		}
		whole = whole * 10 + (text.ptr[at] - '0');
	}
	if (at < text.len && text.ptr[at] == '.') {
		int64_t place = 100000;

		if (!is_digit(text, ++at)) {
			return false;
		}
		for (; is_digit(text, at); at++, place /= 10) {
			millionths += place * (text.ptr[at] - '0');
		}
	}
	struct tutti_slice unit = { text.ptr + at, text.len - at };
	int64_t us = unit_us(unit);

	if (us == 0 || whole > US_MAX / us) {
		return false;
	}
	*ret_us = whole * us + millionths * (us / 1000) / 1000;
	return true;
}
