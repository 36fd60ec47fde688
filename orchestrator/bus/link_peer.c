#include "bus/link_peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ESTABLISHED 1

/* IPv4 in IPv6, as such a socket stands in /proc/net/tcp6. */
static const char mapped[] = "0000000000000000FFFF0000";

/* "0100007F:1F90", the address as the machine keeps it in memory. */
static void format(const struct link_end_point *point, char text[16])
{
	(void)snprintf(text, 16, "%08X:%04X", (unsigned)point->address,
		       (unsigned)ntohs(point->port));
}

static bool is_point(const char *column, const char *wanted)
{
	if (strncmp(column, mapped, sizeof(mapped) - 1) == 0) {
		column += sizeof(mapped) - 1;
	}
	return strcmp(column, wanted) == 0;
}

static bool find_in(const char *path, const char *peer, const char *own,
		    uid_t *ret_uid)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char local[48];
		char remote[48];
		unsigned state;
		unsigned uid;

		if (sscanf(line,
			   " %*s %47s %47s %x %*s %*s %*s %u", /* NOLINT */
			   local, remote, &state, &uid) == 4 &&
		    state == ESTABLISHED && is_point(local, peer) &&
		    is_point(remote, own)) {
			*ret_uid = (uid_t)uid;
			found = true;
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return found;
}

bool link_peer_uid(const struct link_end_point *peer,
		   const struct link_end_point *own, uid_t *ret_uid)
{
	char peer_text[16];
	char own_text[16];

	format(peer, peer_text);
	format(own, own_text);
	return find_in("/proc/net/tcp", peer_text, own_text, ret_uid) ||
	       find_in("/proc/net/tcp6", peer_text, own_text, ret_uid);
}

bool link_peer_allowed(const struct link_end_point *peer,
		       const struct link_end_point *own)
{
	uid_t uid;

	return link_peer_uid(peer, own, &uid) && (uid == geteuid() || uid == 0);
}
