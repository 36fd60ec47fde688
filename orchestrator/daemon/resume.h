/*
 * After a restart: every run that has not ended goes back into the engine.
 */
#ifndef DAEMON_RESUME_H
#define DAEMON_RESUME_H

#include "daemon/state.h"

/* A run that cannot be read is logged and left alone; the others go on. */
int resume_runs(struct daemon *daemon, struct err *reterr);

#endif
