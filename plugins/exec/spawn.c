#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"
#include "process.h"

/* The program's ends of its streams. */
struct streams {
	int in;
	int out;
	int err;
};

static void close_all(const struct streams *streams)
{
	const int fds[] = { streams->in, streams->out, streams->err };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0) {
			(void)close(fds[i]);
		}
	}
}

/* Should 0, 1 or 2 be free here, they must not be taken for streams there. */
static int away_from_streams(int fd)
{
	if (fd < 0 || fd > 2) {
		return fd;
	}
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	(void)close(fd);
	return higher;
}

static int write_all(int fd, struct tutti_slice bytes)
{
	while (bytes.len) {
		ssize_t len = write(fd, bytes.ptr, bytes.len);

		if (len < 0 && errno != EINTR) {
			return -1;
		}
		if (len > 0) {
			bytes.ptr += len;
			bytes.len -= (size_t)len;
		}
	}
	return 0;
}

/* A file in memory rather than a pipe: nothing to write while it runs. */
static int open_input(struct tutti_slice input)
{
	if (input.len == 0) {
		return away_from_streams(
		    open("/dev/null", O_RDONLY | O_CLOEXEC));
	}
	int fd = away_from_streams(memfd_create("stdin", MFD_CLOEXEC));

	if (fd >= 0 &&
	    (write_all(fd, input) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int open_output(struct capture *capture, int *ret_fd)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		return -1;
	}
	capture->fd = away_from_streams(fds[0]);
	*ret_fd = away_from_streams(fds[1]);
	if (capture->fd < 0 || *ret_fd < 0) {
		return -1;
	}
	return fcntl(capture->fd, F_SETFL, O_NONBLOCK);
}

static int spawn(struct process *process, const struct command *command,
		 const struct streams *streams)
{
	struct launch program = {
		.argv = command->argv.items,
		.env = command->env.items,
		.cwd = command->cwd.len ? command->cwd.items[0] : NULL,
		.streams = { streams->in, streams->out, streams->err },
	};

	return launch(&program, &process->pid);
}

/* Known to groups.h as soon as it is there. */
static int spawn_known(struct process *process, const struct command *command,
		       const struct streams *streams)
{
	if (!groups_begin()) {
		return EAGAIN;
	}
	int rc = spawn(process, command, streams);

	if (rc == 0) {
		groups_add(&process->group, process->pid);
	} else {
		groups_give_up();
	}
	return rc;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int explain(int failure, const struct command *command,
		   char complaint[COMPLAINT_SIZE])
{
	const char *program = command->argv.items[0];
	const char *cwd = command->cwd.len ? command->cwd.items[0] : NULL;
	char reason[128];
	const char *why =
	    strerror_r(failure, reason, sizeof(reason)); /* the GNU one */

	if (cwd && !is_folder(cwd)) {
		(void)snprintf(complaint, COMPLAINT_SIZE,
			       "the folder `cwd: %.200s` does not exist", cwd);
	} else if (failure == ENOENT && !strchr(program, '/')) {
		(void)snprintf(complaint, COMPLAINT_SIZE,
			       "the program '%.200s' was not found in PATH",
			       program);
	} else if (failure == ENOENT) {
		(void)snprintf(complaint, COMPLAINT_SIZE,
			       "the program '%.200s', or the interpreter that "
			       "it names, does not exist",
			       program);
	} else {
		(void)snprintf(complaint, COMPLAINT_SIZE,
			       "the program '%.200s' cannot be started: %s",
			       program, why);
	}
	return failure;
}

static int give_up(struct process *process, char complaint[COMPLAINT_SIZE])
{
	int failure = errno;

	(void)kill(-process->pid, SIGKILL);
	groups_remove(&process->group);
	(void)waitpid(process->pid, NULL, 0);
	(void)snprintf(complaint, COMPLAINT_SIZE,
		       "the program cannot be watched (pidfd_open, errno %d)",
		       failure);
	return failure;
}

int process_start(struct process *process, const struct command *command,
		  char complaint[COMPLAINT_SIZE])
{
	struct streams streams = { -1, -1, -1 };
	int rc = 0;

	process->out.limit = command->output_limit;
	process->err.limit = command->output_limit;
	streams.in = open_input(command->input);
	if (streams.in < 0 || open_output(&process->out, &streams.out) < 0 ||
	    open_output(&process->err, &streams.err) < 0) {
		rc = errno;
		(void)snprintf(complaint, COMPLAINT_SIZE,
			       "no pipes for the program (errno %d)", rc);
	} else {
		rc = spawn_known(process, command, &streams);
		if (rc != 0) {
			(void)explain(rc, command, complaint);
		}
	}
	close_all(&streams);
	if (rc != 0) {
		return rc;
	}
	process->pidfd = pidfd_open(process->pid, 0);
	return process->pidfd < 0 ? give_up(process, complaint) : 0;
}
