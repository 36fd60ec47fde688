/*
 * A run as it is at one moment, with what it takes to explain it. On the
 * caller's memory; must not be moved while it is in use.
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "cli/cli.h"
#include "cli/place.h"
#include "cli/reason.h"

enum picture_depth {
	PICTURE_RUN,
	PICTURE_HISTORY, /* its history too */
	PICTURE_QUEUES,  /* ... and what is before it in queues */
};

struct picture {
	struct run_view *run;
	struct run_index index;
	struct history_list history;
	struct pause_list pauses;
	struct queue_book queues; /* of its tasks' */
	struct dead_letters letters;
	struct reason_context context;
};

/* What view_run() and view_history() return. */
int picture_take(struct picture *picture, struct view *view,
		 const struct id *run, enum picture_depth depth,
		 struct err *reterr);
void picture_fini(struct picture *picture);

/* Does anything in it wait for a plugin that is not there? */
bool picture_waits_for_plugin(const struct picture *picture);

/* A run that the command line names, in a store that is looked at. */
struct subject {
	struct looking looking;
	struct picture picture;
	struct registry registry; /* when something waits for a plugin */
};

/* Failures are told; returns an exit code. */
int subject_open(const struct cli *cli, const char *selector,
		 enum picture_depth depth, struct subject *subject);
void subject_close(struct subject *subject);

#endif
