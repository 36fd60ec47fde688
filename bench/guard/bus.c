/* Frames that go back and forth for each task, and those of the CLI. */
#include <stdlib.h>

#include "bus/frame.h"
#include "bus/wire.h"
#include "count.h"
#include "document/pack.h"
#include "sample.h"

#define TIMES 50
#define ITEMS 8 /* in one frame */

struct frames {
	struct buf document; /* packed */
	struct buf bytes;    /* of a frame */
	struct buf item;
	struct value args;
};

static struct id run_id(void)
{
	return id_make(INT64_C(1772323200000000), (unsigned char[10]){ 1 });
}

static struct wire_mail mail_of(const struct frames *frames,
				struct wire_member *member)
{
	*member = (struct wire_member){
		.instance = SLICE("ocr.4711.1"),
		.plugin = SLICE("ocr"),
		.name = SLICE("ocr"),
		.task = 3,
		.attempt = 1,
	};
	return (struct wire_mail){
		.seq = 1,
		.kind = WIRE_WORK,
		.work = {
			.run = run_id(),
			.uid = SLICE("order-4711"),
			.tenant = SLICE("default"),
			.workflow = SLICE("orders"),
			.activity = SLICE("Recognise"),
			.phase = 1,
			.attributes = buf_slice(&frames->document),
			.members = member,
			.member_count = 1,
		},
	};
}

static void put_work(struct frames *frames)
{
	struct wire_member member;
	struct wire_mail mail = mail_of(frames, &member);

	buf_clear(&frames->bytes);
	wire_put_mail_head(&frames->bytes, ITEMS);
	for (int i = 0; i < ITEMS; i++) {
		buf_clear(&frames->item);
		wire_put_mail(&frames->item, &mail);
		buf_put_slice(&frames->bytes, buf_slice(&frames->item));
	}
}

static void get_work(struct frames *frames)
{
	struct wire_reply reply;

	if (wire_get_reply(buf_slice(&frames->bytes), &reply, NULL) < 0 ||
	    reply.mail_count != ITEMS) {
		count_fail("mail cannot be read");
	}
	wire_reply_fini(&reply);
}

/* To as many instances as there are members, of which one is looked at. */
static void put_for_all(struct frames *frames)
{
	static const char *const instances[ITEMS] = {
		"ocr.4711.1", "ocr.4712.2", "ocr.4713.3", "ocr.4714.4",
		"ocr.4715.5", "ocr.4716.6", "ocr.4717.7", "ocr.4718.8",
	};
	struct wire_member members[ITEMS];
	struct wire_work work = mail_of(frames, &members[0]).work;

	for (uint32_t i = 0; i < ITEMS; i++) {
		members[i] = members[0];
		members[i].instance = slice_of(instances[i]);
		members[i].task = i;
	}
	work.member_count = ITEMS;
	buf_clear(&frames->bytes);
	wire_put_publication(&frames->bytes, &(struct wire_publication){
						 .kind = WIRE_FANOUT,
						 .topic = SLICE("work/A/"),
						 .work = &work,
						 .work_count = 1,
					     });
}

static void get_own(struct frames *frames)
{
	struct wire_publication publication;

	if (wire_get_own(buf_slice(&frames->bytes), SLICE("ocr.4715.5"),
			 SLICE(""), &publication, NULL) < 0 ||
	    publication.work[0].member_count != 1) {
		count_fail("a publication cannot be read");
	}
	wire_publication_fini(&publication);
}

static void put_done(struct frames *frames)
{
	struct wire_item items[ITEMS];
	struct wire_request request = {
		.kind = WIRE_UP,
		.session = SLICE("00112233445566778899aabbccddeeff"),
		.n = 1,
		.items = items,
		.item_count = ITEMS,
	};

	for (int i = 0; i < ITEMS; i++) {
		items[i] = (struct wire_item){
			.kind = WIRE_DONE,
			.key = { .run = run_id(), .task = 3, .attempt = 1 },
			.output = buf_slice(&frames->document),
		};
	}
	buf_clear(&frames->bytes);
	wire_put_request(&frames->bytes, &request);
}

static void get_done(struct frames *frames)
{
	struct wire_request request;

	if (wire_get_request(buf_slice(&frames->bytes), &request, NULL) < 0 ||
	    request.item_count != ITEMS) {
		count_fail("completions cannot be read");
	}
	wire_request_fini(&request);
}

static void put_control(struct frames *frames)
{
	buf_clear(&frames->bytes);
	if (frame_put_request(&frames->bytes, 7, "start", &frames->args, NULL) <
	    0) {
		count_fail("a request cannot be written");
	}
}

static void get_control(struct frames *frames)
{
	struct slice body = buf_slice(&frames->bytes);
	uint64_t id;
	char *verb;
	struct value args;

	body.ptr += FRAME_HEADER_SIZE;
	body.len -= FRAME_HEADER_SIZE;
	if (frame_read_request(body, &id, &verb, &args, NULL) < 0) {
		count_fail("a request cannot be read");
	}
	free(verb);
	value_clear(&args);
}

static const struct row {
	const char *name;
	void (*go)(struct frames *frames);
	size_t operations; /* of each time */
} rows[] = {
	{ "bus_work_encode", put_work, ITEMS },
	{ "bus_work_decode", get_work, ITEMS },
	{ "bus_publication_encode", put_for_all, ITEMS },
	{ "bus_publication_decode", get_own, 1 },
	{ "bus_done_encode", put_done, ITEMS },
	{ "bus_done_decode", get_done, ITEMS },
	{ "bus_request_encode", put_control, 1 },
	{ "bus_request_decode", get_control, 1 },
};

static void count_row(const struct row *row, struct frames *frames)
{
	row->go(frames);
	count_begin();
	for (int i = 0; i < TIMES; i++) {
		row->go(frames);
	}
	count_end(row->name, TIMES * row->operations);
}

void count_bus(void)
{
	struct frames frames = { .args = value_map() };
	struct value document =
	    sample_json("{\"type\": \"order\", \"number\": 4711}");

	pack_write(&frames.document, &document);
	value_set(&frames.args, "workflow", value_text("orders"));
	value_set(&frames.args, "attributes", document);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		count_row(&rows[i], &frames);
	}
	value_clear(&frames.args);
	buf_fini(&frames.document);
	buf_fini(&frames.bytes);
	buf_fini(&frames.item);
}
