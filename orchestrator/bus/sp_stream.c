#include "bus/sp_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "bus/sp_address.h"

#define READ_SIZE ((size_t)64 * 1024)

/* An empty buffer bigger than this is given back. */
#define KEEP_SIZE ((size_t)1024 * 1024)

void sp_stream_init(struct sp_stream *stream)
{
	memset(stream, 0, sizeof(*stream));
	stream->fd = -1;
}

void sp_stream_close(struct sp_stream *stream)
{
	if (stream->fd >= 0) {
		(void)close(stream->fd);
	}
	buf_fini(&stream->in);
	buf_fini(&stream->out);
	sp_stream_init(stream);
}

void sp_stream_fini(struct sp_stream *stream)
{
	sp_stream_close(stream);
}

/* ---- connecting ---- */

static int failed(const char *what, int error, struct err *reterr)
{
	return err_set(reterr, E_UNREACHABLE, "%s: %s", what, strerror(error));
}

static int begin(struct sp_stream *stream,
		 const struct sockaddr_storage *address, socklen_t len,
		 struct err *reterr)
{
	const int on = 1;
	int rc;

	stream->fd =
	    socket(address->ss_family,
		   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (stream->fd < 0) {
		return err_set(reterr, E_IO, "cannot make a socket: %s",
			       strerror(errno));
	}
	(void)setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	do {
		rc = connect(stream->fd, (const struct sockaddr *)address, len);
	} while (rc && errno == EINTR);
	return rc && errno != EINPROGRESS
		   ? failed("cannot connect", errno, reterr)
		   : 0;
}

int sp_stream_connect(struct sp_stream *stream, struct slice address,
		      enum sp_protocol own, enum sp_protocol peer,
		      struct err *reterr)
{
	const unsigned char header[] = { 0, 'S', 'P', 0, 0, (unsigned char)own,
					 0, 0 };
	struct sockaddr_storage where;
	socklen_t len;
	int rc = sp_address_parse(address, &where, &len, reterr);

	sp_stream_close(stream);
	if (rc == 0) {
		rc = sp_address_check_owner(&where, reterr);
	}
	if (rc == 0) {
		rc = begin(stream, &where, len, reterr);
	}
	if (rc < 0) {
		sp_stream_close(stream);
		return err_wrap(reterr, "%.*s",
				address.len > 100 ? 100 : (int)address.len,
				address.ptr ? address.ptr : "");
	}
	stream->peer = peer;
	stream->state = SP_CONNECTING;
	buf_put(&stream->out, header, sizeof(header));
	return 0;
}

/* ---- bytes ---- */

short sp_stream_events(const struct sp_stream *stream)
{
	int events = 0;

	if (stream->state == SP_CLOSED) {
		return 0;
	}
	if (stream->state != SP_CONNECTING) {
		events |= POLLIN;
	}
	if (stream->state == SP_CONNECTING || sp_stream_has_unsent(stream)) {
		events |= POLLOUT;
	}
	return (short)events;
}

static int finish_connecting(struct sp_stream *stream, struct err *reterr)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len)) {
		error = errno;
	}
	if (error) {
		return failed("cannot connect", error, reterr);
	}
	stream->state = SP_GREETING;
	return 0;
}

static int write_some(struct sp_stream *stream, struct err *reterr)
{
	while (sp_stream_has_unsent(stream)) {
		ssize_t sent = send(stream->fd, stream->out.data + stream->sent,
				    stream->out.len - stream->sent,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			stream->sent += (size_t)sent;
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EINTR) {
			return failed("cannot send", errno, reterr);
		}
	}
	stream->sent = 0;
	buf_clear(&stream->out);
	if (stream->out.cap > KEEP_SIZE) {
		buf_fini(&stream->out);
	}
	return 0;
}

/* Frames that have been taken out make room for those that come. */
static void compact(struct sp_stream *stream)
{
	if (stream->read == 0) {
		return;
	}
	stream->in.len -= stream->read;
	memmove(stream->in.data, stream->in.data + stream->read,
		stream->in.len);
	stream->read = 0;
	if (stream->in.len == 0 && stream->in.cap > KEEP_SIZE) {
		buf_fini(&stream->in);
	}
}

/* Until the socket is empty, or a turn's worth has come: no peer may keep us
 * from the rest of the work. */
static int read_some(struct sp_stream *stream, struct err *reterr)
{
	compact(stream);
	for (size_t taken = 0; taken < KEEP_SIZE;) {
		char *end = buf_reserve(&stream->in, READ_SIZE);
		ssize_t got = recv(stream->fd, end, READ_SIZE, MSG_DONTWAIT);

		if (got > 0) {
			stream->in.len += (size_t)got;
			taken += (size_t)got;
			/* What comes now, poll() will say. */
			if ((size_t)got < READ_SIZE) {
				return 0;
			}
		} else if (got == 0) {
			return err_set(reterr, E_UNREACHABLE,
				       "the other side has closed the "
				       "connection");
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EINTR) {
			return failed("cannot receive", errno, reterr);
		}
	}
	return 0;
}

static int check_header(struct sp_stream *stream, struct err *reterr)
{
	const char *header = stream->in.data;

	if (stream->state != SP_GREETING || stream->in.len < SP_HEADER_SIZE) {
		return 0;
	}
	if (memcmp(header, "\0SP\0", 4) != 0 ||
	    read_u16(header + 4) != stream->peer) {
		return err_set(reterr, E_INVALID,
			       "what listens there is no orchestrator");
	}
	stream->read = SP_HEADER_SIZE;
	stream->state = SP_OPEN;
	return 0;
}

int sp_stream_turn(struct sp_stream *stream, short revents, struct err *reterr)
{
	int rc = 0;

	if (stream->state == SP_CLOSED || !revents) {
		return 0;
	}
	if (stream->state == SP_CONNECTING) {
		rc = finish_connecting(stream, reterr);
	}
	if (rc == 0 && (revents & POLLOUT)) {
		rc = write_some(stream, reterr);
	}
	if (rc == 0 && (revents & (POLLIN | POLLHUP | POLLERR))) {
		rc = read_some(stream, reterr);
		int nonsense = check_header(stream, reterr);

		rc = nonsense ? nonsense : rc;
	}
	return rc;
}

/* ---- frames ---- */

int sp_stream_next(struct sp_stream *stream, struct slice *ret_frame,
		   struct err *reterr)
{
	size_t there = stream->in.len - stream->read;

	if (stream->state != SP_OPEN || there < SP_LENGTH_SIZE) {
		return 0;
	}
	const char *at = stream->in.data + stream->read;
	uint64_t len = read_u64(at);

	if (len > LIMIT_LINK_FRAME) {
		return err_set(reterr, E_TOO_BIG,
			       "a frame of %llu bytes was announced, the limit "
			       "is %u",
			       (unsigned long long)len, LIMIT_LINK_FRAME);
	}
	if (there - SP_LENGTH_SIZE < len) {
		return 0;
	}
	*ret_frame = (struct slice){ at + SP_LENGTH_SIZE, (size_t)len };
	stream->read += SP_LENGTH_SIZE + (size_t)len;
	return 1;
}

void sp_stream_send(struct sp_stream *stream, struct slice frame)
{
	buf_put_u64(&stream->out, frame.len);
	buf_put_slice(&stream->out, frame);
}

bool sp_stream_is_open(const struct sp_stream *stream)
{
	return stream->state == SP_OPEN;
}

bool sp_stream_has_unsent(const struct sp_stream *stream)
{
	return stream->sent < stream->out.len;
}
