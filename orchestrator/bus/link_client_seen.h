/*
 * Deliveries that a client has had: all that it holds, and the last
 * LINK_SEEN_FINISHED of those that are over, to know doubles by. The client's
 * thread.
 *
 *	 HELD ──accept──> ACCEPTED ──> FINISHED ──> forgotten
 *	   └────────────────────────────^
 */
#ifndef BUS_LINK_CLIENT_SEEN_H
#define BUS_LINK_CLIENT_SEEN_H

#include "bus/wire.h"

#define LINK_SEEN_FINISHED 8192

enum link_seen_state { LINK_HELD, LINK_ACCEPTED, LINK_FINISHED };

struct link_seen_entry;

struct link_seen {
	struct link_seen_entry **buckets; /* all; NULL until the first */
	size_t bucket_count;              /* a power of two */
	size_t count;
	struct link_seen_entry *held;     /* not accepted, oldest first */
	struct link_seen_entry *accepted; /* in hand, known to be */
	struct link_seen_entry *finished; /* oldest first */
	size_t in_hand;                   /* held and accepted */
	size_t finished_count;
};

void link_seen_fini(struct link_seen *seen);

/* Note a delivery. LINK_HELD or LINK_ACCEPTED as given when it is new: true.
 * A double: false, *ret_state says what has become of it. */
bool link_seen_add(struct link_seen *seen, const struct wire_key *key,
		   enum link_seen_state state, int64_t now_ms,
		   enum link_seen_state *ret_state);

/* The orchestrator knows that it is in our hands. */
void link_seen_accept(struct link_seen *seen, const struct wire_key *key);

void link_seen_finish(struct link_seen *seen, const struct wire_key *key);

/* All that is in hand counts as finished; `each` is called for it. */
void link_seen_finish_all(struct link_seen *seen,
			  void (*each)(void *arg, const struct wire_key *key),
			  void *arg);

/* The one that is held longest without being accepted, and since when; NULL
 * when there is none. */
const struct wire_key *link_seen_oldest(const struct link_seen *seen,
					int64_t *ret_since_ms);

#endif
