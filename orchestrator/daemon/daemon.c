#include "daemon/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/heap.h"
#include "bridge/bridge.h"
#include "bus/nng_begin.h"
#include "daemon/arrivals.h"
#include "daemon/blame.h"
#include "daemon/clock_watch.h"
#include "daemon/commit.h"
#include "daemon/deliver.h"
#include "daemon/instances.h"
#include "daemon/metrics.h"
#include "daemon/processes.h"
#include "daemon/queues.h"
#include "daemon/registrations.h"
#include "daemon/remote.h"
#include "daemon/replaced.h"
#include "daemon/request.h"
#include "daemon/rest.h"
#include "daemon/resume.h"
#include "daemon/setup.h"
#include "daemon/turn.h"
#include "daemon/upkeep.h"
#include "daemon/waiters.h"

#define DESCRIPTORS 65536

/* How long the loop looks on while plugins are at it; after so many times in
 * vain, not for so many times. */
#define WATCH_NS    INT64_C(60000)
#define WATCH_TRIES 3
#define WATCH_PAUSE 100

int daemon_check(const struct daemon_options *options, struct buf *diagnostics)
{
	struct host_callbacks none = { 0 };
	struct host *host = host_create(&none);
	struct value isolated = value_map();
	int rc = setup_plugins(host, options, &isolated, diagnostics);

	value_clear(&isolated);
	host_destroy(host);
	return rc;
}

static void on_request(void *arg, struct control_request *request)
{
	struct daemon *daemon = arg;
	struct message *message = alloc_zeroed(1, sizeof(*message));

	message->kind = MESSAGE_REQUEST;
	message->as.request = request;
	inbox_post(&daemon->inbox, message);
}

static int stand_by(struct daemon *daemon, const char *directory,
		    struct err *reterr)
{
	const struct daemon_options *options = &daemon->options;
	int lock;
	int rc =
	    options->standby(options->standby_arg, directory, &lock, reterr);

	return rc ? rc
		  : store_open_owned(directory, lock, &daemon->store, reterr);
}

/* [any thread] */
static void on_committed(void *arg)
{
	struct daemon *daemon = arg;

	inbox_wake(&daemon->inbox);
}

static int open_store(struct daemon *daemon, struct err *reterr)
{
	const char *directory = daemon->options.store
				    ? daemon->options.store
				    : daemon->options.config->store;
	int rc = store_open(directory, &daemon->store, reterr);

	if (rc == E_BUSY && daemon->options.standby) {
		rc = stand_by(daemon, directory, reterr);
	}
	if (rc == 0) {
		store_set_durability(daemon->store, daemon->durability);
		store_on_committed(daemon->store, on_committed, daemon);
		daemon->view = view_of_store(daemon->store);
	}
	return rc;
}

/* Everything that is written when a daemon begins, in one commit. */
static int begin(struct daemon *daemon, const struct value *isolated,
		 struct err *reterr)
{
	int rc = setup_register(daemon, isolated, reterr);

	if (rc == 0) {
		blame_judge(daemon);
		processes_expect(daemon);
		rc = resume_runs(daemon, reterr);
	}
	if (rc == 0) {
		rc = commit_all(daemon);
		if (rc < 0 && reterr) {
			*reterr = daemon->blocked_by;
		}
	}
	return rc;
}

static int make_timer(struct daemon *daemon, struct err *reterr)
{
	daemon->timer_fd =
	    timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (daemon->timer_fd < 0) {
		return err_set(reterr, E_IO, "timerfd: %s", strerror(errno));
	}
	return 0;
}

