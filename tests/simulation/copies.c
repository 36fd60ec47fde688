#include "copies.h"

#include <stdio.h>
#include <string.h>

#include "filters.h"
#include "sim.h"
#include "steps.h"

const char *const plugin_names[PLUGINS] = { "p0", "p1", "p2", "p3", "p4" };

#define DOORS 4

void copies_register(struct sim *sim, uint32_t plugin)
{
	static const char *const activities[ACTIVITIES] = { "A0", "A1", "A2" };
	struct engine_subscription wanted[DOORS] = { 0 };
	struct event event = {
		.kind = EVENT_PLUGIN,
		.as.plugin = {
			.name = slice_of(plugin_names[plugin]),
			.subscriptions = wanted,
			.subscription_count = dice_below(&sim->dice, DOORS),
			.always_run = plugin == 1,
		},
	};

	for (size_t i = 0; i < event.as.plugin.subscription_count; i++) {
		wanted[i] = (struct engine_subscription){
			.activity = slice_of(
			    activities[dice_below(&sim->dice, ACTIVITIES)]),
			.phase = (enum phase_kind)dice_below(&sim->dice,
							     PHASE_KINDS),
			.filter = filters_make(
			    dice_below(&sim->dice, filters_count())),
			.optional = dice_one_in(&sim->dice, 2),
			.order = (int)dice_below(&sim->dice, 5),
		};
	}
	sim->plugins[plugin].registered = true;
	sim_note(sim, "p%u registers", plugin);
	event.as.plugin.queue = queues_register(sim, plugin);
	sim_check(sim, steps_take(sim, &event) == 0, "plugins can register",
		  "p%u", plugin);
	for (size_t i = 0; i < event.as.plugin.subscription_count; i++) {
		value_clear(&wanted[i].filter);
	}
}

static void tell_of(struct sim *sim, const struct copy *copy,
		    enum event_kind kind)
{
	struct event event = {
		.kind = kind,
		.as.instance = {
			.plugin = slice_of(plugin_names[copy->plugin]),
			.name = slice_of(copy->name),
			.max_tasks = copy->max_tasks,
		},
	};

	sim_check(sim, steps_take(sim, &event) == 0, "instances are known",
		  "%s", copy->name);
}

/* Those in the dark that have nothing to do make room. */
static struct copy *free_place(struct sim *sim)
{
	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		if (!copy->serial || (!copy->known && copy->job_count == 0)) {
			return copy;
		}
	}
	for (size_t i = 0; i < COPIES; i++) {
		if (!sim->copies[i].known) {
			return &sim->copies[i];
		}
	}
	return NULL;
}

void copies_add(struct sim *sim, uint32_t plugin)
{
	struct copy *copy = free_place(sim);

	if (!copy) {
		return;
	}
	*copy = (struct copy){
		.serial = ++sim->copies_made,
		.plugin = plugin,
		.inside = dice_one_in(&sim->dice, 2),
		.known = true,
		.lives = true,
		.max_tasks = 1 + dice_below(&sim->dice, 3),
	};
	(void)snprintf(copy->name, sizeof(copy->name), "%s%u",
		       copy->inside ? "inside/" : "c", copy->serial);
	sim_note(sim, "p%u: %s joins, for %u", plugin, copy->name,
		 copy->max_tasks);
	tell_of(sim, copy, EVENT_INSTANCE);
}

/* One that fits; NULL when chance finds none. */
static struct copy *choose(struct sim *sim)
{
	struct copy *chosen = NULL;
	uint32_t count = 0;

	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		if (copy->serial && copy->known &&
		    dice_one_in(&sim->dice, ++count)) {
			chosen = copy;
		}
	}
	return steps_allowed(sim) ? chosen : NULL;
}

void copies_join(struct sim *sim)
{
	uint32_t plugin = dice_below(&sim->dice, PLUGINS);
	struct copy *there = NULL;
	uint32_t count = 0;

	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		if (copy->serial && copy->known && copy->plugin == plugin) {
			count++;
			there = copy;
		}
	}
	if (!steps_allowed(sim)) {
		return;
	}
	if (count < COPIES_MAX) {
		copies_add(sim, plugin);
	} else {
		there->max_tasks = 1 + dice_below(&sim->dice, 3);
		sim_note(sim, "%s now takes %u", there->name, there->max_tasks);
		tell_of(sim, there, EVENT_INSTANCE);
	}
}

void copies_drain(struct sim *sim)
{
	struct copy *copy = choose(sim);

	if (copy && !copy->draining) {
		copy->draining = true;
		sim_note(sim, "%s drains", copy->name);
		tell_of(sim, copy, EVENT_DRAIN);
	}
}

/* Nobody will answer it any more: it keeps what it is at, in the dark. */
static void cut_off(struct copy *copy)
{
	copy->known = false;
	copy->key_count = 0;
	for (size_t i = copy->job_count; i-- > 0;) {
		if (copy->jobs[i].done) {
			copy_drop_job(copy, i);
		}
	}
	if (!copy->lives || copy->inside) {
		*copy = (struct copy){ 0 };
	}
}

