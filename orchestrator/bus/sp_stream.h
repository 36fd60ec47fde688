/*
 * One connection that speaks the SP wire format over TCP, as nng's peers do: a
 * header of 8 bytes each way, then frames with a length of 8 bytes before
 * them. On the caller's memory, never blocks, one thread.
 *
 *	CLOSED ──connect──> CONNECTING ──> GREETING ──header──> OPEN
 *	   ^                     │             │                 │
 *	   └─────────────────────┴── failure, close, nonsense ───┘
 */
#ifndef BUS_SP_STREAM_H
#define BUS_SP_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Numbers of the protocols of nanomsg and nng. */
enum sp_protocol {
	SP_PUB = 0x20,
	SP_SUB = 0x21,
	SP_REQ = 0x30,
	SP_REP = 0x31,
};

#define SP_HEADER_SIZE 8
#define SP_LENGTH_SIZE 8

enum sp_state { SP_CLOSED, SP_CONNECTING, SP_GREETING, SP_OPEN };

struct sp_stream {
	int fd; /* -1 when closed */
	enum sp_state state;
	enum sp_protocol peer; /* what the other side must be */
	struct buf in;
	size_t read; /* bytes of `in` that have been taken out */
	struct buf out;
	size_t sent; /* bytes of `out` that have left */
};

void sp_stream_init(struct sp_stream *stream);
void sp_stream_fini(struct sp_stream *stream);

/* Begins to connect. E_INVALID, E_UNSUPPORTED (address), E_DENIED (somebody
 * else listens there), E_UNREACHABLE, E_IO; the stream is closed then. */
int sp_stream_connect(struct sp_stream *stream, struct slice address,
		      enum sp_protocol own, enum sp_protocol peer,
		      struct err *reterr);

/* poll() events that it waits for. */
short sp_stream_events(const struct sp_stream *stream);

/* Read and write what goes. E_UNREACHABLE (refused, ended), E_INVALID (speaks
 * something else); the caller closes it. Frames that came before are kept. */
int sp_stream_turn(struct sp_stream *stream, short revents, struct err *reterr);

/*
 * The next frame, borrowed until the next call: 1, or 0 when there is none yet,
 * or E_TOO_BIG for one beyond LIMIT_LINK_FRAME.
 */
int sp_stream_next(struct sp_stream *stream, struct slice *ret_frame,
		   struct err *reterr);

/* Queue a frame; sp_stream_turn() sends it. */
void sp_stream_send(struct sp_stream *stream, struct slice frame);

bool sp_stream_is_open(const struct sp_stream *stream);
bool sp_stream_has_unsent(const struct sp_stream *stream);

/* Forgets what was not sent or read. */
void sp_stream_close(struct sp_stream *stream);

#endif
