#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/notified.h"
#include "cli/notify.h"

#define PATIENCE_MS 60000

static struct notified notified;
static struct err err;
static pid_t child;
static int pidfd;
static int lifeline[2];

/* A process that says `state`, if anything, and ends when it is told to. */
static void start(const char *state)
{
	assert_int_equal(pipe(lifeline), 0);
	child = fork();
	if (child == 0) {
		char byte;

		(void)close(lifeline[1]);

		(void)setenv("NOTIFY_SOCKET", notified.address, 1);
		if (state && notify_send(state)) {
			_exit(1);
		}
		_exit(read(lifeline[0], &byte, 1) > 0);
	}
	assert_true(child > 0);
	pidfd = pidfd_open(child, 0);
	assert_true(pidfd >= 0);
	(void)close(lifeline[0]);
}

/* It is a zombie afterwards. */
static void end(void)
{
	siginfo_t how = { 0 };

	(void)close(lifeline[1]);
	assert_int_equal(waitid(P_PIDFD, (id_t)pidfd, &how, WEXITED | WNOWAIT),
			 0);
}

static void bury(void)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)close(pidfd);
}

static int set_up(void **state)
{
	(void)state;
	return notified_init(&notified, &err);
}

static int tear_down(void **state)
{
	(void)state;
	notified_fini(&notified);
	notified_fini(&notified);
	return 0;
}

static int wait_for(const char *state)
{
	return notified_wait(&notified, state, pidfd, PATIENCE_MS, &err);
}

static void test_heard(void **state)
{
	(void)state;
	start("READY=1\nSTATUS=owns the store");
	assert_int_equal(wait_for("READY=1"), 0);
	end();
	bury();
}

/* What it said before counts, also when it is heard after its end. */
static void test_heard_of_the_dead(void **state)
{
	(void)state;
	start("STATUS=begins");
	end();
	assert_int_equal(wait_for("STATUS=begins"), 0);
	assert_int_equal(wait_for("READY=1"), E_UNREACHABLE);
	bury();
}

static void test_something_else(void **state)
{
	(void)state;
	start("STATUS=READY=1\nREADY=10");
	end();
	assert_int_equal(wait_for("READY=1"), E_UNREACHABLE);
	bury();
}

static void test_silence(void **state)
{
	(void)state;
	start(NULL);
	assert_int_equal(notified_wait(&notified, "READY=1", pidfd, 1, &err),
			 E_TIMEOUT);
	end();
	bury();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_heard, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_heard_of_the_dead, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_something_else, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_silence, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
