#include "tcp.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"

#define MOST_BYTES   ((size_t)1 << 30) /* of a message; unlimited without it */
#define RECONNECT_MS 20
#define CONNECT_S    60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t connections;
static atomic_bool unwatched;

void tcp_check(int rc, const char *what)
{
	if (rc) {
		floor_fail(what, nng_strerror(rc));
	}
}

char *tcp_listen(nng_socket socket)
{
	nng_listener listener;
	char *address;
	int port;

	tcp_check(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, MOST_BYTES),
		  "listen");
	tcp_check(nng_listen(socket, "tcp://127.0.0.1:0", &listener, 0),
		  "listen");
	tcp_check(nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port),
		  "listen");
	if (asprintf(&address, "tcp://127.0.0.1:%d", port) < 0) {
		floor_fail_errno("listen");
	}
	return address;
}

void tcp_dial(nng_socket socket, const char *address)
{
	tcp_check(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, MOST_BYTES),
		  address);
	tcp_check(nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MS),
		  address);
	tcp_check(nng_dial(socket, address, NULL, NNG_FLAG_NONBLOCK), address);
}

static void connected(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	(void)pipe;
	(void)event;
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	connections++;
	(void)pthread_cond_signal(&changed);
	(void)pthread_mutex_unlock(&lock);
}

static void disconnected(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	(void)pipe;
	(void)event;
	(void)arg;
	if (!atomic_load(&unwatched)) {
		floor_fail("connection", "the other side has ended");
	}
}

void tcp_unwatch(void)
{
	atomic_store(&unwatched, true);
}

void tcp_watch(nng_socket socket)
{
	tcp_check(
	    nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, connected, NULL),
	    "watch");
	tcp_check(
	    nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, disconnected, NULL),
	    "watch");
}

void tcp_wait(size_t wanted)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += CONNECT_S;
	(void)pthread_mutex_lock(&lock);
	while (connections < wanted) {
		int rc = pthread_cond_timedwait(&changed, &lock, &end);

		if (rc) {
			floor_fail("connections", strerror(rc));
		}
	}
	(void)pthread_mutex_unlock(&lock);
}

void tcp_send(nng_socket socket, nng_aio *aio, const void *body, size_t len)
{
	nng_msg *message;

	nng_aio_wait(aio);
	tcp_check(nng_aio_result(aio), "send");
	tcp_check(nng_msg_alloc(&message, len), "send");
	memcpy(nng_msg_body(message), body, len);
	nng_aio_set_msg(aio, message);
	nng_send_aio(socket, aio);
}

_Noreturn void tcp_serve(void)
{
	for (;;) {
		(void)pause();
	}
}