void copies_gone(struct sim *sim, struct copy *copy, const char *died)
{
	struct event event = {
		.kind = EVENT_GONE,
		.as.instance = {
			.plugin = slice_of(plugin_names[copy->plugin]),
			.name = slice_of(copy->name),
			.died = died != NULL,
			.message = slice_of(died),
		},
	};

	copy->draining = true;
	sim_note(sim, "%s is gone%s%s", copy->name, died ? ": " : "",
		 died ? died : "");
	sim_check(sim, steps_take(sim, &event) == 0, "instances are known",
		  "%s", copy->name);
	sim_check(sim, copy->held == 0, "who is gone has nothing", "%s has %u",
		  copy->name, copy->held);
	cut_off(copy);
}

/* What has not been begun goes back, then the copy goes. */
void copies_leave(struct sim *sim)
{
	struct copy *copy = choose(sim);

	if (!copy || !copy->draining) {
		return;
	}
	if (copy->job_count && copy->lives) {
		uint32_t at = dice_below(&sim->dice, (uint32_t)copy->job_count);
		struct job *job = &copy->jobs[at];

		if (!job->done) {
			job->done = true;
			job->result = (struct result){ .returned = true };
			bus_send(sim,
				 &(struct message){ .kind = MESSAGE_DONE,
						    .copy = copy->serial,
						    .key = job->key,
						    .result = job->result });
			if (copy->inside) {
				copy_drop_job(copy, at);
			}
		}
	} else if (copy->held + copy->lost == 0 || !copy->inside) {
		copies_gone(sim, copy, NULL);
	}
}

/* A process ends; that is noticed now or later. */
void copies_die(struct sim *sim)
{
	struct copy *copy = choose(sim);

	if (!copy || copy->inside) {
		return;
	}
	copy->lives = false;
	copy->job_count = 0;
	if (dice_one_in(&sim->dice, 2)) {
		copies_gone(sim, copy, "killed by signal 9");
	} else {
		sim_note(sim, "%s dies unnoticed", copy->name);
	}
}

void copies_unplug(struct sim *sim)
{
	struct copy *copy = choose(sim);

	if (copy && !copy->inside) {
		copies_gone(sim, copy, "its connection was lost");
	}
}

void copies_register_any(struct sim *sim)
{
	if (steps_allowed(sim)) {
		copies_register(sim, dice_below(&sim->dice, PLUGINS));
	}
}

void copies_remove(struct sim *sim)
{
	uint32_t plugin = dice_below(&sim->dice, PLUGINS);
	struct event event = {
		.kind = EVENT_REMOVE,
		.as.remove = { slice_of(plugin_names[plugin]) },
	};
	bool there = sim->plugins[plugin].registered;

	if (!steps_allowed(sim)) {
		return;
	}
	if (there) {
		sim->plugins[plugin] = (struct plugin_state){ 0 };
	}
	sim_note(sim, "p%u is removed", plugin);
	sim_check(sim, (steps_take(sim, &event) == 0) == there,
		  "what is registered can be removed", "p%u", plugin);
	if (there) {
		queues_remove(sim, plugin);
	}
}

static void quarantine(struct sim *sim, uint32_t plugin, bool on)
{
	struct event event = {
		.kind = EVENT_QUARANTINE,
		.as.quarantine = { .name = slice_of(plugin_names[plugin]),
				   .on = on,
				   .message = SLICE("crashes") },
	};

	sim->plugins[plugin].quarantined = on;
	sim_note(sim, "p%u is %s", plugin, on ? "quarantined" : "released");
	(void)steps_take(sim, &event);
}

void copies_quarantine(struct sim *sim)
{
	uint32_t plugin = dice_below(&sim->dice, PLUGINS);

	if (steps_allowed(sim)) {
		quarantine(sim, plugin, !sim->plugins[plugin].quarantined);
	}
}

void copies_crash(struct sim *sim)
{
	memset(sim->plugins, 0, sizeof(sim->plugins));
	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		copy->held = 0;
		copy->lost = 0;
		cut_off(copy);
	}
}

void copies_mend(struct sim *sim)
{
	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &sim->copies[i];

		/* Whoever was told to leave does, and who died is missed. */
		if (copy->serial && copy->known &&
		    (!copy->lives || (copy->draining && !copy->inside))) {
			copies_gone(sim, copy, "gone");
		}
	}
	for (uint32_t plugin = 0; plugin < PLUGINS; plugin++) {
		if (sim->plugins[plugin].quarantined) {
			quarantine(sim, plugin, false);
		}
		if (!sim->plugins[plugin].registered) {
			copies_register(sim, plugin);
		}
		copies_add(sim, plugin);
	}
}
