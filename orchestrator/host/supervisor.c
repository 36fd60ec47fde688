#include "host/supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/supervisor_inside.h"

#define EVENTS_PER_TURN 256

int supervisor_create(const struct supervisor_options *options,
		      struct supervisor **ret_supervisor, struct err *reterr)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0) {
		return err_set(reterr, E_IO, "cannot watch processes: %s",
			       strerror(errno));
	}
	struct supervisor *supervisor = alloc_zeroed(1, sizeof(*supervisor));

	supervisor->callbacks = options->callbacks;
	supervisor->warden_argv = supervisor_copy_list(options->warden);
	supervisor->grace_ms = options->grace_ms;
	supervisor->epoll = epoll;
	supervisor_warden_init(supervisor);
	*ret_supervisor = supervisor;
	return 0;
}

int64_t supervisor_after(int64_t now_ms, int64_t delta_ms)
{
	int64_t due_ms = now_ms + delta_ms;

	return due_ms > 0 ? due_ms : 1;
}

int supervisor_watch(struct supervisor *supervisor, struct watch *watch)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.ptr = watch,
	};

	return epoll_ctl(supervisor->epoll, EPOLL_CTL_ADD, watch->fd, &event);
}

void supervisor_unwatch(struct supervisor *supervisor, struct watch *watch)
{
	if (watch->fd >= 0) {
		(void)epoll_ctl(supervisor->epoll, EPOLL_CTL_DEL, watch->fd,
				NULL);
		(void)close(watch->fd);
		watch->fd = -1;
	}
}

int supervisor_fd(const struct supervisor *supervisor)
{
	return supervisor->epoll;
}

static void sooner(int64_t *due_ms, int64_t other_ms)
{
	if (other_ms && (*due_ms == 0 || other_ms < *due_ms)) {
		*due_ms = other_ms;
	}
}

static void entry_due(const struct entry *entry, int64_t *due_ms)
{
	if (entry->changed) {
		sooner(due_ms, 1);
	}
	if (supervisor_policy_missing(entry)) {
		sooner(due_ms, entry->next_start_ms ? entry->next_start_ms : 1);
	}
	for (size_t i = 0; i < entry->count; i++) {
		sooner(due_ms, entry->children[i]->kill_ms);
		sooner(due_ms, entry->children[i]->drain_ms);
	}
}

static bool any_child(const struct supervisor *supervisor)
{
	const struct entry *entry = supervisor->entries;

	while (entry && entry->count == 0) {
		entry = entry->next;
	}
	return entry != NULL;
}

int64_t supervisor_next_due_ms(const struct supervisor *supervisor)
{
	int64_t due_ms = 0;

	for (const struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		entry_due(entry, &due_ms);
	}
	if (supervisor->warden_argv && !supervisor->warden.pid &&
	    any_child(supervisor)) {
		sooner(&due_ms, supervisor->warden.next_ms);
	}
	return due_ms;
}

static void happened(struct supervisor *supervisor, const struct watch *watch)
{
	switch (watch->kind) {
	case WATCH_EXIT:
		supervisor_child_exited(watch->child);
		break;
	case WATCH_STDOUT:
	case WATCH_STDERR:
		supervisor_child_read(watch->child, watch->kind);
		break;
	case WATCH_WARDEN:
		supervisor_warden_exited(supervisor);
		break;
	}
}

static void look(struct supervisor *supervisor)
{
	struct epoll_event events[EVENTS_PER_TURN];
	int count = epoll_wait(supervisor->epoll, events, EVENTS_PER_TURN, 0);

	for (int i = 0; i < count; i++) {
		const struct watch *watch = events[i].data.ptr;

		/* An earlier event of this turn may have closed it. */
		if (watch->fd >= 0) {
			happened(supervisor, watch);
		}
	}
}

static void free_gone(struct entry *entry)
{
	size_t kept = 0;

	for (size_t i = 0; i < entry->count; i++) {
		struct child *child = entry->children[i];

		if (child->state == CHILD_GONE) {
			supervisor_child_destroy(child);
		} else {
			entry->children[kept++] = child;
		}
	}
	entry->count = kept;
}

static void tell_changed(struct entry *entry)
{
	const struct supervisor_callbacks *callbacks =
	    &entry->supervisor->callbacks;

	if (entry->changed) {
		entry->changed = false;
		if (callbacks->changed) {
			callbacks->changed(callbacks->arg, entry->name);
		}
	}
}

static void sweep(struct supervisor *supervisor)
{
	struct entry **place = &supervisor->entries;

	while (*place) {
		struct entry *entry = *place;

		free_gone(entry);
		if (entry->removed && entry->count == 0 && !entry->changed) {
			*place = entry->next;
			supervisor_entry_destroy(entry);
		} else {
			place = &entry->next;
		}
	}
}

void supervisor_turn(struct supervisor *supervisor, int64_t now_ms)
{
	supervisor->now_ms = now_ms;
	look(supervisor);
	for (struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		for (size_t i = 0; i < entry->count; i++) {
			supervisor_child_turn(entry->children[i]);
		}
		supervisor_policy_start(entry);
	}
	if (any_child(supervisor)) {
		supervisor_warden_ensure(supervisor);
	}
	for (struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		tell_changed(entry);
	}
	sweep(supervisor);
}

size_t supervisor_count(const struct supervisor *supervisor)
{
	size_t count = 0;

	for (const struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		count++;
	}
	return count;
}

struct supervisor_status supervisor_status(const struct supervisor *supervisor,
					   size_t index)
{
	const struct entry *entry = supervisor->entries;

	while (index-- > 0) {
		entry = entry->next;
	}
	struct supervisor_status status = {
		.entry = entry->name,
		.command = entry->command,
		.wanted = entry->wanted,
		.deaths = entry->deaths,
		.given_up = entry->given_up,
		.last = entry->last,
	};

	for (size_t i = 0; i < entry->count; i++) {
		const struct child *child = entry->children[i];
		bool lives = child->state == CHILD_RUNNING;

		status.actual += lives;
		status.ready += lives && child->ready;
	}
	if (supervisor_policy_missing(entry)) {
		status.next_start_ms = entry->next_start_ms;
	}
	return status;
}

bool supervisor_stop(struct supervisor *supervisor, int64_t now_ms)
{
	supervisor->stopping = true;
	for (struct entry *entry = supervisor->entries; entry;
	     entry = entry->next) {
		for (size_t i = 0; i < entry->count; i++) {
			supervisor_child_ask(entry->children[i], now_ms);
		}
	}
	return !any_child(supervisor);
}

void supervisor_destroy(struct supervisor *supervisor)
{
	if (!supervisor) {
		return;
	}
	while (supervisor->entries) {
		struct entry *entry = supervisor->entries;

		supervisor->entries = entry->next;
		supervisor_entry_destroy(entry);
	}
	supervisor_warden_fini(supervisor);
	supervisor_free_list(supervisor->warden_argv);
	free(supervisor->surplus);
	(void)close(supervisor->epoll);
	free(supervisor);
}
