/*
 * When a transition counts as done: `durability:` of the config. Pure.
 *
 *	strict     after its commit was synced to disk: nothing leaves before
 *	pipelined  plugins inside the process go on without waiting for the
 *	           sync; all that leaves the process waits for it
 *	relaxed    after a commit whose last page is not synced: a power cut
 *	           may take the last commits, the store stays sound
 */
#ifndef MODEL_DURABILITY_H
#define MODEL_DURABILITY_H

enum durability {
	DURABILITY_STRICT,
	DURABILITY_PIPELINED,
	DURABILITY_RELAXED,
	DURABILITIES /* how many there are */
};

const char *durability_name(enum durability durability);

#endif
