/*
 * Leaves a process behind that is forked off this one and execs nothing, as
 * careless code does: it holds what it inherited until it is killed. Its pid is
 * written to the file in with.pid; the task ends when that in with.gate exists.
 */
#include <stdio.h>
#include <time.h>
#include <tutti/plugin.h>
#include <unistd.h>

static void leave_behind(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;) {
			(void)pause();
		}
	}
	FILE *file = fopen(path, "w");

	if (file) {
		(void)fprintf(file, "%d\n", (int)pid);
		(void)fclose(file);
	}
}

static int32_t handle(void *self, const struct tutti_task *task)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	struct tutti_value path;
	struct tutti_value gate;

	(void)self;
	if (tutti_get(task, "with.pid", &path) != TUTTI_OK ||
	    tutti_get(task, "with.gate", &gate) != TUTTI_OK) {
		return TUTTI_EINVAL;
	}
	if (access(path.as.text.ptr, F_OK) != 0) {
		leave_behind(path.as.text.ptr);
	}
	while (access(gate.as.text.ptr, F_OK) != 0) {
		(void)nanosleep(&moment, NULL);
	}
	return tutti_succeed(task, "{}");
}

static const struct tutti_plugin forker = {
	.size = sizeof(struct tutti_plugin),
	.name = "forker",
	.version = "1.0",
	.help = "Leaves a process behind.",
	.max_tasks = 4,
	.handle = handle,
};

TUTTI_MODULE(&forker);
