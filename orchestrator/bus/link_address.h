/*
 * Where the three listeners of link.h are. Inside this room only. Any thread.
 */
#ifndef BUS_LINK_ADDRESS_H
#define BUS_LINK_ADDRESS_H

#include <stdint.h>

#include "base/err.h"

#define LINK_ADDRESS_SIZE 160

/* The last port that still leaves room for two more. */
#define LINK_LAST_PORT 65533

struct link_address {
	char host[16];  /* of tcp: 127.x.x.x; empty: inproc */
	uint16_t port;  /* 0: any free one */
	char name[128]; /* of inproc */
};

/* "tcp://127.0.0.1:7071", "inproc://name". E_INVALID with a sentence. */
int link_address_parse(const char *text, struct link_address *ret_address,
		       struct err *reterr);

/* The URL of the index-th listener. */
void link_address_format(const struct link_address *address, unsigned index,
			 char text[LINK_ADDRESS_SIZE]);

#endif
