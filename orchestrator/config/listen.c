/* `listen`: only what this version can protect. */
#include "config/reader.h"

#include <stdlib.h>

#include "base/slice.h"

/* Requests, work and events have a port each. */
#define PORT_MAX 65533

static const char expected[] = "expected tcp://127.0.0.1:PORT";

/* Takes `start` off *text, if it begins so. */
static bool take(struct slice *text, const char *start)
{
	struct slice begin = slice_of(start);

	if (!slice_starts_with(*text, begin)) {
		return false;
	}
	text->ptr += begin.len;
	text->len -= begin.len;
	return true;
}

static bool parse_port(struct slice text, unsigned *ret_port)
{
	unsigned port = 0;

	if (text.len == 0 || text.len > 5) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
		port = port * 10 + (unsigned)(text.ptr[i] - '0');
	}
	*ret_port = port;
	return true;
}

static void report_address(struct reader *reader, const struct yaml_node *node,
			   struct slice text)
{
	const char *why = NULL;

	if (slice_starts_with(text, SLICE("tls+tcp://"))) {
		why = "TLS is not supported by this version";
	} else if (slice_starts_with(text, SLICE("tcp://"))) {
		why = "only this machine can be served: other addresses need "
		      "TLS, which is not supported by this version";
	}
	report_error(&reader->report, span_of(node), "%s%s%s, found '%.*s'",
		     why ? why : "", why ? "; " : "", expected,
		     SLICE_ARG(text));
}

static void keep(struct reader *reader, unsigned port)
{
	struct buf address = { 0 };

	buf_printf(&address, "tcp://127.0.0.1:%u", port);
	free(reader->config->listen);
	reader->config->listen = buf_take(&address);
}

void reader_listen(struct reader *reader, const struct yaml_node *node,
		   void *target)
{
	char *text = reader_text(reader, node, "tcp://127.0.0.1:PORT");
	struct slice rest = slice_of(text);
	unsigned port;

	(void)target;
	if (!text) {
		return;
	}
	/* localhost may be IPv6 too, where peers cannot be checked. */
	if (!take(&rest, "tcp://127.0.0.1:") &&
	    !take(&rest, "tcp://localhost:")) {
		report_address(reader, node, slice_of(text));
	} else if (!parse_port(rest, &port) || port > PORT_MAX) {
		report_error(&reader->report, span_of(node),
			     "expected a port from 1 to %d, or 0 for a free "
			     "one: this port and the next two are taken",
			     PORT_MAX);
	} else {
		keep(reader, port);
	}
	free(text);
}
