/*
 * Signals that end `tutti bench` early: nothing may stay behind. They are
 * noted, and the daemon that is being measured, if there is one, is killed, so
 * that whoever waits for it goes on. What was made is then removed on the way
 * out, and last of all the signal is let through. One thread.
 */
#ifndef CLI_BENCH_STOP_H
#define CLI_BENCH_STOP_H

#include <stdbool.h>

#include "base/err.h"

/* From now on signals are noted. */
void bench_stop_watch(void);

/* Which process a signal kills, by its pidfd; -1: none any more. */
void bench_stop_kills(int pidfd);

/* 0, or E_STALE when there has been a signal. */
int bench_stop_check(void);

/* As it was before bench_stop_watch(); a signal that was noted takes effect. */
void bench_stop_done(void);

#endif
