#include "daemon/waiters.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "daemon/call.h"

/* Below so many nobody is looked for who went away. */
#define SWEEP_MIN 64

struct waiter {
	struct waiter *next;
	uint64_t session;
	uint64_t request;
	struct value result;
};

struct awaited_run {
	struct id id;
	struct waiter *first;
	UT_hash_handle by_id;
};

static struct awaited_run *find(const struct daemon *daemon,
				const struct id *run)
{
	struct awaited_run *found;

	HASH_FIND(by_id, daemon->awaited_runs, run, sizeof(*run), found);
	return found;
}

static struct awaited_run *find_or_make(struct daemon *daemon,
					const struct id *run)
{
	struct awaited_run *found = find(daemon, run);

	if (!found) {
		found = alloc_zeroed(1, sizeof(*found));
		found->id = *run;
		HASH_ADD(by_id, daemon->awaited_runs, id, sizeof(found->id),
			 found);
	}
	return found;
}

static void forget(struct daemon *daemon, struct awaited_run *awaited)
{
	HASH_DELETE(by_id, daemon->awaited_runs, awaited);
	free(awaited);
}

static void drop(struct daemon *daemon, struct waiter *waiter)
{
	daemon->waiter_count--;
	value_clear(&waiter->result);
	free(waiter);
}

/* With `err` they are refused, without it nothing is answered. */
static void drop_all(struct daemon *daemon, struct awaited_run *awaited,
		     const struct err *err)
{
	while (awaited->first) {
		struct waiter *waiter = awaited->first;

		awaited->first = waiter->next;
		if (err) {
			control_unpark(daemon->control, waiter->session);
			control_refuse(daemon->control, waiter->session,
				       waiter->request, err);
		}
		drop(daemon, waiter);
	}
	forget(daemon, awaited);
}

/* On disk as far as can be seen: a store that cannot be read says nothing. */
static bool is_stored(const struct daemon *daemon, const struct id *run)
{
	struct run_view *view;

	if (view_run(daemon->view, run, &view, NULL) == 0) {
		run_view_destroy(view);
		return true;
	}
	return false;
}

static void drop_gone_of(struct daemon *daemon, struct awaited_run *awaited)
{
	struct waiter **at = &awaited->first;

	while (*at) {
		struct waiter *waiter = *at;

		if (control_session_open(daemon->control, waiter->session)) {
			at = &waiter->next;
		} else {
			*at = waiter->next;
			drop(daemon, waiter);
		}
	}
	if (!awaited->first) {
		forget(daemon, awaited);
	}
}

/* Clients that went away wait no more. Only one that comes makes them more, and
 * only when they have doubled since is it worth looking. */
static void drop_gone(struct daemon *daemon)
{
	struct awaited_run *awaited;
	struct awaited_run *next;

	if (daemon->waiter_count < daemon->waiter_sweep) {
		return;
	}
	HASH_ITER(by_id, daemon->awaited_runs, awaited, next)
	{
		drop_gone_of(daemon, awaited);
	}
	daemon->waiter_sweep = daemon->waiter_count * 2 + SWEEP_MIN;
}

void waiters_add(struct daemon *daemon, const struct control_request *request,
		 const struct id *run, struct value result)
{
	drop_gone(daemon);
	struct awaited_run *awaited = find_or_make(daemon, run);
	struct waiter *waiter = alloc_zeroed(1, sizeof(*waiter));

	waiter->session = request->session;
	waiter->request = request->id;
	waiter->result = result;
	waiter->next = awaited->first;
	awaited->first = waiter;
	daemon->waiter_count++;
	control_park(daemon->control, waiter->session);
}

void waiters_answer(struct daemon *daemon, const struct id *run,
		    enum group_state state)
{
	struct awaited_run *awaited = find(daemon, run);

	if (!awaited) {
		return;
	}
	while (awaited->first) {
		struct waiter *waiter = awaited->first;

		awaited->first = waiter->next;
		value_set(&waiter->result, "state",
			  value_text(group_state_name(state)));
		control_unpark(daemon->control, waiter->session);
		control_answer(daemon->control, waiter->session,
			       waiter->request, &waiter->result);
		drop(daemon, waiter);
	}
	forget(daemon, awaited);
}

void waiters_refuse_unstored(struct daemon *daemon, const struct err *err)
{
	struct awaited_run *awaited;
	struct awaited_run *next;

	HASH_ITER(by_id, daemon->awaited_runs, awaited, next)
	{
		if (!is_stored(daemon, &awaited->id)) {
			drop_all(daemon, awaited, err);
		}
	}
}

void waiters_fini(struct daemon *daemon)
{
	struct awaited_run *awaited;
	struct awaited_run *next;

	HASH_ITER(by_id, daemon->awaited_runs, awaited, next)
	{
		drop_all(daemon, awaited, NULL);
	}
}
