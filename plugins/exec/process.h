/*
 * A running program in a process group of its own, from spawn to the end of
 * the whole group. One thread uses it; `wake_fd` is how others reach it.
 */
#ifndef EXEC_PROCESS_H
#define EXEC_PROCESS_H

#include <sys/types.h>

#include "capture.h"
#include "command.h"
#include "groups.h"

/*
 *	RUNNING ──cancel, deadline──> TERMINATING ──kill_after──> KILLED
 *	   │                              │                          │
 *	   └── program ends ──────────────┴── all have ended ────────┴──> end
 */
enum process_state { PROCESS_RUNNING, PROCESS_TERMINATING, PROCESS_KILLED };

struct process {
	pid_t pid; /* of the program and of its group */
	struct group group;
	int pidfd;
	int wake_fd; /* readable: ask tutti_cancelled(); borrowed */
	enum process_state state;
	int32_t cause; /* TUTTI_NOT_CANCELLED, ...: why it was stopped */
	bool exited;
	bool lost; /* somebody else took its exit status */
	int64_t kill_after_ns;
	int64_t kill_at_ns;
	struct capture out;
	struct capture err;
	int exit_code; /* -1: none, it ended by `signal` or is lost */
	int signal;    /* 0: none */
};

/* 0, or an errno with a sentence in `complaint`. */
int process_start(struct process *process, const struct command *command,
		  char complaint[COMPLAINT_SIZE]);

/* Until the program has ended, or the task was to stop and all have ended. */
void process_wait(struct process *process, const struct tutti_task *task);

void process_fini(struct process *process);

#endif
