#include "bus/sp_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the "st" column of /proc/net/tcp. */
#define STATE_LISTEN 0x0a

static int malformed(struct slice text, struct err *reterr)
{
	return err_set(reterr, E_INVALID,
		       "'%.*s' is no address: it looks like "
		       "tcp://127.0.0.1:7071",
		       text.len > 100 ? 100 : (int)text.len,
		       text.ptr ? text.ptr : "");
}

static int parse_port(struct slice text, in_port_t *ret_port)
{
	unsigned number = 0;

	if (text.len < 1 || text.len > 5) {
		return E_INVALID;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return E_INVALID;
		}
		number = number * 10 + (unsigned)(text.ptr[i] - '0');
	}
	if (number < 1 || number > UINT16_MAX) {
		return E_INVALID;
	}
	*ret_port = htons((uint16_t)number);
	return 0;
}

/* 0, E_INVALID, or E_UNSUPPORTED for what is not this machine. */
static int parse_host(struct slice host, in_port_t port,
		      struct sockaddr_storage *ret_address, socklen_t *ret_len)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = port };
	char text[INET6_ADDRSTRLEN + 1] = { 0 };

	if (host.len >= sizeof(text)) {
		return E_INVALID;
	}
	memcpy(text, host.ptr, host.len);
	memset(ret_address, 0, sizeof(*ret_address));
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		memcpy(ret_address, &four, sizeof(four));
		*ret_len = sizeof(four);
		return ntohl(four.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
			   ? 0
			   : E_UNSUPPORTED;
	}
	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
		memcpy(ret_address, &six, sizeof(six));
		*ret_len = sizeof(six);
		return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) ? 0 : E_UNSUPPORTED;
	}
	return E_INVALID;
}

int sp_address_parse(struct slice text, struct sockaddr_storage *ret_address,
		     socklen_t *ret_len, struct err *reterr)
{
	const struct slice scheme = SLICE("tcp://");
	struct sockaddr_storage address;
	in_port_t port;

	if (!slice_starts_with(text, scheme)) {
		return malformed(text, reterr);
	}
	struct slice host = { text.ptr + scheme.len, text.len - scheme.len };
	const char *colon = memrchr(host.ptr, ':', host.len);

	if (!colon) {
		return malformed(text, reterr);
	}
	struct slice digits = {
		.ptr = colon + 1,
		.len = (size_t)(host.ptr + host.len - colon - 1),
	};

	host.len = (size_t)(colon - host.ptr);
	if (host.len > 2 && *host.ptr == '[' && host.ptr[host.len - 1] == ']') {
		host = (struct slice){ host.ptr + 1, host.len - 2 };
	}
	int rc = parse_port(digits, &port);

	if (rc == 0) {
		rc = parse_host(host, port, &address, ret_len);
	}
	if (rc == E_UNSUPPORTED) {
		return err_set(reterr, rc,
			       "'%.*s' is not on this machine: TLS is not "
			       "supported by this version",
			       text.len > 100 ? 100 : (int)text.len, text.ptr);
	}
	if (rc < 0) {
		return malformed(text, reterr);
	}
	*ret_address = address;
	return 0;
}

/* How the kernel writes an address in its tables: 32-bit words in the byte
 * order of the machine, in hex. */
struct listener {
	const char *table;
	char address[33];
	const char *any;
	unsigned port;
};

static struct listener listener_of(const struct sockaddr_storage *address)
{
	struct listener listener = { 0 };
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	uint32_t words[4];

	if (address->ss_family == AF_INET6) {
		memcpy(&six, address, sizeof(six));
		memcpy(words, &six.sin6_addr, sizeof(words));
		(void)snprintf(listener.address, sizeof(listener.address),
			       "%08X%08X%08X%08X", words[0], words[1], words[2],
			       words[3]);
		listener.table = "/proc/net/tcp6";
		listener.any = "00000000000000000000000000000000";
		listener.port = ntohs(six.sin6_port);
	} else {
		memcpy(&four, address, sizeof(four));
		(void)snprintf(listener.address, sizeof(listener.address),
			       "%08X", four.sin_addr.s_addr);
		listener.table = "/proc/net/tcp";
		listener.any = "00000000";
		listener.port = ntohs(four.sin_port);
	}
	return listener;
}

static bool is_line_of(const struct listener *listener, const char *line,
		       unsigned *ret_owner)
{
	char local[33];
	unsigned port;
	unsigned state;

	return sscanf(line,
		      "%*d: %32[0-9A-F]:%x %*32[0-9A-F]:%*x %x %*x:%*x "
		      "%*x:%*x %*x %u",
		      local, &port, &state, ret_owner) == 4 &&
	       state == STATE_LISTEN && port == listener->port &&
	       (strcmp(local, listener->address) == 0 ||
		strcmp(local, listener->any) == 0);
}

/* Listeners come first in the file, so this seldom reads far. */
static bool find_owner(const struct listener *listener, unsigned *ret_owner)
{
	FILE *table = fopen(listener->table, "re");
	char line[512];
	bool found = false;

	while (table && !found && fgets(line, sizeof(line), table)) {
		found = is_line_of(listener, line, ret_owner);
	}
	if (table) {
		(void)fclose(table);
	}
	return found;
}

int sp_address_check_owner(const struct sockaddr_storage *address,
			   struct err *reterr)
{
	struct listener listener = listener_of(address);
	unsigned owner;

	if (!find_owner(&listener, &owner) || owner == 0 ||
	    owner == geteuid()) {
		return 0;
	}
	return err_set(reterr, E_DENIED,
		       "port %u belongs to uid %u, not to the orchestrator",
		       listener.port, owner);
}
