#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/inside.h"

/* How soon the end of the last handler is noticed. */
#define DRAIN_MS 20

/* What plugins get when the orchestrator is gone. */
#define LAST_SECONDS 1

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

static void complain(const struct runner *runner, struct slice text)
{
	(void)fprintf(stderr, "%s: %.*s\n", runner->options->program,
		      SLICE_ARG(text));
}

/* ---- what the orchestrator says ---- */

static int start(struct runner *runner, const struct value *config,
		 struct err *reterr)
{
	const struct runner_options *options = runner->options;
	const struct host_source source = {
		.path = options->path,
		.entry = options->entry,
		.label = options->path ? NULL : options->program,
		.config = config->type == VALUE_MAP ? config : NULL,
		.max_tasks = options->max_tasks,
	};
	int rc = host_load(runner->host, &source, reterr);

	return rc < 0 ? rc : host_start(runner->host, reterr);
}

static int handle_welcome(void *arg, const struct value *config,
			  struct err *reterr)
{
	struct runner *runner = arg;
	struct err err = { 0 };
	int rc = start(runner, config, &err);

	if (rc < 0) {
		runner->code = RUNNER_REFUSED;
		complain(runner, slice_of(err.msg));
		(void)err_set(reterr, rc, "%s", err.msg);
	}
	return rc;
}

static void handle_work(void *arg, const struct wire_work *work,
			const struct wire_member *member)
{
	runner_task_deliver(arg, work, member);
}

static void handle_cancel(void *arg, const struct wire_key *key, bool timed_out)
{
	runner_task_cancel(arg, key, timed_out);
}

static void handle_stop(void *arg)
{
	runner_stop(arg);
}

static void handle_lost(void *arg)
{
	struct runner *runner = arg;

	runner_task_forget_waiting(runner);
	/* Nobody waits for what is still being done. */
	if (runner->stopping) {
		link_client_leave(runner->client);
	}
}

static void handle_refused(void *arg, int code, struct slice error)
{
	struct runner *runner = arg;

	(void)code;
	runner->code = RUNNER_REFUSED;
	complain(runner, error);
}

/* ---- ends ---- */

void runner_stop(struct runner *runner)
{
	if (!runner->stopping) {
		runner->stopping = true;
		host_stop(runner->host);
		runner_task_return_waiting(runner);
	}
}

static void take_signal(struct runner *runner)
{
	struct signalfd_siginfo signal;

	while (read(runner->signals, &signal, sizeof(signal)) ==
	       (ssize_t)sizeof(signal)) {
		if (runner->stopping) {
			quick_exit(RUNNER_FAILED);
		}
		runner_stop(runner);
	}
}

static void *last_word(void *arg)
{
	struct timespec left = { .tv_sec = LAST_SECONDS };

	while (nanosleep(&left, &left) && errno == EINTR) {
	}
	quick_exit(RUNNER_DONE);
	return arg;
}

/* The orchestrator has ended, maybe without a chance to say so: whoever waits
 * for this process waits in vain. */
static void end_orphaned(struct runner *runner)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, last_word, NULL) != 0) {
		quick_exit(RUNNER_DONE);
	}
	host_stop(runner->host);
	while (!host_drained(runner->host)) {
		(void)nanosleep(&pause, NULL);
	}
	host_destroy(runner->host);
	quick_exit(RUNNER_DONE);
}

static void watch_lifeline(struct runner *runner)
{
	char bytes[256];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
		end_orphaned(runner);
	}
}

/* ---- the loop ---- */

static int64_t now_ms(void)
{
	return clock_mono_ns() / 1000000;
}

static void after_turn(struct runner *runner)
{
	bool drained = host_drained(runner->host);

	if (runner->waiting) {
		runner_task_retry(runner);
	} else if (drained) {
		runner_task_forget_documents(runner);
	}
	if (runner->stopping && drained && !runner->waiting) {
		link_client_leave(runner->client);
	}
}

static int64_t wait_ns(struct runner *runner, int timeout_ms)
{
	bool drains = runner->stopping && !host_drained(runner->host);
	int64_t due_ns = clock_earlier(runner_linger_due_ns(runner),
				       host_next_due_ns(runner->host));

	if (drains && (timeout_ms < 0 || timeout_ms > DRAIN_MS)) {
		timeout_ms = DRAIN_MS;
	}
	int64_t most_ns = timeout_ms < 0 ? INT64_MAX : timeout_ms * NS_PER_MS;

	if (!due_ns || most_ns == 0) {
		return most_ns;
	}
	int64_t left_ns = due_ns - clock_mono_ns();

	left_ns = left_ns > 0 ? left_ns : 0;
	return left_ns < most_ns ? left_ns : most_ns;
}

