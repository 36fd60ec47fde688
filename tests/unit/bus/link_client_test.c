#include "link_client_fake.h"

#include "bus/link_client_inside.h"

/* ---- hello, sync, ready ---- */

static void test_handshake(void **state)
{
	struct fake *fake = *state;
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);
	char nonce[WIRE_SECRET_SIZE] = { 0 };

	assert_true(slice_is(request->hello.token, TOKEN_A));
	assert_true(slice_is(request->hello.sdk, "test/1"));
	assert_int_equal(request->hello.pid, 5);
	assert_int_equal(request->hello.plugin_count, 1);
	assert_true(slice_is(request->hello.plugins[0].name, "ocr"));
	assert_int_equal(request->hello.plugins[0].max_tasks, 4);
	memcpy(nonce, request->hello.nonce.ptr, WIRE_SECRET_SIZE - 1);
	fake_greet(fake, SESSION_A);
	request = fake_expect(fake, WIRE_READY);
	assert_true(slice_is(request->session, SESSION_A));
	assert_false(request->synced);
	assert_int_equal(fake->welcomes, 1);
	assert_int_equal(fake->config_n, 7);
	fake_reply_kind(fake, WIRE_OK);

	/* Until `sync` comes it is asked for every 50 ms. */
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	assert_false(fake_expect(fake, WIRE_READY)->synced);
	fake_reply_kind(fake, WIRE_OK);
	fake_expect_nothing(fake);
	fake_sync(fake, nonce);
	request = fake_expect(fake, WIRE_READY);
	assert_true(request->synced);
	assert_int_equal(request->error.len, 0);
	fake_reply_kind(fake, WIRE_OK);
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 0);
	assert_int_equal(fake->welcomes, 1);
}

static void test_sync_of_others_does_not_count(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	fake_sync(fake, "00000000000000000000000000000000");
	fake_greet(fake, SESSION_A);
	assert_false(fake_expect(fake, WIRE_READY)->synced);
	fake_reply_kind(fake, WIRE_OK);
	fake->now_ms += 50;
	assert_false(fake_expect(fake, WIRE_READY)->synced);
}

static void test_lost_replies_are_asked_for_again(void **state)
{
	struct fake *fake = *state;
	char nonce[WIRE_SECRET_SIZE] = { 0 };
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);
	uint32_t id = fake->id;

	memcpy(nonce, request->hello.nonce.ptr, WIRE_SECRET_SIZE - 1);
	fake->now_ms += 999;
	fake_expect_nothing(fake);
	fake->now_ms += 1;
	request = fake_expect(fake, WIRE_HELLO);
	assert_int_equal(fake->id, id);
	assert_true(slice_is(request->hello.nonce, nonce));
	fake_greet(fake, SESSION_A);
	fake_greet(fake, SESSION_A); /* of the first one, late */
	(void)fake_expect(fake, WIRE_READY);
	id = fake->id;
	fake->now_ms += 1000;
	(void)fake_expect(fake, WIRE_READY);
	assert_int_equal(fake->id, id);
	assert_int_equal(fake->welcomes, 1);
}

static void test_a_config_that_is_refused(void **state)
{
	struct fake *fake = *state;

	fake->welcome_fails = E_INVALID;
	(void)fake_expect(fake, WIRE_HELLO);
	fake_greet(fake, SESSION_A);
	const struct wire_request *request = fake_expect(fake, WIRE_READY);

	assert_true(slice_is(request->error, "no such device"));
	assert_false(link_client_ended(fake->client));
	fake_reply_kind(fake, WIRE_OK);
	fake_await_end(fake);
	assert_int_equal(fake->refusals, 0);
}

static void test_refused_for_good(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	fake_refuse(fake, E_CONFLICT, "there is a plugin 'ocr' already");
	fake_await_end(fake);
	assert_int_equal(fake->refusals, 1);
	assert_int_equal(fake->code, E_CONFLICT);
	assert_string_equal(fake->text, "there is a plugin 'ocr' already");
}

static void test_denied_with_the_right_token(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	fake_refuse(fake, E_DENIED, "wrong token");
	fake_await_end(fake);
	assert_int_equal(fake->code, E_DENIED);
}

static void test_refused_for_now(void **state)
{
	struct fake *fake = *state;
	char nonce[WIRE_SECRET_SIZE] = { 0 };
	const struct wire_request *request = fake_expect(fake, WIRE_HELLO);

	memcpy(nonce, request->hello.nonce.ptr, WIRE_SECRET_SIZE - 1);
	fake_refuse(fake, E_BUSY, "not now");
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	request = fake_expect(fake, WIRE_HELLO);
	assert_false(slice_is(request->hello.nonce, nonce));
	assert_int_equal(fake->refusals, 0);
}

/* ---- work ---- */

static void test_only_own_work_and_once(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 1, "ocr#2");
	fake_publish_task(fake, "work/Other/", 2, INSTANCE);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	assert_int_equal(fake->last_key.task, 3);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_publish_task(fake, "work/Step1/", 4, INSTANCE);
	fake_await(fake, &fake->works, 2);
	assert_int_equal(fake->last_key.task, 4);
}

