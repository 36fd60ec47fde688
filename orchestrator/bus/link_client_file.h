/*
 * The file in which the orchestrator says where its bus is, STORE/bus.json.
 * Any thread.
 */
#ifndef BUS_LINK_CLIENT_FILE_H
#define BUS_LINK_CLIENT_FILE_H

#include "base/err.h"
#include "base/slice.h"

/* Owned texts. */
struct link_client_file {
	struct slice requests;
	struct slice work;
	struct slice token;
};

/* E_NOT_FOUND, E_INVALID, E_VERSION, E_DENIED (others may read or replace it:
 * the token in it lets one give this process work). */
int link_client_file_read(const char *path, struct link_client_file *ret_file,
			  struct err *reterr);

void link_client_file_fini(struct link_client_file *file);

#endif
