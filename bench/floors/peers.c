#include "peers.h"

#include <errno.h>
#include <nng/protocol/pair0/pair.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "plugin.h"
#include "tcp.h"

#define SEND_BUFFER 8192 /* messages; the most that nng takes */

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	bool sleeps; /* who takes */
	nng_msg **messages;
	nng_msg **taken;
	size_t len;
	size_t cap;
};

struct peer {
	struct inbox *inbox;
	nng_socket socket;
	nng_aio *receive; /* always pending */
	nng_aio *send;
};

struct peers {
	struct children children;
	struct inbox inbox;
	struct peer *peers;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		floor_fail_errno("peers");
	}
	return memory;
}

static void inbox_add(struct inbox *inbox, nng_msg *message)
{
	(void)pthread_mutex_lock(&inbox->lock);
	if (inbox->len == inbox->cap) {
		floor_fail("inbox", "more than was asked for");
	}
	inbox->messages[inbox->len++] = message;
	bool wake = inbox->sleeps;

	inbox->sleeps = false;
	(void)pthread_mutex_unlock(&inbox->lock);
	if (wake) {
		(void)pthread_cond_signal(&inbox->filled);
	}
}

static void received(void *arg)
{
	struct peer *peer = arg;

	tcp_check(nng_aio_result(peer->receive), "receive");
	nng_msg *message = nng_aio_get_msg(peer->receive);

	nng_recv_aio(peer->socket, peer->receive);
	inbox_add(peer->inbox, message);
}

static void start(struct peers *peers, struct peer *peer, char *reply_len)
{
	peer->inbox = &peers->inbox;
	tcp_check(nng_pair0_open(&peer->socket), "peer");
	tcp_check(
	    nng_socket_set_int(peer->socket, NNG_OPT_SENDBUF, SEND_BUFFER),
	    "peer");
	tcp_check(nng_aio_alloc(&peer->receive, received, peer), "peer");
	tcp_check(nng_aio_alloc(&peer->send, NULL, NULL), "peer");
	tcp_watch(peer->socket);
	char *address = tcp_listen(peer->socket);

	nng_recv_aio(peer->socket, peer->receive);
	children_start(&peers->children,
		       (char *[]){ program_invocation_name, "--peer", address,
				   reply_len, NULL });
	free(address);
}

struct peers *peers_open(size_t processes, uint32_t reply_len, size_t most)
{
	struct peers *peers = allocate(1, sizeof(*peers));
	char len[16];

	(void)snprintf(len, sizeof(len), "%u", reply_len);
	(void)pthread_mutex_init(&peers->inbox.lock, NULL);
	(void)pthread_cond_init(&peers->inbox.filled, NULL);
	peers->inbox.cap = most;
	peers->inbox.messages = allocate(most, sizeof(nng_msg *));
	peers->inbox.taken = allocate(most, sizeof(nng_msg *));
	peers->peers = allocate(processes, sizeof(*peers->peers));
	children_init(&peers->children, processes);
	for (size_t i = 0; i < processes; i++) {
		start(peers, &peers->peers[i], len);
	}
	tcp_wait(processes);
	return peers;
}

void peers_close(struct peers *peers)
{
	tcp_unwatch();
	children_fini(&peers->children);
}

int64_t peers_cpu_ns(const struct peers *peers)
{
	return children_cpu_ns(&peers->children);
}

void peers_send(struct peers *peers, size_t peer, const void *body, size_t len)
{
	tcp_send(peers->peers[peer].socket, peers->peers[peer].send, body, len);
}

size_t peers_take(struct peers *peers, bool wait, nng_msg ***ret_messages)
{
	struct inbox *inbox = &peers->inbox;

	(void)pthread_mutex_lock(&inbox->lock);
	while (wait && inbox->len == 0) {
		inbox->sleeps = true;
		(void)pthread_cond_wait(&inbox->filled, &inbox->lock);
	}
	size_t len = inbox->len;
	nng_msg **messages = inbox->messages;

	inbox->messages = inbox->taken;
	inbox->taken = messages;
	inbox->len = 0;
	inbox->sleeps = false;
	(void)pthread_mutex_unlock(&inbox->lock);
	*ret_messages = messages;
	return len;
}

/* ---- the other process ---- */

struct server {
	nng_socket socket;
	nng_aio *receive;
	nng_aio *send;
	struct plugin plugin;
	struct reader reader; /* of plugins' numbers */
	msgpack_sbuffer replies;
};

static void serve_all(struct server *server, const char *requests, size_t len)
{
	const struct plugin_module *module = &plugin_module;
	size_t at = 0;

	msgpack_sbuffer_clear(&server->replies);
	while (at < len) {
		at += address_read(&server->reader, requests + at, len - at);
		at += module->handle(&server->plugin, requests + at, len - at,
				     &server->replies);
	}
}

/* Its answer is buffered, so that nng's thread is not held up. */
static void asked(void *arg)
{
	struct server *server = arg;

	tcp_check(nng_aio_result(server->receive), "serve");
	nng_msg *message = nng_aio_get_msg(server->receive);

	serve_all(server, nng_msg_body(message), nng_msg_len(message));
	nng_msg_free(message);
	tcp_send(server->socket, server->send, server->replies.data,
		 server->replies.size);
	nng_recv_aio(server->socket, server->receive);
}

_Noreturn void peers_serve(const char *address, uint32_t reply_len)
{
	static struct server server;

	plugin_init(&server.plugin, reply_len);
	reader_init(&server.reader);
	msgpack_sbuffer_init(&server.replies);
	tcp_check(nng_pair0_open(&server.socket), "serve");
	tcp_check(
	    nng_socket_set_int(server.socket, NNG_OPT_SENDBUF, SEND_BUFFER),
	    "serve");
	tcp_check(nng_aio_alloc(&server.receive, asked, &server), "serve");
	tcp_check(nng_aio_alloc(&server.send, NULL, NULL), "serve");
	nng_recv_aio(server.socket, server.receive);
	tcp_dial(server.socket, address);
	tcp_serve();
}
