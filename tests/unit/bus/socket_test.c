/*
 * The socket file: where it may be, who may use it, and what is done about
 * what is there already.
 */
#include "support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = folder_make("/tmp/tutti-socket-XXXXXX");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	folder_remove(folder);
	free(folder);
	return 0;
}

static char *path_in(const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", folder, name);
	return buf_take(&path);
}

static void no_handler(void *arg, struct control_request *request)
{
	struct control_server **server = arg;
	struct value result = value_map();

	control_answer(*server, request->session, request->id, &result);
	value_clear(&result);
	control_request_fini(request);
	free(request);
}

/* A handler may answer at once, on nng's own thread. */
static struct control_server *server;

static int create(const char *path)
{
	return control_server_create(path, no_handler, &server, &server,
				     &test_err);
}

static int call(const char *path, struct err *err)
{
	struct control_client *client;
	struct value result;
	int rc = control_connect(path, &client, err);

	if (rc) {
		return rc;
	}
	rc = control_call(client, "x", NULL, 60000, &result, err);
	if (rc == 0) {
		value_clear(&result);
	}
	control_disconnect(client);
	return rc;
}

static void modes(void **state)
{
	(void)state;
	char *path = path_in("new/control.sock");
	struct stat status;

	assert_ok(create(path));
	assert_ok(call(path, &test_err));
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0600);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	control_server_stop(server);
	free(path);
}

static void no_place(void **state)
{
	(void)state;

	assert_int_equal(create("/no/such/place/control.sock"), E_IO);
	assert_non_null(strstr(test_err.msg, "/no/such/place/control.sock"));
	assert_int_equal(create(""), E_INVALID);
}

static void longest_path(void **state)
{
	(void)state;
	char name[128];
	size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
	size_t len = max - strlen(folder) - 1;
	struct control_client *client;

	memset(name, 's', sizeof(name));
	name[len] = '\0';
	char *path = path_in(name);

	assert_int_equal(strlen(path), max);
	assert_ok(create(path));
	assert_ok(call(path, &test_err));
	control_server_stop(server);
	free(path);
	name[len] = 's';
	name[len + 1] = '\0';
	path = path_in(name);
	assert_int_equal(create(path), E_INVALID);
	assert_non_null(strstr(test_err.msg, "control:"));
	assert_int_equal(control_connect(path, &client, &test_err), E_INVALID);
	assert_non_null(strstr(test_err.msg, "control:"));
	free(path);
}

static void stale_socket_is_replaced(void **state)
{
	(void)state;
	char *path = path_in("control.sock");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	close(fd);
	assert_int_equal(call(path, &test_err), E_UNREACHABLE);
	assert_ok(create(path));
	assert_ok(call(path, &test_err));
	control_server_stop(server);
	free(path);
}

static void other_file_is_kept(void **state)
{
	(void)state;
	char *path = path_in("control.sock");
	FILE *file = fopen(path, "w");
	struct stat status;

	assert_non_null(file);
	fclose(file);
	assert_int_equal(create(path), E_INVALID);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	free(path);
}

static void live_daemon_is_kept(void **state)
{
	(void)state;
	char *path = path_in("control.sock");
	struct control_server *first;

	assert_ok(create(path));
	first = server;
	assert_int_equal(create(path), E_BUSY);
	assert_non_null(strstr(test_err.msg, "another daemon"));
	server = first;
	assert_ok(call(path, &test_err));
	control_server_stop(first);
	free(path);
}

static void folder_not_writable(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("needs to run as somebody else than root\n");
		skip();
	}
	char *path = path_in("control.sock");

	assert_int_equal(chmod(folder, 0500), 0);
	assert_int_equal(create(path), E_DENIED);
	assert_int_equal(chmod(folder, 0700), 0);
	free(path);
}

/* ---- no file descriptors left ---- */

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_changed = PTHREAD_COND_INITIALIZER;
static unsigned failed_accepts;

static void watch_log(void *arg, enum log_level level, struct slice line)
{
	char *text = slice_dup(line);

	(void)arg;
	(void)level;
	if (strstr(text, "cannot accept")) {
		pthread_mutex_lock(&log_mutex);
		failed_accepts++;
		pthread_cond_signal(&log_changed);
		pthread_mutex_unlock(&log_mutex);
	}
	free(text);
}

