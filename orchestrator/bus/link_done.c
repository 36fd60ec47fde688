#include "bus/link_socket.h"
#include "document/pack.h"

/* The end of the year 9999. */
#define LAST_MOMENT_US INT64_C(253402300799999999)

static int check_document(struct slice document, size_t size)
{
	struct document_limits limits = {
		.size = size,
		.depth = LIMIT_GIVEN_DEPTH,
		.nodes = LIMIT_DOCUMENT_NODES,
	};

	return document.len ? pack_check(document, &limits, NULL) : 0;
}

static bool is_map(struct slice document)
{
	unsigned char head = (unsigned char)*document.ptr;

	return (head & 0xf0) == 0x80 || head == 0xde || head == 0xdf;
}

static const char *fault_of(const struct wire_item *item)
{
	int output = check_document(item->output, LIMIT_OUTPUT);
	int patch = check_document(item->patch, LIMIT_STASH);

	if (output == E_TOO_BIG) {
		return "its output is beyond the limits of an output";
	}
	if (output < 0) {
		return "its output is no well-formed MessagePack";
	}
	if (patch == E_TOO_BIG) {
		return "its patch is beyond the limits of the stash";
	}
	if (patch < 0 || (item->patch.len && !is_map(item->patch))) {
		return "its patch is no well-formed MessagePack map";
	}
	if (item->outcome == LINK_PARKED &&
	    (item->until_us <= 0 || item->until_us > LAST_MOMENT_US)) {
		return "a parked task needs 'until_us', before the year 10000";
	}
	return NULL;
}

void link_done_check(struct wire_item *item)
{
	const char *fault = fault_of(item);

	if (fault) {
		item->outcome = LINK_FAILED;
		item->message = slice_of(fault);
		item->output = (struct slice){ NULL, 0 };
		item->patch = (struct slice){ NULL, 0 };
		item->until_us = 0;
		item->fault = true;
	}
}
