#include "filter/hash.h"

#include <string.h>

/* A number as the smallest type that holds it exactly. */
struct number {
	uint64_t bits;
	uint8_t type;
};

static struct number number_of(const struct value *value)
{
	double number = value->as.number;
	struct number canonical = { .type = VALUE_DOUBLE };

	if (value->type != VALUE_DOUBLE) {
		canonical.bits = value->as.unsigned_integer;
		canonical.type = (uint8_t)value->type;
	} else if (number >= -0x1p63 && number < 0x1p63 &&
		   (double)(int64_t)number == number) {
		canonical.bits = (uint64_t)(int64_t)number;
		canonical.type = VALUE_INT;
	} else if (number >= 0x1p63 && number < 0x1p64) {
		canonical.bits = (uint64_t)number;
		canonical.type = VALUE_UINT;
	} else {
		memcpy(&canonical.bits, &number, sizeof(number));
	}
	return canonical;
}

uint64_t hash_leaf(uint64_t seed, uint32_t key, const struct value *leaf)
{
	char bytes[9] = { 0 };
	struct number number;

	switch (leaf->type) {
	case VALUE_STRING:
		return hash_text(seed, HASH_EQUAL, key, leaf->as.text);
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DOUBLE:
		number = number_of(leaf);
		memcpy(bytes, &number.bits, sizeof(number.bits));
		bytes[8] = (char)number.type;
		break;
	case VALUE_BOOL:
		bytes[0] = (char)leaf->as.boolean;
		bytes[8] = VALUE_BOOL;
		break;
	default:
		bytes[8] = (char)leaf->type;
		break;
	}
	/* Never the hash of a text of the same bytes. */
	return ~hash_text(seed, HASH_EQUAL, key,
			  (struct slice){ bytes, sizeof(bytes) });
}
