/*
 * Both sides of the protocol together, over real sockets and in real time.
 * With TUTTI_SHIM (the command of the shim up to its two file names) they
 * talk through a bad network.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bus/link_client.h"
#include "link_fixture.h"

#include "../folder.h"

#define CLIENTS 4
#define TASKS   400

static struct link_client *clients[CLIENTS];
static unsigned welcomed;
static unsigned begun[TASKS];
static unsigned done[TASKS];
static unsigned ended;
static unsigned named;

static int client_welcome(void *arg, const struct value *config,
			  struct err *reterr)
{
	(void)arg;
	(void)config;
	(void)reterr;
	return 0;
}

static void client_work(void *arg, const struct wire_work *work,
			const struct wire_member *member)
{
	struct link_client **client = arg;
	struct wire_item item = { .kind = WIRE_DONE };

	item.key = (struct wire_key){ work->run, member->task, member->attempt,
				      member->wakes };
	begun[member->task]++;
	link_client_put(*client, &item);
}

static void client_cancel(void *arg, const struct wire_key *key, bool timed_out)
{
	(void)arg;
	(void)key;
	(void)timed_out;
}

static void client_event(void *arg)
{
	(void)arg;
}

static void client_refused(void *arg, int code, struct slice error)
{
	(void)arg;
	fail_msg("refused: %s %.*s", err_name(code), SLICE_ARG(error));
}

static int pair_hello(void *arg, const struct wire_hello *hello,
		      struct buf *ret_name, struct value *ret_activities,
		      struct value *ret_config, struct err *reterr)
{
	(void)arg;
	(void)hello;
	(void)ret_config;
	(void)reterr;
	buf_printf(ret_name, "c%u", named++);
	value_push(ret_activities, value_text("A"));
	return 0;
}

static void pair_ready(void *arg, const char *instance, struct slice error)
{
	(void)arg;
	(void)instance;
	assert_int_equal(error.len, 0);
	welcomed++;
}

static void pair_completed(void *arg, const char *instance,
			   const struct link_done *what)
{
	(void)arg;
	(void)instance;
	done[what->key.task]++;
	ended++;
}

static void run_client(struct link_client *client)
{
	struct pollfd fds[LINK_CLIENT_FDS];
	int timeout_ms;
	int64_t now_ms = clock_mono_ns() / 1000000;
	nfds_t len = link_client_poll(client, now_ms, fds, &timeout_ms);

	(void)poll(fds, len, 0);
	link_client_turn(client, now_ms, fds, len);
}

static void run_all(void)
{
	world.now_ms = clock_mono_ns() / 1000000;
	turn();
	link_flush(world.link);
	link_committing(world.link);
	link_committed(world.link);
	for (size_t i = 0; i < CLIENTS; i++) {
		run_client(clients[i]);
	}
	(void)poll(NULL, 0, 1);
}

static pid_t start_shim(const char *command, const char *source,
			const char *target)
{
	extern char **environ;
	struct buf line = { 0 };
	pid_t pid;

	buf_printf(&line, "exec %s %s %s", command, source, target);
	char *text = buf_take(&line);
	char *sh = alloc_string("sh");
	char *flag = alloc_string("-c");
	char *argv[] = { sh, flag, text, NULL };

	assert_int_equal(
	    posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	while (access(target, F_OK)) {
		(void)poll(NULL, 0, 10);
	}
	free(text);
	free(sh);
	free(flag);
	return pid;
}

static void create_clients(const char *bus_file)
{
	struct wire_plugin plugin = { .name = SLICE("p") };
	struct wire_hello about = {
		.plugins = &plugin,
		.plugin_count = 1,
	};

	for (size_t i = 0; i < CLIENTS; i++) {
		struct link_client_options options = {
			.bus_file = bus_file,
			.about = &about,
			.handlers = { .arg = &clients[i],
				      .welcome = client_welcome,
				      .work = client_work,
				      .cancel = client_cancel,
				      .stop = client_event,
				      .lost = client_event,
				      .refused = client_refused },
		};

		assert_ok(link_client_create(&options, &clients[i], &test_err));
	}
}

static void deliver_all(void)
{
	char name[16];

	for (uint32_t task = 0; task < TASKS; task++) {
		(void)snprintf(name, sizeof(name), "c%u", task % CLIENTS);
		deliver(name, task, task % 5 ? 1 : 0);
		if (task % 40 == 39) {
			run_all();
		}
	}
}

static void test_all_tasks_end_once(void **state)
{
	const char *shim = getenv("TUTTI_SHIM");
	char *folder = folder_make("/tmp/tutti-pair-XXXXXX");
	char source[100];
	char target[100];
	pid_t pid = 0;

	(void)state;
	(void)snprintf(source, sizeof(source), "%s/bus.json", folder);
	(void)snprintf(target, sizeof(target), "%s/shim.json", folder);
	assert_ok(open_world("tcp://127.0.0.1:0", source));
	/* Nothing is given to another here, so nobody is to be lost. */
	world.link->lease_ms = 30000;
	world.link->handlers.hello = pair_hello;
	world.link->handlers.ready = pair_ready;
	world.link->handlers.completed = pair_completed;
	if (shim) {
		pid = start_shim(shim, source, target);
	}
	create_clients(shim ? target : source);
	while (welcomed < CLIENTS) {
		run_all();
	}
	deliver_all();
	while (ended < TASKS) {
		run_all();
		assert_int_equal(link_stats(world.link).lost, 0);
	}
	for (size_t i = 0; i < TASKS; i++) {
		assert_int_equal(begun[i], 1);
		assert_int_equal(done[i], 1);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		link_client_leave(clients[i]);
	}
	while (link_stats(world.link).instances) {
		run_all();
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		link_client_destroy(clients[i]);
	}
	if (pid) {
		(void)kill(pid, SIGTERM);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	folder_remove(folder);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_all_tasks_end_once, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
