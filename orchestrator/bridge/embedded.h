/*
 * The inside of the embedded driver: what its files share. Every message that
 * is not dead is in memory, and what is done to one changes the memory and puts
 * its row into the store's batch; rows are read when the driver is opened, and
 * documents when a message is delivered. One thread, the loop's.
 */
#ifndef BRIDGE_EMBEDDED_H
#define BRIDGE_EMBEDDED_H

#include "bridge/driver.h"
#include "bridge/order.h"
#include "bridge/parcel.h"

/* Handed out one after another: only the first can be had. */
struct group {
	struct chain_node node; /* of its queue, by key */
	struct slice key;       /* owned */
	struct parcel *first;
	struct parcel *last;
};

/* What the rate allows: see embedded_pace.c. */
struct slot {
	int64_t us;   /* the next is not handed out before */
	int64_t rest; /* of a microsecond, in parts of `rate` */
	bool awaited; /* nothing but the slot was waited for */
};

struct queue {
	struct chain_node node; /* of all, by name */
	struct queue *before;   /* of all, in the order of their coming */
	struct queue *next;
	char *name;
	char *plugin;
	struct queue_policy policy;
	char *paused_by; /* NULL: nobody has */
	int64_t paused_us;
	bool stored;  /* its row says so */
	bool retired; /* it goes as soon as it is empty */
	bool told;    /* ready() was called since lease() last said no */

	struct order order;
	struct chains groups;
	struct parcel *waiting; /* all that wait, in no order */
	size_t waiting_count;
	size_t leased_count;
	size_t dead_count;

	/* The rate: see embedded_pace.c. */
	struct heap_node pace; /* of those that wait for their slot */
	struct slot slot;
	/* For refuse(): before the last lease. */
	struct slot slot_before;
	int64_t leased_before_us; /* its message */
	int64_t due_before_us;
};

struct part_key {
	struct id run;
	unsigned char hash[DEFINITION_HASH_SIZE];
};

/* A document that messages of a run hold. */
struct part {
	struct chain_node node; /* of all, by key */
	struct part_key key;
	uint32_t references;
};

/* The hash of what was put last: members of a phase share documents. */
struct hashed {
	struct blob *blob; /* one reference; NULL: none yet */
	unsigned char hash[DEFINITION_HASH_SIZE];
};

struct queue_backend {
	struct queue_backend_options options;
	struct view *view; /* of the store */
	struct chains queues;
	struct queue *first;
	struct queue *last;
	struct chains letters;
	struct chains parts;
	struct heap later;  /* messages that wait for a time */
	struct heap leases; /* messages whose leases end */
	struct heap paces;  /* queues that wait for their slot */
	uint64_t place;     /* of the message that entered last */
	size_t dead_count;
	struct hashed hashed[MESSAGE_PARTS];
};

/* ---- queues: embedded_queue.c ---- */

struct queue *embedded_find(const struct queue_backend *backend,
			    struct slice name);
/* Not set, with the default policy, when there is none of that name. */
struct queue *embedded_need(struct queue_backend *backend, struct slice name,
			    struct slice plugin);
void embedded_write(struct queue_backend *backend, const struct queue *queue);
/* It holds nothing, dead ones included. */
bool embedded_is_empty(const struct queue *queue);
/* It goes when it is retired and empty. */
void embedded_settle(struct queue_backend *backend, struct queue *queue);
void embedded_destroy(struct queue *queue); /* without its messages */

void embedded_set(struct queue_backend *backend, struct slice name,
		  struct slice plugin, const struct queue_policy *policy,
		  int64_t now_us);
void embedded_retire(struct queue_backend *backend, struct slice name);
int embedded_pause(struct queue_backend *backend, struct slice name,
		   struct slice by, int64_t now_us, struct err *reterr);

/* ---- what may be handed out when: embedded_pace.c ---- */

/* Something of the queue has changed: tells that it is ready, or when. */
void pace_review(struct queue_backend *backend, struct queue *queue,
		 int64_t now_us);
/* The message to hand out now, whose slot is used; NULL: none. */
struct parcel *pace_take(struct queue_backend *backend, struct queue *queue,
			 int64_t now_us);
/* The slot that was used last is free again. */
void pace_give_back(struct queue_backend *backend, struct queue *queue);
/* The policy has another rate. */
void pace_change(struct queue_backend *backend, struct queue *queue,
		 int64_t now_us);
