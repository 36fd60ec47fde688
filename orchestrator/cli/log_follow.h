/*
 * Reads a log that is written and rotated meanwhile: FILE.1, then FILE, line by
 * line, and on from there as it grows. One thread, on the caller's memory.
 */
#ifndef CLI_LOG_FOLLOW_H
#define CLI_LOG_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct log_follow {
	char *path;
	int fd;          /* of the file that is read; -1: none yet */
	int watch;       /* inotify on the folder; -1: none */
	struct buf text; /* read and not given out */
	size_t given;    /* bytes of it that were */
};

/* Called for each line, without its end. */
typedef void (*log_take)(void *arg, struct slice line);

/* `path` is the newest file; it need not be there. Never fails. */
void log_follow_init(struct log_follow *follow, const char *path);
void log_follow_fini(struct log_follow *follow);

/* Once, at first: what is in FILE.1. */
void log_follow_before(struct log_follow *follow, log_take take, void *arg);

/* All whole lines that are there by now, also those of a file that has been
 * rotated away and of its successor. E_IO. */
int log_follow_turn(struct log_follow *follow, log_take take, void *arg,
		    struct err *reterr);

/* A last line without an end, as when the writer was killed. */
void log_follow_rest(struct log_follow *follow, log_take take, void *arg);

/* Wait until there may be more, at most timeout_ms. */
void log_follow_wait(struct log_follow *follow, int timeout_ms);

#endif
