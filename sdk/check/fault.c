/*
 * Faults at memory that was lent to the plugin say which rule was broken.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "check/records.h"
#include "check/stage.h"

#define STACK_SIZE 65536

static const struct stage *watched;

/* Was it a write? Where the machine does not tell, all faults at memory that
 * is there are. */
static bool is_write(const ucontext_t *context)
{
#if defined(__x86_64__)
	return context->uc_mcontext.gregs[REG_ERR] & 2;
#else
	(void)context;
	return true;
#endif
}

static void blame(const char *rule, const char *text)
{
	records_write(watched->trial->records, CHECK_FAIL, rule,
		      slice_of(text));
	records_write(watched->trial->records, CHECK_PASS, RECORD_DONE,
		      SLICE(""));
	_exit(0);
}

static bool in_last_page(const struct fake_region *region, const char *where)
{
	return where >= region->base + region->size;
}

static void blame_region(const struct fake_region *region, const char *where,
			 bool over, bool write)
{
	if (!fake_region_contains(region, where)) {
		return;
	}
	if (in_last_page(region, where)) {
		blame("versions.older_host",
		      "it read beyond the end of a struct of the host: look at "
		      "`size` (TUTTI_HOST_HAS) before you use what a newer SDK "
		      "has added");
	}
	if (over) {
		blame("tasks.after_finish",
		      "it used the task's memory after the task was finished "
		      "and handle() had returned: copy what you need for "
		      "longer, and touch nothing of the task after "
		      "tutti_finish()");
	}
	if (write) {
		blame("tasks.read_only",
		      "it wrote to what the host lent it (the task or one of "
		      "its documents): make a copy and change that");
	}
}

static void caught(int number, siginfo_t *info, void *context)
{
	const struct tutti_fake_host *host = watched->host;
	bool write = is_write(context);

	for (const struct tutti_fake_task *task = host->tasks; task;
	     task = task->next) {
		blame_region(&task->region, info->si_addr,
			     task->state == FAKE_TASK_OVER, write);
	}
	for (size_t i = 0; i < host->plugin_count; i++) {
		blame_region(&host->plugins[i].table_region, info->si_addr,
			     false, write);
	}
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

void stage_watch_faults(struct stage *stage)
{
	struct sigaction action = { .sa_sigaction = caught,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (!stage->trial->is_child) {
		return;
	}
	watched = stage;
	(void)sigaction(SIGSEGV, &action, NULL);
	(void)sigaction(SIGBUS, &action, NULL);
}
