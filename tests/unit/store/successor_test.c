/*
 * Who owns a store, and who waits for it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "in_folder.h"
#include "store/lock.h"
#include "store/successor.h"

static bool is_ready(const struct successor *successor, int timeout_ms)
{
	struct pollfd fd = {
		.fd = successor_fd(successor),
		.events = POLLIN,
	};

	return poll(&fd, 1, timeout_ms) == 1;
}

static struct successor *wait_for_it(void)
{
	struct successor *successor = NULL;

	assert_ok(successor_create(folder, &successor, &test_err));
	return successor;
}

static void take_over(struct successor *successor)
{
	int lock = -1;

	assert_true(is_ready(successor, -1));
	assert_ok(successor_take(successor, &lock, &test_err));
	assert_int_equal(owner_find(folder), getpid());
	owner_unlock(lock);
}

static void nobody_owns_it(void **state)
{
	(void)state;
	take_over(wait_for_it());
	assert_int_equal(owner_find(folder), 0);
}

static void waits_for_the_owner(void **state)
{
	(void)state;
	int first;
	int second;

	assert_ok(owner_lock(folder, &first, &test_err));
	assert_int_equal(owner_lock(folder, &second, &test_err), E_BUSY);
	struct successor *successor = wait_for_it();

	assert_false(is_ready(successor, 50));
	owner_unlock(first);
	take_over(successor);
}

static void one_of_several(void **state)
{
	(void)state;
	struct successor *waiting[5];
	int lock;

	assert_ok(owner_lock(folder, &lock, &test_err));
	for (int i = 0; i < 5; i++) {
		waiting[i] = wait_for_it();
	}
	for (int left = 5; left > 0; left--) {
		struct pollfd fds[5];
		int ready = 0;

		owner_unlock(lock);
		for (int i = 0; i < left; i++) {
			fds[i] = (struct pollfd){
				.fd = successor_fd(waiting[i]),
				.events = POLLIN,
			};
		}
		assert_int_equal(poll(fds, (nfds_t)left, -1), 1);
		while (!fds[ready].revents) {
			ready++;
		}
		assert_ok(successor_take(waiting[ready], &lock, &test_err));
		waiting[ready] = waiting[left - 1];
		for (int i = 0; i < left - 1; i++) {
			assert_false(is_ready(waiting[i], 10));
		}
	}
	owner_unlock(lock);
}

static void delete_file(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static void deleted_file_makes_no_room(void **state)
{
	(void)state;
	int first;
	int second;

	assert_ok(owner_lock(folder, &first, &test_err));
	struct successor *before = wait_for_it();

	assert_false(is_ready(before, 20));
	delete_file("owner.lock");
	assert_int_equal(owner_lock(folder, &second, &test_err), E_BUSY);
	struct successor *after = wait_for_it();

	assert_false(is_ready(before, 20));
	assert_false(is_ready(after, 20));
	owner_unlock(first);
	/* Either may be the first. */
	while (!is_ready(before, 5) && !is_ready(after, 5)) {
	}
	if (is_ready(before, 0)) {
		assert_false(is_ready(after, 10));
		take_over(before);
		take_over(after);
	} else {
		take_over(after);
		take_over(before);
	}
}

/* What has been deleted for good is not waited for. */
static void deleted_folder(void **state)
{
	(void)state;
	int lock;

	assert_ok(owner_lock(folder, &lock, &test_err));
	struct successor *successor = wait_for_it();

	assert_false(is_ready(successor, 20));
	delete_file("owner.lock");
	assert_int_equal(rmdir(folder), 0);
	owner_unlock(lock);
	assert_true(is_ready(successor, -1));
	assert_int_equal(successor_take(successor, &lock, &test_err),
			 E_NOT_FOUND);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void forked_child_keeps_nothing(void **state)
{
	(void)state;
	int ends[2];
	int lock;
	char byte;

	assert_int_equal(pipe(ends), 0);
	assert_ok(owner_lock(folder, &lock, &test_err));
	pid_t pid = fork();

	if (pid == 0) {
		(void)!write(ends[1], "x", 1);
		for (;;) {
			(void)pause();
		}
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(owner_find(folder), getpid());
	owner_unlock(lock);
	assert_ok(owner_lock(folder, &lock, &test_err));
	owner_unlock(lock);
	assert_int_equal(close(ends[0]) + close(ends[1]), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void locked_store_opens(void **state)
{
	(void)state;
	struct store *store = NULL;
	int lock;

	assert_ok(owner_wait(folder, &lock, &test_err));
	assert_ok(store_open_owned(folder, lock, &store, &test_err));
	assert_int_equal(owner_lock(folder, &lock, &test_err), E_BUSY);
	store_close(store);
	assert_int_equal(owner_find(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_owns_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(waits_for_the_owner, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_of_several, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(deleted_file_makes_no_room,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(deleted_folder, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(forked_child_keeps_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(locked_store_opens, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
