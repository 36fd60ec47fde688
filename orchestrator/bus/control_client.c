/*
 * The client's side. A plain socket and poll(): the first nng call starts a
 * dozen threads, which a command that lives for milliseconds need not pay for.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "bus/control.h"
#include "bus/frame.h"
#include "bus/socket_path.h"

#define READ_SIZE       ((size_t)64 * 1024)
#define CONNECT_SECONDS 10

struct control_client {
	int fd;
	char *path;
	uint64_t last_id;
	bool broken;
	struct buf input; /* bytes received */
	size_t taken;     /* of them, up to the start of a frame */
};

static int64_t deadline_of(int64_t timeout_ms)
{
	if (timeout_ms < 0 || timeout_ms > INT64_MAX / 2000000) {
		return INT64_MAX;
	}
	return clock_mono_ns() + timeout_ms * 1000000;
}

/* ---- connecting ---- */

static int unreachable(const char *path, int error, struct err *reterr)
{
	if (error == EACCES || error == EPERM) {
		return err_set(reterr, E_DENIED,
			       "not allowed to use the control socket %s",
			       path);
	}
	return err_set(reterr, E_UNREACHABLE,
		       "no daemon answers at %s (%s): start one with tutti "
		       "serve",
		       path, strerror(error));
}

/* A daemon serves its own user and root; see also that it is no impostor. */
static int check_server(int fd, const char *path, struct err *reterr)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	uid_t own = geteuid();

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		return unreachable(path, errno, reterr);
	}
	if (own != 0 && peer.uid != own) {
		return err_set(reterr, E_DENIED,
			       "the daemon at %s belongs to uid %ld and serves "
			       "only it and root",
			       path, (long)peer.uid);
	}
	return 0;
}

static int connect_socket(int fd, const struct sockaddr_un *address,
			  const char *path, struct err *reterr)
{
	/* Bounds connect() when the daemon takes no connections. */
	struct timeval patience = { .tv_sec = CONNECT_SECONDS };

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	int rc;

	do {
		rc = connect(fd, (const struct sockaddr *)address,
			     sizeof(*address));
	} while (rc && errno == EINTR);
	return rc ? unreachable(path, errno, reterr)
		  : check_server(fd, path, reterr);
}

int control_connect(const char *path, struct control_client **ret_client,
		    struct err *reterr)
{
	struct sockaddr_un address;
	int rc = socket_path_address(path, &address, reterr);

	if (rc) {
		return rc;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		return unreachable(path, errno, reterr);
	}
	rc = connect_socket(fd, &address, path, reterr);
	if (rc) {
		close(fd);
		return rc;
	}
	struct control_client *client = alloc_zeroed(1, sizeof(*client));

	client->fd = fd;
	client->path = alloc_string(path);
	*ret_client = client;
	return 0;
}

void control_disconnect(struct control_client *client)
{
	if (client) {
		close(client->fd);
		buf_fini(&client->input);
		free(client->path);
		free(client);
	}
}

/* ---- bytes ---- */

static int lost(struct control_client *client, struct err *reterr)
{
	client->broken = true;
	return err_set(reterr, E_UNREACHABLE,
		       "the daemon at %s closed the connection", client->path);
}

