#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/supervisor_inside.h"

static size_t list_len(const char *const *list)
{
	size_t len = 0;

	while (list && list[len]) {
		len++;
	}
	return len;
}

char **supervisor_copy_list(const char *const *list)
{
	size_t len = list_len(list);

	if (!list) {
		return NULL;
	}
	char **copy = alloc_zeroed(len + 1, sizeof(*copy));

	for (size_t i = 0; i < len; i++) {
		copy[i] = alloc_string(list[i]);
	}
	return copy;
}

void supervisor_free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++) {
		free(list[i]);
	}
	free(list);
}

static bool same_list(char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a && a[i] && b && b[i] && strcmp(a[i], b[i]) == 0) {
		i++;
	}
	return !(a && a[i]) && !(b && b[i]);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct entry *supervisor_find_entry(const struct supervisor *supervisor,
				    const char *name)
{
	struct entry *entry = supervisor->entries;

	while (entry && strcmp(entry->name, name) != 0) {
		entry = entry->next;
	}
	return entry;
}

struct child *supervisor_find_child(const struct supervisor *supervisor,
				    const char *instance)
{
	for (const struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		for (size_t i = 0; i < entry->count; i++) {
			struct child *child = entry->children[i];

			if (child->state != CHILD_GONE &&
			    strcmp(child->name, instance) == 0) {
				return child;
			}
		}
	}
	return NULL;
}

bool supervisor_has_instance(const struct supervisor *supervisor,
			     struct slice name)
{
	for (const struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		for (size_t i = 0; i < entry->count; i++) {
			const struct child *child = entry->children[i];

			if (child->state == CHILD_RUNNING &&
			    slice_is(name, child->name)) {
				return true;
			}
		}
	}
	return false;
}

static struct entry *append(struct supervisor *supervisor, const char *name)
{
	struct entry *entry = alloc_zeroed(1, sizeof(*entry));
	struct entry **end = &supervisor->entries;

	while (*end) {
		end = &(*end)->next;
	}
	entry->supervisor = supervisor;
	entry->name = alloc_string(name);
	*end = entry;
	return entry;
}

static char *join(const char *const *argv)
{
	struct buf text = { 0 };

	for (size_t i = 0; argv[i]; i++) {
		buf_printf(&text, "%s%s", i ? " " : "", argv[i]);
	}
	return buf_take(&text);
}

static void forget_program(struct entry *entry)
{
	supervisor_free_list(entry->argv);
	supervisor_free_list(entry->env);
	free(entry->directory);
	free(entry->command);
}

static void set_program(struct entry *entry,
			const struct supervisor_entry *given)
{
	forget_program(entry);
	entry->argv = supervisor_copy_list(given->argv);
	entry->env = supervisor_copy_list(given->env);
	entry->directory = alloc_string(given->directory);
	entry->command = join(given->argv);
}

/* Who has been called surplus is being drained: when the entry grows again it
 * needs others. */
static size_t retire(struct entry *entry)
{
	size_t count = supervisor_entry_judge(entry);

	for (size_t i = 0; i < entry->count; i++) {
		entry->children[i]->retired |= entry->children[i]->surplus;
	}
	return count;
}

void supervisor_set(struct supervisor *supervisor,
		    const struct supervisor_entry *given,
		    enum supervisor_renew renew, int64_t now_ms)
{
	struct entry *entry = supervisor_find_entry(supervisor, given->name);

	if (!entry) {
		entry = append(supervisor, given->name);
	}
	if (renew == SUPERVISOR_RENEW || !entry->argv ||
	    !same_list(entry->argv, given->argv) ||
	    !same_list(entry->env, given->env) ||
	    !same_text(entry->directory, given->directory)) {
		set_program(entry, given);
		entry->generation++;
	}
	bool shrinks = given->instances < entry->wanted;

	entry->wanted = given->instances;
	entry->delay_ms = given->delay_ms;
	entry->max_ms =
	    given->max_ms > given->delay_ms ? given->max_ms : given->delay_ms;
	entry->deaths_max = given->deaths;
	entry->within_ms = given->within_ms;
	entry->removed = false;
	if (shrinks) {
		(void)retire(entry);
	}
	supervisor_policy_forgive(entry, now_ms);
}

