#include "daemon/blame.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/shell.h"
#include "daemon/deliver.h"
#include "daemon/registrations.h"

int blame_watch(struct daemon *daemon, struct err *reterr)
{
	struct buf file = { 0 };

	buf_printf(&file, "%s/crash", store_directory(daemon->store));
	char *path = buf_take(&file);

	daemon->crashed = host_read_crash(path, &daemon->crash, NULL) == 0;
	int rc = host_watch_crashes(daemon->host, path, reterr);

	free(path);
	return rc;
}

static void describe(const struct host_crash *crash, struct buf *out)
{
	const char *name = sigabbrev_np(crash->signal);

	buf_printf(out, "the orchestrator was killed by signal %d (SIG%s)",
		   crash->signal, name ? name : "?");
	if (*crash->plugin) {
		buf_printf(out, " in plugin '%s'", crash->plugin);
	}
}

static void log_crash(const struct daemon *daemon, const char *what)
{
	const struct host_crash *crash = &daemon->crash;
	char run[ID_TEXT_SIZE];

	if (crash->has_task) {
		id_format(&crash->key.run, run);
		log_error("run=%s task=%u attempt=%u plugin=%s msg=\"%s\"", run,
			  crash->key.number, crash->key.attempt, crash->plugin,
			  what);
	} else {
		log_error("plugin=%s msg=\"%s\"",
			  *crash->plugin ? crash->plugin : "-", what);
	}
}

void blame_judge(struct daemon *daemon)
{
	struct registration *registration =
	    registration_find(daemon, slice_of(daemon->crash.plugin));
	uint32_t limit = daemon->options.config->crash_limit;
	struct buf text = { 0 };

	if (!daemon->crashed) {
		return;
	}
	describe(&daemon->crash, &text);
	char *what = buf_take(&text);

	log_crash(daemon, what);
	free(what);
	if (!registration || registration->form != FORM_IN_PROCESS) {
		return;
	}
	registration->crashes++;
	if (registration->crashes < limit) {
		registration_write(daemon, registration);
		return;
	}
	buf_printf(&text,
		   "plugin '%s' crashed the orchestrator %u times (signal %d); "
		   "it gets no more tasks until 'tutti plugins release ",
		   registration->name, registration->crashes,
		   daemon->crash.signal);
	shell_put_word(&text, slice_of(registration->name));
	buf_put_byte(&text, '\'');
	what = buf_take(&text);
	log_error("plugin=%s msg=\"%s\"", registration->name, what);
	registration_quarantine(daemon, registration, true, what);
	free(what);
}

/* With the task known, that one; else all that the plugin had in hand. */
static bool is_to_blame(const struct daemon *daemon,
			const struct run_view *view,
			const struct task_record *task)
{
	const struct host_crash *crash = &daemon->crash;

	if (task->state != TASK_RUNNING ||
	    !slice_starts_with(task->instance, SLICE(INSIDE_PREFIX))) {
		return false;
	}
	if (crash->has_task) {
		return id_equal(&crash->key.run, &view->run.id) &&
		       crash->key.number == task->number &&
		       crash->key.attempt == task->attempt;
	}
	return *crash->plugin && slice_is(task->plugin, crash->plugin);
}

struct restore_blame *blame_tasks(const struct daemon *daemon,
				  const struct run_view *view, struct buf *text,
				  size_t *ret_len)
{
	struct restore_blame *blames = NULL;
	size_t len = 0;
	size_t cap = 0;

	if (daemon->crashed) {
		describe(&daemon->crash, text);
	}
	for (size_t i = 0; daemon->crashed && i < view->task_count; i++) {
		const struct task_record *task = &view->tasks[i];

		if (is_to_blame(daemon, view, task)) {
			alloc_grow(blames, len, cap);
			blames[len++] = (struct restore_blame){
				.task = task->number,
				.attempt = task->attempt,
				.message = buf_slice(text),
			};
		}
	}
	*ret_len = len;
	return blames;
}
