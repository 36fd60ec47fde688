/*
 * A daemon inside this process: what `run` and `serve` have in common.
 */
#ifndef CLI_EMBED_H
#define CLI_EMBED_H

#include "cli/place.h"

/*
 * Make a daemon out of the program's modules and `options`, and watch for
 * signals. Mistakes in the config and failures are told, but for an E_STALE of
 * options.standby; returns an exit code.
 */
int embed_create(const struct cli *cli, struct daemon_options options,
		 struct daemon **ret_daemon);

/* Stop watching and destroy it. */
void embed_destroy(struct daemon *daemon);

#endif
