#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <sys/stat.h>

#include "bus/link_peer.h"
#include "link_fixture.h"

#include "../folder.h"

/* The link works as if nothing had been. */
static void still_serving(void)
{
	struct peer *peer = live_peer("last");

	deliver("last", 1, 0);
	link_flush(world.link);
	ask(peer, "{'kind':'poll','session':'$','seen':0}");
	assert_reply_has(peer, "\"task\":1");
	peer_free(peer);
}

static void send_bytes(struct slice body)
{
	struct peer *peer = requester();

	send_body(peer, body);
	while (link_stats(world.link).malformed == 0) {
		assert_true(wait_turn(-1));
	}
	world.link->stats.malformed = 0;
	peer_free(peer);
}

static void test_malformed_bodies(void **state)
{
	char deep[200];

	(void)state;
	memset(deep, 0x91, sizeof(deep));
	send_bytes(SLICE(""));
	send_bytes(SLICE("\xc1"));
	send_bytes(SLICE("\xdd\xff\xff\xff\xff"));
	send_bytes(SLICE("\xdf\xff\xff\xff\xff"));
	send_bytes(SLICE("\x81\xa4kind\xdb\xff\xff\xff\xff"));
	send_bytes((struct slice){ deep, sizeof(deep) });
	still_serving();
}

static void test_maps_are_answered(void **state)
{
	struct peer *peer = requester();

	(void)state;
	ask(peer, "{}");
	assert_reply(peer, "{\"kind\":\"refused\",\"code\":\"E_INVALID\","
			   "\"error\":\"'kind' is missing\"}");
	ask(peer, "{'kind':'dance'}");
	assert_reply_has(peer, "'kind' is 'dance', which is unknown");
	ask(peer, "{'kind':'poll','session':7,'seen':0}");
	assert_reply_has(peer, "'session' is not a text");
	assert_int_equal(link_stats(world.link).malformed, 3);
	peer_free(peer);
	still_serving();
}

static void test_random_bytes(void **state)
{
	uint32_t random = 1;
	unsigned sent = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct peer *peer = requester();

		for (int j = 0; j < 20; j++) {
			char body[64];

			for (size_t k = 0; k < sizeof(body); k++) {
				random = random * 1103515245u + 12345u;
				body[k] = (char)(random >> 16);
			}
			body[0] = (char)(0x80 | (body[0] & 3));
			send_body(peer, (struct slice){ body, sizeof(body) });
			sent++;
		}
		while (link_stats(world.link).malformed < sent) {
			assert_true(wait_turn(-1));
		}
		peer_free(peer);
	}
	still_serving();
}

static void test_complaints_are_few(void **state)
{
	(void)state;
	struct peer *peer = requester();

	for (unsigned i = 0; i < 100; i++) {
		ask(peer, "{'kind':'k%u'}", i);
		assert_reply_has(peer, "refused");
	}
	assert_int_equal(world.said.len, 10 * strlen("complaint;"));
	buf_clear(&world.said);
	world.now_ms = link_next_due_ms(world.link);
	turn();
	assert_said("complaint;"); /* how many there were besides */
	peer_free(peer);
}

static void send_again(struct peer *peer, struct slice body)
{
	uint64_t before = link_stats(world.link).malformed;

	send_body(peer, body);
	while (link_stats(world.link).malformed == before) {
		assert_true(wait_turn(-1));
	}
}

static void assert_complaint_has(const char *part)
{
	if (!strstr(world.complaint, part)) {
		fail_msg("no '%s' in: %s", part, world.complaint);
	}
}

static void test_the_same_complaint_is_made_once(void **state)
{
	struct peer *peer = requester();
	struct peer *other = requester();

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		send_again(peer, SLICE("\xc1"));
	}
	assert_said("complaint;");
	assert_complaint_has("without a session) was dropped: ");
	send_again(peer, SLICE("\x81\x01\x01"));
	assert_said("complaint;");
	send_again(other, SLICE("\xc1"));
	assert_said("complaint;");
	peer_free(peer);
	peer_free(other);
}

static void test_a_complaint_names_the_session(void **state)
{
	struct peer *peer = live_peer("hand#1");

	(void)state;
	buf_clear(&world.said);
	send_again(peer, SLICE("\xc1"));
	assert_said("complaint;");
	assert_complaint_has("a frame of a plugin process (hand#1) was");
	peer_free(peer);
	still_serving();
}

