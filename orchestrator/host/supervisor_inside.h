/*
 * The supervisor itself, for its own files. Callbacks come from
 * supervisor_turn() alone; they may call anything but supervisor_turn() and
 * supervisor_destroy(). What they take away is therefore freed in one place
 * only, at the end of the turn. [loop]
 */
#ifndef HOST_SUPERVISOR_INSIDE_H
#define HOST_SUPERVISOR_INSIDE_H

#include <spawn.h>
#include <stddef.h>

#include "base/buf.h"
#include "host/supervisor.h"

enum watch_kind { WATCH_EXIT, WATCH_STDOUT, WATCH_STDERR, WATCH_WARDEN };
#define CHILD_WATCHES 3

/* The runner's word for "starting me again would not help". */
#define STATUS_REFUSED 78

/* What a descriptor in the epoll set stands for. */
struct watch {
	enum watch_kind kind;
	struct child *child; /* NULL for the warden's */
	int fd;              /* -1: none */
};

/*
 *	RUNNING ──exit──> DEAD ──output read──> GONE (freed at end of turn)
 */
enum child_state { CHILD_RUNNING, CHILD_DEAD, CHILD_GONE };

struct child {
	struct entry *entry;
	char *name;
	pid_t pid; /* and process group, and session */
	enum child_state state;
	uint64_t generation; /* of the entry, when it was started */
	uint64_t round;      /* of starts, likewise */
	bool ready;
	bool asked;       /* to end */
	bool surplus;     /* for supervisor_surplus() */
	bool retired;     /* surplus for good: it has been said to others */
	int64_t ready_ms; /* since when */
	int64_t kill_ms;  /* when it is killed; 0: never */
	int64_t drain_ms; /* DEAD: when its output is given up */
	int lifeline;     /* write end of its stdin */
	struct watch watches[CHILD_WATCHES]; /* by enum watch_kind */
	struct buf pending[2];               /* unfinished lines */
	bool split[2];                       /* a piece of it has been passed */
	struct supervisor_exit how;
};

struct entry {
	struct supervisor *supervisor;
	struct entry *next;
	char *name;
	char **argv;
	char **env;
	char *directory;
	char *command; /* for people */
	uint32_t wanted;
	int64_t delay_ms;
	int64_t max_ms;
	uint32_t deaths_max; /* for each process wanted; 0: any number */
	int64_t within_ms;
	struct child **children; /* in order of starting */
	size_t count, cap;
	uint64_t generation;    /* one more with each renewal */
	uint64_t round;         /* one more with each start of the missing */
	uint64_t delayed_round; /* its deaths have been paid for by wait_ms */
	uint64_t last_number;   /* K of "NAME#K" */
	int64_t wait_ms;        /* the delay now; 0: nothing has died */
	int64_t next_start_ms;  /* not before this; 0: at once */
	int64_t *died_ms;       /* deaths of late */
	size_t died_count, died_cap;
	uint32_t deaths;
	bool given_up;
	bool removed;
	bool changed; /* to be told */
	struct supervisor_exit last;
};

struct warden {
	pid_t pid; /* 0: none */
	int pipe;  /* a socket, to be safe from SIGPIPE */
	struct watch watch;
	int64_t started_ms;
	int64_t next_ms; /* not to be started before */
};

struct supervisor {
	struct supervisor_callbacks callbacks;
	char **warden_argv;
	int64_t grace_ms;
	int64_t now_ms; /* as of the last call that said */
	int epoll;
	bool stopping;
	struct entry *entries;
	struct warden warden;
	const char **surplus; /* what supervisor_surplus() handed out */
	size_t surplus_cap;
};

/* `delta` after `now`, never the 0 that stands for "not at all". */
int64_t supervisor_after(int64_t now_ms, int64_t delta_ms);

int supervisor_watch(struct supervisor *supervisor, struct watch *watch);
void supervisor_unwatch(struct supervisor *supervisor, struct watch *watch);

/* NULL-terminated copies; NULL gives NULL. */
char **supervisor_copy_list(const char *const *list);
void supervisor_free_list(char **list);

struct entry *supervisor_find_entry(const struct supervisor *supervisor,
				    const char *name);
struct child *supervisor_find_child(const struct supervisor *supervisor,
				    const char *instance);
void supervisor_entry_destroy(struct entry *entry);

/* Marks `surplus` in the children of the entry and counts them. */
size_t supervisor_entry_judge(struct entry *entry);

/* A session of its own, no signal blocked or ignored. */
void supervisor_attributes_init(posix_spawnattr_t *attributes);

/* One more process of the entry: E_IO with why not. */
int supervisor_child_start(struct entry *entry, struct err *reterr);
void supervisor_child_ask(struct child *child, int64_t now_ms);
void supervisor_child_exited(struct child *child);
void supervisor_child_read(struct child *child, enum watch_kind kind);
/* What is due: the kill, the end of what is left of a dead one. */
void supervisor_child_turn(struct child *child);
/* Kills it, without callbacks. */
void supervisor_child_destroy(struct child *child);
void supervisor_exit_describe(struct supervisor_exit *how);

/* Bytes of a stream into lines; the rest of them at its end. */
void supervisor_lines_feed(struct child *child, int stream, struct slice text);
void supervisor_lines_end(struct child *child, int stream);

/* Processes that are to be started as soon as the delay is over. */
uint32_t supervisor_policy_missing(const struct entry *entry);
void supervisor_policy_start(struct entry *entry);
/* One has died; `child` is NULL when it did not even start. */
void supervisor_policy_died(struct entry *entry, const struct child *child,
			    const struct supervisor_exit *how);
void supervisor_policy_forgive(struct entry *entry, int64_t now_ms);

void supervisor_warden_init(struct supervisor *supervisor);
void supervisor_warden_ensure(struct supervisor *supervisor);
void supervisor_warden_tell(struct supervisor *supervisor, char sign,
			    pid_t group);
void supervisor_warden_exited(struct supervisor *supervisor);
void supervisor_warden_fini(struct supervisor *supervisor);

#endif
