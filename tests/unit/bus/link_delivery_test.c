#include "link_fixture.h"

/* The next publication's kind of content, as JSON behind its topic. */
static char *publication_of(struct peer *peer)
{
	struct value value;
	struct slice topic;
	struct slice body;
	struct buf text = { 0 };

	assert_true(read_frame(peer));
	assert_ok(
	    wire_split_topic(buf_slice(&peer->in), &topic, &body, &test_err));
	buf_put_slice(&text, topic);
	assert_ok(pack_read(body, NULL, &value, &test_err));
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

#define assert_publication_has(peer, part)                     \
	do {                                                   \
		char *found_ = publication_of(peer);           \
		if (!strstr(found_, part)) {                   \
			fail_msg("no %s in %s", part, found_); \
		}                                              \
		free(found_);                                  \
	} while (0)

#define WORK(task, seq)                                               \
	"{\"do\":\"work\",\"seq\":" seq ",\"work\":{\"run\":\"" RUN   \
	"\",\"workflow\":\"w\",\"activity\":\"A\",\"phase\":\"pre\"," \
	"\"members\":[{\"instance\":\"p@1\",\"plugin\":\"p\","        \
	"\"name\":\"p\",\"task\":" task ",\"attempt\":1}]}}"

static void poll_mail(struct peer *peer, unsigned seen)
{
	ask(peer, "{'kind':'poll','session':'$','seen':%u}", seen);
}

static void up(struct peer *peer, unsigned n, const char *items)
{
	ask(peer, "{'kind':'up','session':'$','n':%u,'items':[%s]}", n, items);
}

#define ITEM(is, task) \
	"{'is':'" is "','run':'" RUN "','task':" task ",'attempt':1}"
#define DONE(task)                                        \
	"{'is':'done','run':'" RUN "','task':" task       \
	",'attempt':1,'outcome':'succeeded','message':'m" \
	"'}"

static void test_mail_is_repeated_until_seen(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	deliver("p@1", 2, 0);
	deliver("p@1", 1, 0); /* known already */
	link_flush(world.link);
	poll_mail(peer, 0);
	assert_reply(peer, "{\"kind\":\"mail\",\"items\":[" WORK(
			       "1", "1") "," WORK("2", "2") "]}");
	poll_mail(peer, 1);
	assert_reply(peer,
		     "{\"kind\":\"mail\",\"items\":[" WORK("2", "2") "]}");
	poll_mail(peer, 2);
	assert_true(wait_turn(-1));
	world.now_ms += LEASE_MS / 3; /* it has tasks: made to ask again */
	turn();
	assert_reply(peer, "{\"kind\":\"mail\",\"items\":[]}");
	peer_free(peer);
}

static void test_held_poll_is_answered_by_a_flush(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	poll_mail(peer, 0);
	assert_true(wait_turn(-1));
	deliver("p@1", 1, 0);
	link_flush(world.link);
	assert_reply(peer,
		     "{\"kind\":\"mail\",\"items\":[" WORK("1", "1") "]}");
	peer_free(peer);
}

static void test_acknowledged_after_the_commit(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	link_flush(world.link);
	up(peer, 1, DONE("1"));
	assert_true(wait_turn(-1));
	assert_said("done p@1 1/1 0 m;");
	up(peer, 1, DONE("1")); /* asked again before the commit */
	assert_true(wait_turn(-1));
	assert_said("");
	assert_int_equal(poll(&(struct pollfd){ peer->fd, POLLIN, 0 }, 1, 0),
			 0);
	link_committing(world.link);
	link_committed(world.link);
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	assert_int_equal(read_u32(peer->in.data) & 0x7fffffff, peer->id);
	up(peer, 1, DONE("1")); /* and after it */
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	assert_said("");
	peer_free(peer);
}

static void test_an_up_behind_an_uncommitted_one_waits(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	link_flush(world.link);
	up(peer, 1, DONE("1"));
	up(peer, 2, "{'is':'log','level':'info','text':'hi'}");
	while (!strstr(world.said.len ? world.said.data : "", "hi;")) {
		assert_true(wait_turn(-1));
		buf_put_byte(&world.said, 0);
		world.said.len--;
	}
	assert_said("done p@1 1/1 0 m;log p@1 hi;");
	link_committing(world.link);
	link_committed(world.link);
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":2}");
	peer_free(peer);
}

static void test_only_what_it_was_given(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	link_flush(world.link);
	up(peer, 1, DONE("2") "," ITEM("return", "3") "," ITEM("accept", "4"));
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	assert_said("");
	assert_int_equal(link_stats(world.link).ignored, 1);
	peer_free(peer);
}