/* Each plugin process takes half a dozen descriptors. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < DESCRIPTORS) {
		limit.rlim_cur =
		    limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int open_all(struct daemon *daemon, struct err *reterr)
{
	raise_descriptors();
	int rc = make_timer(daemon, reterr);

	if (rc == 0) {
		rc = open_store(daemon, reterr);
	}
	if (rc == 0) {
		rc = queues_open(daemon, reterr);
	}
	if (rc == 0) {
		rc = plugin_log_open(store_directory(daemon->store),
				     &daemon->plugin_log, reterr);
	}
	if (rc == 0) {
		rc = blame_watch(daemon, reterr);
	}
	return rc == 0 ? processes_prepare(daemon, reterr) : rc;
}

static int prepare(struct daemon *daemon, const struct value *isolated,
		   struct err *reterr)
{
	int rc = open_all(daemon, reterr);

	if (rc == 0 && daemon->options.control) {
		rc = nng_begin(reterr);
	}
	if (rc == 0) {
		rc = host_start(daemon->host, reterr);
	}
	if (rc == 0) {
		rc = begin(daemon, isolated, reterr);
	}
	if (rc == 0) {
		upkeep_look(daemon);
		processes_start(daemon);
	}
	if (rc == 0 && daemon->options.control) {
		rc = control_server_create(daemon->options.control, on_request,
					   daemon, &daemon->control, reterr);
	}
	return rc;
}

int daemon_create(const struct daemon_options *options,
		  struct daemon **ret_daemon, struct buf *diagnostics,
		  struct err *reterr)
{
	struct daemon *daemon = alloc_zeroed(1, sizeof(*daemon));
	struct engine_options engine = { .grace_ms =
					     options->config->grace_ms };

	daemon->options = *options;
	daemon->durability = options->config->durability;
	daemon->timer_fd = -1;
	/* With one processor the plugin would wait for the loop to rest. */
	daemon->watches = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	daemon->held_end = &daemon->held;
	daemon->started_us = clock_wall_us();
	heap_prepare();
	clock_watch_begin(daemon);
	int rc = inbox_init(&daemon->inbox, reterr);

	if (rc < 0) {
		free(daemon);
		return rc;
	}
	struct host_callbacks callbacks = deliver_callbacks(daemon);

	daemon->engine = engine_create(&engine);
	daemon->metrics =
	    metrics_create(engine_totals(daemon->engine), clock_mono_ns());
	daemon->host = host_create(&callbacks);
	host_promise_turns(daemon->host);
	daemon->hashes = value_map();
	daemon->given_up = value_map();
	daemon->excused = value_map();
	daemon->not_started = value_map();
	daemon->since = value_map();
	struct value isolated = value_map();

	rc = setup_plugins(daemon->host, options, &isolated, diagnostics);
	if (rc < 0) {
		(void)err_set(reterr, rc, "the config cannot be used");
	} else {
		rc = prepare(daemon, &isolated, reterr);
	}
	value_clear(&isolated);
	if (rc < 0) {
		daemon_destroy(daemon);
		return rc;
	}
	*ret_daemon = daemon;
	return 0;
}

struct view *daemon_view(struct daemon *daemon)
{
	return daemon->view;
}

void daemon_reload(struct daemon *daemon)
{
	atomic_store(&daemon->reload_wanted, true);
	inbox_wake(&daemon->inbox);
}

void daemon_stop(struct daemon *daemon)
{
	atomic_store(&daemon->stopping, true);
	inbox_wake(&daemon->inbox);
}

int daemon_cancel_run(struct daemon *daemon, const struct id *run,
		      struct slice actor, struct err *reterr)
{
	struct event event = { .kind = EVENT_CANCEL,
			       .run = *run,
			       .actor = actor };

	return engine_step(daemon->engine, &event, clock_wall_us(),
			   &daemon->output, reterr);
}

/* What needs the wall clock: the engine's timers, messages, and runs to delete.
 */
static int64_t next_due_us(const struct daemon *daemon)
{
	int64_t due_us = engine_next_due(daemon->engine);
	bool rests = daemon->draining || daemon->flight.under_way;
	int64_t upkeep_us = rests ? 0 : upkeep_next_due(daemon);
	int64_t queues_us =
	    daemon->draining ? 0 : bridge_next_due(daemon->bridge);

	return clock_earlier(due_us, clock_earlier(upkeep_us, queues_us));
}

/* Follow next_due_us(); a clock that is set wakes the loop too. */
static void arm_timer(struct daemon *daemon)
{
	int64_t due_us = next_due_us(daemon);
	struct itimerspec when = { 0 };

	if (due_us == daemon->timer_us) {
		return;
	}
	when.it_value.tv_sec = due_us / 1000000;
	when.it_value.tv_nsec = due_us % 1000000 * 1000;
	(void)timerfd_settime(daemon->timer_fd,
			      TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			      &when, NULL);
	daemon->timer_us = due_us;
}

/* While the store cannot be written time may pass as it likes: only the next
 * try to commit, or a message, is of interest. */
static int64_t next_due_ns(const struct daemon *daemon)
{
	int64_t due_ns = clock_earlier(commit_due_ns(daemon),
				       host_next_due_ns(daemon->host));

	if (daemon->blocked) {
		return due_ns;
	}
	due_ns = clock_earlier(due_ns, rest_due_ns(daemon));
	if (daemon->link) {
		due_ns = clock_earlier(due_ns, link_next_due_ms(daemon->link) *
						   1000000);
	}
	if (daemon->supervisor) {
		due_ns = clock_earlier(
		    due_ns,
		    supervisor_next_due_ms(daemon->supervisor) * 1000000);
	}
	return due_ns;
}

/* From now until then. */
static struct timespec span_until(int64_t due_ns)
{
	int64_t left_ns = due_ns - clock_mono_ns();

	left_ns = left_ns > 0 ? left_ns : 0;
	return (struct timespec){
		.tv_sec = left_ns / 1000000000,
		.tv_nsec = left_ns % 1000000000,
	};
}