/* Until one of them is ready, at most as long as that. */
static void wait_for(struct pollfd *fds, nfds_t len, int64_t most_ns)
{
	const struct timespec span = { .tv_sec = most_ns / NS_PER_S,
				       .tv_nsec = most_ns % NS_PER_S };

	if (ppoll(fds, len, most_ns == INT64_MAX ? NULL : &span, NULL) < 0) {
		for (nfds_t i = 0; i < len; i++) {
			fds[i].revents = 0;
		}
	}
}

static void turn(struct runner *runner)
{
	struct pollfd fds[2 + LINK_CLIENT_FDS] = {
		{ .fd = runner->signals, .events = POLLIN },
		{ .fd = runner->lifeline ? STDIN_FILENO : -1,
		  .events = POLLIN },
	};
	int timeout_ms;
	nfds_t len =
	    link_client_poll(runner->client, now_ms(), fds + 2, &timeout_ms);

	wait_for(fds, len + 2, wait_ns(runner, timeout_ms));
	int64_t now_ns = clock_mono_ns();

	runner->turn_ns = now_ns;
	host_turn(runner->host, now_ns);
	runner_linger_turn(runner, now_ns);
	if (fds[0].revents) {
		take_signal(runner);
	}
	if (fds[1].revents) {
		watch_lifeline(runner);
	}
	link_client_turn(runner->client, now_ms(), fds + 2, len);
	after_turn(runner);
}

/* ---- set-up ---- */

static int open_process(struct runner *runner, struct err *reterr)
{
	sigset_t wanted;

	(void)signal(SIGPIPE, SIG_IGN);
	/* What the plugin prints are lines of its log. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGTERM);
	(void)sigaddset(&wanted, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &wanted, NULL);
	runner->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (runner->signals < 0) {
		return err_set(reterr, E_IO, "cannot wait for signals: %s",
			       strerror(errno));
	}
	return 0;
}

static int open_client(struct runner *runner, struct err *reterr)
{
	const char *given = runner->options->bus_file;
	char *found = given ? NULL : link_client_find_bus();
	const struct link_client_options options = {
		.bus_file = given ? given : found,
		.about = &runner->about.hello,
		.handlers = { .arg = runner,
			      .welcome = handle_welcome,
			      .work = handle_work,
			      .cancel = handle_cancel,
			      .stop = handle_stop,
			      .lost = handle_lost,
			      .refused = handle_refused },
	};
	int rc = link_client_create(&options, &runner->client, reterr);

	free(found);
	return rc;
}

static enum runner_exit open_all(struct runner *runner, struct err *reterr)
{
	if (runner_about_init(&runner->about, runner->options, reterr) < 0) {
		return RUNNER_REFUSED;
	}
	if (open_process(runner, reterr) < 0) {
		return RUNNER_FAILED;
	}
	int rc = open_client(runner, reterr);

	return rc == 0             ? RUNNER_DONE
	       : rc == E_NOT_FOUND ? RUNNER_NOBODY_THERE
				   : RUNNER_FAILED;
}

/* Tasks that never came back may still call us: then nothing of this process
 * may go but all of it. */
static void close_all(struct runner *runner)
{
	bool drained = !runner->host || host_drained(runner->host);

	runner_task_forget_waiting(runner);
	runner_task_forget_documents(runner);
	host_destroy(runner->host);
	if (!drained) {
		(void)fflush(NULL);
		quick_exit((int)runner->code);
	}
	link_client_destroy(runner->client);
	runner_about_fini(&runner->about);
	if (runner->signals >= 0) {
		(void)close(runner->signals);
	}
}

int runner_run(const struct runner_options *options)
{
	struct runner runner = {
		.options = options,
		.signals = -1,
		.lifeline = getenv("TUTTI_INSTANCE") != NULL,
	};
	struct err err = { 0 };

	runner.code = open_all(&runner, &err);
	if (runner.code != RUNNER_DONE) {
		complain(&runner, slice_of(err.msg));
		close_all(&runner);
		return (int)runner.code;
	}
	const struct host_callbacks callbacks = runner_task_callbacks(&runner);

	runner.host = host_create(&callbacks);
	host_promise_turns(runner.host);
	while (!link_client_ended(runner.client)) {
		turn(&runner);
	}
	close_all(&runner);
	return (int)runner.code;
}
