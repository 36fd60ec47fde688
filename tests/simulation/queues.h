/*
 * Plugins with queues: the bridge and the embedded driver as they are, on the
 * simulated disk, and beside them the truth about each message, worked out from
 * what the engine has ordered and what the bridge has handed out.
 */
#ifndef SIMULATION_QUEUES_H
#define SIMULATION_QUEUES_H

#include "bridge/bridge.h"
#include "engine/engine.h"

struct sim;
struct sim_run;

#define OTHER_QUEUES 3 /* names that are no plugin's */
#define QUEUES       (5 + OTHER_QUEUES)
#define GROUP_SIZE   80

/* What must be true of a task's message. */
struct sim_message {
	bool there;
	bool dropped; /* it was a dead letter, and was thrown away */
	enum message_state state;
	uint32_t queue;
	uint32_t plugin;
	char group[GROUP_SIZE];
	int priority;
	uint64_t place;
	int64_t visible_us; /* waiting: not to be had before */
	bool came;          /* that time has come, wherever the clock goes */
	bool delayed;       /* by the queue, and that has not begun anew */
	int64_t until_us;   /* leased: so long; 0: as long as its copy lives */
	bool expired;       /* that is over, and was said */
	int64_t written_us; /* the end of the lease as it was at first */
	uint32_t deliveries;
	struct blob *parts[MESSAGE_PARTS];
};

/* By the task's number. */
struct sim_messages {
	struct sim_message *list;
	uint32_t len;
};

struct sim_queue {
	bool there;
	bool retired; /* its plugin has it no more; it holds messages yet */
	bool found;   /* on the disk; its plugin has not registered yet */
	uint32_t plugin;
	struct queue_policy policy;
	bool paused;
	/* The rate allows nothing before the first, and something from the
	 * second on. */
	int64_t not_before_us;
	int64_t surely_us;
	/* Leases of its plugin that went to others while it had something. */
	uint32_t passed_over;
};

struct queues {
	struct bridge *bridge;
	struct sim_queue list[QUEUES];
	/* What plugins have registered; NULL: no queue. */
	struct queue_policy *registered[5];
	uint64_t place; /* of the last that has entered */
};

/* ---- the bridge ---- */

struct event queues_event(const struct message_key *key, enum event_kind kind);

void queues_open(struct sim *sim);
void queues_close(struct sim *sim);
/* The process ends, and begins again with what is on the disk. */
void queues_crash(struct sim *sim);

/* The orders of the step that has just been taken, from the first on. */
void queues_see_orders(struct sim *sim, size_t first);
/* What was ordered so far is carried out, as the daemon does at the end of a
 * turn and before a commit. */
void queues_obey(struct sim *sim);
/* The end of a turn: what can be handed out is. */
void queues_turn(struct sim *sim);
/* The earlier of what the engine and the bridge wait for; 0: nothing. */
int64_t queues_next_due(const struct sim *sim);
void queues_pass(struct sim *sim);
void queues_clock(struct sim *sim, int64_t step_us);

/* The run is about to be deleted, and its dead letters with it. */
void queues_forget(struct sim *sim, struct sim_run *run);

/* ---- registrations ---- */

/* What the plugin has from now on; NULL: none. Borrowed. */
const struct queue_policy *queues_register(struct sim *sim, uint32_t plugin);
void queues_remove(struct sim *sim, uint32_t plugin);
/* One that nobody has set goes with its last message. */
void queues_need(struct sim *sim, uint32_t queue, struct slice plugin);
/* Queues that are no more. */
void queues_sweep(struct sim *sim);
/* Index of a name; QUEUES: none of them. */
uint32_t queues_find(struct slice name);
const char *queues_name(uint32_t queue);
/* A policy made by chance; owned by the caller. */
struct queue_policy queues_choose_policy(struct sim *sim);
/* As queue_policy_from_value() reads the JSON of a row. */
struct queue_policy queues_read_policy(struct sim *sim, struct slice json);

/* ---- messages ---- */

struct sim_message *queues_message(struct sim_messages *messages,
				   uint32_t task);
/* NULL when there has been none. */
const struct sim_message *queues_look(const struct sim_messages *messages,
				      uint32_t task);
void queues_message_set(struct sim_message *to, const struct sim_message *from);
void queues_messages_fini(struct sim_messages *messages);
void queues_take_order(struct sim *sim, const struct queue_order *order);
/* Its batch will bring it. */
void queues_changed(struct sim *sim, const struct id *run, uint32_t task);

/* Each message that is there, by the steps taken. */
void queues_each(struct sim *sim,
		 void (*each)(struct sim *sim, struct sim_run *run,
			      uint32_t task, struct sim_message *message,
			      void *arg),
		 void *arg);

/* ---- what must hold ---- */

/* Times that have come; before the bridge is asked. */
void queues_note_time(struct sim *sim);
/* What is about to be handed out may be. */
void queues_check_lease(struct sim *sim, const struct message_key *key);
/* The queue has its turn; others that have something get theirs. */
void queues_check_fair(struct sim *sim, uint32_t leased);
/* The driver's memory is what it must be. */
void queues_check_waiting(struct sim *sim);
/* Nothing that could be handed out is not, at the end of a turn. */
void queues_check_turn(struct sim *sim);
/* A task and its message, by the steps taken or on the disk; `where` says so.
 */
void queues_check_pair(struct sim *sim, const struct sim_run *run,
		       const struct task_record *task,
		       const struct sim_message *message, const char *where);
/* Tasks and messages of the run, by the steps taken. */
void queues_check_run(struct sim *sim, struct sim_run *run);
/* The same of the disk. */
void queues_check_disk(struct sim *sim, struct sim_run *run);
/* Disk and memory, when nothing is pending. */
void queues_check_quiet(struct sim *sim);
/* What a put carries is what is there now. */
void queues_check_put(struct sim *sim, struct sim_run *run,
		      const struct queue_order *order);

/* ---- actions ---- */

void queues_act_turn(struct sim *sim);
void queues_act_pause(struct sim *sim);
void queues_act_resume(struct sim *sim);
void queues_act_purge(struct sim *sim);
void queues_act_drop(struct sim *sim);
void queues_resume_all(struct sim *sim);

/* The consumer of the task's message has died before: it goes only to a copy of
 * the plugin that has nothing, and there is none. */
bool queues_wait_for_idle(const struct sim *sim, const struct sim_run *of,
			  uint32_t task, uint32_t plugin);

#endif
