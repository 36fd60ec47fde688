/*
 * What `run` shows while it goes on, on standard error: on a terminal the tree,
 * drawn again in place; elsewhere a line for each task that ends.
 *
 * Looking at a run costs time that grows with it, so it is looked at often,
 * but never so often that looking takes more than a tenth of the time. What was
 * not looked at then is looked at later: a thread of its own ends daemon_loop()
 * when something is due, and the caller calls live_look() and loops again.
 *
 * Lives to the end of the process, for plugins' threads may log to it.
 * live_look() and live_observe() belong to the loop's thread.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include <pthread.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/picture.h"

struct live {
	FILE *stream;
	struct style style;
	bool terminal;
	struct id run;
	bool watching; /* the run is known */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct daemon *daemon;
	bool ending;
	bool dirty; /* something has not been looked at */
	int64_t looked_ns;
	int64_t cost_ns;
	size_t drawn; /* lines of the frame on the terminal */
	bool *told;   /* by task: its end has been told */
	size_t told_len;
	enum group_state state; /* of the run, when last looked at */
};

void live_init(struct live *live, FILE *stream, struct style style,
	       bool terminal);

/* For struct daemon_options. */
void live_observe(void *arg, struct view *view, const struct id *run);

/* Log lines and notes go above the tree. [any thread] */
void live_say(struct live *live, const char *note);
void live_log(void *arg, enum log_level level, struct slice line);

/* Show `run` from now on, and end the daemon's loop when a look is due. */
void live_watch(struct live *live, struct daemon *daemon, const struct id *run);

/* Look now; live->state tells what was seen. What view_run() returns. */
int live_look(struct live *live, struct view *view, struct err *reterr);

/* Take the tree off the terminal, and end the thread. */
void live_end(struct live *live);

#endif