static void await_failed_accepts(unsigned count)
{
	pthread_mutex_lock(&log_mutex);
	while (failed_accepts < count) {
		pthread_cond_wait(&log_changed, &log_mutex);
	}
	pthread_mutex_unlock(&log_mutex);
}

/* The child has descriptors enough; it waits for a byte. */
static pid_t call_in_child(const char *path, int go)
{
	pid_t child = fork();

	if (child == 0) {
		struct err err;
		char byte;

		_exit(read(go, &byte, 1) != 1 || call(path, &err) ? 1 : 0);
	}
	return child;
}

static void out_of_descriptors(void **state)
{
	(void)state;
	char *path = path_in("control.sock");
	struct rlimit limit;
	int status = -1;
	int pipes[2];

	log_set_sink(watch_log, NULL);
	log_set_level(LOG_DEBUG);
	assert_ok(create(path));
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	pid_t child = call_in_child(path, pipes[0]);
	struct rlimit none = { .rlim_cur = 3, .rlim_max = limit.rlim_max };

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(write(pipes[1], "g", 1), 1);
	await_failed_accepts(2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_ok(call(path, &test_err));
	control_server_stop(server);
	log_set_sink(NULL, NULL);
	log_set_level(LOG_INFO);
	close(pipes[0]);
	close(pipes[1]);
	free(path);
}

/* ---- other users ---- */

#define NOBODY 65534

enum { CHILD_OK, CHILD_CONNECTED, CHILD_ANSWERED, CHILD_WRONG };

/* Our client gives up on a daemon of somebody else. */
static int polite_stranger(const char *path)
{
	struct err err = { 0 };

	if (call(path, &err) != E_DENIED || !strstr(err.msg, "uid 0")) {
		return CHILD_WRONG;
	}
	return CHILD_OK;
}

/* One that asks all the same is not answered. */
static int rude_stranger(const char *path)
{
	int fd = test_raw(path);
	struct buf frame = { 0 };

	(void)frame_put_request(&frame, 1, "x", NULL, NULL);
	(void)test_raw_send(fd, frame.data, frame.len);
	return test_raw_drain(fd) == 0 ? CHILD_OK : CHILD_ANSWERED;
}

/* Before the socket is opened up for all: not even a connection. */
static int locked_out(const char *path)
{
	struct err err = { 0 };

	return call(path, &err) == E_DENIED ? CHILD_OK : CHILD_WRONG;
}

static int as_nobody(int (*act)(const char *path), const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		if (setgid(NOBODY) || setuid(NOBODY)) {
			_exit(CHILD_WRONG);
		}
		_exit(act(path));
	}
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void strangers_are_refused(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	char *path = path_in("control.sock");

	assert_ok(create(path));
	assert_int_equal(as_nobody(locked_out, path), CHILD_OK);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(as_nobody(locked_out, path), CHILD_OK);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(as_nobody(polite_stranger, path), CHILD_OK);
	assert_int_equal(as_nobody(rude_stranger, path), CHILD_OK);
	assert_ok(call(path, &test_err));
	control_server_stop(server);
	free(path);
}

/* Listens as nobody; root may use it. */
static int serve_as_nobody(const char *path, int ready)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char byte;

	if (setgid(NOBODY) || setuid(NOBODY)) {
		return 1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1) || write(ready, "r", 1) != 1) {
		return 1;
	}
	int peer = accept(fd, NULL, NULL);

	return recv(peer, &byte, 1, 0) == 0 ? 0 : 1;
}

static void root_may_use_anybodys(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root to become somebody else\n");
		skip();
	}
	char *path = path_in("control.sock");
	struct control_client *client;
	int pipes[2];
	char byte;

	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();

	if (child == 0) {
		_exit(serve_as_nobody(path, pipes[1]));
	}
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_ok(control_connect(path, &client, &test_err));
	control_disconnect(client);
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(pipes[1]);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		TEST(modes),
		TEST(no_place),
		TEST(longest_path),
		TEST(stale_socket_is_replaced),
		TEST(other_file_is_kept),
		TEST(live_daemon_is_kept),
		TEST(folder_not_writable),
		TEST(out_of_descriptors),
		TEST(strangers_are_refused),
		TEST(root_may_use_anybodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
