/*
 * Looking at a store, with or without a daemon that writes it: never blocks
 * the writer, never changes anything. A view holds one snapshot at a time, and
 * only inside its functions; what they return is copied out and owned by the
 * caller. One thread per view. The daemon uses a view of its own environment
 * (view_of_store), other processes open the directory.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "base/blob.h"
#include "document/value.h"
#include "model/record.h"
#include "store/store.h"

struct view;

/*
 * E_NOT_FOUND when there is no store there, E_VERSION for a newer schema,
 * E_CORRUPT, E_IO, E_DENIED; each with a sentence that says what to do. Not on
 * a directory that this process has open already, as a store or as a view.
 */
int view_open(const char *directory, struct view **ret_view,
	      struct err *reterr);

/* On the store of this process; valid until store_close(). */
struct view *view_of_store(struct store *store);

void view_close(struct view *view); /* NULL is fine */

/* Who writes the store, and when it did last. */
struct view_owner {
	bool file;  /* nobody could: it is a single file */
	bool alive; /* a process holds the owner's lock */
	int pid;    /* of the owner; 0 when not alive */
	int64_t last_write_us;
};

int view_owner(struct view *view, struct view_owner *ret_owner,
	       struct err *reterr);

/* A run with all that belongs to it. */
struct run_view {
	struct run_record run;
	struct definition *definition; /* one reference */
	struct activity_record
	    *activities; /* all of the definition, by index */
	size_t activity_count;
	struct task_record *tasks; /* by number */
	size_t task_count;
	struct value *outputs; /* by task number; null: none */
	struct value attributes;
	struct value input;
	struct value stash;
	struct value skips; /* marks of an operator: array of texts, or null */
	char *memory;       /* private: the texts of the records */
};

/* E_NOT_FOUND, E_CORRUPT, E_IO. */
int view_run(struct view *view, const struct id *run, struct run_view **ret_run,
	     struct err *reterr);
void run_view_destroy(struct run_view *run); /* NULL is fine */

/* {activity: {task: output}} of what has one. */
struct value run_view_outputs(const struct run_view *run);

/* Which runs to list; a zeroed struct means all. */
struct view_query {
	uint32_t states;                /* bits 1 << group_state; 0: all */
	struct slice tenant;            /* empty: all */
	struct slice workflow;          /* empty: all */
	struct slice uid;               /* empty: all */
	int64_t since_us;               /* created at or after; 0: all. Ids
					   hold the time of creation, and
					   the search ends by them */
	const struct value *attributes; /* map: all of them must be equal at
					   the dotted paths; NULL: all */
	size_t limit;                   /* 0: all */
};

struct run_list {
	struct run_record *runs; /* newest first */
	size_t len;
	char *memory; /* private */
};

int view_list(struct view *view, const struct view_query *query,
	      struct run_list *ret_list, struct err *reterr);
void run_list_fini(struct run_list *list);

/* How many view_list() would list, without its limit: by the indexes alone as
 * far as they know. */
int view_count(struct view *view, const struct view_query *query,
	       size_t *ret_count, struct err *reterr);

/*
 * Runs whose id starts or ends with `text` (any case), at most `max` ids into
 * `ret_ids`; returns how many there are (at most max), or a negative code.
 */
int view_find(struct view *view, struct slice text, struct id *ret_ids,
	      size_t max, struct err *reterr);

struct history_list {
	struct transition_record *transitions; /* by sequence */
	size_t len;
	char *memory; /* private */
};

int view_history(struct view *view, const struct id *run,
		 struct history_list *ret_list, struct err *reterr);
void history_list_fini(struct history_list *list);

struct plugin_list {
	struct plugin_record *plugins; /* by name */
	size_t len;
	char *memory; /* private */
};

int view_plugins(struct view *view, struct plugin_list *ret_list,
		 struct err *reterr);
void plugin_list_fini(struct plugin_list *list);

struct pause_list {
	struct pause_record *pauses; /* by workflow; that of all is the first */
	size_t len;
	char *memory; /* private */
};

int view_pauses(struct view *view, struct pause_list *ret_list,
		struct err *reterr);
void pause_list_fini(struct pause_list *list);

/* Each queue, by name, until `each` returns other than 0; that is returned. The
 * record is valid within the call, which must neither use the view nor commit.
 * E_CORRUPT names the key of what cannot be read. */
int view_each_queue(struct view *view,
		    int (*each)(void *arg, const struct queue_record *queue),
		    void *arg, struct err *reterr);

/* Each message, likewise, in the order of runs and tasks; `run` NULL: all.
 * Those of deleted runs are left out. */
int view_each_message(struct view *view, const struct id *run,
		      int (*each)(void *arg,
				  const struct message_record *message),
		      void *arg, struct err *reterr);

/* A document of a message. E_NOT_FOUND, E_CORRUPT, E_IO. */
int view_part(struct view *view, const struct id *run,
	      const unsigned char hash[DEFINITION_HASH_SIZE],
	      struct blob **ret_part, struct err *reterr);

/* The definition that a version's hash names; one reference. */
int view_definition(struct view *view,
		    const unsigned char hash[DEFINITION_HASH_SIZE],
		    struct definition **ret_definition, struct err *reterr);

#endif