static void test_held_tasks_are_accepted(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	fake->now_ms += LEASE_MS / 20 - 1;
	fake_expect_nothing(fake);
	fake->now_ms += 1;
	const struct wire_request *request = fake_expect(fake, WIRE_UP);

	assert_int_equal(request->item_count, 1);
	assert_int_equal(request->items[0].kind, WIRE_ACCEPT);
	assert_int_equal(request->items[0].key.task, 3);
	fake_ack(fake, 1);
	fake_await_settled(fake);
	fake->now_ms += LEASE_MS / 20;
	fake_expect_nothing(fake);
}

static void test_finished_tasks_are_not_accepted(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	fake_done(fake, 3);
	assert_int_equal(fake_expect(fake, WIRE_UP)->items[0].kind, WIRE_DONE);
	fake_ack(fake, 1);
	fake_await_settled(fake);
	fake->now_ms += LEASE_MS / 20;
	fake_expect_nothing(fake);
}

static void publish_ack(struct fake *fake, const char *nonce, uint64_t n)
{
	struct wire_ack ack = { .nonce = slice_of(nonce), .n = n };
	struct fake_task task;

	fake_task_init(&task, 4, "ocr#2");
	const struct wire_publication publication = {
		.kind = WIRE_FANOUT,
		.topic = SLICE("work/Step1/"),
		.work = &task.work,
		.work_count = 1,
		.acks = &ack,
		.ack_count = 1,
	};

	fake_publish(fake, &publication);
}

static void test_a_publication_acknowledges(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	fake_done(fake, 3);
	assert_true(fake_expect(fake, WIRE_UP)->patient);
	publish_ack(fake, "00000000000000000000000000000000", 1);
	publish_ack(fake, fake->client->nonce, 2);
	fake_expect_nothing(fake);
	assert_false(link_client_settled(fake->client));
	publish_ack(fake, fake->client->nonce, 1);
	fake_await_settled(fake);
	fake->now_ms += 1000;
	fake_expect_nothing(fake);
}

static void test_polls_more_often_with_work_in_hand(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	uint32_t id = fake->id;

	fake->now_ms += LEASE_MS;
	fake_expect_nothing(fake);
	struct fake_task task;

	fake_task_init(&task, 3, INSTANCE);
	struct wire_mail mail = { .seq = 1,
				  .kind = WIRE_WORK,
				  .work = task.work };
	const struct wire_reply reply = {
		.kind = WIRE_MAIL,
		.mail = &mail,
		.mail_count = 1,
	};

	fake_reply_to(fake, id, &reply);
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 1);
	assert_int_equal(fake->works, 1);
	fake->now_ms += LEASE_MS / 3 - 1;
	fake_expect_nothing(fake);
	id = fake->id;
	fake->now_ms += 1;
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 1);
	assert_int_not_equal(fake->id, id);
}

static void test_mail_in_order_and_once(void **state)
{
	struct fake *fake = *state;
	struct slice topic = SLICE("work/Other/");
	struct wire_mail mail[] = {
		{ .seq = 1,
		  .kind = WIRE_CANCEL,
		  .key = fake_key(8),
		  .timed_out = true },
		{ .seq = 2,
		  .kind = WIRE_TOPICS,
		  .topics = &topic,
		  .topic_count = 1 },
		{ .seq = 3, .kind = WIRE_STOP },
	};
	struct wire_reply reply = {
		.kind = WIRE_MAIL,
		.mail = mail,
		.mail_count = 2,
	};

	fake_go_live(fake, SESSION_A);
	fake_reply(fake, &reply);
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 2);
	assert_int_equal(fake->cancels, 1);
	assert_int_equal(fake->last_key.task, 8);
	assert_true(fake->timed_out);
	assert_int_equal(fake->stops, 0);

	/* The reply was lost on its way, so all of it comes again. */
	reply.mail_count = 3;
	fake_reply(fake, &reply);
	assert_int_equal(fake_expect(fake, WIRE_POLL)->seen, 3);
	assert_int_equal(fake->cancels, 1);
	assert_int_equal(fake->stops, 1);
	fake_publish_task(fake, "work/Step1/", 1, INSTANCE);
	fake_publish_task(fake, "work/Other/", 2, INSTANCE);
	fake_await(fake, &fake->works, 1);
	assert_int_equal(fake->last_key.task, 2);
}

static void test_empty_mail_is_no_busy_loop(void **state)
{
	struct fake *fake = *state;
	const struct wire_reply reply = { .kind = WIRE_MAIL };

	fake_go_live(fake, SESSION_A);
	fake_reply(fake, &reply);
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	(void)fake_expect(fake, WIRE_POLL);
	fake->now_ms += POLL_MS;
	fake_reply(fake, &reply);
	(void)fake_expect(fake, WIRE_POLL);
}

/* ---- completions ---- */

