/*
 * bus.json: how plugin processes find the orchestrator. Inside this room only.
 */
#ifndef BUS_LINK_FILE_H
#define BUS_LINK_FILE_H

#include "bus/link.h"

/* In one piece: whoever reads it sees the old or the new one. For its owner
 * only, as the token is in it. E_IO, E_DENIED. */
int link_file_write(const char *path, const struct link_addresses *addresses,
		    struct err *reterr);

#endif
