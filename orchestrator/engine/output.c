#include "engine/output.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "engine/run.h"

void output_clear(struct output *out)
{
	for (size_t i = 0; i < out->effect_count; i++) {
		blob_unref(out->effects[i].stash);
		blob_unref(out->effects[i].with);
		blob_unref(out->effects[i].outputs);
	}
	for (size_t i = 0; i < out->text_count; i++) {
		free(out->texts[i]);
	}
	out->effect_count = 0;
	out->looked_at = 0;
	out->kept_changes = 0;
	out->kept_transitions = 0;
	out->text_count = 0;
	out->change_count = 0;
	out->transition_count = 0;
}

void output_clear_orders(struct output *out)
{
	for (size_t i = 0; i < out->order_count; i++) {
		struct queue_order *order = &out->orders[i];

		blob_unref(order->stash);
		blob_unref(order->outputs);
		blob_unref(order->with);
	}
	out->order_count = 0;
}

void output_fini(struct output *out)
{
	output_clear(out);
	output_clear_orders(out);
	free(out->orders);
	free(out->changes);
	free(out->transitions);
	free(out->transition_runs);
	free(out->effects);
	free(out->texts);
	*out = (struct output){ 0 };
}

void output_shrink(struct output *out)
{
	if (out->change_count + out->transition_count + out->effect_count +
		out->order_count + out->text_count ==
	    0) {
		output_fini(out);
	}
}

void output_change(struct output *out, struct run *run, enum change_kind kind,
		   uint32_t index)
{
	alloc_grow(out->changes, out->change_count, out->change_cap);
	out->changes[out->change_count++] = (struct change){
		.run = run,
		.kind = kind,
		.index = index,
	};
}

/* Texts of objects may change before the caller looks: keep a copy. */
static struct slice keep_text(struct output *out, struct slice text)
{
	if (text.len == 0) {
		return (struct slice){ NULL, 0 };
	}
	alloc_grow(out->texts, out->text_count, out->text_cap);
	char *copy = slice_dup(text);

	out->texts[out->text_count++] = copy;
	return (struct slice){ copy, text.len };
}

void output_transition(struct output *out, const struct id *run,
		       const struct transition_record *transition)
{
	if (out->transition_count == out->transition_cap) {
		size_t cap = out->transition_cap ? out->transition_cap * 2 : 32;

		out->transitions = alloc_resize(out->transitions, cap,
						sizeof(*out->transitions));
		out->transition_runs = alloc_resize(
		    out->transition_runs, cap, sizeof(*out->transition_runs));
		out->transition_cap = cap;
	}
	struct transition_record *kept =
	    &out->transitions[out->transition_count];

	*kept = *transition;
	kept->actor = keep_text(out, transition->actor);
	kept->message = keep_text(out, transition->message);
	out->transition_runs[out->transition_count++] = *run;
}

void output_effect(struct output *out, const struct effect *effect)
{
	const struct task_record *record = &effect->task->record;

	alloc_grow(out->effects, out->effect_count, out->effect_cap);
	struct effect *kept = &out->effects[out->effect_count++];

	*kept = *effect;
	kept->attempt = record->attempt;
	kept->wakes = record->wakes;
	kept->deadline_us =
	    clock_earlier(record->deadline_us, record->expires_us);
	kept->instance = keep_text(out, record->instance);
	if (kept->kind == EFFECT_DELIVER && !kept->queued) {
		kept->stash = blob_ref(effect->run->stash);
	}
}

void output_order(struct output *out, const struct queue_order *order)
{
	alloc_grow(out->orders, out->order_count, out->order_cap);
	struct queue_order *kept = &out->orders[out->order_count++];

	*kept = *order;
	kept->queue = keep_text(out, order->queue);
	kept->plugin = keep_text(out, order->plugin);
	kept->group = keep_text(out, order->group);
	kept->error = keep_text(out, order->error);
	(void)blob_ref(kept->stash);
	(void)blob_ref(kept->outputs);
	(void)blob_ref(kept->with);
}
