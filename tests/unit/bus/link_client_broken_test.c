#include "link_client_fake.h"

/* ---- connections that break ---- */

static void hang_up(struct fake *fake)
{
	int before = fake->work.connections;

	fake_hang_up(&fake->requests);
	/* Notice it, then wait for the delay to pass. */
	fake_expect_nothing(fake);
	assert_int_equal(fake->work.connections, before);
}

static void test_a_session_survives(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	(void)fake_expect(fake, WIRE_UP);
	uint32_t id = fake->id;

	hang_up(fake);
	fake->now_ms += 50;
	assert_true(slice_is(fake_expect(fake, WIRE_UP)->session, SESSION_A));
	assert_int_equal(fake->id, id);
	fake_ack(fake, 1);
	(void)fake_expect(fake, WIRE_POLL);
	fake_await_settled(fake);
	assert_int_equal(fake->losts, 0);
	assert_int_equal(fake->welcomes, 1);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
}

static void test_the_work_connection_breaks(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_hang_up(&fake->work);
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	(void)fake_expect(fake, WIRE_POLL);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
}

/* How long it waits after each failure in a row. */
static void test_the_delay_grows(void **state)
{
	static const int64_t delays[] = { 50,  100,  200,  400,
					  800, 1600, 2000, 2000 };
	struct fake *fake = *state;
	int wanted = 1;

	fake_await(fake, &fake->requests.connections, wanted);
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		fake_hang_up(&fake->requests);
		fake_hang_up(&fake->work);
		fake_step(fake);
		for (int quiet = 0; quiet < FAKE_QUIET; quiet++) {
			fake_step(fake);
		}
		fake->now_ms += delays[i] - 1;
		for (int quiet = 0; quiet < FAKE_QUIET; quiet++) {
			fake_step(fake);
		}
		assert_int_equal(fake->requests.connections, wanted);
		fake->now_ms += 1;
		fake_await(fake, &fake->requests.connections, ++wanted);
	}
}

static void test_hello_anew_when_it_broke_while_greeting(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	uint32_t id = fake->id;

	hang_up(fake);
	fake_write_bus(fake, TOKEN_B);
	fake->now_ms += 50;
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);

	assert_true(slice_is(request->hello.token, TOKEN_B));
	assert_int_not_equal(fake->id, id);
}

static void test_a_token_that_has_become_stale(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	fake_write_bus(fake, TOKEN_B);
	fake_refuse(fake, E_DENIED, "wrong token");
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	assert_true(
	    slice_is(fake_expect(fake, WIRE_HELLO)->hello.token, TOKEN_B));
	assert_int_equal(fake->refusals, 0);
}

/* Another daemon, on other ports, that knows nothing of the session. */
static void test_the_orchestrator_is_started_again(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	(void)close(fake->work.listener);
	(void)close(fake->requests.listener);
	fake->work.port = 0;
	fake->requests.port = 0;
	fake_hang_up(&fake->work);
	fake_hang_up(&fake->requests);
	(void)unlink(fake->file);
	fake_listen(&fake->work, 0x20);
	fake_listen(&fake->requests, 0x31);
	for (int i = 0; i < FAKE_QUIET; i++) {
		fake->now_ms += 50;
		fake_step(fake);
	}
	assert_int_equal(fake->requests.fd, -1);
	fake_write_bus(fake, TOKEN_B);
	fake->now_ms += 2000;
	(void)fake_expect(fake, WIRE_POLL);
	fake_reply_kind(fake, WIRE_UNKNOWN);
	fake_await(fake, &fake->losts, 1);
	fake->now_ms += 2000;
	fake_go_live(fake, SESSION_B);
}

static void test_leaving_while_nobody_is_there(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	hang_up(fake);
	(void)close(fake->requests.listener);
	fake->requests.listener = -1;
	link_client_leave(fake->client);
	fake_step(fake);
	assert_false(link_client_ended(fake->client));
	fake->now_ms += 5000;
	fake_await_end(fake);
}

static void test_a_listener_that_says_nothing(void **state)
{
	struct fake *fake = *state;

	fake->silent = true;
	fake_await(fake, &fake->requests.connections, 1);
	fake_expect_nothing(fake);
	fake->now_ms += 5000;
	fake_step(fake);
	fake->silent = false;
	fake->now_ms += 50;
	(void)fake_expect(fake, WIRE_HELLO);
	assert_int_equal(fake->requests.connections, 2);
}

/* ---- nonsense ---- */

/* Its connections are broken off and made again. */
static void expect_retreat(struct fake *fake)
{
	int before = fake->requests.connections;

	for (int i = 0; i < FAKE_STEPS && fake->requests.fd >= 0; i++) {
		fake_step(fake);
	}
	assert_int_equal(fake->requests.fd, -1);
	fake->now_ms += 2000;
	fake_await(fake, &fake->requests.connections, before + 1);
}

