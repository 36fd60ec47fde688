/*
 * Programs by themselves, as an orchestrator meets them: over the bus.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "check/server.h"
#include "check/stage.h"

/* How soon it must have left, with nothing in hand or something short. */
#define LEAVE_MS 3000

/* Before which a second completion would have come. */
#define ECHO_MS 60

static void run_registers(struct trial *trial)
{
	struct server server;

	if (server_begin(trial, trial->subject->real, &server)) {
		server_close(&server);
	}
}

/* ---- tasks ---- */

static const char *end_of(const struct server *server,
			  const struct script_task *task)
{
	return server->gone ? "it left the orchestrator"
	       : task->kind == SCRIPT_PLAIN
		   ? "the task did not end, not even when it was cancelled"
		   : "the task did not end when it was told to stop";
}

/* Runs it. False: that was the end, and told. */
static bool perform(struct server *server, const struct script_task *task)
{
	struct form form = server_form(server);
	struct transcript transcript = { 0 };

	form_run(&form, task, STAGE_PATIENCE_MS, &transcript);
	bool good = transcript.end != TRANSCRIPT_STUCK;

	if (!good) {
		const char *what = program_ended(&server->program)
				       ? "its process ended"
				       : end_of(server, task);

		server_fail(server, "%s: %s", task->label, what);
	} else if (transcript.given_back) {
		server_fail(server, "%s: it was given back undone",
			    task->label);
	}
	transcript_fini(&transcript);
	return good;
}

static void perform_all(struct trial *trial, unsigned which,
			void (*after)(struct server *server,
				      const struct script_task *task))
{
	struct server server;
	struct script script;

	if (!server_begin(trial, trial->subject->real, &server)) {
		return;
	}
	if (script_make(trial, &server.plugins, which, &script)) {
		for (size_t i = 0; i < script.len; i++) {
			if (!perform(&server, &script.tasks[i])) {
				break;
			}
			if (after) {
				after(&server, &script.tasks[i]);
			}
		}
		script_fini(&script);
	}
	server_close(&server);
}

static void run_tasks(struct trial *trial)
{
	perform_all(trial, SCRIPT_OF_PLAIN, NULL);
}

static void run_odd(struct trial *trial)
{
	perform_all(trial, SCRIPT_OF_ODD | SCRIPT_OF_HEAVY, NULL);
}

static void check_once(struct server *server, const struct script_task *task)
{
	server_pass(server, ECHO_MS);
	struct link_stats stats = link_stats(server->link);

	if (stats.ignored || stats.malformed) {
		server_fail(server,
			    "%s: %llu completions too many and %llu messages "
			    "that make no sense: complete each task exactly "
			    "once, with the run, task and attempt that came",
			    task->label, (unsigned long long)stats.ignored,
			    (unsigned long long)stats.malformed);
	}
}

static void run_once(struct trial *trial)
{
	perform_all(trial, SCRIPT_OF_PLAIN, check_once);
}

/* Once more, when it is over. */
static void cancel_again(struct server *server, const struct script_task *task)
{
	struct form form = server_form(server);

	form.cancel(server, task, false);
	form.cancel(server, task, true);
	server_pass(server, 5);
}

static void run_cancel(struct trial *trial)
{
	perform_all(trial, SCRIPT_OF_ENDS | SCRIPT_OF_PLAIN, cancel_again);
}

/* ---- how it leaves ---- */

/* A task in hand, if any task can be: half way to its end. */
static bool get_busy(struct server *server, struct script *script,
		     struct transcript *transcript)
{
	struct form form = server_form(server);

	if (!script_make(server->trial, &server->plugins, SCRIPT_OF_PLAIN,
			 script)) {
		return false;
	}
	if (script->len) {
		form.deliver(server, &script->tasks[0], 0, transcript);
		(void)form.wait(server, 5);
	}
	return true;
}

/* False: it did not go well, and that has been told. */
typedef bool (*leaving)(struct server *server, bool busy);

