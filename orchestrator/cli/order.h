/*
 * Verbs that tell the daemon to do one thing: call it, print what changed. One
 * thread.
 */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include "cli/cli.h"
#include "document/value.h"

/* For verbs of this kind: `--dry-run`, and nothing else. */
extern const struct option_spec order_options[];

/*
 * Call the daemon's `verb` with `args`, which are taken over, and with dry_run
 * when that was asked for; then print the result, as JSON or by `put`, which
 * is told whether it was only tried. Texts under `notes` in the result are told
 * as notes. Failures are told, E_UNCHANGED is exit
 * code 6. Returns the exit code.
 */
typedef void (*order_put)(struct buf *out, const struct value *result,
			  bool dry);
int order_send(const struct cli *cli, const char *verb, struct value args,
	       order_put put);

/* The same for a thing that goes by either of two keys: when the daemon does
 * not know it as the first, or has nothing to do there, the second is tried. */
int order_send_either(const struct cli *cli, const char *verb,
		      const char *const keys[2], const char *name,
		      order_put put);

#endif
