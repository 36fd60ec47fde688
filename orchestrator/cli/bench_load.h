/*
 * Runs for the daemon that is measured, so many at a time. One thread.
 */
#ifndef CLI_BENCH_LOAD_H
#define CLI_BENCH_LOAD_H

#include "bus/control.h"
#include "cli/bench_samples.h"

struct bench_load {
	size_t in_flight;
	size_t most; /* runs, whatever the time */
	/* From when so many have ended; so many count, however long it takes.
	 */
	int64_t slice_ns;
	struct samples *samples; /* of runs that end within it, are added to */
	uint64_t runs;           /* all of them, also those not in samples */
};

/*
 * Start runs and wait for their ends; adds to load->runs. E_UNREACHABLE when no
 * run ends for a long time or one does not succeed; E_STALE after a signal
 * (bench_stop.h).
 */
int bench_load(struct control_client *client, struct bench_load *load,
	       struct err *reterr);

#endif
