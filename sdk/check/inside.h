/*
 * A module as a form: loaded into this process and run by the orchestrator's
 * own host.
 */
#ifndef CHECK_INSIDE_H
#define CHECK_INSIDE_H

#include <pthread.h>

#include "check/script.h"
#include "host/host.h"

struct inside {
	struct host *host;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct script_task *task; /* [lock] in hand, or NULL */
	struct transcript *transcript;  /* [lock] */
};

/* False: reported. `params` is a map. */
bool inside_open(struct trial *trial, const struct value *params,
		 struct inside *ret_inside);
struct form inside_form(struct inside *inside);
void inside_close(struct inside *inside);

#endif
