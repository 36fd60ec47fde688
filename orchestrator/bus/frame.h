/*
 * Frames and messages of the control socket, as bytes: see control.h. Used by
 * both sides, so that neither can know a form that the other does not. Pure.
 */
#ifndef BUS_FRAME_H
#define BUS_FRAME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"

#define FRAME_HEADER_SIZE 4

/*
 * The length that a header announces. E_INVALID for an empty frame, E_TOO_BIG
 * above LIMIT_CONTROL_FRAME.
 */
int frame_read_header(const void *header, size_t *ret_len);

/* Append a frame. E_TOO_BIG leaves `out` as it was. */
int frame_put_request(struct buf *out, uint64_t id, const char *verb,
		      const struct value *args, struct err *reterr);
int frame_put_result(struct buf *out, uint64_t id, const struct value *result,
		     struct err *reterr);
void frame_put_error(struct buf *out, uint64_t id, const struct err *error);

/*
 * Would the other side accept this frame's body? Its depth is counted from the
 * frame, so a document that is within its own limit may still be too deep.
 */
int frame_check(struct slice body, struct err *reterr);

/*
 * Take a body apart. `verb` is the caller's to free, `args` a map, the
 * caller's to clear. E_INVALID, E_TOO_BIG, E_NO_MEMORY.
 */
int frame_read_request(struct slice body, uint64_t *ret_id, char **ret_verb,
		       struct value *ret_args, struct err *reterr);

struct frame_answer {
	uint64_t id;
	struct err error;    /* code 0: there is a result */
	struct value result; /* the caller's to clear */
};

int frame_read_answer(struct slice body, struct frame_answer *ret_answer,
		      struct err *reterr);

#endif
