/*
 * A run read back from the disk's bytes by the store's codecs.
 */
#ifndef SIMULATION_STORED_H
#define SIMULATION_STORED_H

#include "model/record.h"

struct sim;
struct sim_run;

struct stored {
	struct run_record run;
	struct definition *definition; /* borrowed */
	struct activity_record *activities;
	struct task_record *tasks;
	uint32_t task_count;
};

/* Texts are the image's; valid until the next call with another run. */
const struct stored *stored_read(struct sim *sim, const struct sim_run *run);

/* Where two runs' records differ: the field's name, or NULL. */
const char *stored_run_differs(const struct run_record *a,
			       const struct run_record *b);
const char *stored_activity_differs(const struct activity_record *a,
				    const struct activity_record *b);
const char *stored_task_differs(const struct task_record *a,
				const struct task_record *b);

void stored_fini(void);

#endif
