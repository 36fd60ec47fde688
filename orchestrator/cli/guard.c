#include "cli/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "document/json.h"

#define CHUNK 65536

/* One that goes round in circles in a damaged file is ended. */
#define CPU_SECONDS 3600

static bool write_all(int fd, struct slice bytes)
{
	while (bytes.len) {
		ssize_t done = write(fd, bytes.ptr, bytes.len);

		if (done < 0 && errno != EINTR) {
			return false;
		}
		if (done > 0) {
			bytes.ptr += done;
			bytes.len -= (size_t)done;
		}
	}
	return true;
}

static _Noreturn void be_child(guarded_work *work, void *arg, int fd)
{
	struct rlimit none = { 0 };
	struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS };
	struct buf text = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)setrlimit(RLIMIT_CPU, &cpu);
	struct value answer = work(arg);

	json_write(&text, &answer, JSON_COMPACT);
	_exit(write_all(fd, buf_slice(&text)) ? 0 : 1);
}

static void read_all(int fd, struct buf *out)
{
	for (;;) {
		ssize_t got = read(fd, buf_reserve(out, CHUNK), CHUNK);

		if (got > 0) {
			out->len += (size_t)got;
		} else if (got == 0 || errno != EINTR) {
			return;
		}
	}
}

static int wait_for(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

static int read_answer(struct slice text, int status, struct value *ret_answer,
		       struct err *reterr)
{
	if (WIFSIGNALED(status)) {
		return err_set(reterr, E_CORRUPT,
			       "damaged: reading it ended with signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	}
	if (WEXITSTATUS(status) || json_read(text, NULL, ret_answer, NULL)) {
		return err_set(reterr, E_CORRUPT,
			       "damaged: reading it came to no end");
	}
	return 0;
}

int guard_call(guarded_work *work, void *arg, struct value *ret_answer,
	       struct err *reterr)
{
	struct buf text = { 0 };
	int ends[2];

	if (pipe(ends)) {
		return err_set(reterr, E_IO, "pipe: %s", strerror(errno));
	}
	(void)fflush(NULL);
	pid_t child = fork();

	if (child == 0) {
		close(ends[0]);
		be_child(work, arg, ends[1]);
	}
	close(ends[1]);
	int rc =
	    child < 0 ? err_set(reterr, E_IO, "fork: %s", strerror(errno)) : 0;

	if (rc == 0) {
		read_all(ends[0], &text);
		rc = read_answer(buf_slice(&text), wait_for(child), ret_answer,
				 reterr);
	}
	close(ends[0]);
	buf_fini(&text);
	return rc;
}
