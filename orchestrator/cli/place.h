/*
 * Where things are: which config, which store, which control socket. The order
 * is the same for every verb: option, environment, config, default.
 *
 *	config   -c, $TUTTI_CONFIG, ./tutti.yaml when it is there
 *	store    --store, $TUTTI_STORE, the config's, ./.tutti
 *	control  --to, the config's, control.sock in the store
 *
 * A store that is named makes ./tutti.yaml irrelevant: it may describe another
 * one. Functions tell their failures and return an exit code.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "bus/control.h"
#include "cli/cli.h"
#include "store/view.h"

struct place {
	struct config *config; /* NULL: there is none */
	char *store;
	char *control;
};

/* The config file to use, or NULL when there is none. Borrowed. */
const char *place_config_file(const struct cli *cli);

/* Load a config; its mistakes are printed. */
int place_load(const struct cli *cli, const char *file,
	       struct config **ret_config);

/* Takes `config` over, which may be NULL. */
void place_of_config(const struct cli *cli, struct config *config,
		     struct place *ret_place);

int place_find(const struct cli *cli, struct place *ret_place);
void place_fini(struct place *place);

/* A store that is looked at. */
struct looking {
	struct place place;
	struct view *view;
	struct view_owner owner;
	int64_t now_us; /* one time for all that is shown */
};

int looking_open(const struct cli *cli, struct looking *ret_looking);
void looking_close(struct looking *looking);

/* "daemon: down, last write 12s ago", "daemon: up, pid 12", or, of a file, "no
 * daemon: an exported run, written 12s ago". */
void looking_put_daemon(const struct looking *looking, struct buf *out);

/* Say on standard error when no daemon runs. */
void looking_note_daemon(const struct cli *cli, const struct looking *looking);

/* Connect to the daemon. */
int place_connect(const struct cli *cli, struct control_client **ret_client);

/* Any answer but to who waits for a run comes within that time. */
#define PLACE_ANSWER_MS 30000

/*
 * Call the daemon within the time that any answer but `wait` needs. A code of
 * E_*; silence is E_UNREACHABLE.
 */
int place_call(struct control_client *client, const char *verb,
	       const struct value *args, struct value *ret_result,
	       struct err *reterr);

/* That a store is missing (view_open()) is no "not found" of what was asked
 * for: then E_UNREACHABLE, with what to do. */
void place_tell_no_store(const char *store, struct err *error);

#endif
