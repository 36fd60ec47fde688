#include "base/id.h"

#include <string.h>

#include "base/err.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct id id_make(int64_t wall_us, const unsigned char random[10])
{
	uint64_t ms = (uint64_t)wall_us / 1000;
	struct id id;

	for (int i = 0; i < 6; i++) {
		id.bytes[i] = (unsigned char)(ms >> (8 * (5 - i)));
	}
	memcpy(id.bytes + 6, random, 10);
	return id;
}

struct id id_next(struct id id)
{
	for (int i = ID_SIZE - 1; i >= 0; i--) {
		if (++id.bytes[i] != 0) {
			break;
		}
	}
	return id;
}

int id_compare(const struct id *a, const struct id *b)
{
	return memcmp(a->bytes, b->bytes, ID_SIZE);
}

bool id_equal(const struct id *a, const struct id *b)
{
	return id_compare(a, b) == 0;
}

/* 26 digits of 5 bits are 130 bits: the first digit holds only three. */
void id_format(const struct id *id, char text[ID_TEXT_SIZE])
{
	unsigned bits = 0;
	unsigned have = 2;
	size_t out = 0;

	for (int i = 0; i < ID_SIZE; i++) {
		bits = bits << 8 | id->bytes[i];
		have += 8;
		while (have >= 5) {
			have -= 5;
			text[out++] = alphabet[bits >> have & 31];
		}
	}
	text[out] = '\0';
}

/* One more than what a digit stands for; 0: it is none. */
static const unsigned char digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18,
	['j'] = 19, ['k'] = 20, ['m'] = 21, ['n'] = 22, ['p'] = 23, ['q'] = 24,
	['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28, ['w'] = 29, ['x'] = 30,
	['y'] = 31, ['z'] = 32, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
	['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20,
	['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24, ['R'] = 25, ['S'] = 26,
	['T'] = 27, ['V'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};

int id_parse(struct slice text, struct id *ret_id)
{
	struct id id;
	unsigned bits = 0;
	unsigned have = 0;
	int out = 0;

	if (text.len != ID_TEXT_SIZE - 1) {
		return E_INVALID;
	}
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = digits[(unsigned char)text.ptr[i]];

		if (!digit || (i == 0 && digit > 8)) {
			return E_INVALID;
		}
		bits = bits << 5 | (digit - 1);
		have += i == 0 ? 3 : 5;
		if (have >= 8) {
			have -= 8;
			id.bytes[out++] = (unsigned char)(bits >> have);
		}
	}
	*ret_id = id;
	return 0;
}
