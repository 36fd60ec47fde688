#include "daemon/publish.h"

static const char *state_name(const struct transition_record *transition,
			      int state)
{
	if (state < 0) {
		return NULL;
	}
	return transition->kind == OBJECT_TASK
		   ? task_state_name((enum task_state)state)
		   : group_state_name((enum group_state)state);
}

static void name_object(const struct run *run,
			const struct transition_record *transition,
			struct value *event)
{
	if (transition->kind == OBJECT_RUN) {
		return;
	}
	value_set(
	    event, "activity",
	    value_text(
		run_activity_definition(run, transition->activity)->name));
	if (transition->kind == OBJECT_ACTIVITY) {
		return;
	}
	value_set(event, "phase",
		  value_text(phase_kind_name(transition->phase)));
	if (transition->kind == OBJECT_TASK) {
		value_set(event, "task", value_int(transition->task));
		value_set(
		    event, "name",
		    value_string(run->tasks[transition->task]->record.name));
		value_set(event, "attempt", value_int(transition->attempt));
	}
}

static struct value describe(const struct run *run,
			     const struct transition_record *transition)
{
	struct value event = value_map();

	value_set(&event, "sequence", value_uint(transition->sequence));
	value_set(&event, "time_us", value_int(transition->time_us));
	value_set(&event, "object",
		  value_text(object_kind_name(transition->kind)));
	name_object(run, transition, &event);
	value_set(&event, "from",
		  value_text(state_name(transition, transition->from)));
	value_set(&event, "to",
		  value_text(state_name(transition, transition->to)));
	value_set(&event, "reason",
		  value_text(reason_name(transition->reason)));
	value_set(&event, "actor", value_string(transition->actor));
	value_set(&event, "message", value_string(transition->message));
	return event;
}

/* Those of one run from `at` on that follow each other; where they end. */
static size_t publish_run(struct daemon *daemon, const struct flight *flight,
			  size_t at)
{
	const struct output *output = &flight->output;
	const struct id *id = &output->transition_runs[at];
	const struct run *run = engine_run(daemon->engine, id);
	struct value body = value_map();
	struct value events = value_array();
	char text[ID_TEXT_SIZE];

	for (; at < output->transition_count &&
	       id_equal(&output->transition_runs[at], id);
	     at++) {
		if (run) {
			value_push(&events,
				   describe(run, &output->transitions[at]));
		}
	}
	if (run) {
		id_format(id, text);
		value_set(&body, "kind", value_text("events"));
		value_set(&body, "run", value_text(text));
		value_set(&body, "workflow",
			  value_string(run->record.workflow));
		value_set(&body, "uid", value_string(run->record.uid));
		value_set(&body, "events", events);
		events = value_null();
		link_publish_events(daemon->link, run->record.workflow, id,
				    &body);
	}
	value_clear(&events);
	value_clear(&body);
	return at;
}

void publish_events(struct daemon *daemon, const struct flight *flight)
{
	size_t at = 0;

	if (!daemon->link || !link_has_listeners(daemon->link)) {
		return;
	}
	while (at < flight->output.transition_count) {
		at = publish_run(daemon, flight, at);
	}
}