static bool let_leave(struct trial *trial, bool busy, leaving leave)
{
	struct transcript transcript = { 0 };
	struct script script = { 0 };
	struct server server;

	if (!server_begin(trial, trial->subject->real, &server)) {
		return false;
	}
	bool good = (!busy || get_busy(&server, &script, &transcript)) &&
		    leave(&server, busy);

	server_close(&server);
	transcript_fini(&transcript);
	script_fini(&script);
	return good;
}

/* What goes on until it is cancelled may go on after `stop`, too. */
static bool stop_it(struct server *server)
{
	if (server_stop(server, server->task ? STAGE_PATIENCE_MS : LEAVE_MS)) {
		return true;
	}
	if (!server->task) {
		return false;
	}
	server_form(server).cancel(server, server->task, false);
	return server_stop(server, LEAVE_MS);
}

static bool leave_by_stop(struct server *server, bool busy)
{
	if (!stop_it(server)) {
		server_fail(server,
			    "%d s after `stop`%s it is still there: finish "
			    "what is in hand, say bye, end with exit code 0",
			    LEAVE_MS / 1000,
			    busy ? " with a task in hand" : "");
	} else if (server->program.status != 0) {
		server_fail(server,
			    "after `stop`%s it did not end in good order: end "
			    "with exit code 0",
			    busy ? " with a task in hand" : "");
	} else {
		return true;
	}
	return false;
}

static void run_stop(struct trial *trial)
{
	(void)(let_leave(trial, false, leave_by_stop) &&
	       let_leave(trial, true, leave_by_stop));
}

static bool leave_by_lifeline(struct server *server, bool busy)
{
	program_cut_lifeline(&server->program);
	if (program_wait(&server->program, LEAVE_MS)) {
		return true;
	}
	server_fail(server,
		    "%d s after its standard input has ended%s it is still "
		    "there: the orchestrator is gone then and nobody else will "
		    "end it, so end at once",
		    LEAVE_MS / 1000, busy ? " with a task in hand" : "");
	return false;
}

static void run_lifeline(struct trial *trial)
{
	(void)(let_leave(trial, false, leave_by_lifeline) &&
	       let_leave(trial, true, leave_by_lifeline));
}

static bool leave_alone(struct server *server, bool busy)
{
	int status;

	(void)busy;
	if (!stop_it(server)) {
		program_fini(&server->program);
	}
	/* Its children are ours now. */
	stage_pause(50);
	pid_t ended = waitpid(-1, &status, WNOHANG);

	while (ended > 0) {
		ended = waitpid(-1, &status, WNOHANG);
	}
	if (ended == 0) {
		server_fail(server, "it left processes behind: end and wait "
				    "for every process that you start");
	}
	return ended != 0;
}

static void run_orphans(struct trial *trial)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)let_leave(trial, true, leave_alone);
}

#define ALIVE(rule, what, first, function)                              \
	{                                                               \
		.name = rule, .says = what, .needs = first,             \
		.kinds = CHECK_PROGRAM, .fresh = true, .run = function, \
	}

static const struct rule program_rules[] = {
	ALIVE("program.registers", "it registers and gets ready", NULL,
	      run_registers),
	ALIVE("program.tasks", "ordinary tasks come to an end",
	      "program.registers", run_tasks),
	ALIVE("program.odd", "odd, deep and large documents do no harm",
	      "program.tasks", run_odd),
	ALIVE("program.once", "each task is completed exactly once",
	      "program.tasks", run_once),
	ALIVE("program.cancel", "tasks end soon after cancel and deadline",
	      "program.tasks", run_cancel),
	ALIVE("program.stop", "it leaves in good order when told to stop",
	      "program.tasks", run_stop),
	ALIVE("program.lifeline", "it ends when its standard input does",
	      "program.tasks", run_lifeline),
	ALIVE("program.orphans", "it leaves no processes behind",
	      "program.tasks", run_orphans),
};

const struct rule_group rules_program = RULE_GROUP(program_rules);
