#include "bus/link_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/utf8.h"

static int refuse(struct err *reterr, const char *text, const char *why)
{
	size_t shown = utf8_floor(slice_of(text), 100);

	return err_set(reterr, E_INVALID, "address '%.*s': %s", (int)shown,
		       text, why);
}

static int parse_inproc(const char *text, const char *name,
			struct link_address *address, struct err *reterr)
{
	if (!*name || strlen(name) >= sizeof(address->name)) {
		return refuse(reterr, text,
			      "behind inproc:// a name of 1 to 127 bytes "
			      "is wanted");
	}
	(void)snprintf(address->name, sizeof(address->name), "%s", name);
	return 0;
}

static int parse_port(const char *text, const char *digits,
		      struct link_address *address, struct err *reterr)
{
	size_t len = strlen(digits);
	unsigned long port = strtoul(digits, NULL, 10);

	if (len == 0 || len > 5 || strspn(digits, "0123456789") != len) {
		return refuse(reterr, text,
			      "a port is wanted at its end, as in "
			      "tcp://127.0.0.1:7071");
	}
	if (port > LINK_LAST_PORT) {
		return refuse(reterr, text,
			      "the port must not be above 65533, as the two "
			      "behind it are used too");
	}
	address->port = (uint16_t)port;
	return 0;
}

static int parse_tcp(const char *text, const char *rest,
		     struct link_address *address, struct err *reterr)
{
	const char *colon = strrchr(rest, ':');
	size_t len = colon ? (size_t)(colon - rest) : strlen(rest);
	struct in_addr host;

	if (len == 9 && strncmp(rest, "localhost", len) == 0) {
		(void)snprintf(address->host, sizeof(address->host),
			       "127.0.0.1");
	} else if (len < sizeof(address->host)) {
		(void)snprintf(address->host, sizeof(address->host), "%.*s",
			       (int)len, rest);
	}
	if (inet_pton(AF_INET, address->host, &host) != 1 ||
	    (ntohl(host.s_addr) >> 24) != 127) {
		return refuse(reterr, text,
			      "only loopback addresses (127.0.0.1) can be "
			      "used: TLS is not supported by this version");
	}
	return colon ? parse_port(text, colon + 1, address, reterr)
		     : parse_port(text, "", address, reterr);
}

int link_address_parse(const char *text, struct link_address *ret_address,
		       struct err *reterr)
{
	struct link_address address = { .port = 0 };
	int rc;

	if (strncmp(text, "inproc://", 9) == 0) {
		rc = parse_inproc(text, text + 9, &address, reterr);
	} else if (strncmp(text, "tcp://", 6) == 0) {
		rc = parse_tcp(text, text + 6, &address, reterr);
	} else {
		rc = refuse(reterr, text,
			    "only tcp://127.0.0.1:PORT can be used");
	}
	if (rc == 0) {
		*ret_address = address;
	}
	return rc;
}

void link_address_format(const struct link_address *address, unsigned index,
			 char text[LINK_ADDRESS_SIZE])
{
	static const char *const endings[] = { "", "-work", "-events" };

	if (!*address->host) {
		(void)snprintf(text, LINK_ADDRESS_SIZE, "inproc://%s%s",
			       address->name, endings[index]);
		return;
	}
	unsigned port = address->port ? address->port + index : 0;

	(void)snprintf(text, LINK_ADDRESS_SIZE, "tcp://%s:%u", address->host,
		       port);
}
