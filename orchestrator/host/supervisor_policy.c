/*
 * When processes are started, and when no more.
 *
 * The delay belongs to the entry. It doubles with each round of starts that
 * ends in death, not with each death: eight processes that die at one blow are
 * one misfortune. A process that was ready and then lived at least as long as
 * the delay it came from sets it back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/supervisor_inside.h"
#include "host/text.h"

/* Told to end, being drained, or of old code, is not one of those that are
 * wanted. */
static bool counts(const struct child *child)
{
	return child->state == CHILD_RUNNING && !child->asked &&
	       !child->retired && child->generation == child->entry->generation;
}

uint32_t supervisor_policy_missing(const struct entry *entry)
{
	uint32_t there = 0;

	if (entry->given_up || entry->removed || entry->supervisor->stopping) {
		return 0;
	}
	for (size_t i = 0; i < entry->count; i++) {
		there += counts(entry->children[i]);
	}
	return there < entry->wanted ? entry->wanted - there : 0;
}

static void could_not_start(struct entry *entry, const struct err *err)
{
	struct supervisor_exit how = { .pid = -1 };
	char *text = host_text_clean(slice_of(err->msg), sizeof(how.text) - 1);

	memcpy(how.text, text, strlen(text) + 1);
	free(text);
	supervisor_policy_died(entry, NULL, &how);
}

/* Nobody has registered there, so that nothing is to be drained; and what never
 * registers must not grow by one with each renewal. */
static void end_superseded(struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		struct child *child = entry->children[i];

		if (!child->ready && child->generation != entry->generation) {
			supervisor_child_ask(child, entry->supervisor->now_ms);
		}
	}
}

void supervisor_policy_start(struct entry *entry)
{
	uint32_t missing = supervisor_policy_missing(entry);

	if (missing == 0 || entry->supervisor->now_ms < entry->next_start_ms) {
		return;
	}
	entry->next_start_ms = 0;
	entry->round++;
	entry->changed = true;
	while (missing-- > 0) {
		struct err err;

		if (supervisor_child_start(entry, &err) < 0) {
			could_not_start(entry, &err);
			return;
		}
		end_superseded(entry);
	}
}

static bool was_healthy(const struct child *child)
{
	const struct entry *entry = child->entry;
	int64_t least =
	    entry->wait_ms > entry->delay_ms ? entry->wait_ms : entry->delay_ms;

	return child->ready &&
	       entry->supervisor->now_ms - child->ready_ms >= least;
}

static void grow_delay(struct entry *entry)
{
	if (entry->wait_ms == 0) {
		entry->wait_ms = entry->delay_ms;
	} else if (entry->wait_ms > entry->max_ms / 2) {
		entry->wait_ms = entry->max_ms;
	} else {
		entry->wait_ms *= 2;
	}
}

static void delay(struct entry *entry, const struct child *child, bool excused)
{
	if (child && was_healthy(child)) {
		entry->wait_ms = 0;
	}
	if (!child || entry->wait_ms == 0 ||
	    (!excused && child->round > entry->delayed_round)) {
		grow_delay(entry);
		entry->delayed_round = entry->round;
	}
	if (entry->next_start_ms == 0) {
		entry->next_start_ms =
		    supervisor_after(entry->supervisor->now_ms, entry->wait_ms);
	}
}

static void forget_old_deaths(struct entry *entry)
{
	int64_t since = entry->supervisor->now_ms - entry->within_ms;
	size_t old = 0;

	while (old < entry->died_count && entry->died_ms[old] < since) {
		old++;
	}
	if (old) {
		entry->died_count -= old;
		memmove(entry->died_ms, entry->died_ms + old,
			entry->died_count * sizeof(*entry->died_ms));
	}
}

/* Is this one too many? */
static bool count_death(struct entry *entry)
{
	uint64_t wanted = entry->wanted ? entry->wanted : 1;

	if (entry->deaths_max == 0) {
		return false;
	}
	forget_old_deaths(entry);
	alloc_grow(entry->died_ms, entry->died_count, entry->died_cap);
	entry->died_ms[entry->died_count++] = entry->supervisor->now_ms;
	return entry->died_count >= entry->deaths_max * wanted;
}

static bool is_excused(const struct entry *entry, const struct child *child)
{
	const struct supervisor_callbacks *callbacks =
	    &entry->supervisor->callbacks;

	return child && callbacks->excused &&
	       callbacks->excused(callbacks->arg, entry->name, child->name);
}

void supervisor_policy_died(struct entry *entry, const struct child *child,
			    const struct supervisor_exit *how)
{
	bool refused =
	    child && !how->signalled && how->status == STATUS_REFUSED;
	bool excused = is_excused(entry, child);
	bool current = !child || (child->generation == entry->generation &&
				  !child->retired);

	entry->deaths++;
	entry->last = *how;
	entry->changed = true;
	/* Old code, or what is being drained, that dies says nothing about the
	 * new. */
	if (entry->given_up || !current) {
		return;
	}
	if (refused || (!excused && count_death(entry))) {
		entry->given_up = true;
		entry->next_start_ms = 0;
		return;
	}
	delay(entry, child, excused);
}

void supervisor_policy_forgive(struct entry *entry, int64_t now_ms)
{
	entry->supervisor->now_ms = now_ms;
	entry->given_up = false;
	entry->deaths = 0;
	entry->wait_ms = 0;
	entry->next_start_ms = 0;
	entry->died_count = 0;
	entry->changed = true;
}
