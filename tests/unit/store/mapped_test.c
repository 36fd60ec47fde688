/*
 * store_rest(): the pages of the file leave this process's memory, and what
 * they say is there as before.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "looking.h"
#include "store/handle.h"

#define DOCUMENT_BYTES (1024 * 1024)
#define COPY_BYTES     8192

static void put_large(const struct id *run, char filler)
{
	char *bytes = alloc_bytes(DOCUMENT_BYTES);
	struct value text;
	struct buf document = { 0 };

	memset(bytes, filler, DOCUMENT_BYTES);
	text = value_string((struct slice){ bytes, DOCUMENT_BYTES });
	pack_write(&document, &text);
	store_put_document(store, run, DOCUMENT_INPUT, buf_slice(&document));
	buf_fini(&document);
	value_clear(&text);
	free(bytes);
}

static void assert_input(const struct id *run, char filler)
{
	struct run_view *found;

	assert_ok(view_run(view, run, &found, &test_err));
	assert_int_equal(found->input.as.text.len, DOCUMENT_BYTES);
	assert_int_equal(found->input.as.text.ptr[0], filler);
	assert_int_equal(found->input.as.text.ptr[DOCUMENT_BYTES - 1], filler);
	run_view_destroy(found);
}

/* KiB of the data file that this process has mapped and looked at. */
static long resident_kib(void)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[4096];
	bool ours = false;
	long all = 0;
	long kib;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, "data.mdb")) {
			ours = true;
		} else if (ours && sscanf(line, "Rss: %ld kB", &kib) == 1) {
			all += kib;
			ours = false;
		}
	}
	(void)fclose(maps);
	return all;
}

static void test_rest(void **state)
{
	struct run_record run = put_run(1);

	(void)state;
	put_large(&run.id, 'a');
	commit();
	assert_input(&run.id, 'a');
	assert_true(resident_kib() > DOCUMENT_BYTES / 1024);
	store_rest(store);
	assert_int_equal(resident_kib(), 0);
	assert_input(&run.id, 'a');
	put_large(&run.id, 'b');
	store_rest(store);
	commit();
	store_rest(store);
	assert_input(&run.id, 'b');
}

/* Somebody's own copy of the same file, with changes that are nowhere else. */
static void test_private_map_is_left_alone(void **state)
{
	struct buf path = { 0 };

	(void)state;
	(void)put_run(1);
	commit();
	buf_printf(&path, "%s/data.mdb", folder);
	char *name = buf_take(&path);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char *own =
	    mmap(NULL, COPY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	free(name);
	assert_true(own != MAP_FAILED);
	own[0] = 'x';
	assert_int_equal(mprotect(own, COPY_BYTES, PROT_READ), 0);
	store_rest(store);
	assert_int_equal(own[0], 'x');
	assert_int_equal(munmap(own, COPY_BYTES), 0);
	close(fd);
}

/* What comes afterwards, and what is in a batch, is not lost. */
static void test_shrink(void **state)
{
	struct run_record run = put_run(1);

	(void)state;
	put_large(&run.id, 'a');
	store_shrink(store);
	assert_true(store->batch.bytes.cap > DOCUMENT_BYTES);
	commit();
	store_shrink(store);
	assert_int_equal(store->batch.bytes.cap, 0);
	assert_int_equal(store->leaving.bytes.cap, 0);
	assert_input(&run.id, 'a');
	put_large(&run.id, 'b');
	commit();
	assert_input(&run.id, 'b');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_private_map_is_left_alone,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shrink, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