/* The queue was loaded: its slot is when it last handed something out that
 * is still there; 0: it has not. */
void pace_restore(struct queue *queue, int64_t now_us);
/* Slots that have come. */
void pace_turn(struct queue_backend *backend, int64_t now_us);
int64_t pace_due(const struct queue_backend *backend); /* 0: none */

/* ---- messages: embedded_parcel.c ---- */

struct message_key letter_key(const struct letter *letter);
void letter_add(struct queue_backend *backend, struct letter *letter);
struct letter *letter_find(const struct queue_backend *backend,
			   const struct message_key *key);
/* NULL: it is not there, or dead. */
struct parcel *parcel_find(const struct queue_backend *backend,
			   const struct message_key *key);
/* Waits in letter.queue from now on; all of it but the links is there, and so
 * are those that are before it in its group. */
void parcel_enter(struct queue_backend *backend, struct parcel *parcel,
		  struct slice group, int64_t now_us);
/* To where a waiting one belongs, when it is nowhere. */
void parcel_file(struct queue_backend *backend, struct parcel *parcel,
		 int64_t now_us);
/* Nowhere from now on; still waiting or leased, and in its group. */
void parcel_unfile(struct queue_backend *backend, struct parcel *parcel);
/* Takes it out of its queue; the letter is in the table no more. */
void parcel_leave(struct queue_backend *backend, struct parcel *parcel,
		  int64_t now_us);
void parcel_free(struct parcel *parcel); /* not its parts */
void parcel_set_state(struct parcel *parcel, enum message_state state);
void parcel_set_error(struct parcel *parcel, struct slice error);

/* ---- what is done to messages: embedded_message.c; see driver.h ---- */

void embedded_put(struct queue_backend *backend,
		  const struct queue_message *message, int64_t now_us);
int embedded_lease(struct queue_backend *backend, struct slice name,
		   int64_t now_us, struct message_key *ret_key);
void embedded_extend(struct queue_backend *backend,
		     const struct message_key *key, int64_t now_us);
bool embedded_expired(struct queue_backend *backend, int64_t now_us,
		      struct message_key *ret_key);
void embedded_nack(struct queue_backend *backend, const struct message_key *key,
		   int64_t visible_us, struct slice error, int64_t now_us);
void embedded_refuse(struct queue_backend *backend,
		     const struct message_key *key, int64_t visible_us,
		     int64_t now_us);
void embedded_expose(struct queue_backend *backend,
		     const struct message_key *key, int64_t now_us);
void embedded_bury(struct queue_backend *backend, const struct message_key *key,
		   struct slice error, int64_t now_us);
void embedded_ack(struct queue_backend *backend, const struct message_key *key,
		  int64_t now_us);

/* ---- dead ones: embedded_dead.c ---- */

void embedded_drop_dead(struct queue_backend *backend,
			const struct message_key *key);
void embedded_forget_run(struct queue_backend *backend, const struct id *run);

/* A letter that is dead; takes the references to its parts over. */
void dead_add(struct queue_backend *backend, const struct letter *letter);
/* Drops its parts; the row, and to settle its queue, is the caller's. */
struct queue *dead_remove(struct queue_backend *backend, struct letter *letter);

/* ---- documents: embedded_part.c ---- */

/* One reference, of a message that is put. NULL for NULL. */
struct part *part_put(struct queue_backend *backend, const struct id *run,
		      enum message_part kind, struct blob *blob);
/* The same for a message that was loaded. NULL for a hash of zeros. */
struct part *part_load(struct queue_backend *backend, const struct id *run,
		       const unsigned char hash[DEFINITION_HASH_SIZE]);
/* One reference less of each; the last one deletes it. */
void parts_drop(struct queue_backend *backend, struct letter *letter);
void part_forget_hashed(struct queue_backend *backend);

/* ---- rows: embedded_row.c ---- */

void row_write(struct queue_backend *backend, const struct parcel *parcel);
/* Of one that has just died. */
void row_write_dead(struct queue_backend *backend, const struct parcel *parcel,
		    int64_t now_us);

/* ---- opening: embedded_load.c ---- */

int embedded_load(struct queue_backend *backend, int64_t now_us,
		  struct err *reterr);

#endif
