/*
 * Runs in flight, and what of them is on disk: the loop of a floor without the
 * calls. A turn is
 *
 *     flight_commit()    new runs and the phases that have ended, one commit
 *     for each due slot: call the plugins of its phase
 *     flight_reply()     for each reply, then or later
 *
 * Records of a run: each activity and each plugin, running and done, put when
 * the commit is made that stands before or after their phase. So a plugin of a
 * parallel phase is done on disk when the phase is.
 */
#ifndef FLOOR_FLIGHT_H
#define FLOOR_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "plugin.h"
#include "report.h"
#include "shape.h"

struct slot {
	uint64_t run;
	uint32_t phase;   /* the next one, or the one that is out */
	uint32_t replies; /* that are to come */
	int64_t begin_ns;
};

struct slots {
	uint32_t *at;
	uint32_t len;
};

struct flight {
	const struct options *options;
	struct shape shape;
	char *folder;
	struct status_store *store;
	struct slot *slots;
	struct slots vacant;
	struct slots ready; /* for a commit */
	struct slots put;   /* the next commit has them, and they wait for it */
	struct slots due;   /* the last commit covers them: to be called */
	bool is_open;       /* a transaction */
	uint64_t begun;
	uint64_t ended;
	uint64_t puts;
	uint64_t commits;
	struct times times;
	char *input;
	int64_t begin_ns;
	int64_t wall_ns;
};

void flight_init(struct flight *flight, const struct options *options);
void flight_fini(struct flight *flight);

/* Time begins. */
void flight_begin(struct flight *flight);

/* Is there anything for flight_commit() before another reply? */
bool flight_is_ready(const struct flight *flight);
bool flight_has_ended(const struct flight *flight);

/*
 * Afterwards `due` holds those that are to be called, until the next one. With
 * `pipelined` it makes no commit while there are such.
 */
void flight_commit(struct flight *flight);

/* What the plugins of a due slot are asked. */
void flight_request(const struct flight *flight, uint32_t slot,
		    msgpack_sbuffer *ret_packed);
const struct phase *flight_phase(const struct flight *flight, uint32_t slot);

void flight_reply(struct flight *flight, const struct reply *reply);

/*
 * Opens the store anew and fails when what lies there is not what was done;
 * then the members that floors of runs have in common.
 */
void flight_report(struct flight *flight, int64_t cpu_ns);

#endif