static void test_all_items(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	link_flush(world.link);
	up(peer, 1,
	   "{'is':'progress','run':'" RUN "','task':1,'attempt':1,"
	   "'fraction':0.5,'note':'half'}," ITEM("return", "1"));
	assert_true(wait_turn(-1));
	assert_said("progress p@1 1 0.50 half;returned p@1 1;");
	link_committing(world.link);
	link_committed(world.link);
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	peer_free(peer);
}

static void put_done(struct buf *out, const struct peer *peer,
		     struct slice output, struct slice patch)
{
	struct wire_item item = {
		.kind = WIRE_DONE,
		.key = key_of(1),
		.output = output,
		.patch = patch,
	};

	wire_put_request(out, &(struct wire_request){
				  .kind = WIRE_UP,
				  .session = slice_of(peer->session),
				  .n = 1,
				  .items = &item,
				  .item_count = 1,
			      });
}

static void complete_with(struct slice output, struct slice patch,
			  const char *said)
{
	struct peer *peer = live_peer("p@1");
	struct buf body = { 0 };

	deliver("p@1", 1, 0);
	link_flush(world.link);
	put_done(&body, peer, output, patch);
	send_body(peer, buf_slice(&body));
	assert_true(wait_turn(-1));
	assert_said(said);
	link_drop(world.link, "p@1");
	buf_fini(&body);
	peer_free(peer);
}

static void test_documents_of_a_done_are_checked(void **state)
{
	struct slice none = { NULL, 0 };

	(void)state;
	complete_with(SLICE("\x01"), SLICE("\x80"), "done p@1 1/1 0 ;");
	complete_with(SLICE("\xc1"), none,
		      "done p@1 1/1 1 its output is no well-formed "
		      "MessagePack;");
	complete_with(none, SLICE("\x01"),
		      "done p@1 1/1 1 its patch is no well-formed "
		      "MessagePack map;");
}

