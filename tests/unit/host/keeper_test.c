/*
 * What the keeper of exec is told reaches it, also when it gets no processor
 * for a while: otherwise it would end what is not ours any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <time.h>

/* Its process is its own affair. */
#include "../../../plugins/exec/keeper.c"

#define LINES  2000 /* more than fit into its socket */
#define NOBODY 0x7ffffffe

static atomic_int told;

static void rest(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* Lets the keeper go on once nothing is told any more. */
static void *go_on(void *arg)
{
	int before = -1;

	while (told != before) {
		before = told;
		rest(20);
	}
	(void)kill(pid, SIGCONT);
	return arg;
}

static pid_t lasting(void)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setpgid(0, 0);
		for (;;) {
			(void)pause();
		}
	}
	(void)setpgid(child, child);
	return child;
}

static void all_is_heard(void **state)
{
	(void)state;
	pthread_t thread;
	int status;
	pid_t child = lasting();

	keeper_begin();
	assert_true(pid > 0);
	keeper_add(child);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_int_equal(pthread_create(&thread, NULL, go_on, NULL), 0);
	for (int i = 0; i < LINES; i++) {
		keeper_remove(NOBODY);
		told++;
	}
	keeper_remove(child);
	assert_int_equal(pthread_join(thread, NULL), 0);
	keeper_end();
	/* It was not ours any more, and has not been killed. */
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* Nobody waits for one that never reads. */
static void a_deaf_one_is_left_alone(void **state)
{
	(void)state;
	int status;

	keeper_begin();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	for (int i = 0; i < LINES; i++) {
		keeper_remove(NOBODY);
	}
	assert_true(deaf);
	assert_int_equal(kill(pid, SIGCONT), 0);
	keeper_end();
	keeper_begin();
	assert_false(deaf);
	keeper_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_heard),
		cmocka_unit_test(a_deaf_one_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
