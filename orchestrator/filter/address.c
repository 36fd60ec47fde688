#include "filter/address.h"

#include <arpa/inet.h>
#include <string.h>

#define V4_SIZE 4

static bool is_mapped(const unsigned char bytes[ADDRESS_SIZE])
{
	static const unsigned char mapped[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
	};

	return memcmp(bytes, mapped, sizeof(mapped)) == 0;
}

/* inet_pton() refuses leading zeros of octets, zones and blanks itself. */
bool address_parse(struct slice text, struct address *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	struct address address = { 0 };

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.ptr, '\0', text.len)) {
		return false;
	}
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	address.v6 = memchr(text.ptr, ':', text.len) != NULL;
	if (inet_pton(address.v6 ? AF_INET6 : AF_INET, copy, address.bytes) !=
		1 ||
	    (address.v6 && is_mapped(address.bytes))) {
		return false;
	}
	*ret_address = address;
	return true;
}

void address_mask(struct address *address, unsigned bits)
{
	for (unsigned i = 0; i < ADDRESS_SIZE; i++) {
		unsigned keep = bits < 8 ? bits : 8;

		address->bytes[i] &= (unsigned char)(0xff00u >> keep);
		bits -= keep;
	}
}

bool network_contains(const struct network *network,
		      const struct address *address)
{
	struct address masked = *address;

	if (network->v6 != address->v6) {
		return false;
	}
	address_mask(&masked, network->bits);
	return memcmp(masked.bytes, network->address,
		      address->v6 ? ADDRESS_SIZE : V4_SIZE) == 0;
}
