#include "link_fixture.h"

static void test_hello_is_welcomed(void **state)
{
	struct peer *peer = requester();
	struct wire_reply reply;

	(void)state;
	hello(peer, link_addresses(world.link).token);
	assert_true(read_frame(peer));
	assert_ok(wire_get_reply(
	    (struct slice){ peer->in.data + 4, peer->in.len - 4 }, &reply,
	    &test_err));
	assert_int_equal(reply.kind, WIRE_WELCOME);
	assert_true(slice_is(reply.welcome.instance, "p@1"));
	assert_int_equal(reply.welcome.lease_ms, LEASE_MS);
	assert_int_equal(reply.welcome.poll_ms, 3 * LEASE_MS);
	assert_int_equal(reply.welcome.topic_count, 2);
	assert_true(
	    slice_starts_with(reply.welcome.topics[0], SLICE("instance/")));
	assert_true(slice_is(reply.welcome.topics[1], "work/A/"));
	assert_int_equal(value_get_int(&reply.welcome.config, "size", 0), 7);
	assert_said("hello p;");
	assert_int_equal(link_stats(world.link).instances, 1);
	wire_reply_fini(&reply);
	peer_free(peer);
}

static void test_wrong_token_is_refused(void **state)
{
	struct peer *peer = requester();

	(void)state;
	hello(peer, "0000");
	assert_reply_has(peer, "\"code\":\"E_DENIED\"");
	assert_said("complaint;");
	assert_int_equal(link_stats(world.link).refused, 1);
	assert_int_equal(link_stats(world.link).instances, 0);
	peer_free(peer);
}

static void test_daemon_refuses(void **state)
{
	struct peer *peer = requester();

	(void)state;
	world.name = NULL;
	hello(peer, link_addresses(world.link).token);
	assert_reply(peer, "{\"kind\":\"refused\",\"code\":\"E_CONFLICT\","
			   "\"error\":\"not today\"}");
	peer_free(peer);
}

static void test_unknown_version_is_refused(void **state)
{
	struct peer *peer = requester();

	(void)state;
	ask(peer,
	    "{'kind':'hello','protocols':[2,3],'token':'%s','nonce':'%s',"
	    "'plugins':[{'name':'p'}]}",
	    link_addresses(world.link).token, peer->nonce);
	assert_reply_has(peer, "\"code\":\"E_VERSION\"");
	peer_free(peer);
}

static void test_same_nonce_is_the_same_hello(void **state)
{
	struct peer *peer = requester();
	char session[WIRE_SECRET_SIZE];

	(void)state;
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	memcpy(session, peer->session, sizeof(session));
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	assert_string_equal(session, peer->session);
	assert_said("hello p;");
	hello(peer, "wrong");
	assert_reply_has(peer, "E_DENIED");
	peer_free(peer);
}

static void test_late_hello_of_a_past_session(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	ask(peer, "{'kind':'bye','session':'$'}");
	assert_reply(peer, "{\"kind\":\"ok\"}");
	assert_said("gone p@1 orderly: it said bye;");
	hello(peer, link_addresses(world.link).token);
	assert_reply(peer, "{\"kind\":\"unknown\"}");
	ask(peer, "{'kind':'bye','session':'$'}");
	assert_reply(peer, "{\"kind\":\"unknown\"}");
	peer_free(peer);
}

static void test_sync_proves_the_path(void **state)
{
	struct peer *work = subscriber(LINK_WORK);
	struct peer *peer = requester();
	struct wire_publication publication;

	(void)state;
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	ask(peer, "{'kind':'ready','session':'$','synced':false}");
	assert_reply(peer, "{\"kind\":\"ok\"}");
	assert_true(read_frame(work));
	assert_ok(wire_get_publication(buf_slice(&work->in), &publication,
				       &test_err));
	assert_int_equal(publication.kind, WIRE_SYNC);
	assert_memory_equal(publication.topic.ptr + 9, peer->nonce, 32);
	wire_publication_fini(&publication);
	assert_said("hello p;");
	peer_free(peer);
	peer_free(work);
}

static void test_ready_with_an_error(void **state)
{
	struct peer *peer = requester();

	(void)state;
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	ask(peer,
	    "{'kind':'ready','session':'$','synced':true,'error':'no disk'}");
	assert_reply(peer, "{\"kind\":\"ok\"}");
	assert_said("hello p;ready p@1: no disk;");
	assert_int_equal(link_stats(world.link).instances, 0);
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	assert_reply(peer, "{\"kind\":\"unknown\"}");
	peer_free(peer);
}

static void test_ready_counts_once(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	ask(peer, "{'kind':'ready','session':'$','synced':true}");
	assert_reply(peer, "{\"kind\":\"ok\"}");
	assert_said("");
	peer_free(peer);
}

static void test_poll_is_held_until_it_is_due(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	assert_true(wait_turn(-1));
	assert_int_equal(link_next_due_ms(world.link),
			 world.now_ms + 3 * LEASE_MS);
	world.now_ms += 3 * LEASE_MS;
	turn();
	assert_reply(peer, "{\"kind\":\"mail\",\"items\":[]}");
	peer_free(peer);
}

