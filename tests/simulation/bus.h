/*
 * Plugins' copies and the way between them and the orchestrator. A copy inside
 * is a thread of the orchestrator: nothing is lost on the way, and it dies with
 * it. One outside is a process: messages are lost, doubled, late and out of
 * order; the link sends again what is not answered, and tells doubles by run,
 * task, attempt and wakes.
 */
#ifndef SIMULATION_BUS_H
#define SIMULATION_BUS_H

#include "engine/engine.h"

struct sim;

struct task_key {
	struct id run;
	uint32_t task;
	uint32_t attempt;
	uint32_t wakes;
};

bool key_equal(const struct task_key *a, const struct task_key *b);

/* What a plugin says at the end. */
struct result {
	enum completion outcome;
	int64_t until_us;
	uint32_t output; /* serial of a document; 0: none */
	bool patches;
	uint32_t patch_key;
	uint32_t patch; /* serial; 0: the key goes */
	bool late;
	bool returned; /* it was not begun */
};

/* A task in a copy's hands, as the copy sees it. */
struct job {
	struct task_key key;
	bool told;
	bool hangs;
	bool done; /* and not acknowledged */
	struct result result;
};

#define JOBS_MAX 24
#define SEEN_MAX 64

struct copy {
	uint32_t serial; /* 0: the place is free */
	uint32_t plugin;
	char name[24];
	bool inside;
	bool known; /* the orchestrator has it */
	bool lives; /* its process does */
	bool draining;
	uint32_t max_tasks;
	struct job jobs[JOBS_MAX];
	size_t job_count;
	/* The link's side: handed over and not completed. */
	struct task_key keys[JOBS_MAX];
	size_t key_count;
	/* By the steps taken. */
	uint32_t held;
	uint32_t lost;
	bool suspect; /* what it was given last may kill: it goes alone */
	/* What it has had before. */
	struct task_key seen[SEEN_MAX];
	size_t seen_count;
};

enum message_kind {
	MESSAGE_DELIVER,
	MESSAGE_TELL,
	MESSAGE_ACK,
	MESSAGE_DONE,
	MESSAGE_PROGRESS,
	MESSAGE_UNDELIVERED, /* to ourselves: what did not leave any more */
};

struct message {
	enum message_kind kind;
	uint32_t copy;
	struct task_key key;
	struct result result;
};

struct bus {
	struct message *messages;
	size_t len;
	size_t cap;
};

/* NULL when it is gone. */
struct copy *bus_copy(struct sim *sim, uint32_t serial);
/* By its name, of those that the orchestrator knows. */
struct copy *bus_copy_named(struct sim *sim, struct slice name);

void bus_send(struct sim *sim, const struct message *message);

/* A committed effect leaves. */
void bus_deliver(struct sim *sim, const struct task_key *key,
		 struct slice name);
void bus_tell(struct sim *sim, const struct task_key *key, struct slice name);
void bus_acknowledge(struct sim *sim, uint32_t copy,
		     const struct task_key *key);

/* It was taken back before it could leave. */
void bus_give_back(struct sim *sim, const struct task_key *key);

/* One message, any of them, arrives. */
void bus_carry(struct sim *sim);
/* One is lost, one comes twice, one is sent again. */
void bus_lose(struct sim *sim);
void bus_double(struct sim *sim);
void bus_repeat(struct sim *sim);

/* Nobody is there any more to get or have sent them. */
void bus_clear(struct sim *sim);

void copy_drop_job(struct copy *copy, size_t index);

#endif
