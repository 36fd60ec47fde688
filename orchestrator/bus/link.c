#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/alloc.h"
#include "bus/link_file.h"
#include "bus/link_private.h"
#include "bus/link_secret.h"
#include "document/pack.h"

#define TOKEN_DIGITS 64

/* So many complaints in so long a time; the rest is counted. */
#define COMPLAINTS    10
#define COMPLAINTS_MS 10000

/* nng's threads may use an ended link's sockets as long as the process lives;
 * they stay reachable here. */
static struct link *ended;

int64_t link_grace_ms(const struct link *link)
{
	int64_t tenth_ms = link->lease_ms / 10;

	return tenth_ms > LINK_MIN_GRACE_MS ? tenth_ms : LINK_MIN_GRACE_MS;
}

int64_t link_poll_ms(const struct link *link)
{
	return 3 * link->lease_ms;
}

/* ---- complaints ---- */

static void say_silent(struct link *link)
{
	char text[80];

	if (link->silent) {
		(void)snprintf(text, sizeof(text),
			       "%u more frames were dropped or refused",
			       link->silent);
		link->silent = 0;
		link->handlers.complained(link->handlers.arg, text);
	}
}

static void check_complaints(struct link *link)
{
	if (link->now_ms >= link->complained_ms + COMPLAINTS_MS) {
		link->complained_ms = link->now_ms;
		link->complaints = 0;
		say_silent(link);
	}
}

void link_complain(struct link *link, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	if (link->complaints >= COMPLAINTS) {
		link->silent++;
		return;
	}
	link->complaints++;
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	char *sentence = buf_take(&text);

	link->handlers.complained(link->handlers.arg, sentence);
	free(sentence);
}

/* ---- the beginning ---- */

static int write_file(const struct link *link, struct err *reterr)
{
	struct link_addresses addresses = link_addresses(link);

	return link->bus_file
		   ? link_file_write(link->bus_file, &addresses, reterr)
		   : 0;
}

static void link_free(struct link *link)
{
	free(link->bus_file);
	free(link->used);
	free(link);
}

int link_create(const struct link_options *options, struct link **ret_link,
		struct err *reterr)
{
	struct link *link = alloc_zeroed(1, sizeof(*link));
	struct link_wake wake = {
		.call = options->handlers.wake,
		.arg = options->handlers.arg,
	};

	link->handlers = options->handlers;
	link->lease_ms = options->lease_ms;
	link->bus_file = alloc_string(options->bus_file);
	link->used = alloc_zeroed(LINK_USED_NONCES, sizeof(*link->used));
	link_secret_make(link->token, TOKEN_DIGITS);
	int rc =
	    link_sockets_open(options->listen, &wake, &link->sockets, reterr);

	if (rc < 0) {
		link_free(link);
		return rc;
	}
	rc = write_file(link, reterr);
	if (rc < 0) {
		link_end(link);
		return rc;
	}
	*ret_link = link;
	return 0;
}

struct link_addresses link_addresses(const struct link *link)
{
	return (struct link_addresses){
		.requests = link_sockets_address(link->sockets, LINK_REQUESTS),
		.work = link_sockets_address(link->sockets, LINK_WORK),
		.events = link_sockets_address(link->sockets, LINK_EVENTS),
		.token = link->token,
	};
}

/* ---- turns ---- */

/* The process was stopped, the machine asleep, or the disk full: what peers
 * have said meanwhile is still to be read. */
static void make_up(struct link *link, int64_t now_ms)
{
	int64_t due_ms = link_next_due_ms(link);
	int64_t gap_ms = now_ms - link->now_ms;
	struct link_delivery *delivery;

	if (due_ms == 0 || now_ms - due_ms <= link->lease_ms / 3) {
		return;
	}
	link_sessions_make_up(link, gap_ms);
	DL_FOREACH(link->published, delivery)
	{
		delivery->accept_due_ms += gap_ms;
	}
}

void link_turn(struct link *link, int64_t now_ms)
{
	make_up(link, now_ms);
	struct link_frame *frame = link_sockets_take(link->sockets);

	link->now_ms = now_ms;
	link->turning = true;
	check_complaints(link);
	while (frame) {
		struct link_frame *next = frame->next;

		link_frame_take(link, frame);
		link_frame_free(frame);
		frame = next;
	}
	link_delivery_check_all(link);
	link_sessions_check_all(link);
	link_acks_check_all(link);
	link->turning = false;
	link_session_free_gone(link);
}

static int64_t earlier(int64_t due_ms, int64_t other_ms)
{
	return due_ms == 0 || (other_ms && other_ms < due_ms) ? other_ms
							      : due_ms;
}

int64_t link_next_due_ms(const struct link *link)
{
	int64_t due_ms = link_sessions_due_ms(link);

	due_ms = earlier(due_ms, link_acks_due_ms(link));
	if (link->published) {
		due_ms = earlier(due_ms, link->published->accept_due_ms);
	}
	if (link->silent) {
		due_ms = earlier(due_ms, link->complained_ms + COMPLAINTS_MS);
	}
	return due_ms;
}

/* ---- events ---- */

bool link_has_listeners(const struct link *link)
{
	return link_sockets_has_peers(link->sockets, LINK_EVENTS);
}

void link_publish_events(struct link *link, struct slice workflow,
			 const struct id *run, const struct value *body)
{
	char id[ID_TEXT_SIZE];
	struct buf frame = { 0 };

	id_format(run, id);
	buf_printf(&frame, "event/%.*s/%s/", SLICE_ARG(workflow), id);
	buf_put_byte(&frame, 0);
	pack_write(&frame, body);
	link_sockets_publish(link->sockets, LINK_EVENTS, buf_slice(&frame));
	buf_fini(&frame);
}

struct link_stats link_stats(const struct link *link)
{
	return link->stats;
}

/* ---- the end ---- */

void link_end(struct link *link)
{
	if (!link) {
		return;
	}
	link_sockets_end(link->sockets);
	if (link->bus_file) {
		(void)unlink(link->bus_file);
	}
	while (link->sessions) {
		link_session_remove(link, link->sessions);
	}
	link_session_free_gone(link);
	link_delivery_forget(link);
	free(link->bus_file);
	free(link->used);
	link->bus_file = NULL;
	link->used = NULL;
	link->next_ended = ended;
	ended = link;
}