static int poll_ms(int64_t deadline_ns)
{
	if (deadline_ns == INT64_MAX) {
		return -1;
	}
	int64_t left = deadline_ns - clock_mono_ns();
	int64_t ms = left <= 0 ? 0 : (left + 999999) / 1000000;

	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Until the socket is ready for `events`. 0 or E_TIMEOUT. */
static int wait_for(struct control_client *client, short events,
		    int64_t deadline_ns, struct err *reterr)
{
	struct pollfd poller = { .fd = client->fd, .events = events };

	for (;;) {
		int ready = poll(&poller, 1, poll_ms(deadline_ns));

		if (ready > 0) {
			return 0;
		}
		if (ready < 0 && errno != EINTR) {
			return lost(client, reterr);
		}
		if (clock_mono_ns() >= deadline_ns) {
			return err_set(reterr, E_TIMEOUT,
				       "the daemon at %s did not answer in "
				       "time",
				       client->path);
		}
	}
}

/* A request that was sent in part cannot be taken back. */
static int send_all(struct control_client *client, struct slice bytes,
		    int64_t deadline_ns, struct err *reterr)
{
	while (bytes.len) {
		ssize_t sent = send(client->fd, bytes.ptr, bytes.len,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			bytes.ptr += sent;
			bytes.len -= (size_t)sent;
		} else if (errno == EAGAIN) {
			int rc = wait_for(client, POLLOUT, deadline_ns, reterr);

			if (rc) {
				client->broken = true;
				return rc;
			}
		} else if (errno != EINTR) {
			return lost(client, reterr);
		}
	}
	return 0;
}

static void drop_taken(struct control_client *client)
{
	if (client->taken == 0) {
		return;
	}
	client->input.len -= client->taken;
	memmove(client->input.data, client->input.data + client->taken,
		client->input.len);
	client->taken = 0;
}

static int receive_some(struct control_client *client, int64_t deadline_ns,
			struct err *reterr)
{
	drop_taken(client);
	char *end = buf_reserve(&client->input, READ_SIZE);
	ssize_t got = recv(client->fd, end, READ_SIZE, MSG_DONTWAIT);

	if (got > 0) {
		client->input.len += (size_t)got;
		return 0;
	}
	if (got < 0 && errno == EAGAIN) {
		return wait_for(client, POLLIN, deadline_ns, reterr);
	}
	return got < 0 && errno == EINTR ? 0 : lost(client, reterr);
}

/* ---- answers ---- */

static int nonsense(struct control_client *client, struct err *reterr)
{
	client->broken = true;
	return err_wrap(reterr, "answer of the daemon at %s", client->path);
}

/* Is there a whole frame? Then *ret_len is that of its body, else 0. */
static int whole_frame(struct control_client *client, size_t *ret_len,
		       struct err *reterr)
{
	size_t len = 0;

	*ret_len = 0;
	if (client->input.len - client->taken < FRAME_HEADER_SIZE) {
		return 0;
	}
	int rc = frame_read_header(client->input.data + client->taken, &len);

	if (rc) {
		(void)err_set(reterr, rc, "not a frame");
		(void)nonsense(client, reterr);
		return rc;
	}
	if (client->input.len - client->taken - FRAME_HEADER_SIZE >= len) {
		*ret_len = len;
	}
	return 0;
}

static int next_answer(struct control_client *client, int64_t deadline_ns,
		       struct frame_answer *ret_answer, struct err *reterr)
{
	size_t len;
	int rc = whole_frame(client, &len, reterr);

	while (rc == 0 && len == 0) {
		rc = receive_some(client, deadline_ns, reterr);
		if (rc == 0) {
			rc = whole_frame(client, &len, reterr);
		}
	}
	if (rc) {
		return rc;
	}
	struct slice body = {
		.ptr = client->input.data + client->taken + FRAME_HEADER_SIZE,
		.len = len,
	};

	rc = frame_read_answer(body, ret_answer, reterr);
	client->taken += FRAME_HEADER_SIZE + len;
	if (rc) {
		(void)nonsense(client, reterr);
	}
	return rc;
}

/* Answers to calls that timed out may come first. */
static int await(struct control_client *client, int64_t deadline_ns,
		 struct value *ret_result, struct err *reterr)
{
	for (;;) {
		struct frame_answer answer;
		int rc = next_answer(client, deadline_ns, &answer, reterr);

		if (rc) {
			return rc;
		}
		if (answer.id != client->last_id) {
			value_clear(&answer.result);
			continue;
		}
		if (answer.error.code) {
			return err_set(reterr, answer.error.code, "%s",
				       answer.error.msg);
		}
		*ret_result = answer.result;
		return 0;
	}
}

static int encode(struct control_client *client, const char *verb,
		  const struct value *args, struct buf *out, struct err *reterr)
{
	int rc = frame_put_request(out, ++client->last_id, verb, args, reterr);

	if (rc == 0) {
		struct slice body = {
			.ptr = out->data + FRAME_HEADER_SIZE,
			.len = out->len - FRAME_HEADER_SIZE,
		};

		rc = frame_check(body, reterr);
	}
	return rc;
}

static int send_request(struct control_client *client, const char *verb,
			const struct value *args, int64_t deadline_ns,
			struct err *reterr)
{
	struct buf request = { 0 };

	if (client->broken) {
		return lost(client, reterr);
	}
	int rc = encode(client, verb, args, &request, reterr);

	if (rc == 0) {
		rc = send_all(client, buf_slice(&request), deadline_ns, reterr);
	}
	buf_fini(&request);
	return rc;
}

int control_call(struct control_client *client, const char *verb,
		 const struct value *args, int64_t timeout_ms,
		 struct value *ret_result, struct err *reterr)
{
	int64_t deadline_ns = deadline_of(timeout_ms);
	int rc = send_request(client, verb, args, deadline_ns, reterr);

	return rc ? rc : await(client, deadline_ns, ret_result, reterr);
}

int control_send(struct control_client *client, const char *verb,
		 const struct value *args, int64_t timeout_ms, uint64_t *ret_id,
		 struct err *reterr)
{
	int rc =
	    send_request(client, verb, args, deadline_of(timeout_ms), reterr);

	if (rc == 0) {
		*ret_id = client->last_id;
	}
	return rc;
}

int control_next(struct control_client *client, int64_t timeout_ms,
		 struct control_reply *ret_reply, struct err *reterr)
{
	struct frame_answer answer;

	if (client->broken) {
		return lost(client, reterr);
	}
	int rc = next_answer(client, deadline_of(timeout_ms), &answer, reterr);

	if (rc == 0) {
		*ret_reply = (struct control_reply){
			.id = answer.id,
			.error = answer.error,
			.result = answer.result,
		};
	}
	return rc;
}
