/* Completes each task, and another one that it does not have. */
#include <poll.h>
#include <string.h>

#include "bad_program.h"
#include "base/clock.h"
#include "bus/link_client.h"

BAD_PLUGIN(.handle = bad_handle_well);

static struct link_client *client;

static int welcome(void *arg, const struct value *config, struct err *reterr)
{
	(void)arg;
	(void)config;
	(void)reterr;
	return 0;
}

static void work(void *arg, const struct wire_work *given,
		 const struct wire_member *member)
{
	struct wire_item item = {
		.kind = WIRE_DONE,
		.key = { .run = given->run,
			 .task = member->task,
			 .attempt = member->attempt,
			 .wakes = member->wakes },
		.outcome = TUTTI_SUCCEEDED,
	};

	(void)arg;
	link_client_put(client, &item);
	item.key.task += 1000;
	link_client_put(client, &item);
}

static void cancel(void *arg, const struct wire_key *key, bool timed_out)
{
	(void)arg;
	(void)key;
	(void)timed_out;
}

static void stop(void *arg)
{
	(void)arg;
	link_client_leave(client);
}

static void lost(void *arg)
{
	(void)arg;
}

static void refused(void *arg, int code, struct slice error)
{
	(void)arg;
	(void)code;
	(void)error;
	link_client_leave(client);
}

/* False at the end of the lifeline. */
static bool turn(void)
{
	struct pollfd fds[1 + LINK_CLIENT_FDS] = {
		{ .fd = 0, .events = POLLIN },
	};
	int timeout_ms;
	nfds_t len = link_client_poll(client, clock_mono_ns() / 1000000,
				      fds + 1, &timeout_ms);

	(void)poll(fds, len + 1, timeout_ms);
	link_client_turn(client, clock_mono_ns() / 1000000, fds + 1, len);
	return fds[0].revents == 0;
}

int main(int argc, char **argv)
{
	struct wire_plugin about = {
		.name = SLICE("bad"),
		.version = SLICE("1"),
		.help = SLICE("Breaks one rule."),
		.hash = SLICE("none"),
		.max_tasks = 4,
	};
	const struct wire_hello hello = {
		.name = SLICE("check#1"),
		.sdk = SLICE("none"),
		.plugins = &about,
		.plugin_count = 1,
	};
	/* Found by leak checkers until the end. */
	static char *bus_file;

	bus_file = link_client_find_bus();
	const struct link_client_options options = {
		.bus_file = bus_file,
		.about = &hello,
		.handlers = { .welcome = welcome,
			      .work = work,
			      .cancel = cancel,
			      .stop = stop,
			      .lost = lost,
			      .refused = refused },
	};

	if (argc > 1) {
		return runner_main(argc, argv, tutti_plugin_v1);
	}
	if (link_client_create(&options, &client, NULL) < 0) {
		return 1;
	}
	while (!link_client_ended(client) && turn()) {
	}
	return 0;
}
