/*
 * The options that floors have in common: each takes those that it names, and
 * refuses the others.
 */
#ifndef FLOOR_OPTIONS_H
#define FLOOR_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum durability {
	DURABILITY_STRICT,  /* data and meta page are flushed: 2 flushes */
	DURABILITY_RELAXED, /* the data alone (MDB_NOMETASYNC): 1 flush */
	DURABILITY_NONE,    /* MDB_NOSYNC: written, but never flushed */
};

enum layout {
	LAYOUT_TREE, /* a record for each activity and plugin, overwritten */
	LAYOUT_STEP, /* a record for all that one commit changes in a run */
};

/* What a slip of the hand may start. */
#define MOST_PROCESSES 4096

struct options {
	const char *folder; /* . */
	uint64_t count;     /* 200 */
	uint32_t in_flight; /* 1 */
	enum durability durability;
	enum layout layout;
	uint32_t parallel;  /* 8 */
	uint32_t sequence;  /* activities; 0: one of `parallel` */
	uint32_t payload;   /* bytes of input; 0 */
	uint32_t reply;     /* bytes of each plugin's result; 0 */
	uint32_t members;   /* 8 */
	uint32_t processes; /* 0: one for each plugin or member */
	uint32_t batch;     /* 0 or 1; 1 */
	uint32_t keep;      /* 1: the store stays, for who wants to look; 0 */
	uint32_t pipelined; /* 1: only the end of a run waits for a commit; 0 */
};

/*
 * `taken`: names of options, separated by spaces. Prints the usage and ends
 * the process when something else was given.
 */
void options_read(struct options *options, const char *taken, int argc,
		  char **argv);

const char *durability_name(enum durability durability);

/* Flushes of a commit. */
unsigned durability_flushes(enum durability durability);

#endif
