/*
 * Where `tutti bench` measures, and what it writes there itself.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../folder.h"
#include "base/buf.h"
#include "cli/bench_disk.h"
#include "cli/bench_folder.h"

static char *outer;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	outer = folder_make("/tmp/tutti-bench-test-XXXXXX");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(outer);
	free(outer);
	return 0;
}

static char *inside(const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", outer, name);
	return buf_take(&path);
}

static bool is_there(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* Beside a store of this name a folder is made, in `outer`, and removed. */
static void check_beside(const char *name)
{
	char *store = inside(name);
	char *made = NULL;

	if (bench_folder_make(store, &made, &err)) {
		fail_msg("%s: %s", store, err.msg);
	}
	assert_true(is_there(made));
	*strrchr(made, '/') = '\0';
	assert_string_equal(made, outer);
	made[strlen(made)] = '/';
	assert_int_equal(bench_folder_remove(made, &err), 0);
	assert_false(is_there(made));
	free(made);
	free(store);
}

static void test_beside(void **state)
{
	char *store = inside("store");

	(void)state;
	check_beside("none");
	check_beside("none/of/them//");
	assert_int_equal(mkdir(store, 0700), 0);
	check_beside("store");
	check_beside("store//");
	free(store);
}

/* In the working directory, as the store's default is. */
static void test_plain_name(void **state)
{
	char *made = NULL;

	(void)state;
	assert_int_equal(chdir(outer), 0);
	assert_int_equal(bench_folder_make(".tutti", &made, &err), 0);
	assert_memory_equal(made, outer, strlen(outer));
	assert_int_equal(bench_folder_remove(made, &err), 0);
	free(made);
	assert_int_equal(chdir("/"), 0);
}

/* A file system of its own: beside it would be another one. */
static void test_mounted(void **state)
{
	char *made = NULL;

	(void)state;
	if (access("/dev/shm", W_OK)) {
		skip();
	}
	assert_int_equal(bench_folder_make("/dev/shm", &made, &err), 0);
	assert_memory_equal(made, "/dev/shm/", 9);
	assert_int_equal(bench_folder_remove(made, &err), 0);
	free(made);
}

static void test_not_allowed(void **state)
{
	char *made = NULL;

	(void)state;
	assert_int_not_equal(bench_folder_make("/proc/store", &made, &err), 0);
	assert_non_null(strstr(err.msg, "/proc"));
	assert_null(made);
	assert_int_equal(bench_folder_remove("/proc/none", &err), E_IO);
}

static void test_space(void **state)
{
	uint64_t bytes = 0;
	bool memory = true;

	(void)state;
	assert_int_equal(bench_folder_space(outer, &bytes, &memory, &err), 0);
	assert_true(bytes > 0);
	assert_int_equal(
	    bench_folder_space("/proc/none", &bytes, &memory, &err), E_IO);
}

static void check_samples(struct samples *samples)
{
	assert_true(samples->len >= 1);
	assert_true(samples->within_ns >= samples->ns[0]);
	assert_true(samples->ns[0] > 0);
	samples_fini(samples);
}

static void test_disk(void **state)
{
	struct bench_disk *disk = NULL;
	struct samples samples = { 0 };
	char *made = inside("disk");

	(void)state;
	assert_int_equal(
	    bench_disk_open(outer, DURABILITY_RELAXED, &disk, &err), 0);
	assert_int_equal(bench_disk_flush(disk, 0, &samples, &err), 0);
	check_samples(&samples);
	assert_int_equal(bench_disk_commit(disk, 0, &samples, &err), 0);
	check_samples(&samples);
	assert_true(is_there(made));
	bench_disk_close(disk);
	assert_false(is_there(made));
	bench_disk_close(NULL);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_beside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_plain_name, set_up,
						tear_down),
		cmocka_unit_test(test_mounted),
		cmocka_unit_test(test_not_allowed),
		cmocka_unit_test_setup_teardown(test_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_disk, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
