/*
 * What tests read: results, progress, log, mistakes. What is found stays until
 * the host ends, so the lock is needed for the moment of looking only.
 */
#include "check/fake_inside.h"

static void enter(struct tutti_fake_task *task)
{
	(void)pthread_mutex_lock(&task->host->lock);
}

static void leave(struct tutti_fake_task *task)
{
	(void)pthread_mutex_unlock(&task->host->lock);
}

int32_t tutti_fake_task_outcome(struct tutti_fake_task *task)
{
	enter(task);
	int32_t outcome = task->outcome;

	leave(task);
	return outcome;
}

const char *tutti_fake_task_message(struct tutti_fake_task *task)
{
	enter(task);
	const char *message = task->message;

	leave(task);
	return message;
}

const char *tutti_fake_task_output(struct tutti_fake_task *task)
{
	enter(task);
	const char *output = task->finished ? task->output : NULL;

	leave(task);
	return output;
}

const char *tutti_fake_task_patch(struct tutti_fake_task *task)
{
	enter(task);
	const char *patch = task->finished ? task->patch : NULL;

	leave(task);
	return patch;
}

int64_t tutti_fake_task_until_us(struct tutti_fake_task *task)
{
	enter(task);
	int64_t until_us = task->until_us;

	leave(task);
	return until_us;
}

int32_t tutti_fake_task_returned(struct tutti_fake_task *task)
{
	enter(task);
	int32_t code = task->code;

	leave(task);
	return code;
}

uint32_t tutti_fake_task_times_finished(struct tutti_fake_task *task)
{
	enter(task);
	uint32_t times = task->times_finished;

	leave(task);
	return times;
}

uint32_t tutti_fake_task_stale(struct tutti_fake_task *task)
{
	enter(task);
	uint32_t stale = task->stale;

	leave(task);
	return stale;
}

int32_t tutti_fake_task_progress(struct tutti_fake_task *task, size_t index,
				 double *ret_fraction, const char **ret_note)
{
	int32_t rc = TUTTI_ENOTFOUND;

	enter(task);
	if (index < task->progress_len) {
		*ret_fraction = task->progress[index].fraction;
		*ret_note = task->progress[index].note;
		rc = TUTTI_OK;
	}
	leave(task);
	return rc;
}

const char *tutti_fake_host_log(struct tutti_fake_host *host, size_t index)
{
	(void)pthread_mutex_lock(&host->lock);
	const char *line = index < host->log_len ? host->log[index] : NULL;

	(void)pthread_mutex_unlock(&host->lock);
	return line;
}

const char *tutti_fake_host_mistake(struct tutti_fake_host *host, size_t index)
{
	(void)pthread_mutex_lock(&host->lock);
	const char *text =
	    index < host->mistake_len ? host->mistakes[index].text : NULL;

	(void)pthread_mutex_unlock(&host->lock);
	return text;
}
