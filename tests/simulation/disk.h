/*
 * The disk: what has been committed, as the bytes that the store's own codecs
 * made, and nothing else. A batch is applied whole or not at all.
 */
#ifndef SIMULATION_DISK_H
#define SIMULATION_DISK_H

#include "base/id.h"
#include "history.h"
#include "queues.h"
#include "store/batch.h"

struct sim;
struct sim_run;

struct bytes {
	char *data;
	uint32_t len;
	uint32_t cap;
	bool there;
};

struct byte_list {
	struct bytes *list; /* by number */
	uint32_t len;
};

#define TREE_KINDS (TREE_OUTPUT + 1)

struct image {
	bool there;
	struct bytes run;
	struct byte_list tree[TREE_KINDS];
	unsigned listed; /* bits of the states it is listed under */
	unsigned ended;  /* the same of the index of ended runs */
	bool uid_listed;
	struct history history;
	/* What the plugins' completions, in the order of their commits, must
	 * have made of its documents. */
	struct documents {
		uint32_t stash[8];     /* serials by key; 0: not there */
		uint32_t *outputs;     /* serials by task; 0: none */
		uint32_t output_count; /* room there */
	} documents;
	/* What is in its queues: the rows, and what they must say. */
	struct byte_list message_rows;
	struct sim_messages messages;
	struct stored_part {
		unsigned char hash[DEFINITION_HASH_SIZE];
		struct bytes bytes;
	} * parts;
	size_t part_count;
	size_t part_cap;
	bool touched; /* by the batch that is being applied */
};

struct disk {
	uint64_t last_sequence;
	uint32_t last_serial; /* of all that patches brought */
	struct stored_definition {
		unsigned char hash[DEFINITION_HASH_SIZE];
		struct definition *definition; /* read from its bytes */
	} * definitions;
	size_t definition_count;
	size_t definition_cap;
	struct stored_queue {
		char *name;
		struct bytes bytes;
	} * queues;
	size_t queue_count;
	size_t queue_cap;
};

/* Apply a batch, and check what it brings. */
void disk_apply(struct sim *sim, const struct batch *batch);

/* The run's rows go, as retention does it. */
void disk_delete(struct sim_run *run);

/* Read from what is stored; E_CORRUPT's are failures. Borrowed. */
struct definition *disk_definition(struct sim *sim, const unsigned char *hash);

void disk_fini(struct disk *disk);

/* For the tables of queues. */
void disk_bytes_set(struct bytes *bytes, struct slice from);
struct slice disk_bytes(const struct bytes *bytes);
struct bytes *disk_row_at(struct byte_list *rows, uint32_t number);
struct sim_run *disk_run_of(struct sim *sim, const void *bytes);

/* The bytes; empty when there are none. */
struct slice disk_row(const struct image *image, enum tree_kind kind,
		      uint32_t number);

#endif