static void hang_up_after(size_t len)
{
	unsigned char bytes[] = { 0, 'S', 'P', 0, 0, 0x30, 0,  0, 0,
				  0, 0,   0,   0, 0, 0,    99, 1, 2 };
	int fd = dial(link_addresses(world.link).requests);

	assert_true(write_all(fd, bytes, len));
	(void)close(fd);
}

static void test_connections_that_end_early(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		hang_up_after(0);
	}
	for (size_t len = 1; len <= 18; len++) {
		hang_up_after(len);
	}
	assert_ok(link_check(world.link, PATIENCE_MS, &test_err));
	still_serving();
}

/* nng closes the connection: nothing of such a size is even taken. */
static void test_oversize_frame(void **state)
{
	struct peer *peer = requester();
	struct buf head = { 0 };
	char byte;

	(void)state;
	buf_put_u64(&head, (uint64_t)LIMIT_LINK_FRAME + 5);
	assert_true(write_all(peer->fd, head.data, head.len));
	assert_false(read_all(peer->fd, &byte, 1));
	buf_clear(&head);
	peer_free(peer);
	peer = requester();
	buf_put_u64(&head, UINT64_MAX);
	assert_true(write_all(peer->fd, head.data, head.len));
	assert_false(read_all(peer->fd, &byte, 1));
	buf_fini(&head);
	peer_free(peer);
	still_serving();
}

static void test_frame_at_the_limit(void **state)
{
	struct peer *peer = live_peer("p@1");
	struct buf body = { 0 };
	struct wire_item item = {
		.kind = WIRE_DONE,
		.key = key_of(1),
	};
	struct wire_request request = {
		.kind = WIRE_UP,
		.session = slice_of(peer->session),
		.n = 1,
		.items = &item,
		.item_count = 1,
	};

	(void)state;
	item.output = SLICE("x");
	wire_put_request(&body, &request);
	/* Its head is 2 bytes here and 5 then. */
	size_t len = LIMIT_LINK_FRAME - body.len + 1 - 3;
	char *zeros = alloc_zeroed(1, len);

	buf_clear(&body);
	item.output = (struct slice){ zeros, len };
	wire_put_request(&body, &request);
	assert_int_equal(body.len, LIMIT_LINK_FRAME);
	send_body(peer, buf_slice(&body));
	assert_reply(peer, "{\"kind\":\"ack\",\"n\":1}");
	free(zeros);
	buf_fini(&body);
	peer_free(peer);
}

/* More than may wait: the rest waits with the peer, and none is lost. */
static void test_more_than_the_loop_reads(void **state)
{
	struct peer *peer = live_peer("p@1");
	unsigned frames = LIMIT_LINK_UNREAD + 100;

	(void)state;
	for (unsigned i = 0; i < frames; i++) {
		ask(peer, "{'kind':'up','session':'$','n':%u,'items':[]}",
		    i + 1);
	}
	for (int i = 0; i < 2000 && link_sockets_unread(world.link->sockets) <
					LIMIT_LINK_UNREAD;
	     i++) {
		(void)poll(NULL, 0, 5);
	}
	assert_int_equal(link_sockets_unread(world.link->sockets),
			 LIMIT_LINK_UNREAD);
	for (unsigned i = 0; i < 3 && peer->fd >= 0; i++) {
		char *reply = reply_of(peer);

		assert_non_null(strstr(reply, "ack"));
		free(reply);
	}
	while (world.link->sessions->acked < frames) {
		assert_true(wait_turn(-1));
	}
	peer_free(peer);
}

static void refuse_address(const char *address, int code, const char *why)
{
	struct link *link = NULL;
	struct link_options options = {
		.listen = address,
		.lease_ms = LEASE_MS,
	};

	assert_int_equal(link_create(&options, &link, &test_err), code);
	assert_non_null(strstr(test_err.msg, why));
}

static bool is_taken(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = bind(fd, (struct sockaddr *)&address, sizeof(address));

	close(fd);
	return rc != 0;
}

static void test_addresses(void **state)
{
	char address[64];
	const char *requests = link_addresses(world.link).requests;
	int port = atoi(strrchr(requests, ':') + 1);

	(void)state;
	refuse_address("tcp://0.0.0.0:7071", E_INVALID, "TLS");
	refuse_address("tcp://192.168.1.1:7071", E_INVALID, "loopback");
	refuse_address("tcp://127.0.0.1:65534", E_INVALID, "65533");
	refuse_address("tcp://127.0.0.1", E_INVALID, "port");
	refuse_address("tcp://127.0.0.1:7x", E_INVALID, "port");
	refuse_address("ipc:///tmp/x", E_INVALID, "only tcp://");
	refuse_address("inproc://", E_INVALID, "name");
	refuse_address(requests, E_BUSY, requests);
	if (port > 1025) {
		(void)snprintf(address, sizeof(address), "tcp://127.0.0.1:%d",
			       port - 1);
		/* Somebody else may have that very port. */
		if (!is_taken(port - 1)) {
			refuse_address(address, E_BUSY, requests);
		}
	}
}

