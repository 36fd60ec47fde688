/*
 * From what a step wants done to the disk and out of the house, in the daemon's
 * order: records into a batch by the daemon's own code, the batch to the disk,
 * and only then what leaves. In a pipelined life the engine goes on stepping
 * while a batch is in flight.
 */
#ifndef SIMULATION_COMMIT_H
#define SIMULATION_COMMIT_H

#include "bus.h"
#include "engine/output.h"
#include "queues.h"
#include "store/handle.h"

struct sim;

/* What must be in the documents once this is committed. */
struct fact {
	struct id run;
	uint32_t task;
	uint32_t output; /* serial; 0: none */
	bool forgets;    /* its output is no more */
	bool patches;
	uint32_t key;
	uint32_t patch; /* serial; 0: the key goes */
};

/* A completion that was taken, to be acknowledged once it is committed. */
struct taken {
	uint32_t copy;
	struct task_key key;
};

/* What is to leave, as it was when the engine wanted it: what its task is
 * when it does leave can be something else. */
struct leaving {
	bool tells;
	bool left; /* before the commit, as it may */
	struct task_key key;
	struct blob *stash; /* that goes with it */
	bool queued;        /* its documents are its message's: these */
	struct blob *parts[MESSAGE_PARTS];
	char copy[24];
};

/* A message that the turn changes: what it must be once this is committed. */
struct mail {
	struct id run;
	uint32_t task;
	struct sim_message message;
};

/* One turn's worth. */
struct turn {
	struct output output;
	struct fact *facts;
	size_t fact_count;
	size_t fact_cap;
	struct taken *taken;
	size_t taken_count;
	size_t taken_cap;
	struct leaving *leaving;
	size_t leaving_count;
	size_t leaving_cap;
	struct mail *mail;
	size_t mail_count;
	size_t mail_cap;
	struct id *ended; /* runs to be forgotten once it is committed */
	size_t ended_count;
	size_t ended_cap;
};

struct committer {
	struct turn turns[2];
	unsigned current;   /* the one that steps fill */
	bool in_flight;     /* the other one is being written */
	bool blocked;       /* ... and that has failed */
	struct store store; /* of its own: only its batch is used */
	struct batch batch; /* in flight */
};

/* The turn that steps fill. */
struct turn *commit_turn(struct sim *sim);
/* Nothing waits to be committed. */
bool commit_quiet(const struct sim *sim);

/* What may leave at once does: tasks for those inside, in a life like that. */
void commit_leave_early(struct sim *sim);

/* Hand over what the turn has; nothing while a batch is in flight. */
void commit_seal(struct sim *sim);
/* The batch in flight is on the disk: what it implies leaves. */
void commit_finish(struct sim *sim);
/* All that is pending, at once. */
void commit_all(struct sim *sim);

/* The process ends here. `written`: what is in flight reached the disk. */
void commit_crash(struct sim *sim, bool written);

void commit_add_fact(struct sim *sim, const struct fact *fact);
void commit_add_leaving(struct sim *sim, const struct effect *effect);
void commit_add_taken(struct sim *sim, const struct taken *taken);
void commit_fini(struct committer *committer);

#endif
