/*
 * Processes of plugins: started, watched, started again, ended.
 *
 * Three things are told apart for every entry: how many processes are wanted,
 * how many there are, and how many of those have registered (ready). A process
 * that ends without having been told to is started again after a delay that
 * doubles with each round of starts that ends in death, and is set back by a
 * process that was ready and then lived at least as long as the delay is. After
 * `deaths` of them `within_ms`, for each process that is wanted, the entry is
 * given up until somebody releases or reloads it (supervisor_set()); at once
 * when one exits with status 78, which says that starting it again would not
 * help. Exit status or signal of the last death is kept.
 *
 * Each process has a session and process group of its own, an empty signal
 * mask, stdin on a pipe that ends with the orchestrator, stdout and stderr on
 * pipes whose lines become log lines, and no other descriptor. It is ended with
 * SIGTERM and SIGCONT to the group, then SIGKILL. When the orchestrator is
 * killed with -9 the warden, a small process of its own that knows all groups,
 * kills them. What leaves its group (setsid) is out of reach.
 *
 * Loop thread only. No thread, no signal handler: pidfds and pipes in one epoll
 * descriptor.
 */
#ifndef HOST_SUPERVISOR_H
#define HOST_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

struct supervisor;

/* How a process ended. */
struct supervisor_exit {
	pid_t pid; /* -1: it could not even be started */
	bool signalled;
	int status;     /* exit status, or the signal */
	bool asked;     /* it had been told to end */
	char text[128]; /* "exited with status 3", "killed by signal 11
			   (SIGSEGV)" */
};

struct supervisor_callbacks {
	void *arg;
	/* A line of the process; `stream` is 1 or 2. Longer ones than
	 * LIMIT_LOG_LINE come in pieces. */
	void (*line)(void *arg, const char *entry, const char *instance,
		     pid_t pid, int stream, struct slice text);
	/* It has died. True: of something that is dealt with elsewhere, so that
	 * the death does not count among those after which the entry is given
	 * up. NULL: never. */
	bool (*excused)(void *arg, const char *entry, const char *instance);
	/* It has ended and all its output has been passed on. */
	void (*ended)(void *arg, const char *entry, const char *instance,
		      const struct supervisor_exit *how);
	/* The entry's state has changed: worth writing down. Comes for each
	 * death, too, also of what could not even be started: for that one
	 * `ended` does not come, its reason is in the status' `last`. */
	void (*changed)(void *arg, const char *entry);
};

struct supervisor_options {
	struct supervisor_callbacks callbacks;
	/* The warden's program and arguments, NULL-terminated:
	 * {"/proc/self/exe", "plugin-warden", NULL}. Runs warden_main(). */
	const char *const *warden;
	int64_t grace_ms; /* between SIGTERM and SIGKILL */
};

/* What is to run. Copied. */
struct supervisor_entry {
	const char *name;
	const char *const *argv;
	const char *const *env; /* added to the orchestrator's; may be NULL.
				   TUTTI_INSTANCE is set for each process */
	const char *directory;  /* NULL: the orchestrator's own */
	uint32_t instances;
	int64_t delay_ms;
	int64_t max_ms;
	uint32_t deaths; /* 0: never given up */
	int64_t within_ms;
};

int supervisor_create(const struct supervisor_options *options,
		      struct supervisor **ret_supervisor, struct err *reterr);

/* Readable when supervisor_turn() has something to do. */
int supervisor_fd(const struct supervisor *supervisor);

/*
 * When supervisor_turn() is wanted without that, on the clock of `now_ms`; 0:
 * not at all. To be asked again after every other call.
 */
int64_t supervisor_next_due_ms(const struct supervisor *supervisor);

/*
 * Work off what has happened and what is due. Processes are started, and
 * callbacks called, here only. A callback may call everything but this and
 * supervisor_destroy().
 */
void supervisor_turn(struct supervisor *supervisor, int64_t now_ms);

/*
 * Add an entry, or change the one of that name: with other instances it grows
 * or shrinks; with another command line, environment or `renew` new processes
 * are started and the old ones, once the new are ready, are ended when
 * `ended_ok` says so (supervisor_end_instance by the caller, after its drain).
 * Also clears "given up".
 */
enum supervisor_renew { SUPERVISOR_KEEP, SUPERVISOR_RENEW };
void supervisor_set(struct supervisor *supervisor,
		    const struct supervisor_entry *entry,
		    enum supervisor_renew renew, int64_t now_ms);

/* No process of the entry is wanted any more. Its instances are not ended by
 * this: the caller drains them and calls supervisor_end_instance(). */
void supervisor_remove(struct supervisor *supervisor, const char *entry);

/* The instance has registered / can do its work. Resets the delay. */
void supervisor_ready(struct supervisor *supervisor, const char *instance);

/* Is there a process of exactly this name that has not ended? */
bool supervisor_has_instance(const struct supervisor *supervisor,
			     struct slice name);

/* End one process: TERM now, KILL after the grace period. One that is still
 * wanted has a successor, after the delay. */
void supervisor_end_instance(struct supervisor *supervisor,
			     const char *instance, int64_t now_ms);

/*
 * Processes to be drained and ended now, if they have not been told to end:
 * those that are too many, and those that run the code of before the last
 * renewal, as many of them as there are new ones ready. Who has been named
 * here, or was too many when the entry shrank, is never wanted again: an entry
 * that grows gets others. Old ones that were never ready are not drained but
 * ended by supervisor_turn() as soon as a newer one has been started. Names
 * are borrowed until the next call.
 */
size_t supervisor_surplus(struct supervisor *supervisor, const char *entry,
			  const char *const **ret_instances);

struct supervisor_status {
	const char *entry;
	const char *command; /* the command line, for people */
	uint32_t wanted;
	uint32_t actual;
	uint32_t ready;
	uint32_t deaths; /* since the start, or since it was released */
	bool given_up;
	int64_t next_start_ms;       /* 0: none is waited for */
	struct supervisor_exit last; /* pid 0: none has died */
};
size_t supervisor_count(const struct supervisor *supervisor);
struct supervisor_status supervisor_status(const struct supervisor *supervisor,
					   size_t index);

/* TERM to all; true once all have gone. Call again from the loop; after the
 * grace period they are killed. */
bool supervisor_stop(struct supervisor *supervisor, int64_t now_ms);

/* The warden's process; 0 while there is none. */
pid_t supervisor_warden_pid(const struct supervisor *supervisor);

/* Kills what is left, without callbacks. NULL is fine. */
void supervisor_destroy(struct supervisor *supervisor);

/* The body of the warden's process: reads from stdin which groups there are,
 * and kills them when stdin ends. Returns the exit code. */
int warden_main(void);

#endif
