/*
 * What a program writes to one of its streams: the beginning up to a limit, and
 * the end, in which the reason of a failure stands. Reading goes on beyond the
 * limit, so that the program never blocks on a full pipe.
 */
#ifndef EXEC_CAPTURE_H
#define EXEC_CAPTURE_H

#include "text.h"

#define TAIL_SIZE 512

struct capture {
	int fd; /* our end of the pipe, not blocking; -1: closed */
	size_t limit;
	struct text head;
	bool truncated;
	char tail[TAIL_SIZE];
	size_t tail_len;
};

/* Read some; closes at the end of the stream. Bytes read. */
size_t capture_read(struct capture *capture);

/* Read what is in the pipe now, and not what is still being written. */
void capture_drain(struct capture *capture);

void capture_close(struct capture *capture);
void capture_fini(struct capture *capture);

/* The last line with anything in it, borrowed; empty when there is none. */
struct tutti_slice capture_last_line(const struct capture *capture);

#endif
