/*
 * Tables and keys of the store; the picture is in store.h. Texts in keys must
 * be within LIMIT_NAME and LIMIT_UID, which keeps every key below the 511
 * bytes that LMDB takes. Names hold no control characters, so the zero bytes
 * between them are unambiguous; a uid may hold anything, since it comes first
 * and a key is taken apart from its end. Pure.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/slice.h"
#include "model/definition.h"

/* X(table, name, the schema it came with). */
#define TABLE_MAP(X)                       \
	X(TABLE_META, "meta", 1)           \
	X(TABLE_RUNS, "runs", 1)           \
	X(TABLE_TREE, "tree", 1)           \
	X(TABLE_OLD_HISTORY, "history", 1) \
	X(TABLE_IX_STATE, "ix_state", 1)   \
	X(TABLE_IX_FLOW, "ix_flow", 1)     \
	X(TABLE_IX_UID, "ix_uid", 1)       \
	X(TABLE_DEFINITIONS, "defs", 1)    \
	X(TABLE_PLUGINS, "plugins", 1)     \
	X(TABLE_IX_ENDED, "ix_ended", 3)   \
	X(TABLE_PAUSES, "pauses", 3)       \
	X(TABLE_DOOMED, "doomed", 3)       \
	X(TABLE_QUEUES, "queues", 4)       \
	X(TABLE_MESSAGES, "messages", 4)   \
	X(TABLE_PARTS, "parts", 4)         \
	X(TABLE_TAILS, "tails", 5)

enum table {
#define X(table, name, since) table,
	TABLE_MAP(X)
#undef X
	    TABLES
};

const char *table_name(enum table table);
unsigned table_since(enum table table);

/* The second part of a key in `tree`. */
enum tree_kind {
	TREE_ACTIVITY = 1,
	TREE_DOCUMENT = 2, /* number: document_kind */
	TREE_TASK = 3,
	TREE_OUTPUT = 4, /* number: of the task */
	/* Beside the rest of the run, so that what a step changes is near; the
	 * number is a sequence. Before schema 6 it was a table of its own. */
	TREE_HISTORY = 5,
};

#define KEY_SIZE 511

struct key {
	unsigned char bytes[KEY_SIZE];
	size_t len;
};

struct slice key_slice(const struct key *key);

/* Build keys from their parts; start with a length of 0. Bytes behind it are
 * nobody's: zeroing all of them for each key would be most of its cost. */
void key_put(struct key *key, const void *bytes, size_t len);
void key_put_byte(struct key *key, unsigned byte);
void key_put_u32(struct key *key, uint32_t number);
void key_put_u64(struct key *key, uint64_t number);
void key_put_id(struct key *key, const struct id *id);
void key_put_name(struct key *key, struct slice name); /* and a 0 */

struct key key_text(struct slice text);
struct key key_run(const struct id *id);
struct key key_tree(const struct id *run, enum tree_kind kind, uint32_t number);
struct key key_history(const struct id *run, uint64_t sequence);
/* The first sequence in a row of the history, also of TABLE_OLD_HISTORY; false
 * when it is no such key. */
bool key_sequence(struct slice key, uint64_t *ret_sequence);
struct key key_state(unsigned state, const struct id *run);
struct key key_ended(unsigned state, int64_t ended_us, const struct id *run);
struct key key_flow(struct slice tenant, struct slice workflow,
		    const struct id *run);
struct key key_uid(struct slice uid, struct slice tenant,
		   struct slice workflow);

struct key key_pause(struct slice workflow); /* empty: all */

struct key key_message(const struct id *run, uint32_t task);
struct key key_part(const struct id *run,
		    const unsigned char hash[DEFINITION_HASH_SIZE]);

/* The run id that ends a key. False when the key is shorter. */
int key_last_id(struct slice key, struct id *ret_id);

#endif
