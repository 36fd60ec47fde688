#include "cli/bench_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/bench_folder.h"
#include "cli/bench_stop.h"
#include "store/probe.h"

#define BLOCK  4096
#define BLOCKS 16

struct bench_disk {
	char *folder;
	int fd;
	uint64_t count; /* blocks written so far */
	unsigned char block[BLOCK];
	struct probe *probe;
};

static char *path_of(const char *folder, const char *name)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", folder, name);
	return buf_take(&path);
}

static int write_block(struct bench_disk *disk, struct err *reterr)
{
	off_t at = (off_t)(disk->count % BLOCKS) * BLOCK;

	/* Never the same, and nothing that a file system could compress. */
	memcpy(disk->block, &disk->count, sizeof(disk->count));
	disk->count++;
	ssize_t written = pwrite(disk->fd, disk->block, BLOCK, at);

	if (written != BLOCK || fdatasync(disk->fd)) {
		return err_set(
		    reterr, written >= 0 && written != BLOCK ? E_FULL : E_IO,
		    "cannot write in %s: %s", disk->folder, strerror(errno));
	}
	return 0;
}

/* The blocks that are overwritten then. */
static int make_file(struct bench_disk *disk, struct err *reterr)
{
	char *path = path_of(disk->folder, "blocks");
	int rc = 0;

	disk->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (disk->fd < 0) {
		rc = err_set(reterr, E_IO, "%s: %s", path, strerror(errno));
	}
	for (int i = 0; rc == 0 && i < BLOCKS; i++) {
		rc = write_block(disk, reterr);
	}
	free(path);
	return rc;
}

static int make_all(struct bench_disk *disk, enum durability durability,
		    struct err *reterr)
{
	if (mkdir(disk->folder, 0700)) {
		return err_set(reterr, E_IO, "%s: %s", disk->folder,
			       strerror(errno));
	}
	(void)!getrandom(disk->block, sizeof(disk->block), GRND_NONBLOCK);
	int rc = make_file(disk, reterr);

	if (rc == 0) {
		char *store = path_of(disk->folder, "store");

		rc = probe_open(store, durability, &disk->probe, reterr);
		free(store);
	}
	return rc;
}

int bench_disk_open(const char *folder, enum durability durability,
		    struct bench_disk **ret_disk, struct err *reterr)
{
	struct bench_disk *disk = alloc_zeroed(1, sizeof(*disk));

	disk->folder = path_of(folder, "disk");
	disk->fd = -1;
	int rc = make_all(disk, durability, reterr);

	if (rc) {
		bench_disk_close(disk);
		return rc;
	}
	*ret_disk = disk;
	return 0;
}

void bench_disk_close(struct bench_disk *disk)
{
	if (disk) {
		probe_close(disk->probe);
		if (disk->fd >= 0) {
			(void)close(disk->fd);
		}
		/* What stays goes with the folder around it. */
		(void)bench_folder_remove(disk->folder, NULL);
		free(disk->folder);
		free(disk);
	}
}

static int write_step(struct bench_disk *disk, struct err *reterr)
{
	return probe_commit(disk->probe, reterr);
}

static int repeat(struct bench_disk *disk,
		  int (*once)(struct bench_disk *disk, struct err *reterr),
		  int64_t slice_ns, struct samples *samples, struct err *reterr)
{
	int64_t begin_ns = clock_mono_ns();
	int64_t now_ns = begin_ns;
	int rc;

	do {
		int64_t before_ns = now_ns;

		rc = bench_stop_check();
		rc = rc ? rc : once(disk, reterr);
		now_ns = clock_mono_ns();
		samples_add(samples, now_ns - before_ns);
	} while (rc == 0 && now_ns - begin_ns < slice_ns);
	samples->within_ns += now_ns - begin_ns;
	return rc;
}

int bench_disk_flush(struct bench_disk *disk, int64_t slice_ns,
		     struct samples *samples, struct err *reterr)
{
	return repeat(disk, write_block, slice_ns, samples, reterr);
}

int bench_disk_commit(struct bench_disk *disk, int64_t slice_ns,
		      struct samples *samples, struct err *reterr)
{
	return repeat(disk, write_step, slice_ns, samples, reterr);
}