static void test_another_protocol(void **state)
{
	struct fake *fake = *state;

	fake->silent = true;
	fake_await(fake, &fake->requests.connections, 1);
	fake_send(fake, &fake->requests, "HTTP/1.1", 8);
	expect_retreat(fake);
	/* A PUB where a REP should be. */
	fake_send(fake, &fake->requests, "\0SP\0\0\x20\0\0", 8);
	expect_retreat(fake);
	fake->silent = false;
	fake_hang_up(&fake->requests);
	fake_expect_nothing(fake);
	fake->now_ms += 2000;
	(void)fake_expect(fake, WIRE_HELLO);
}

static void test_hostile_lengths(void **state)
{
	static const uint64_t lengths[] = { UINT64_MAX, UINT64_C(1) << 63,
					    LIMIT_LINK_FRAME + UINT64_C(1) };
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf header = { 0 };

		buf_put_u64(&header, lengths[i]);
		fake_send(fake, i % 2 ? &fake->work : &fake->requests,
			  header.data, header.len);
		buf_fini(&header);
		expect_retreat(fake);
		(void)fake_expect(fake, WIRE_POLL);
	}
	assert_int_equal(fake->losts, 0);
}

static void test_a_frame_of_the_limit(void **state)
{
	struct fake *fake = *state;
	char *body = alloc_zeroed(1, LIMIT_LINK_FRAME);

	fake_go_live(fake, SESSION_A);
	memcpy(body, "work/Step1/", 11);
	fake_send_frame(fake, &fake->work,
			(struct slice){ body, LIMIT_LINK_FRAME });
	free(body);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	assert_int_equal(fake->work.connections, 1);
}

static void test_half_frames(void **state)
{
	struct fake *fake = *state;
	struct fake_task task;
	struct buf frame = { 0 };
	struct buf body = { 0 };

	fake_go_live(fake, SESSION_A);
	fake_task_init(&task, 3, INSTANCE);
	const struct wire_publication publication = {
		.kind = WIRE_FANOUT,
		.topic = SLICE("work/Step1/"),
		.work = &task.work,
		.work_count = 1,
	};

	wire_put_publication(&body, &publication);
	buf_put_u64(&frame, body.len);
	buf_put_slice(&frame, buf_slice(&body));
	for (size_t i = 0; i < frame.len; i++) {
		assert_int_equal(fake->works, 0);
		fake_send(fake, &fake->work, frame.data + i, 1);
		fake_step(fake);
	}
	fake_await(fake, &fake->works, 1);
	buf_fini(&frame);
	buf_fini(&body);
}

static void test_malformed_publications_are_dropped(void **state)
{
	static const struct slice bodies[] = {
		{ "", 0 },
		{ "work/Step1/", 11 },       /* no end of the topic */
		{ "work/Step1/\0", 12 },     /* no body */
		{ "work/Step1/\0\xc1", 13 }, /* no MessagePack */
		{ "work/Step1/\0\x80", 13 }, /* nothing in it */
		{ "work/Step1/\0\x91\x01", 14 },
	};
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		fake_send_frame(fake, &fake->work, bodies[i]);
	}
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	assert_int_equal(fake->work.connections, 1);
}

static void test_malformed_replies(void **state)
{
	struct fake *fake = *state;
	struct buf body = { 0 };

	fake_go_live(fake, SESSION_A);
	fake_send_frame(fake, &fake->requests, SLICE("abc"));
	expect_retreat(fake);
	(void)fake_expect(fake, WIRE_POLL);
	buf_put_u32(&body, fake->id);
	buf_put_text(&body, "what?");
	fake_send_frame(fake, &fake->requests, buf_slice(&body));
	buf_fini(&body);
	expect_retreat(fake);
	(void)fake_expect(fake, WIRE_POLL);
	/* Well-formed, but no answer to a poll. */
	fake_reply_kind(fake, WIRE_OK);
	expect_retreat(fake);
	(void)fake_expect(fake, WIRE_POLL);
	/* To a request that never was: passed over. */
	const struct wire_reply unknown = { .kind = WIRE_UNKNOWN };

	fake_reply_to(fake, 0x80000000u | (fake->id + 99), &unknown);
	fake_reply_to(fake, 0, &unknown);
	fake_expect_nothing(fake);
	assert_int_equal(fake->losts, 0);
	assert_int_equal(fake->requests.connections, 4);
}

static void test_a_wrong_acknowledgement(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	(void)fake_expect(fake, WIRE_UP);
	fake_ack(fake, 2);
	expect_retreat(fake);
	assert_false(link_client_settled(fake->client));
	assert_int_equal(fake_expect(fake, WIRE_UP)->n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(test_a_session_survives),
		fake_test(test_the_work_connection_breaks),
		fake_test(test_the_delay_grows),
		fake_test(test_hello_anew_when_it_broke_while_greeting),
		fake_test(test_a_token_that_has_become_stale),
		fake_test(test_the_orchestrator_is_started_again),
		fake_test(test_leaving_while_nobody_is_there),
		fake_test(test_a_listener_that_says_nothing),
		fake_test(test_another_protocol),
		fake_test(test_hostile_lengths),
		fake_test(test_a_frame_of_the_limit),
		fake_test(test_half_frames),
		fake_test(test_malformed_publications_are_dropped),
		fake_test(test_malformed_replies),
		fake_test(test_a_wrong_acknowledgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
