/*
 * A thread that does one piece of work at a time, so that whoever hands it over
 * goes on meanwhile. Handing over and taking back belong to one thread; the
 * memory of the work is the committer's in between.
 */
#ifndef STORE_COMMITTER_H
#define STORE_COMMITTER_H

#include <stdbool.h>

struct committer;

struct committer_job {
	int (*work)(void *arg); /* [the committer's thread] */
	void *arg;
	/* Called when committer_done() has become true, only to wake somebody;
	 * it may come after committer_end(). [the committer's thread] */
	void (*done)(void *arg);
	void *done_arg;
};

/* NULL when no thread can be had. */
struct committer *committer_create(void);

/* Waits for what is under way. NULL is fine. */
void committer_destroy(struct committer *committer);

/* Not while something is under way. */
void committer_begin(struct committer *committer,
		     const struct committer_job *job);

/* Is what was begun done? */
bool committer_done(struct committer *committer);

/* What the work returned; waits for it. */
int committer_end(struct committer *committer);

#endif
