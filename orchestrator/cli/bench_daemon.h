/*
 * The private daemon of `tutti bench`: this very program as `serve`, with a
 * store and a config that nobody else knows of. It ends when the one who
 * started it does, however that ends. One thread.
 */
#ifndef CLI_BENCH_DAEMON_H
#define CLI_BENCH_DAEMON_H

#include "bus/control.h"
#include "model/durability.h"

/* Processes of the plugin, as many as a run has tasks. */
#define BENCH_DAEMON_INSTANCES 10

struct bench_daemon;

/*
 * Start it in `folder`/daemon and wait until it is ready. `program` is the echo
 * plugin's, NULL for the one that is linked in. E_UNREACHABLE with what the
 * daemon said last; E_IO; E_STALE after a signal (bench_stop.h).
 */
int bench_daemon_start(const char *folder, enum durability durability,
		       const char *program, struct bench_daemon **ret_daemon,
		       struct err *reterr);

/* Borrowed. */
struct control_client *bench_daemon_client(struct bench_daemon *daemon);

/* How long it has used a processor so far; 0 when that cannot be had. */
int64_t bench_daemon_cpu_ns(const struct bench_daemon *daemon);

/* How many processes of the plugin have registered. */
int bench_daemon_ready(struct bench_daemon *daemon, int64_t *ret_ready,
		       struct err *reterr);

/* End it, and remove what it has written. NULL is fine. */
void bench_daemon_stop(struct bench_daemon *daemon);

/*
 * The program of the echo plugin that was installed or built with this one; the
 * caller's to free(). NULL: there is none.
 */
char *bench_daemon_plugin(void);

#endif
