#include "cli/bench_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/bench_folder.h"
#include "cli/bench_stop.h"
#include "cli/notified.h"
#include "cli/place.h"

#define SELF    "/proc/self/exe"
#define CONFIG  "bench.yaml"
#define STORE   "store"
#define CONTROL "control.sock"
#define LOG     "log"
#define PLUGIN  "echo_plugin"

#define READY_MS  60000
#define STOP_MS   10000
#define LOG_BYTES 4096

struct bench_daemon {
	char *folder;
	int folder_fd; /* short paths lead through it */
	pid_t pid;
	int pidfd;
	clockid_t cpu;
	bool has_cpu;
	struct control_client *client;
};

/* ---- what it is given ---- */

static void put_config(struct buf *out, enum durability durability,
		       const char *program)
{
	buf_printf(out, "durability: %s\n", durability_name(durability));
	if (program) {
		buf_printf(out,
			   "plugins:\n"
			   "  - {exec: [./" PLUGIN "], name: echo, "
			   "instances: %d}\n",
			   BENCH_DAEMON_INSTANCES);
	}
	buf_put_text(out, "activities:\n"
			  "  bench:\n"
			  "    pre: [{plugin: echo, as: before}]\n"
			  "    parallel:\n");
	for (int i = 1; i <= 8; i++) {
		buf_printf(out, "      - {plugin: echo, as: parallel-%d}\n", i);
	}
	buf_put_text(out, "    post: [{plugin: echo, as: after}]\n");
}

static int failed(struct err *reterr, const char *what)
{
	return err_set(reterr, E_IO, "%s: %s", what, strerror(errno));
}

static int write_config(const struct bench_daemon *daemon,
			enum durability durability, const char *program,
			struct err *reterr)
{
	struct buf text = { 0 };
	int fd = openat(daemon->folder_fd, CONFIG,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		return failed(reterr, CONFIG);
	}
	put_config(&text, durability, program);
	bool written = write(fd, text.data, text.len) == (ssize_t)text.len;
	int rc = written ? 0 : failed(reterr, CONFIG);

	buf_fini(&text);
	(void)close(fd);
	return rc;
}