/*
 * Tasks have just been given to plugins inside: do they answer before the loop
 * would be asleep? Where they have not of late it is tried rarely.
 */
static bool answers_come(struct daemon *daemon)
{
	if (!daemon->watches || !daemon->awaited || daemon->blocked) {
		return false;
	}
	if (daemon->watch_credit < 0) {
		daemon->watch_credit++;
		return false;
	}
	bool come = inbox_watch(&daemon->inbox, WATCH_NS);

	daemon->watch_credit = come                   ? WATCH_TRIES
			       : daemon->watch_credit ? daemon->watch_credit - 1
						      : -WATCH_PAUSE;
	return come;
}

/* At most until `end_ns`; 0: as long as it takes. */
static void wait_for_something(struct daemon *daemon, int64_t end_ns)
{
	struct pollfd fds[] = {
		{ .fd = daemon->inbox.wake_fd, .events = POLLIN },
		{ .fd = daemon->timer_fd, .events = POLLIN },
		{ .fd = daemon->supervisor ? supervisor_fd(daemon->supervisor)
					   : -1,
		  .events = POLLIN },
	};
	nfds_t count = daemon->blocked ? 1 : 3;

	if (answers_come(daemon)) {
		return;
	}
	rest(daemon);
	int64_t due_ns = clock_earlier(end_ns, next_due_ns(daemon));
	struct timespec span = span_until(due_ns);
	uint64_t expired;

	arm_timer(daemon);
	if (ppoll(fds, count, due_ns ? &span : NULL, NULL) > 0 &&
	    fds[1].revents) {
		/* ECANCELED after the clock was set: look again. */
		(void)!read(daemon->timer_fd, &expired, sizeof(expired));
		daemon->timer_us = 0;
	}
}

int daemon_loop(struct daemon *daemon, const struct id *until_final,
		struct err *reterr)
{
	turn(daemon);
	while (!atomic_exchange(&daemon->stopping, false)) {
		if (until_final && daemon->blocked) {
			if (reterr) {
				*reterr = daemon->blocked_by;
			}
			return daemon->blocked_by.code;
		}
		if (until_final && !engine_run(daemon->engine, until_final)) {
			break;
		}
		wait_for_something(daemon, 0);
		turn(daemon);
	}
	return 0;
}

/* Let the plugins finish what they have, as long as the grace period. */
static void drain(struct daemon *daemon)
{
	int64_t end_ns =
	    clock_mono_ns() + daemon->options.config->grace_ms * 1000000;

	host_stop(daemon->host);
	bool gone = processes_stop(daemon);

	turn(daemon);
	while (
	    (!host_drained(daemon->host) || !remote_drained(daemon) || !gone) &&
	    clock_mono_ns() < end_ns) {
		wait_for_something(daemon, end_ns);
		turn(daemon);
		gone = processes_stop(daemon);
	}
	turn(daemon);
	(void)commit_all(daemon);
}

static void fini_queues(struct daemon *daemon)
{
	while (daemon->held) {
		struct message *next = daemon->held->next;

		message_destroy(daemon->held);
		daemon->held = next;
	}
	for (size_t i = 0; i < daemon->postponed_count; i++) {
		message_destroy(daemon->postponed[i].message);
	}
	arrivals_fini(daemon);
	free(daemon->postponed);
	deferred_fini(&daemon->deferred);
	waiters_fini(daemon);
}

void daemon_destroy(struct daemon *daemon)
{
	if (!daemon) {
		return;
	}
	if (daemon->bridge) {
		engine_hold(daemon->engine);
		daemon->draining = true;
		drain(daemon);
	}
	if (daemon->control) {
		control_server_stop(daemon->control);
	}
	bool drained = host_drained(daemon->host);

	link_end(daemon->link);
	supervisor_destroy(daemon->supervisor);
	host_destroy(daemon->host);
	bridge_close(daemon->bridge);
	view_close(daemon->view);
	store_close(daemon->store);
	metrics_destroy(daemon->metrics);
	engine_destroy(daemon->engine);
	output_fini(&daemon->output);
	flight_fini(&daemon->flight);
	flight_fini(&daemon->landed);
	fini_queues(daemon);
	replaced_fini(daemon);
	instances_fini(daemon);
	registrations_fini(daemon);
	value_clear(&daemon->hashes);
	value_clear(&daemon->given_up);
	value_clear(&daemon->excused);
	value_clear(&daemon->not_started);
	value_clear(&daemon->since);
	config_destroy(daemon->config);
	if (daemon->timer_fd >= 0) {
		close(daemon->timer_fd);
	}
	if (drained && !daemon->link) {
		plugin_log_close(daemon->plugin_log);
		inbox_fini(&daemon->inbox);
		free(daemon);
	}
	/* Else a plugin's thread, or one of nng's, may still post to the inbox:
	 * the process is about to end, and the memory with it. */
}