static void test_parallel_tasks_travel_together(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");

	(void)state;
	deliver("a", 1, 1);
	deliver("b", 2, 1);
	link_flush(world.link);
	assert_publication_has(work, "instance/"); /* both syncs */
	assert_publication_has(work, "instance/");
	assert_publication_has(
	    work, "work/A/{\"kind\":\"work\",\"work\":[{\"run\":\"" RUN
		  "\",\"workflow\":\"w\",\"activity\":\"A\","
		  "\"phase\":\"parallel\",\"members\":["
		  "{\"instance\":\"a\",\"plugin\":\"p\",\"name\":\"p\","
		  "\"task\":1,\"attempt\":1},"
		  "{\"instance\":\"b\",\"plugin\":\"p\",\"name\":\"p\","
		  "\"task\":2,\"attempt\":1}]}]}");
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

/* On disk, and nothing is in its hands any more. */
static void complete_patiently(struct peer *peer)
{
	deliver("a", 1, 0);
	link_flush(world.link);
	ask(peer,
	    "{'kind':'up','session':'$','n':1,'patient':true,'items':[%s]}",
	    DONE("1"));
	assert_true(wait_turn(-1));
	link_committing(world.link);
	link_committed(world.link);
}

static void test_a_publication_acknowledges_the_patient(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");
	struct buf acks = { 0 };

	(void)state;
	complete_patiently(a);
	deliver("a", 2, 1);
	deliver("b", 3, 1);
	link_flush(world.link);
	buf_printf(&acks, "\"acks\":[{\"nonce\":\"%s\",\"n\":1}]", a->nonce);
	buf_put_byte(&acks, 0);
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "instance/");
	assert_publication_has(work, acks.data);
	assert_int_equal(
	    link_next_due_ms(world.link) <= world.now_ms + LINK_OWED_MS, false);
	ask(a, "{'kind':'up','session':'$','n':1,'items':[]}"); /* was lost */
	assert_reply(a, "{\"kind\":\"ack\",\"n\":1}");
	buf_fini(&acks);
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

static void test_the_patient_do_not_wait_for_ever(void **state)
{
	struct peer *a = live_peer("a");

	(void)state;
	complete_patiently(a);
	turn();
	assert_int_equal(poll(&(struct pollfd){ a->fd, POLLIN, 0 }, 1, 0), 0);
	assert_int_equal(link_next_due_ms(world.link),
			 world.now_ms + LINK_OWED_MS);
	world.now_ms += LINK_OWED_MS;
	turn();
	assert_reply(a, "{\"kind\":\"ack\",\"n\":1}");
	peer_free(a);
}

static void test_with_more_in_hand_nobody_waits(void **state)
{
	struct peer *a = live_peer("a");

	(void)state;
	deliver("a", 2, 0);
	complete_patiently(a);
	assert_reply(a, "{\"kind\":\"ack\",\"n\":1}");
	peer_free(a);
}

static void test_not_accepted_goes_by_mail(void **state)
{
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");

	(void)state;
	deliver("a", 1, 1);
	deliver("b", 2, 1);
	link_flush(world.link);
	up(a, 1, ITEM("accept", "1"));
	assert_reply(a, "{\"kind\":\"ack\",\"n\":1}");
	assert_int_equal(link_next_due_ms(world.link), world.now_ms + 300);
	world.now_ms += 300;
	turn();
	assert_int_equal(link_stats(world.link).redelivered, 1);
	poll_mail(b, 0);
	assert_reply_has(b, "\"task\":2");
	poll_mail(a, 0);
	assert_true(wait_turn(-1));
	assert_int_equal(poll(&(struct pollfd){ a->fd, POLLIN, 0 }, 1, 0), 0);
	up(b, 1, DONE("2"));
	assert_true(wait_turn(-1));
	assert_said("done b 2/1 0 m;");
	peer_free(a);
	peer_free(b);
}

static void test_one_receiver_gets_mail(void **state)
{
	struct peer *a = live_peer("a");

	(void)state;
	deliver("a", 1, 1);
	deliver("a", 2, 1);
	link_flush(world.link);
	poll_mail(a, 0);
	assert_reply_has(a, "\"task\":2");
	peer_free(a);
}

/* A publication that is made anyway has the others too. */
static void test_others_go_along(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");

	(void)state;
	deliver("a", 1, 0);
	deliver("a", 2, 1);
	deliver("b", 3, 1);
	link_flush(world.link);
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "\"phase\":\"pre\"");
	/* One for one is mail, and for two as well. */
	deliver("a", 4, 0);
	deliver("b", 5, 2);
	link_flush(world.link);
	poll_mail(a, 0);
	assert_reply_has(a, "\"task\":4");
	poll_mail(b, 0);
	assert_reply_has(b, "\"task\":5");
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

/* What is large goes to whom it is for. */
static void test_large_ones_do_not_go_along(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");
	static const char bytes[2048];
	struct slice document = { bytes, sizeof(bytes) };

	(void)state;
	world.input = blob_make(document);
	deliver("a", 1, 0);
	blob_unref(world.input);
	world.input = NULL;
	deliver("a", 2, 1);
	deliver("b", 3, 1);
	link_flush(world.link);
	poll_mail(a, 0);
	assert_reply_has(a, "\"task\":1");
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "\"task\":3");
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

static void test_new_topics_count_when_seen(void **state)
{
	struct slice topic = SLICE("B");
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");

	(void)state;
	link_set_topics(world.link, "a", &topic, 1);
	link_set_topics(world.link, "b", &topic, 1);
	world.activity = "B";
	deliver("a", 1, 1);
	deliver("b", 2, 1);
	link_flush(world.link);
	poll_mail(a, 0);
	assert_reply_has(a, "work/B/\"]},{\"do\":\"work\"");
	poll_mail(a, 2);
	poll_mail(b, 0);
	assert_reply_has(b, "\"task\":2");
	poll_mail(b, 2);
	while (link_session_of(world.link, "a")->topics_seq ||
	       link_session_of(world.link, "b")->topics_seq) {
		assert_true(wait_turn(-1));
	}
	deliver("a", 3, 1);
	deliver("b", 4, 1);
	link_flush(world.link);
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "\"task\":4");
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

static void test_cancel_comes_behind_its_task(void **state)
{
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");
	struct wire_key key = key_of(1);

	(void)state;
	deliver("a", 1, 1);
	deliver("b", 2, 1);
	link_cancel(world.link, "a", &key, true);
	poll_mail(a, 0);
	assert_reply_has(a, "}]}},{\"do\":\"cancel\",\"seq\":2,\"run\":\"" RUN
			    "\",\"task\":1,\"attempt\":1,\"cause\":"
			    "\"timed_out\"}]}");
	key = key_of(9);
	link_cancel(world.link, "a", &key, true); /* not its task */
	poll_mail(a, 2);
	assert_true(wait_turn(-1));
	assert_int_equal(poll(&(struct pollfd){ a->fd, POLLIN, 0 }, 1, 0), 0);
	peer_free(a);
	peer_free(b);
}

static void test_lost_gives_all_back(void **state)
{
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");

	(void)state;
	deliver("a", 1, 1);
	deliver("b", 2, 1);
	deliver("a", 3, 0);
	link_flush(world.link);
	deliver("a", 4, 0);
	link_drop(world.link, "a");
	link_flush(world.link);
	assert_said("");
	deliver("a", 5, 0); /* of no use any more */
	/* When its publication should have been accepted, and then. */
	world.now_ms += LEASE_MS / 10;
	turn();
	world.now_ms += LEASE_MS - LEASE_MS / 10;
	turn();
	assert_said("gone b: not heard of for 3000 ms;");
	peer_free(a);
	peer_free(b);
}

static void test_dropped_by_a_handler(void **state)
{
	struct peer *a = live_peer("a");

	(void)state;
	world.drop_on_done = true;
	deliver("a", 1, 0);
	deliver("a", 2, 0);
	link_flush(world.link);
	up(a, 1, DONE("1") "," DONE("2"));
	assert_reply(a, "{\"kind\":\"unknown\"}");
	assert_said("done a 1/1 0 m;");
	peer_free(a);
}

/* ---- big ones ---- */

static void deliver_big(const char *instance, uint32_t task, struct blob *input,
			struct blob *stash)
{
	struct link_task given = {
		.key = key_of(task),
		.instance = slice_of(instance),
		.plugin = SLICE("p"),
		.name = SLICE("p"),
		.workflow = SLICE("w"),
		.activity = SLICE("A"),
		.phase = 1,
		.input = input,
		.stash = stash,
	};

	given.key.run.bytes[0] = (unsigned char)task;
	link_deliver(world.link, &given);
}

static struct blob *blob_of(size_t len)
{
	char *bytes = alloc_zeroed(1, len);
	struct blob *blob = blob_make((struct slice){ bytes, len });

	free(bytes);
	return blob;
}

static void test_frames_are_split(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *a = live_peer("a");
	struct peer *b = live_peer("b");
	struct blob *half = blob_of(LIMIT_LINK_FRAME / 4);

	(void)state;
	assert_publication_has(work, "instance/");
	assert_publication_has(work, "instance/");
	deliver_big("a", 1, half, NULL);
	deliver_big("b", 2, half, NULL);
	deliver_big("a", 3, half, NULL);
	link_flush(world.link);
	for (int i = 0; i < 3; i++) {
		assert_true(read_frame(work));
		assert_true(work->in.len < LIMIT_LINK_FRAME / 2 + 4096);
	}
	blob_unref(half);
	peer_free(a);
	peer_free(b);
	peer_free(work);
}

static void test_too_big_for_a_frame_fails(void **state)
{
	struct peer *a = live_peer("a");
	struct blob *half = blob_of(LIMIT_LINK_FRAME / 2);

	(void)state;
	deliver_big("a", 1, half, half);
	link_flush(world.link);
	turn();
	assert_said("done a 1/1 1 its documents together are bigger than a "
		    "frame to a process may be;");
	blob_unref(half);
	peer_free(a);
}

static void test_events(void **state)
{
	struct value body = value_map();
	struct wire_key key = key_of(1);

	(void)state;
	assert_false(link_has_listeners(world.link));
	struct peer *peer = subscriber(LINK_EVENTS);

	assert_true(link_has_listeners(world.link));
	value_set(&body, "kind", value_text("events"));
	link_publish_events(world.link, SLICE("w"), &key.run, &body);
	assert_publication_has(peer, "event/w/" RUN "/{\"kind\":\"events\"}");
	value_clear(&body);
	peer_free(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_mail_is_repeated_until_seen),
		T(test_held_poll_is_answered_by_a_flush),
		T(test_acknowledged_after_the_commit),
		T(test_an_up_behind_an_uncommitted_one_waits),
		T(test_only_what_it_was_given),
		T(test_all_items),
		T(test_documents_of_a_done_are_checked),
		T(test_parallel_tasks_travel_together),
		T(test_a_publication_acknowledges_the_patient),
		T(test_the_patient_do_not_wait_for_ever),
		T(test_with_more_in_hand_nobody_waits),
		T(test_not_accepted_goes_by_mail),
		T(test_one_receiver_gets_mail),
		T(test_others_go_along),
		T(test_large_ones_do_not_go_along),
		T(test_new_topics_count_when_seen),
		T(test_cancel_comes_behind_its_task),
		T(test_lost_gives_all_back),
		T(test_dropped_by_a_handler),
		T(test_frames_are_split),
		T(test_too_big_for_a_frame_fails),
		T(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