static void test_newer_poll_supersedes(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	assert_reply(peer, "{\"kind\":\"mail\",\"items\":[]}");
	assert_int_equal(read_u32(peer->in.data) & 0x7fffffff, peer->id - 1);
	link_stop(world.link, "p@1");
	assert_reply(peer, "{\"kind\":\"mail\",\"items\":[{\"do\":\"stop\","
			   "\"seq\":1}]}");
	assert_int_equal(read_u32(peer->in.data) & 0x7fffffff, peer->id);
	peer_free(peer);
}

static void test_lost_connection(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	hang_up(peer);
	assert_said("");
	assert_int_equal(link_next_due_ms(world.link), world.now_ms + 300);
	world.now_ms += 299;
	turn();
	assert_said("");
	world.now_ms += 1;
	turn();
	assert_said("gone p@1: connection lost;");
	assert_int_equal(link_stats(world.link).lost, 1);
	assert_int_equal(link_next_due_ms(world.link), 0);
	peer_free(peer);
}

static void test_session_survives_a_reconnect(void **state)
{
	struct peer *peer = live_peer("p@1");
	struct peer *again;

	(void)state;
	hang_up(peer);
	world.now_ms += 299;
	again = requester();
	memcpy(again->session, peer->session, sizeof(again->session));
	ask(again, "{'kind':'up','session':'$','n':1,'items':[]}");
	assert_reply(again, "{\"kind\":\"ack\",\"n\":1}");
	world.now_ms += LEASE_MS;
	turn();
	assert_said("");
	peer_free(again);
	peer_free(peer);
}

static void test_lease_is_missed_only_with_tasks(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	world.now_ms += 100 * LEASE_MS;
	turn();
	assert_said("");
	deliver("p@1", 1, 0);
	link_flush(world.link);
	assert_int_equal(link_next_due_ms(world.link), world.now_ms + LEASE_MS);
	world.now_ms += LEASE_MS - 1;
	turn();
	assert_said("");
	world.now_ms += 1;
	turn();
	assert_said("gone p@1: not heard of for 3000 ms;");
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	assert_reply(peer, "{\"kind\":\"unknown\"}");
	peer_free(peer);
}

/* The process was stopped: it is not the peers that were silent. */
static void test_a_turn_that_comes_late_blames_nobody(void **state)
{
	struct peer *peer = live_peer("p@1");

	(void)state;
	deliver("p@1", 1, 0);
	link_flush(world.link);
	world.now_ms += 10 * LEASE_MS;
	turn();
	assert_said("");
	ask(peer, "{'kind':'up','session':'$','n':1,'items':[]}");
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	assert_said("");
	peer_free(peer);
}

static void test_who_never_gets_ready_goes(void **state)
{
	struct peer *peer = requester();

	(void)state;
	hello(peer, link_addresses(world.link).token);
	await_welcome(peer);
	assert_said("hello p;");
	assert_int_equal(link_next_due_ms(world.link), world.now_ms + 60000);
	world.now_ms += 60000;
	turn();
	assert_said("gone p@1 orderly: did not get ready;");
	assert_int_equal(link_stats(world.link).instances, 0);
	peer_free(peer);
}

static void hello_named(struct peer *peer)
{
	ask(peer,
	    "{'kind':'hello','protocols':[1],'token':'%s','nonce':'%s',"
	    "'name':'named','plugins':[{'name':'p'}]}",
	    link_addresses(world.link).token, peer->nonce);
	await_welcome(peer);
}

static void test_a_name_that_says_hello_again(void **state)
{
	struct peer *peer = requester();
	struct peer *next = requester();

	(void)state;
	hello_named(peer);
	hello_named(next);
	assert_said("hello p;gone named: it said hello again;hello p;");
	assert_int_equal(link_stats(world.link).instances, 1);
	peer_free(peer);
	peer_free(next);
}

static void test_a_name_is_given_once(void **state)
{
	struct peer *peer = live_peer("p@1");
	struct peer *next = requester();

	(void)state;
	hello(next, link_addresses(world.link).token);
	assert_reply_has(next, "E_CONFLICT");
	assert_int_equal(link_stats(world.link).instances, 1);
	peer_free(peer);
	peer_free(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_hello_is_welcomed),
		T(test_wrong_token_is_refused),
		T(test_daemon_refuses),
		T(test_unknown_version_is_refused),
		T(test_same_nonce_is_the_same_hello),
		T(test_late_hello_of_a_past_session),
		T(test_sync_proves_the_path),
		T(test_ready_with_an_error),
		T(test_ready_counts_once),
		T(test_poll_is_held_until_it_is_due),
		T(test_newer_poll_supersedes),
		T(test_lost_connection),
		T(test_session_survives_a_reconnect),
		T(test_lease_is_missed_only_with_tasks),
		T(test_a_turn_that_comes_late_blames_nobody),
		T(test_who_never_gets_ready_goes),
		T(test_a_name_that_says_hello_again),
		T(test_a_name_is_given_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
