/*
 * Frames that nobody can read. A peer that gets no answer sends its request
 * again, every second: that is said once.
 */
#include <stdio.h>

#include "bus/link_private.h"

static uint64_t name_of(const struct link_frame *frame)
{
	struct buf text = { 0 };

	buf_printf(&text, "%u %s", (unsigned)frame->route.pipe, frame->err.msg);
	uint64_t name = hash_bytes(text.data, text.len);

	buf_fini(&text);
	return name;
}

/* And takes note of it. */
static bool was_said(struct link *link, uint64_t name)
{
	for (size_t i = 0; i < LINK_SAID && i < link->malformed_count; i++) {
		if (link->malformed[i] == name) {
			return true;
		}
	}
	link->malformed[link->malformed_count++ % LINK_SAID] = name;
	return false;
}

static void name_peer(char *text, size_t size, struct link *link,
		      const struct link_frame *frame)
{
	const struct link_session *session =
	    link_session_of_pipe(link, frame->route.pipe);

	if (session) {
		(void)snprintf(text, size, "%s", session->instance);
	} else if (frame->port) {
		(void)snprintf(text, size,
			       "port %u of this machine, without a session",
			       (unsigned)frame->port);
	} else {
		(void)snprintf(text, size, "a process without a session");
	}
}

void link_malformed_complain(struct link *link, const struct link_frame *frame)
{
	char peer[200];

	if (was_said(link, name_of(frame))) {
		return;
	}
	name_peer(peer, sizeof(peer), link, frame);
	link_complain(link, "a frame of a plugin process (%s) was dropped: %s",
		      peer, frame->err.msg);
}
