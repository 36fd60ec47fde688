#include "check/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "check/again.h"
#include "check/records.h"

#define OUTPUT_MAX 4000

void child_end_fini(struct child_end *end)
{
	buf_fini(&end->records);
	buf_fini(&end->output);
}

void child_finish(struct trial *trial)
{
	trial->rule->run(trial);
	records_write(trial->records, CHECK_PASS, RECORD_DONE, SLICE(""));
}

static int make_folder(struct trial *trial, struct err *reterr)
{
	if (!trial->rule->fresh) {
		return 0;
	}
	(void)strcpy(trial->folder, "/tmp/tutti-plugin-check-XXXXXX");
	if (!mkdtemp(trial->folder)) {
		trial->folder[0] = '\0';
		return err_set(reterr, E_IO, "cannot make a folder in /tmp: %s",
			       strerror(errno));
	}
	return 0;
}

/* With the files in it: a trial that crashed leaves some. */
static void remove_folder(const struct trial *trial)
{
	DIR *dir = trial->folder[0] ? opendir(trial->folder) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir) {
		(void)closedir(dir);
		(void)rmdir(trial->folder);
	}
}

/* Where the child's output goes: a file that nobody else sees. */
static int output_file(void)
{
	return memfd_create("tutti plugin check", MFD_CLOEXEC);
}

static void be_child(struct trial *trial, int output)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct rlimit none = { 0, 0 };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)fcntl(output, F_SETFL, O_APPEND);
	(void)dup2(nothing, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(output, STDERR_FILENO);
	(void)close(nothing);
	trial->is_child = true;
	if (trial->rule->fresh) {
		again_run(trial);
		trial_skip(trial, "this program cannot be run again");
		trial_give_up(trial);
	}
	child_finish(trial);
	_exit(0);
}

static void read_output(int output, struct buf *text)
{
	off_t end = lseek(output, 0, SEEK_END);
	off_t start = end > OUTPUT_MAX ? end - OUTPUT_MAX : 0;
	char *room = buf_reserve(text, OUTPUT_MAX);
	ssize_t len = pread(output, room, OUTPUT_MAX, start);

	if (len > 0) {
		text->len += (size_t)len;
	}
}

/* False at the end of the records. */
static bool read_records(int pipe, struct buf *records)
{
	char *room = buf_reserve(records, 4096);
	ssize_t len = read(pipe, room, 4096);

	if (len > 0) {
		records->len += (size_t)len;
	}
	return len > 0 || (len < 0 && errno == EINTR);
}

/* Until the child has ended; grandchildren may hold the pipe for longer. */
static void watch(pid_t pid, int pipe, int64_t timeout_ms,
		  struct child_end *end)
{
	int64_t until = clock_mono_ns() + timeout_ms * 1000000;
	int status = 0;
	bool more = true;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct pollfd wanted = { .fd = more ? pipe : -1,
					 .events = POLLIN };

		if (poll(&wanted, 1, more ? 20 : 2) > 0) {
			more = read_records(pipe, &end->records);
		}
		if (clock_mono_ns() >= until) {
			end->timed_out = true;
			(void)kill(-pid, SIGKILL);
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			break;
		}
	}
	(void)kill(-pid, SIGKILL);
	end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	while (more) {
		more = read_records(pipe, &end->records);
	}
}

static int run(struct trial *trial, int64_t timeout_ms,
	       struct child_end *ret_end, struct err *reterr)
{
	int ends[2];
	int output = output_file();

	if (output < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		return err_set(reterr, E_IO, "cannot make a pipe: %s",
			       strerror(errno));
	}
	/* A grandchild may keep the other end. */
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	trial->records = ends[1];
	(void)fflush(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		(void)close(ends[0]);
		be_child(trial, output);
	}
	(void)close(ends[1]);
	*ret_end = (struct child_end){ 0 };
	if (pid > 0) {
		(void)setpgid(pid, pid);
		watch(pid, ends[0], timeout_ms, ret_end);
		read_output(output, &ret_end->output);
	}
	(void)close(ends[0]);
	(void)close(output);
	return pid > 0 ? 0
		       : err_set(reterr, E_FULL, "cannot fork: %s",
				 strerror(errno));
}

int child_run(struct trial *trial, int64_t timeout_ms,
	      struct child_end *ret_end, struct err *reterr)
{
	int rc = make_folder(trial, reterr);

	rc = rc ? rc : run(trial, timeout_ms, ret_end, reterr);
	remove_folder(trial);
	return rc;
}

static int run_here(struct trial *trial, struct child_end *ret_end,
		    struct err *reterr)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		return err_set(reterr, E_IO, "cannot make a pipe: %s",
			       strerror(errno));
	}
	trial->records = ends[1];
	trial->is_child = false;
	*ret_end = (struct child_end){ 0 };
	child_finish(trial);
	(void)close(ends[1]);
	while (read_records(ends[0], &ret_end->records)) {
	}
	(void)close(ends[0]);
	return 0;
}

int child_run_here(struct trial *trial, struct child_end *ret_end,
		   struct err *reterr)
{
	int rc = make_folder(trial, reterr);

	rc = rc ? rc : run_here(trial, ret_end, reterr);
	remove_folder(trial);
	return rc;
}
