/*
 * Data files that are cut short, garbled, or no store's at all: refused with a
 * sentence, and never followed into nothing.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>

#include "rounds.h"
#include "store/env.h"
#include "store/pages.h"
#include "support.h"

#define PAGE 4096

static char *folder;
static char data[256];

static int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	(void)snprintf(data, sizeof(data), "%s/data.mdb", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_remove(folder);
	return 0;
}

static off_t file_size(void)
{
	struct stat status;

	assert_int_equal(stat(data, &status), 0);
	return status.st_size;
}

/* With values that need pages of their own. */
static void fill_store(uint32_t rounds)
{
	struct store *store = NULL;
	char *large = alloc_zeroed(1, 50000);
	struct id run = test_id(1);

	assert_ok(store_open(folder, &store, &test_err));
	for (uint32_t round = 1; round <= rounds; round++) {
		round_put(store, round);
		store_put_output(store, &run, round,
				 (struct slice){ large, 50000 });
		assert_ok(store_commit(store, &test_err));
	}
	store_close(store);
	free(large);
}

static void write_at(off_t offset, const void *bytes, size_t len)
{
	int fd = open(data, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, offset), len);
	close(fd);
}

static void refused(const char *sentence)
{
	struct store *store = NULL;
	struct view *view = NULL;

	assert_int_equal(view_open(folder, &view, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, sentence));
	assert_non_null(strstr(test_err.msg, "restore a backup"));
	assert_int_equal(store_open(folder, &store, &test_err), E_CORRUPT);
	assert_non_null(strstr(test_err.msg, sentence));
}

static void sound_store(void **state)
{
	(void)state;
	assert_ok(pages_check(folder, 0, &test_err));
	fill_store(1);
	assert_ok(pages_check(folder, UINT64_MAX, &test_err));
	fill_store(300);
	assert_ok(pages_check(folder, UINT64_MAX, &test_err));
	assert_ok(pages_check(data, UINT64_MAX, &test_err));
}

/* Wherever it is cut, LMDB never sees it. */
static void cut_short(void **state)
{
	(void)state;
	fill_store(20);
	for (off_t size = file_size() - PAGE; size > 0; size -= 7 * PAGE) {
		assert_int_equal(truncate(data, size), 0);
		refused("cut short");
	}
	assert_int_equal(truncate(data, 100), 0);
	refused("cut short");
	assert_int_equal(truncate(data, 0), 0);
	fill_store(1);
}

/* Pages that were freed in the transaction that took them are not written. */
static void shorter_than_the_last_page(void **state)
{
	(void)state;
	struct view *view = NULL;
	uint64_t last;
	int fd;

	fill_store(20);
	fd = open(data, O_RDONLY);
	for (int meta = 0; meta < 2; meta++) {
		assert_int_equal(pread(fd, &last, 8, meta * PAGE + 136), 8);
		last += 3;
		write_at(meta * PAGE + 136, &last, 8);
	}
	close(fd);
	assert_ok(view_open(folder, &view, &test_err));
	view_close(view);
	fill_store(2);
}

static void damaged_first_pages(void **state)
{
	(void)state;
	/* Magic, size of pages, roots, last page, number of transaction. */
	static const off_t fields[] = { 16, 40, 80, 128, 136, 144 };
	static const uint64_t nonsense = UINT64_C(0x5a5a5a5a5a5a5a5a);

	for (off_t meta = 0; meta < 2; meta++) {
		for (size_t i = 0; i < sizeof(fields) / sizeof(off_t); i++) {
			fill_store(3);
			write_at(meta * PAGE + fields[i], &nonsense, 8);
			refused("page");
			assert_int_equal(unlink(data), 0);
		}
	}
}

/* Each page in turn; the walk sees those that are in use, and never falls. */
static void garbled_pages(void **state)
{
	(void)state;
	char before[PAGE];
	char garbage[PAGE];
	int seen = 0;

	srand(5);
	fill_store(5);
	off_t pages = file_size() / PAGE;
	int fd = open(data, O_RDONLY);

	struct store *store = NULL;

	for (off_t page = 2; page < pages; page++) {
		for (size_t i = 0; i < sizeof(garbage); i++) {
			garbage[i] = (char)rand();
		}
		assert_int_equal(pread(fd, before, PAGE, page * PAGE), PAGE);
		write_at(page * PAGE, garbage, PAGE);
		if (pages_check(folder, UINT64_MAX, &test_err)) {
			seen++;
			assert_int_equal(store_open(folder, &store, &test_err),
					 E_CORRUPT);
		}
		/* The page's own number is right, the rest is not. */
		write_at(page * PAGE, before, 8);
		(void)pages_check(folder, UINT64_MAX, &test_err);
		write_at(page * PAGE, before, 10);
		(void)pages_check(folder, UINT64_MAX, &test_err);
		write_at(page * PAGE, before, PAGE);
	}
	close(fd);
	assert_ok(pages_check(folder, UINT64_MAX, &test_err));
	assert_true(seen > 5);
}

static void garbage(void **state)
{
	(void)state;
	char bytes[3 * PAGE];

	srand(6);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (char)rand();
	}
	write_at(0, bytes, sizeof(bytes));
	refused("none of a store");
	assert_int_equal(truncate(data, 0), 0);
	write_at(0, "text\n", 5);
	refused("cut short");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sound_store, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shorter_than_the_last_page,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_first_pages, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(garbled_pages, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(garbage, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