static void test_completions_until_acknowledged(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	const struct wire_request *request = fake_expect(fake, WIRE_UP);
	uint32_t id = fake->id;

	assert_int_equal(request->n, 1);
	assert_int_equal(request->item_count, 1);
	assert_true(slice_is(request->items[0].message, "well done"));

	/* What comes meanwhile waits for the next one. */
	fake_done(fake, 2);
	fake_done(fake, 3);
	fake_expect_nothing(fake);
	fake->now_ms += 1000;
	request = fake_expect(fake, WIRE_UP);
	assert_int_equal(fake->id, id);
	assert_int_equal(request->n, 1);
	assert_int_equal(request->item_count, 1);
	assert_false(link_client_settled(fake->client));
	fake_ack(fake, 1);
	request = fake_expect(fake, WIRE_UP);
	assert_int_equal(request->n, 2);
	assert_int_equal(request->item_count, 2);
	assert_int_equal(request->items[0].key.task, 2);
	assert_int_equal(request->items[1].key.task, 3);
	fake_ack(fake, 2);
	fake_await_settled(fake);
}

static void test_a_double_asks_for_the_completion(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_await(fake, &fake->works, 1);
	fake_done(fake, 3);
	(void)fake_expect(fake, WIRE_UP);
	uint32_t id = fake->id;

	fake->now_ms += 100;
	fake_expect_nothing(fake);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	assert_int_equal(fake_expect(fake, WIRE_UP)->n, 1);
	assert_int_equal(fake->id, id);
	fake_ack(fake, 1);
	fake_await_settled(fake);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_expect_nothing(fake);
	assert_int_equal(fake->works, 1);
}

static void test_unknown_session(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_publish_task(fake, "work/Step1/", 3, INSTANCE);
	fake_publish_task(fake, "work/Step1/", 4, INSTANCE);
	fake_await(fake, &fake->works, 2);
	fake_done(fake, 3);
	(void)fake_expect(fake, WIRE_UP);
	fake_reply_kind(fake, WIRE_UNKNOWN);
	fake_await(fake, &fake->losts, 1);
	/* What was in hand is no longer ours. */
	assert_int_equal(fake->cancels, 1);
	assert_int_equal(fake->last_key.task, 4);
	fake_expect_nothing(fake);
	fake->now_ms += 50;
	fake_get_ready(fake, SESSION_B);
	assert_int_equal(fake->welcomes, 1);

	/* The completion that was not acknowledged comes along. */
	const struct wire_request *request = fake_expect(fake, WIRE_UP);

	assert_true(slice_is(request->session, SESSION_B));
	assert_int_equal(request->n, 1);
	assert_int_equal(request->items[0].key.task, 3);
}

static void test_up_is_refused(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	(void)fake_expect(fake, WIRE_UP);
	fake_refuse(fake, E_BUSY, "full");
	fake_expect_nothing(fake);
	fake->now_ms += 1000;
	(void)fake_expect(fake, WIRE_UP);
	fake_refuse(fake, E_TOO_BIG, "too much");
	fake_await_end(fake);
	assert_int_equal(fake->code, E_TOO_BIG);
}

/* ---- leaving ---- */

static void test_bye_after_the_last_acknowledgement(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	link_client_leave(fake->client);
	(void)fake_expect(fake, WIRE_UP);
	fake_expect_nothing(fake);
	fake_ack(fake, 1);
	(void)fake_expect(fake, WIRE_BYE);
	assert_false(link_client_ended(fake->client));
	fake_reply_kind(fake, WIRE_OK);
	fake_await_end(fake);
}

static void test_leaving_does_not_wait_for_ever(void **state)
{
	struct fake *fake = *state;

	fake_go_live(fake, SESSION_A);
	fake_done(fake, 1);
	link_client_leave(fake->client);
	(void)fake_expect(fake, WIRE_UP);
	fake->now_ms += 4999;
	fake_step(fake);
	assert_false(link_client_ended(fake->client));
	fake->now_ms += 1;
	fake_await_end(fake);
}

static void test_leaving_before_there_is_a_session(void **state)
{
	struct fake *fake = *state;

	(void)fake_expect(fake, WIRE_HELLO);
	link_client_leave(fake->client);
	fake_await_end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(test_handshake),
		fake_test(test_sync_of_others_does_not_count),
		fake_test(test_lost_replies_are_asked_for_again),
		fake_test(test_a_config_that_is_refused),
		fake_test(test_refused_for_good),
		fake_test(test_denied_with_the_right_token),
		fake_test(test_refused_for_now),
		fake_test(test_only_own_work_and_once),
		fake_test(test_held_tasks_are_accepted),
		fake_test(test_finished_tasks_are_not_accepted),
		fake_test(test_a_publication_acknowledges),
		fake_test(test_polls_more_often_with_work_in_hand),
		fake_test(test_mail_in_order_and_once),
		fake_test(test_empty_mail_is_no_busy_loop),
		fake_test(test_completions_until_acknowledged),
		fake_test(test_a_double_asks_for_the_completion),
		fake_test(test_unknown_session),
		fake_test(test_up_is_refused),
		fake_test(test_bye_after_the_last_acknowledgement),
		fake_test(test_leaving_does_not_wait_for_ever),
		fake_test(test_leaving_before_there_is_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
