/*
 * As much of an orchestrator as one plugin program needs: the bus, served on
 * loopback with its bus file in the trial's folder, and the program as its only
 * instance.
 *
 * The bus has threads of its own and may not be used in a process that was
 * forked from one that used it: only in rules that are `fresh`. One thread.
 */
#ifndef CHECK_SERVER_H
#define CHECK_SERVER_H

#include "bus/link.h"
#include "check/program.h"
#include "check/script.h"

struct server {
	struct trial *trial;
	const char *path;
	struct link *link;
	int wake;
	char *bus_file;
	struct program program;
	struct value plugins; /* as it introduced itself; an array */
	char *instance;       /* its name, once it has said hello */
	bool ready;
	bool gone;
	char *trouble; /* why it is not ready, or gone; NULL: it is */
	const struct script_task *task; /* that it has in hand, or NULL */
	struct transcript *transcript;
};

/* Serve and start the program. False: reported. */
bool server_open(struct trial *trial, const char *path,
		 struct server *ret_server);

/* Wait until it takes tasks. False: reported. */
bool server_await_ready(struct server *server);

/* Both. */
bool server_begin(struct trial *trial, const char *path,
		  struct server *ret_server);

/* Let things happen for so long. */
void server_pass(struct server *server, int64_t ms);

/* Tell it to stop, and wait: has it ended? */
bool server_stop(struct server *server, int64_t ms);

/* The program as a form. */
struct form server_form(struct server *server);

/* A failure of the rule: `text`, and how the program ended. */
void server_fail(struct server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The program ends, with force if it has to be. */
void server_close(struct server *server);

#endif
