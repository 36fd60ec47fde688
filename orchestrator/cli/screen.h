/*
 * A terminal as a screen of its own that is drawn again and again, until its
 * user leaves: the other screen, no cursor, keys as they are typed; all of it
 * as it was afterwards. Signals that would end the process are taken as the
 * wish to leave. One at a time, on one thread; threads that are made while it
 * is open leave signals to it.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

#include "base/buf.h"
#include "base/err.h"

struct screen {
	FILE *out;
	int keys; /* descriptor; -1: nobody types */
	int signals;
	sigset_t mask_before;
	struct termios keys_before;
	size_t rows;
	size_t columns;
};

/* `keys` may be anything; keys are read when it is a terminal. E_IO. */
int screen_open(struct screen *screen, FILE *out, int keys, struct err *reterr);
void screen_close(struct screen *screen);

/* In the place of what is there; what does not fit is cut. */
void screen_draw(struct screen *screen, struct slice text);

enum screen_event {
	SCREEN_TIME,    /* it is over */
	SCREEN_RESIZED, /* rows and columns are others */
	SCREEN_AGAIN,   /* space or return: its user does not want to wait */
	SCREEN_LEAVE,   /* q, Ctrl-C, a signal, or nobody looks any more */
};

/* Until `end_ns` on the monotonic clock. */
enum screen_event screen_wait(struct screen *screen, int64_t end_ns);

#endif
