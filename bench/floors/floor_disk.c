/*
 * What this disk allows, `--count` times each, in turns so that a disk in
 * another mood spoils all alike:
 *
 *  - `flush_us`: a 4 KiB block of a file is overwritten, then fdatasync(): the
 *    flush that a commit of LMDB begins with,
 *  - `dsync_us`: a 4 KiB block is overwritten through O_DSYNC: the one that it
 *    ends with (the meta page), but in `--durability relaxed`,
 *  - `write_us`: overwritten and not flushed,
 *  - `commit_us`: a commit of LMDB with 1, 10, 100 or 1000 records of 200 bytes
 *    under rising keys that are new, with `--durability`.
 *
 * The two files have been written to their length and flushed before, so that
 * no flush is one of metadata; the store grows, and each of its commits pays
 * for that. Nothing else is on disk.
 *
 * Prints one JSON object; `records` is what a reader that opens the store again
 * finds, and the program fails when some are missing.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "options.h"
#include "report.h"
#include "status_store.h"
#include "stopwatch.h"
#include "work_folder.h"

#define BLOCK  4096
#define BLOCKS 16
#define SIZES  4

static const unsigned sizes[SIZES] = { 1, 10, 100, 1000 };
static const char *const size_names[SIZES] = { "1", "10", "100", "1000" };

struct file {
	int fd;
	bool flushed; /* by the write itself, or not at all */
	struct times times;
};

struct disk {
	char *folder;
	struct file synced; /* by fdatasync() */
	struct file dsync;  /* by O_DSYNC */
	struct file written;
	struct status_store *store;
	struct times commits[SIZES];
	uint64_t records;
};

static void write_block(int fd, uint64_t at)
{
	unsigned char block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++) {
		block[i] = (unsigned char)(at + i);
	}
	if (pwrite(fd, block, BLOCK, (off_t)(at % BLOCKS * BLOCK)) != BLOCK) {
		floor_fail_errno("write");
	}
}

static void open_file(struct file *file, const char *folder, const char *name,
		      int flags, uint64_t count)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		floor_fail_errno(folder);
	}
	file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
	if (file->fd < 0) {
		floor_fail_errno(path);
	}
	for (uint64_t i = 0; i < BLOCKS; i++) {
		write_block(file->fd, i);
	}
	if (fsync(file->fd)) {
		floor_fail_errno(path);
	}
	free(path);
	times_init(&file->times, count);
}

static void close_file(struct file *file)
{
	(void)close(file->fd);
	times_fini(&file->times);
}

static void disk_init(struct disk *disk, const struct options *options)
{
	*disk = (struct disk){ .folder = work_folder_make(options->folder) };
	open_file(&disk->synced, disk->folder, "synced", 0, options->count);
	open_file(&disk->dsync, disk->folder, "dsync", O_DSYNC, options->count);
	open_file(&disk->written, disk->folder, "written", 0, options->count);
	disk->synced.flushed = true;
	disk->store = status_store_open(disk->folder, options->durability, 0);
	for (size_t i = 0; i < SIZES; i++) {
		times_init(&disk->commits[i], options->count);
	}
}

static void disk_fini(struct disk *disk)
{
	close_file(&disk->synced);
	close_file(&disk->dsync);
	close_file(&disk->written);
	for (size_t i = 0; i < SIZES; i++) {
		times_fini(&disk->commits[i]);
	}
	work_folder_remove(disk->folder);
	free(disk->folder);
}

static void overwrite(struct file *file, uint64_t at)
{
	int64_t begin = wall_ns();

	write_block(file->fd, at);
	if (file->flushed && fdatasync(file->fd)) {
		floor_fail_errno("fdatasync");
	}
	times_add(&file->times, wall_ns() - begin);
}

static void commit(struct disk *disk, unsigned records, struct times *times)
{
	int64_t begin = wall_ns();

	status_store_begin(disk->store);
	for (unsigned i = 0; i < records; i++) {
		struct status_key key = { .activity = disk->records++ };

		status_store_put(disk->store, key, STATUS_DONE, 0);
	}
	status_store_commit(disk->store);
	times_add(times, wall_ns() - begin);
}

static void measure(struct disk *disk, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		overwrite(&disk->synced, i);
		overwrite(&disk->dsync, i);
		overwrite(&disk->written, i);
		for (size_t size = 0; size < SIZES; size++) {
			commit(disk, sizes[size], &disk->commits[size]);
		}
	}
}

static void count_records(struct disk *disk, struct status_counts *counts)
{
	status_store_close(disk->store);
	status_store_count(disk->folder, counts);
	if (counts->records != disk->records) {
		floor_fail(disk->folder, "records are missing");
	}
}

static void report(struct disk *disk, const struct options *options)
{
	struct status_counts counts;

	count_records(disk, &counts);
	report_begin();
	report_count("count", options->count);
	report_text("durability", durability_name(options->durability));
	report_times("flush_us", &disk->synced.times);
	report_times("dsync_us", &disk->dsync.times);
	report_times("write_us", &disk->written.times);
	report_open("commit_us");
	for (size_t i = 0; i < SIZES; i++) {
		report_times(size_names[i], &disk->commits[i]);
	}
	report_close();
	report_count("commits", counts.commits);
	report_count("flushes",
		     counts.commits * durability_flushes(options->durability));
	report_count("records", counts.records);
	report_count("bytes", counts.bytes);
	report_end();
}

int main(int argc, char **argv)
{
	struct options options;
	struct disk disk;

	options_read(&options, "--folder --count --durability", argc, argv);
	disk_init(&disk, &options);
	measure(&disk, options.count);
	report(&disk, &options);
	disk_fini(&disk);
	return 0;
}