/* A link, so that the config need not quote a path. */
static int prepare(struct bench_daemon *daemon, enum durability durability,
		   const char *program, struct err *reterr)
{
	if (mkdir(daemon->folder, 0700)) {
		return failed(reterr, daemon->folder);
	}
	daemon->folder_fd =
	    open(daemon->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (daemon->folder_fd < 0) {
		return failed(reterr, daemon->folder);
	}
	if (program && symlinkat(program, daemon->folder_fd, PLUGIN)) {
		return failed(reterr, PLUGIN);
	}
	return write_config(daemon, durability, program, reterr);
}

/* ---- starting ---- */

static _Noreturn void be_daemon(const struct bench_daemon *daemon,
				const char *notify, pid_t parent)
{
	char *const argv[] = {
		"tutti",   "serve", "--no-standby", "-c",    CONFIG,
		"--store", STORE,   "--to",         CONTROL, NULL,
	};
	int log = openat(daemon->folder_fd, LOG,
			 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Keys of the terminal are not for it. */
	(void)setsid();
	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (log >= 0 && null >= 0 && dup2(null, 0) == 0 && dup2(log, 1) == 1 &&
	    dup2(log, 2) == 2 && fchdir(daemon->folder_fd) == 0 &&
	    setenv("NOTIFY_SOCKET", notify, 1) == 0 && getppid() == parent) {
		(void)execv(SELF, argv);
	}
	_exit(127);
}

static int spawn(struct bench_daemon *daemon, const char *notify,
		 struct err *reterr)
{
	pid_t self = getpid();

	(void)fflush(NULL);
	daemon->pid = fork();
	if (daemon->pid == 0) {
		be_daemon(daemon, notify, self);
	}
	if (daemon->pid < 0) {
		return failed(reterr, "fork");
	}
	daemon->pidfd = pidfd_open(daemon->pid, 0);
	if (daemon->pidfd < 0) {
		return failed(reterr, "pidfd_open");
	}
	daemon->has_cpu = clock_getcpuclockid(daemon->pid, &daemon->cpu) == 0;
	bench_stop_kills(daemon->pidfd);
	return 0;
}

/* The last line of its log that says something. */
static int has_ended(const struct bench_daemon *daemon, struct err *reterr)
{
	char text[LOG_BYTES];
	int fd = openat(daemon->folder_fd, LOG, O_RDONLY | O_CLOEXEC);
	ssize_t len = 0;

	if (fd >= 0) {
		off_t end = lseek(fd, 0, SEEK_END);
		off_t from = end > LOG_BYTES ? end - LOG_BYTES : 0;

		len = pread(fd, text, sizeof(text), from);
		(void)close(fd);
	}
	struct slice line = { text, len > 0 ? (size_t)len : 0 };

	while (line.len && line.ptr[line.len - 1] == '\n') {
		line.len--;
	}
	for (size_t i = line.len; i > 0; i--) {
		if (line.ptr[i - 1] == '\n') {
			line.len -= i;
			line.ptr += i;
			break;
		}
	}
	return err_set(reterr, E_UNREACHABLE,
		       "the daemon to be measured has ended: %.*s",
		       SLICE_ARG(line));
}

static int wait_ready(const struct bench_daemon *daemon,
		      struct notified *notified, struct err *reterr)
{
	int rc =
	    notified_wait(notified, "READY=1", daemon->pidfd, READY_MS, reterr);

	if (bench_stop_check()) {
		return E_STALE;
	}
	return rc == E_UNREACHABLE ? has_ended(daemon, reterr) : rc;
}

static int connect_to(struct bench_daemon *daemon, struct err *reterr)
{
	struct buf path = { 0 };

	buf_printf(&path, "/proc/self/fd/%d/" CONTROL, daemon->folder_fd);
	char *text = buf_take(&path);
	int rc = control_connect(text, &daemon->client, reterr);

	free(text);
	return rc;
}

static int start(struct bench_daemon *daemon, struct err *reterr)
{
	struct notified notified;
	int rc = notified_init(&notified, reterr);

	if (rc) {
		return rc;
	}
	rc = spawn(daemon, notified.address, reterr);
	if (rc == 0) {
		rc = wait_ready(daemon, &notified, reterr);
	}
	notified_fini(&notified);
	return rc ? rc : connect_to(daemon, reterr);
}

int bench_daemon_start(const char *folder, enum durability durability,
		       const char *program, struct bench_daemon **ret_daemon,
		       struct err *reterr)
{
	struct bench_daemon *daemon = alloc_zeroed(1, sizeof(*daemon));
	struct buf path = { 0 };

	buf_printf(&path, "%s/daemon", folder);
	daemon->folder = buf_take(&path);
	daemon->folder_fd = -1;
	daemon->pidfd = -1;
	int rc = prepare(daemon, durability, program, reterr);

	if (rc == 0) {
		rc = start(daemon, reterr);
	}
	if (rc) {
		bench_daemon_stop(daemon);
		return rc;
	}
	*ret_daemon = daemon;
	return 0;
}

/* ---- looking at it ---- */

struct control_client *bench_daemon_client(struct bench_daemon *daemon)
{
	return daemon->client;
}

int64_t bench_daemon_cpu_ns(const struct bench_daemon *daemon)
{
	struct timespec time = { 0 };

	if (!daemon->has_cpu || clock_gettime(daemon->cpu, &time)) {
		return 0;
	}
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int bench_daemon_ready(struct bench_daemon *daemon, int64_t *ret_ready,
		       struct err *reterr)
{
	struct value args = value_map();
	struct value answer;
	int rc = place_call(daemon->client, "plugins", &args, &answer, reterr);

	value_clear(&args);
	if (rc) {
		return rc;
	}
	const struct value *processes = value_get(&answer, "processes");
	int64_t ready = 0;

	for (size_t i = 0; i < value_len(processes); i++) {
		ready += value_get_int(value_at(processes, i), "ready", 0);
	}
	value_clear(&answer);
	*ret_ready = ready;
	return 0;
}

/* ---- its end ---- */

static void wait_end(const struct bench_daemon *daemon)
{
	struct pollfd ended = { .fd = daemon->pidfd, .events = POLLIN };

	(void)kill(daemon->pid, SIGTERM);
	if (daemon->pidfd < 0 || poll(&ended, 1, STOP_MS) <= 0) {
		(void)kill(daemon->pid, SIGKILL);
	}
	while (waitpid(daemon->pid, NULL, 0) < 0 && errno == EINTR) {
	}
}

static void close_fd(int fd)
{
	if (fd >= 0) {
		(void)close(fd);
	}
}

void bench_daemon_stop(struct bench_daemon *daemon)
{
	if (!daemon) {
		return;
	}
	control_disconnect(daemon->client);
	if (daemon->pid > 0) {
		wait_end(daemon);
	}
	bench_stop_kills(-1);
	close_fd(daemon->pidfd);
	close_fd(daemon->folder_fd);
	/* What stays goes with the folder around it. */
	(void)bench_folder_remove(daemon->folder, NULL);
	free(daemon->folder);
	free(daemon);
}

/* ---- the plugin's program ---- */

char *bench_daemon_plugin(void)
{
	/* As installed, and as built, from the program's own folder. */
	static const char *const places[] = { TUTTI_PLUGINS, "plugins" };
	char *self = realpath(SELF, NULL);
	char *slash = self ? strrchr(self, '/') : NULL;
	char *found = NULL;

	if (slash) {
		*slash = '\0';
	}
	for (size_t i = 0; slash && !found && i < 2; i++) {
		struct buf path = { 0 };

		buf_printf(&path, "%s/%s/" PLUGIN, self, places[i]);
		char *text = buf_take(&path);

		found = access(text, X_OK) == 0 ? realpath(text, NULL) : NULL;
		free(text);
	}
	free(self);
	return found;
}
