#include "daemon/turn.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/clock_watch.h"
#include "daemon/commit.h"
#include "daemon/metrics.h"
#include "daemon/queues.h"
#include "daemon/reload.h"
#include "daemon/replaced.h"
#include "daemon/request.h"
#include "daemon/rest.h"
#include "daemon/upkeep.h"

static enum completion outcome_of(int32_t outcome)
{
	switch (outcome) {
	case TUTTI_SUCCEEDED:
		return COMPLETION_SUCCEEDED;
	case TUTTI_RETRYABLE:
		return COMPLETION_RETRYABLE;
	case TUTTI_PARKED:
		return COMPLETION_PARKED;
	default:
		return COMPLETION_FAILED;
	}
}

static void warn_of_fault(struct slice actor, const char *fault)
{
	struct buf line = { 0 };

	buf_put_text(&line, "actor=");
	log_put_quoted(&line, actor);
	buf_put_text(&line, " msg=");
	log_put_quoted(&line, slice_of(fault));
	log_warn("%.*s", SLICE_ARG(buf_slice(&line)));
	buf_fini(&line);
}

/* Its handler was not called: the plugin was replaced before. At the end of the
 * process it stays running as far as the store knows, and the next start sees
 * to it. */
static void take_back(struct daemon *daemon, const struct host_key *key)
{
	struct event event = {
		.kind = EVENT_RETURNED,
		.run = key->run,
		.as.returned = { .task = key->number, .attempt = key->attempt },
	};

	if (!daemon->draining) {
		(void)engine_step(daemon->engine, &event, clock_wall_us(),
				  &daemon->output, NULL);
	}
}

static void take_completion(struct daemon *daemon,
			    const struct host_completion *completion)
{
	const struct run *run =
	    engine_run(daemon->engine, &completion->key.run);
	struct buf actor = { 0 };

	commit_answered(daemon);
	if (completion->never_called) {
		take_back(daemon, &completion->key);
		return;
	}

	metrics_task_answered(daemon->metrics, run, completion->key.number,
			      completion->key.attempt);
	if (run && completion->key.number < run->record.task_count) {
		buf_put_text(&actor, "plugin ");
		buf_put_slice(
		    &actor, run->tasks[completion->key.number]->record.plugin);
	}
	struct event event = {
		.kind = EVENT_COMPLETED,
		.actor = buf_slice(&actor),
		.run = completion->key.run,
		.as.completed = {
			.task = completion->key.number,
			.attempt = completion->key.attempt,
			.outcome = outcome_of(completion->outcome),
			.message = slice_of(completion->message),
			.output = completion->output,
			.patch = completion->patch,
			.until_us = completion->until_us,
			.late = completion->late,
		},
	};

	if (completion->plugin_at_fault) {
		warn_of_fault(buf_slice(&actor), completion->message);
	}
	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
	buf_fini(&actor);
}

static void take_progress(struct daemon *daemon,
			  const struct progress_report *report)
{
	struct event event = {
		.kind = EVENT_PROGRESS,
		.run = report->key.run,
		.as.progress = {
			.task = report->key.number,
			.attempt = report->key.attempt,
			.fraction = report->fraction,
			.note = slice_of(report->note),
		},
	};

	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

static void take(struct daemon *daemon, const struct message *message)
{
	switch (message->kind) {
	case MESSAGE_COMPLETION:
		take_completion(daemon, &message->as.completion);
		break;
	case MESSAGE_PROGRESS:
		take_progress(daemon, &message->as.progress);
		break;
	case MESSAGE_REQUEST:
		if (daemon->draining) {
			request_refuse_draining(daemon, message->as.request);
		} else {
			request_handle(daemon, message->as.request);
		}
		break;
	}
}

/* While nothing can be committed, nothing may happen: requests are refused,
 * the rest is kept in order. */
static void hold(struct daemon *daemon, struct message *message)
{
	if (message->kind == MESSAGE_REQUEST) {
		request_handle_blocked(daemon, message->as.request);
		message_destroy(message);
		return;
	}
	message->next = NULL;
	*daemon->held_end = message;
	daemon->held_end = &message->next;
}

static void work_off(struct daemon *daemon, struct message *message)
{
	if (message) {
		rest_wanted(daemon);
	}
	while (message) {
		struct message *next = message->next;

		if (daemon->blocked) {
			hold(daemon, message);
		} else {
			take(daemon, message);
			message_destroy(message);
		}
		message = next;
	}
}

static void time_passes(struct daemon *daemon)
{
	int64_t due_us = engine_next_due(daemon->engine);
	int64_t now_us = clock_wall_us();

	if (due_us && due_us <= now_us) {
		struct event event = { .kind = EVENT_TIME };

		(void)engine_step(daemon->engine, &event, now_us,
				  &daemon->output, NULL);
	}
}

static void log_reloaded(const struct value *result)
{
	const struct value *notes = value_get(result, "notes");

	log_info("msg=\"reloaded: %zu changes\"",
		 value_len(value_get(result, "changed")));
	for (size_t i = 0; i < value_len(notes); i++) {
		log_warn("msg=\"reload: %s\"", value_at(notes, i)->as.text.ptr);
	}
}

static void reload_by_signal(struct daemon *daemon)
{
	struct value result = value_map();
	struct err err = { 0 };

	if (!atomic_exchange(&daemon->reload_wanted, false)) {
		return;
	}
	if (reload(daemon, false, &result, &err) < 0) {
		log_warn("msg=\"reload: %s\"", err.msg);
	} else {
		log_reloaded(&result);
	}
	value_clear(&result);
}

/* What plugin processes have said, and what became of them. */
static void processes_turn(struct daemon *daemon)
{
	int64_t now_ns = clock_mono_ns();
	int64_t now_ms = now_ns / 1000000;

	metrics_clock(daemon->metrics, now_ns);
	if (daemon->link) {
		link_turn(daemon->link, now_ms);
	}
	if (daemon->supervisor) {
		supervisor_turn(daemon->supervisor, now_ms);
	}
	if (!daemon->draining) {
		reload_by_signal(daemon);
	}
	replaced_reap(daemon);
}

/* What came while the store could not be written. */
static void work_off_held(struct daemon *daemon)
{
	struct message *held = daemon->held;

	daemon->held = NULL;
	daemon->held_end = &daemon->held;
	work_off(daemon, held);
}

void turn(struct daemon *daemon)
{
	/* First the wake-up is cleared, then what it may have been for is
	 * looked at: what comes in between wakes the loop again. */
	struct message *taken = inbox_take(&daemon->inbox);
	int64_t now_ns = clock_mono_ns();

	metrics_turn(daemon->metrics, now_ns);
	host_turn(daemon->host, now_ns);
	commit_collect(daemon);
	if (!daemon->blocked) {
		clock_watch(daemon);
		work_off_held(daemon);
	}
	work_off(daemon, taken);
	if (!daemon->blocked) {
		processes_turn(daemon);
		time_passes(daemon);
		/* One piece per commit: others wait behind it. */
		if (!daemon->draining && !daemon->flight.under_way) {
			upkeep_turn(daemon);
		}
		queues_turn(daemon);
		commit_gathered(daemon);
	}
}
