/*
 * What the verbs that change something about a queue have in common: the
 * queue as the store knows it, and the daemon that is told. One thread.
 */
#ifndef CLI_QUEUE_ACT_H
#define CLI_QUEUE_ACT_H

#include "cli/place.h"
#include "cli/queue_book.h"
#include "document/value.h"

struct queue_act {
	const struct cli *cli;
	const char *name; /* of the queue */
	struct looking looking;
	struct control_client *client;
	struct queue_book book;
	struct queue_sheet *sheet;
	bool dry_run;
};

enum queue_act_depth {
	QUEUE_ACT_QUEUE,  /* nothing is counted */
	QUEUE_ACT_COUNTS, /* its messages are */
	QUEUE_ACT_DEAD,   /* and the dead ones are there */
};

/* About the queue that is the verb's first argument. Failures are told;
 * returns an exit code. */
int queue_act_open(const struct cli *cli, enum queue_act_depth depth,
		   struct queue_act *act);
void queue_act_close(struct queue_act *act);

/* Call the daemon with `args`, which are taken over, and the queue's name. */
int queue_act_call(struct queue_act *act, const char *verb, struct value args,
		   struct value *ret_result, struct err *reterr);

#endif