void supervisor_remove(struct supervisor *supervisor, const char *name)
{
	struct entry *entry = supervisor_find_entry(supervisor, name);

	if (entry) {
		entry->removed = true;
		entry->wanted = 0;
		(void)retire(entry);
		entry->next_start_ms = 0;
		entry->changed = true;
	}
}

void supervisor_entry_destroy(struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		supervisor_child_destroy(entry->children[i]);
	}
	forget_program(entry);
	free(entry->children);
	free(entry->died_ms);
	free(entry->name);
	free(entry);
}

void supervisor_ready(struct supervisor *supervisor, const char *instance)
{
	struct child *child = supervisor_find_child(supervisor, instance);

	if (child && child->state == CHILD_RUNNING && !child->ready) {
		child->ready = true;
		child->ready_ms = supervisor->now_ms;
		child->entry->changed = true;
	}
}

/* One that is still wanted has a successor, but not one after the other. */
void supervisor_end_instance(struct supervisor *supervisor,
			     const char *instance, int64_t now_ms)
{
	struct child *child = supervisor_find_child(supervisor, instance);

	if (!child || child->asked) {
		return;
	}
	struct entry *entry = child->entry;

	(void)supervisor_entry_judge(entry);
	if (!child->surplus && child->generation == entry->generation) {
		int64_t wait_ms =
		    entry->wait_ms ? entry->wait_ms : entry->delay_ms;
		int64_t next_ms = supervisor_after(now_ms, wait_ms);

		if (entry->next_start_ms < next_ms) {
			entry->next_start_ms = next_ms;
		}
	}
	supervisor_child_ask(child, now_ms);
}

/* How many of the new, or of the old code, may go. */
struct quota {
	struct entry *entry;
	bool old;
	size_t left;
};

static bool is_of(const struct quota *quota, const struct child *child)
{
	bool old = child->generation != quota->entry->generation;

	return child->state == CHILD_RUNNING && !child->asked &&
	       !child->retired && old == quota->old;
}

/* The youngest first, and of all those that are not ready yet. */
static size_t mark(struct quota quota, bool ready)
{
	size_t marked = 0;

	for (size_t i = quota.entry->count; i-- > 0 && marked < quota.left;) {
		struct child *child = quota.entry->children[i];

		if (is_of(&quota, child) && child->ready == ready) {
			child->surplus = true;
			marked++;
		}
	}
	return marked;
}

static size_t mark_all(struct quota quota)
{
	size_t marked = mark(quota, false);

	quota.left -= marked;
	return marked + mark(quota, true);
}

/*
 * Old code is kept for as long as so many of the new are not ready: what is
 * wanted is served all the time.
 */
size_t supervisor_entry_judge(struct entry *entry)
{
	struct quota now = { .entry = entry };
	struct quota old = { .entry = entry, .old = true };
	size_t ready = 0;
	size_t retired = 0;

	for (size_t i = 0; i < entry->count; i++) {
		struct child *child = entry->children[i];

		child->surplus = child->retired &&
				 child->state == CHILD_RUNNING && !child->asked;
		retired += child->surplus;
		now.left += is_of(&now, child);
		old.left += is_of(&old, child);
		ready += is_of(&now, child) && child->ready;
	}
	size_t keep_old = ready < entry->wanted ? entry->wanted - ready : 0;

	now.left = now.left > entry->wanted ? now.left - entry->wanted : 0;
	old.left = old.left > keep_old ? old.left - keep_old : 0;
	return retired + mark_all(now) + mark_all(old);
}

size_t supervisor_surplus(struct supervisor *supervisor, const char *name,
			  const char *const **ret_instances)
{
	struct entry *entry = supervisor_find_entry(supervisor, name);
	size_t count = 0;

	if (entry && retire(entry)) {
		for (size_t i = 0; i < entry->count; i++) {
			if (!entry->children[i]->surplus) {
				continue;
			}
			alloc_grow(supervisor->surplus, count,
				   supervisor->surplus_cap);
			supervisor->surplus[count++] = entry->children[i]->name;
		}
	}
	*ret_instances = supervisor->surplus;
	return count;
}
