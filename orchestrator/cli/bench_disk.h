/*
 * What a disk allows: flushes, and commits of a store. One thread.
 */
#ifndef CLI_BENCH_DISK_H
#define CLI_BENCH_DISK_H

#include "base/err.h"
#include "cli/bench_samples.h"
#include "model/durability.h"

struct bench_disk;

/* Makes a file and a store in `folder`, which must not have any of it yet. */
int bench_disk_open(const char *folder, enum durability durability,
		    struct bench_disk **ret_disk, struct err *reterr);

/*
 * For so long, and once at least, add how long each took: 4 KiB of a file
 * overwritten and flushed with fdatasync(), or the records of a step committed
 * (store/probe.h). E_STALE after a signal (bench_stop.h).
 */
int bench_disk_flush(struct bench_disk *disk, int64_t slice_ns,
		     struct samples *samples, struct err *reterr);
int bench_disk_commit(struct bench_disk *disk, int64_t slice_ns,
		      struct samples *samples, struct err *reterr);

/* And removes it all. NULL is fine. */
void bench_disk_close(struct bench_disk *disk);

#endif
