#include "bus/link_pipes.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

#include <uthash.h>

struct link_pipe {
	uint32_t id;
	UT_hash_handle hh;
};

static struct link_pipe *find(const struct link_pipes *pipes, uint32_t id)
{
	struct link_pipe *found;

	HASH_FIND(hh, pipes->first, &id, sizeof(id), found);
	return found;
}

void link_pipes_add(struct link_pipes *pipes, uint32_t id)
{
	if (!find(pipes, id)) {
		struct link_pipe *pipe = alloc_zeroed(1, sizeof(*pipe));

		pipe->id = id;
		HASH_ADD(hh, pipes->first, id, sizeof(pipe->id), pipe);
	}
}

bool link_pipes_remove(struct link_pipes *pipes, uint32_t id)
{
	struct link_pipe *pipe = find(pipes, id);

	if (!pipe) {
		return false;
	}
	HASH_DEL(pipes->first, pipe);
	free(pipe);
	return true;
}

bool link_pipes_has(const struct link_pipes *pipes, uint32_t id)
{
	return find(pipes, id) != NULL;
}
