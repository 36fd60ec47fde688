/*
 * The log of plugins: what they say, what their processes print, and what
 * becomes of those processes, in STORE/logs/plugins.log, for `tutti logs`. One
 * logfmt line each:
 *
 *	time=2026-01-02T03:04:05.000006Z level=info plugin=ocr instance=ocr#2
 *	    pid=123 stream=stdout run=... task="A/parallel/ocr" msg="..."
 *
 * At PLUGIN_LOG_SIZE the file becomes plugins.log.1 and a new one is begun.
 * Nothing depends on it: what cannot be written (a full disk) is left out.
 * Any thread.
 */
#ifndef DAEMON_PLUGIN_LOG_H
#define DAEMON_PLUGIN_LOG_H

#include <sys/types.h>

#include "base/err.h"
#include "base/id.h"
#include "base/log.h"

#define PLUGIN_LOG_SIZE (4u * 1024 * 1024)

struct plugin_log;

struct plugin_log_line {
	enum log_level level;
	struct slice plugin; /* each may be empty */
	struct slice instance;
	pid_t pid;            /* 0: this process */
	const char *stream;   /* "stdout", "stderr", "log", "supervisor" */
	const struct id *run; /* NULL: of no task */
	struct slice task;    /* "Activity/phase/name" */
	struct slice text;
};

/* The folder is made when missing. */
int plugin_log_open(const char *store, struct plugin_log **ret_log,
		    struct err *reterr);

/* Into the file and the daemon's own log. `log` may be NULL. */
void plugin_log_write(struct plugin_log *log,
		      const struct plugin_log_line *line);

void plugin_log_close(struct plugin_log *log); /* NULL is fine */

#endif
