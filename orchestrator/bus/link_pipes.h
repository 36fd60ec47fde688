/*
 * A set of connections, by nng's number. Not thread-safe. Inside this room
 * only.
 */
#ifndef BUS_LINK_PIPES_H
#define BUS_LINK_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_pipe; /* hashed */

struct link_pipes {
	struct link_pipe *first;
};

void link_pipes_add(struct link_pipes *pipes, uint32_t id);
bool link_pipes_remove(struct link_pipes *pipes, uint32_t id);
bool link_pipes_has(const struct link_pipes *pipes, uint32_t id);

#endif
