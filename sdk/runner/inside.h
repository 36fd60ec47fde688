/*
 * The running process, for the files of this room. Its main thread owns
 * everything; the host's threads only put items into the client.
 */
#ifndef RUNNER_INSIDE_H
#define RUNNER_INSIDE_H

#include "bus/link_client.h"
#include "runner/about.h"

/* A task that came while the plugin's hands were still full with one of
 * another session. */
struct runner_waiting {
	struct host_task task; /* texts and blobs owned */
	struct runner_waiting *prev;
	struct runner_waiting *next;
};

enum runner_document {
	RUNNER_ATTRIBUTES,
	RUNNER_INPUT,
	RUNNER_STASH,
	RUNNER_OUTPUTS,
	RUNNER_DOCUMENTS
};

struct runner {
	const struct runner_options *options;
	struct runner_about about;
	struct host *host;
	struct link_client *client;
	int signals; /* signalfd */
	bool lifeline;
	bool stopping;
	enum runner_exit code;
	struct runner_waiting *waiting;
	int64_t turn_ns;   /* when the turn began */
	int64_t linger_ns; /* until then what was begun may end; 0: nothing */
	unsigned calm;     /* tasks that are not lingered for */
	/* The documents of the last task, shared by those that have the same.
	 */
	struct blob *documents[RUNNER_DOCUMENTS];
};

/* ---- run.c ---- */

/* No more tasks; finish what is there, then leave. */
void runner_stop(struct runner *runner);

/* ---- tasks.c ---- */

struct host_callbacks runner_task_callbacks(struct runner *runner);
void runner_task_deliver(struct runner *runner, const struct wire_work *work,
			 const struct wire_member *member);
void runner_task_cancel(struct runner *runner, const struct wire_key *key,
			bool timed_out);

/* What is begun together and quickly done is reported together. When that is
 * not to be waited for any more; 0: nothing is. */
int64_t runner_linger_due_ns(struct runner *runner);
void runner_linger_turn(struct runner *runner, int64_t now_ns);

/* Try those again that had to wait. */
void runner_task_retry(struct runner *runner);

/* Give them back, or forget them. */
void runner_task_return_waiting(struct runner *runner);
void runner_task_forget_waiting(struct runner *runner);

/* Let go of documents that nobody shares any more. */
void runner_task_forget_documents(struct runner *runner);

#endif