static void test_bus_file(void **state)
{
	char *folder = folder_make("/tmp/tutti-link-XXXXXX");
	struct buf path = { 0 };
	struct stat status;
	char text[2000] = "";
	struct value value;

	(void)state;
	buf_printf(&path, "%s/bus.json", folder);
	char *file = buf_take(&path);

	assert_ok(open_world("tcp://127.0.0.1:0", file));
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	FILE *stream = fopen(file, "re");

	assert_non_null(stream);
	(void)!fread(text, 1, sizeof(text) - 1, stream);
	(void)fclose(stream);
	assert_ok(json_read(slice_of(text), NULL, &value, &test_err));
	assert_int_equal(value_get_int(&value, "protocol", 0), 1);
	assert_int_equal(value_get_int(&value, "pid", 0), getpid());
	assert_true(slice_is(value_get_text(&value, "requests"),
			     link_addresses(world.link).requests));
	assert_int_equal(value_get_text(&value, "token").len, 64);
	value_clear(&value);
	link_end(world.link);
	world.link = NULL;
	assert_int_equal(access(file, F_OK), -1);
	folder_remove(folder);
	free(file);
	free(folder);
}

static void test_check(void **state)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_ok(link_check(world.link, PATIENCE_MS, &test_err));
	/* One that takes connections and says nothing. */
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	char *address = (char *)(uintptr_t)link_addresses(world.link).requests;
	char *kept = alloc_string(address);

	(void)snprintf(address, 64, "tcp://127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(link_check(world.link, 50, &test_err), E_UNREACHABLE);
	assert_non_null(strstr(test_err.msg, "does not answer"));
	(void)close(fd);
	assert_int_equal(link_check(world.link, PATIENCE_MS, &test_err),
			 E_UNREACHABLE);
	(void)snprintf(address, 64, "%s", kept);
	free(kept);
}

static void test_owner_of_a_connection(void **state)
{
	int fd = dial(link_addresses(world.link).requests);
	struct sockaddr_in own;
	struct sockaddr_in peer;
	socklen_t len = sizeof(own);
	uid_t uid = 12345;

	(void)state;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &len), 0);
	struct link_end_point near = { own.sin_addr.s_addr, own.sin_port };
	struct link_end_point far = { peer.sin_addr.s_addr, peer.sin_port };

	assert_true(link_peer_uid(&near, &far, &uid));
	assert_int_equal(uid, geteuid());
	assert_true(link_peer_allowed(&near, &far));
	far.port = htons(1);
	assert_false(link_peer_allowed(&near, &far));
	(void)close(fd);
}

static void test_inproc(void **state)
{
	nng_socket socket;
	nng_msg *message;
	struct buf body = { 0 };
	struct wire_reply reply;

	(void)state;
	assert_ok(open_world("inproc://hostile", NULL));
	assert_int_equal(nng_req0_open(&socket), 0);
	assert_int_equal(nng_dial(socket, "inproc://hostile", NULL, 0), 0);
	wire_put_request(&body, &(struct wire_request){
				    .kind = WIRE_BYE,
				    .session = SLICE("nobody"),
				});
	assert_int_equal(nng_send(socket, body.data, body.len, 0), 0);
	assert_true(wait_turn(-1));
	assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
	assert_ok(wire_get_reply(
	    (struct slice){ nng_msg_body(message), nng_msg_len(message) },
	    &reply, &test_err));
	assert_int_equal(reply.kind, WIRE_UNKNOWN);
	assert_ok(link_check(world.link, 1, &test_err));
	wire_reply_fini(&reply);
	nng_msg_free(message);
	buf_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_malformed_bodies),
		T(test_maps_are_answered),
		T(test_random_bytes),
		T(test_complaints_are_few),
		T(test_the_same_complaint_is_made_once),
		T(test_a_complaint_names_the_session),
		T(test_connections_that_end_early),
		T(test_oversize_frame),
		T(test_frame_at_the_limit),
		T(test_more_than_the_loop_reads),
		T(test_addresses),
		T(test_check),
		T(test_owner_of_a_connection),
		cmocka_unit_test_teardown(test_bus_file, tear_down),
		cmocka_unit_test_teardown(test_inproc, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
