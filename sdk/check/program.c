#include "check/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "check/rules.h"
#include "check/stage.h"

#define PRINTED_MAX 400

static bool is_ours(const char *variable)
{
	return !strncmp(variable, "TUTTI_", 6);
}

/* The environment but for what concerns another orchestrator. */
static char **make_environment(const char *bus_file)
{
	size_t count = 0;
	size_t len = 0;
	struct buf bus = { 0 };

	while (environ[count]) {
		count++;
	}
	char **made = alloc_zeroed(count + 3, sizeof(*made));

	for (size_t i = 0; i < count; i++) {
		if (!is_ours(environ[i])) {
			made[len++] = alloc_string(environ[i]);
		}
	}
	buf_printf(&bus, "TUTTI_BUS=%s", bus_file);
	made[len++] = buf_take(&bus);
	made[len] = alloc_string("TUTTI_INSTANCE=check#1");
	return made;
}

static void free_environment(char **made)
{
	for (size_t i = 0; made[i]; i++) {
		free(made[i]);
	}
	free(made);
}

/* Other threads may hold any lock: system calls only. */
static void be_program(char *path, char **environment, int input, int output)
{
	char *arguments[] = { path, NULL };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(input, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(output, STDERR_FILENO);
	(void)execve(path, arguments, environment);
	_exit(127);
}

static int start(const char *path, const char *bus_file, int input,
		 struct program *program, struct err *reterr)
{
	char **environment = make_environment(bus_file);
	char *name = alloc_string(path);

	program->pid = fork();
	if (program->pid == 0) {
		be_program(name, environment, input, program->output);
	}
	free(name);
	free_environment(environment);
	return program->pid < 0
		   ? err_set(reterr, E_FULL, "cannot fork: %s", strerror(errno))
		   : 0;
}

int program_start(const char *path, const char *bus_file,
		  struct program *ret_program, struct err *reterr)
{
	int ends[2];

	*ret_program = (struct program){
		.output = memfd_create("tutti plugin program", MFD_CLOEXEC),
	};
	if (ret_program->output < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		return err_set(reterr, E_IO, "cannot make a pipe: %s",
			       strerror(errno));
	}
	(void)fcntl(ret_program->output, F_SETFL, O_APPEND);
	ret_program->lifeline = ends[1];
	int rc = start(path, bus_file, ends[0], ret_program, reterr);

	(void)close(ends[0]);
	return rc;
}

bool program_ended(struct program *program)
{
	if (program->pid > 0 &&
	    waitpid(program->pid, &program->status, WNOHANG) == program->pid) {
		program->pid = 0;
	}
	return program->pid <= 0;
}

bool program_wait(struct program *program, int64_t ms)
{
	int64_t until = clock_mono_ns() + ms * 1000000;

	while (!program_ended(program)) {
		if (clock_mono_ns() >= until) {
			return false;
		}
		stage_pause(2);
	}
	return true;
}

void program_cut_lifeline(struct program *program)
{
	if (program->lifeline >= 0) {
		(void)close(program->lifeline);
	}
	program->lifeline = -1;
}

static void put_printed(int output, struct buf *out)
{
	char text[PRINTED_MAX];
	off_t end = lseek(output, 0, SEEK_END);
	off_t start = end > PRINTED_MAX ? end - PRINTED_MAX : 0;
	ssize_t len = pread(output, text, sizeof(text), start);

	while (len > 0 && text[len - 1] == '\n') {
		len--;
	}
	if (len > 0) {
		buf_printf(out, "; it printed: %.*s", (int)len, text);
	}
}

void program_put_end(const struct program *program, struct buf *out)
{
	if (program->pid > 0) {
		buf_put_text(out, "still running");
	} else if (WIFSIGNALED(program->status)) {
		put_signal(out, WTERMSIG(program->status));
	} else {
		buf_printf(out, "exit code %d", WEXITSTATUS(program->status));
	}
	put_printed(program->output, out);
}

void program_fini(struct program *program)
{
	if (program->pid > 0) {
		(void)kill(program->pid, SIGKILL);
		(void)waitpid(program->pid, &program->status, 0);
		program->pid = 0;
	}
	program_cut_lifeline(program);
	if (program->output >= 0) {
		(void)close(program->output);
		program->output = -1;
	}
}
