#include "cli/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

/* When the requests from `first` on were sent; 0: it is answered. The first one
 * is not, so that it holds no more than what lies behind the slowest. */
struct sent {
	size_t first;
	int64_t *at_ns;
	size_t begin; /* where that of `first` is */
	size_t len;   /* including what is before `begin` */
	size_t cap;
};

struct drive {
	struct control_client *client;
	const struct load *load;
	int64_t timeout_ms;
	uint64_t first_id;
	size_t count; /* sent */
	size_t open;  /* not answered */
	bool all;     /* were sent */
	struct sent sent;
};

static void sent_add(struct sent *sent, int64_t now_ns)
{
	if (sent->len == sent->cap && sent->begin > sent->len / 2) {
		sent->len -= sent->begin;
		memmove(sent->at_ns, sent->at_ns + sent->begin,
			sent->len * sizeof(*sent->at_ns));
		sent->begin = 0;
	}
	alloc_grow(sent->at_ns, sent->len, sent->cap);
	sent->at_ns[sent->len++] = now_ns;
}

/* When it was sent; 0: it is none that waits for an answer. */
static int64_t sent_take(struct sent *sent, size_t number)
{
	if (number < sent->first ||
	    number - sent->first >= sent->len - sent->begin) {
		return 0;
	}
	int64_t *at_ns = &sent->at_ns[sent->begin + (number - sent->first)];
	int64_t time_ns = *at_ns;

	*at_ns = 0;
	while (sent->begin < sent->len && sent->at_ns[sent->begin] == 0) {
		sent->begin++;
		sent->first++;
	}
	return time_ns;
}

static int send_next(struct drive *drive, struct err *reterr)
{
	struct value args;
	uint64_t id;

	if (!drive->load->next(drive->load->arg, &args)) {
		drive->all = true;
		return 0;
	}
	int64_t now_ns = clock_mono_ns();
	int rc = control_send(drive->client, "start", &args, drive->timeout_ms,
			      &id, reterr);

	value_clear(&args);
	if (rc) {
		return rc;
	}
	if (drive->count == 0) {
		drive->first_id = id;
	}
	sent_add(&drive->sent, now_ns);
	drive->count++;
	drive->open++;
	return 0;
}

static int take_next(struct drive *drive, struct err *reterr)
{
	struct control_reply reply;
	int rc = control_next(drive->client, drive->timeout_ms, &reply, reterr);

	if (rc) {
		return rc;
	}
	struct load_answer answer = {
		.number = (size_t)(reply.id - drive->first_id),
		.error = reply.error.code ? &reply.error : NULL,
		.result = &reply.result,
	};
	int64_t sent_ns = sent_take(&drive->sent, answer.number);

	/* Others answer calls that were made before and given up. */
	if (sent_ns) {
		answer.took_ns = clock_mono_ns() - sent_ns;
		drive->open--;
		drive->load->answered(drive->load->arg, &answer);
	}
	value_clear(&reply.result);
	return 0;
}

int load_drive(struct control_client *client, const struct load *load,
	       int64_t timeout_ms, struct err *reterr)
{
	struct drive drive = {
		.client = client,
		.load = load,
		.timeout_ms = timeout_ms,
	};
	int rc = 0;

	while (rc == 0 && (drive.open || !drive.all)) {
		if (!drive.all && drive.open < load->window) {
			rc = send_next(&drive, reterr);
		} else {
			rc = take_next(&drive, reterr);
		}
	}
	free(drive.sent.at_ns);
	return rc;
}
