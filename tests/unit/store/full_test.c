/*
 * A full disk: a small tmpfs in a mount namespace of our own. Commits are
 * refused with E_FULL, nothing committed is lost, and the same batch goes
 * through once there is room.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "rounds.h"

static char *disk;
static bool mounted;

/* As root, or as the root of a user namespace. */
static bool own_namespace(void)
{
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
		return false;
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int set_up_group(void **state)
{
	(void)state;
	mounted = own_namespace();
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	disk = test_folder();
	if (mounted && mount("tmpfs", disk, "tmpfs", 0, "size=2m")) {
		mounted = false;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (mounted) {
		(void)umount2(disk, MNT_DETACH);
	}
	test_remove(disk);
	return 0;
}

static void need_disk(void)
{
	if (!mounted) {
		print_message("cannot mount a tmpfs here: %s\n",
			      strerror(errno));
		skip();
	}
}

static char *path_on_disk(const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", disk, name);
	return buf_take(&path);
}

/* Fill the disk but for `spare` bytes. */
static void fill(size_t spare)
{
	char *path = path_on_disk("filler");
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	char zeros[4096] = { 0 };
	off_t size = 0;
	ssize_t got;

	assert_true(fd >= 0);
	while ((got = write(fd, zeros, sizeof(zeros))) > 0) {
		size += got;
	}
	assert_true(size >= (off_t)spare);
	assert_int_equal(ftruncate(fd, size - (off_t)spare), 0);
	close(fd);
	free(path);
}

static void make_room(void)
{
	char *path = path_on_disk("filler");

	assert_int_equal(unlink(path), 0);
	free(path);
}

static struct store *open_store(void)
{
	char *path = path_on_disk("store");
	struct store *store;

	assert_ok(store_open(path, &store, &test_err));
	free(path);
	return store;
}

static void check(struct store *store, int64_t round)
{
	struct view *view = view_of_store(store);

	assert_int_equal(round_of_run(view), round);
	assert_int_equal(round_of_history(view), round);
	assert_true(round_is_listed(view, (uint32_t)round));
	view_close(view);
}

/* Commit until the disk is full; the round that did not go in. */
static uint32_t write_until_full(struct store *store, uint32_t round)
{
	int rc = 0;

	while (rc == 0) {
		round_put(store, ++round);
		rc = store_commit(store, &test_err);
	}
	assert_int_equal(rc, E_FULL);
	assert_non_null(strstr(test_err.msg, "full"));
	return round;
}

static void full_and_free_again(void **state)
{
	(void)state;
	need_disk();
	struct store *store = open_store();
	uint32_t round = 0;

	/* Every number of pages left: writes are cut short in many places. */
	for (size_t pages = 0; pages < 24; pages++) {
		fill(pages * 4096);
		round = write_until_full(store, round);
		assert_false(store_batch_empty(store));
		check(store, round - 1);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(store_commit(store, &test_err),
					 E_FULL);
		}
		check(store, round - 1);
		make_room();
		assert_ok(store_commit(store, &test_err));
		assert_true(store_batch_empty(store));
		check(store, round);
	}
	store_close(store);
}

/* More is asked for meanwhile; all of it goes in, in order. */
static void batch_grows_while_full(void **state)
{
	(void)state;
	need_disk();
	struct store *store = open_store();

	fill(0);
	uint32_t round = write_until_full(store, 0);

	for (int i = 0; i < 5; i++) {
		round_put(store, ++round);
		assert_int_equal(store_commit(store, &test_err), E_FULL);
	}
	make_room();
	assert_ok(store_commit(store, &test_err));
	check(store, round);
	store_close(store);
}

static void check_definition(struct view *view, const struct definition *wanted)
{
	struct definition *found;

	assert_ok(view_definition(view, wanted->hash, &found, &test_err));
	assert_memory_equal(found->hash, wanted->hash, DEFINITION_HASH_SIZE);
	definition_unref(found);
}

/* A definition is put once for many runs, also when its commit fails at first:
 * nobody takes it for stored before it is. */
static void definitions_wait_for_room(void **state)
{
	(void)state;
	need_disk();
	struct store *store = open_store();
	struct definition *new[] = { test_definition(2), test_definition(3) };

	for (size_t pages = 0; pages < 8; pages++) {
		fill(pages * 4096);
		(void)write_until_full(store, 0);
		for (int i = 0; i < 4; i++) {
			store_put_definition(store, new[i % 2]);
			store_put_definition(store, new[i % 2]);
			assert_int_equal(store_commit(store, &test_err),
					 E_FULL);
		}
		make_room();
		assert_ok(store_commit(store, &test_err));
		store_close(store);
		store = open_store();
		struct view *view = view_of_store(store);

		check_definition(view, new[0]);
		check_definition(view, new[1]);
		view_close(view);
	}
	store_close(store);
	definition_unref(new[0]);
	definition_unref(new[1]);
}

/* A daemon can start on a full disk, and commands can look. */
static void opening_on_a_full_disk(void **state)
{
	(void)state;
	need_disk();
	struct store *store = open_store();

	round_put(store, 1);
	assert_ok(store_commit(store, &test_err));
	store_close(store);
	fill(0);
	char *path = path_on_disk("store");
	struct view *view;

	assert_ok(view_open(path, &view, &test_err));
	assert_int_equal(round_of_run(view), 1);
	view_close(view);
	store = open_store();
	check(store, 1);
	uint32_t round = write_until_full(store, 1);

	store_close(store);
	assert_ok(view_open(path, &view, &test_err));
	assert_int_equal(round_of_run(view), round - 1);
	view_close(view);
	store = open_store();
	make_room();
	round_put(store, round);
	assert_ok(store_commit(store, &test_err));
	check(store, round);
	store_close(store);
	free(path);
}

/* At every size that is too small for a new store: refused, not broken. */
static void no_room_for_a_store(void **state)
{
	(void)state;
	need_disk();
	char *path = path_on_disk("store");
	struct store *store;
	int rc = E_FULL;

	for (size_t pages = 0; rc; pages++) {
		fill(pages * 4096);
		rc = store_open(path, &store, &test_err);
		if (rc) {
			assert_int_equal(rc, E_FULL);
		}
		make_room();
		assert_true(pages < 200);
	}
	round_put(store, 1);
	assert_ok(store_commit(store, &test_err));
	check(store, 1);
	store_close(store);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(full_and_free_again),       TEST(batch_grows_while_full),
		TEST(definitions_wait_for_room), TEST(opening_on_a_full_disk),
		TEST(no_room_for_a_store),
	};

	return cmocka_run_group_tests(tests, set_up_group, NULL);
}
