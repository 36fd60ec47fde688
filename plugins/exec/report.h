/*
 * What a task says when its program has ended: message, output and outcome.
 */
#ifndef EXEC_REPORT_H
#define EXEC_REPORT_H

#include "command.h"
#include "process.h"

/* Finishes the task; the code for handle() to return. */
int32_t report_finish(const struct tutti_task *task,
		      const struct command *command,
		      const struct process *process);

#endif
