/*
 * IPv4 and IPv6 addresses in text (RFC 4291 2.2 for IPv6, four decimal numbers
 * for IPv4): private to this room. Names are never resolved. Octets with
 * leading zeros and IPv4-mapped addresses are no addresses here, because
 * programs differ in what they take them for.
 */
#ifndef FILTER_ADDRESS_H
#define FILTER_ADDRESS_H

#include "filter/clause.h"

struct address {
	unsigned char bytes[ADDRESS_SIZE]; /* 4 of them for IPv4, rest 0 */
	bool v6;
};

bool address_parse(struct slice text, struct address *ret_address);

/* Zeroes all but the first `bits` bits. */
void address_mask(struct address *address, unsigned bits);

bool network_contains(const struct network *network,
		      const struct address *address);

#endif
