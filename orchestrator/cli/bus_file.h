/*
 * STORE/bus.json: where the daemon's three listeners for plugins are. One
 * thread.
 */
#ifndef CLI_BUS_FILE_H
#define CLI_BUS_FILE_H

#include "base/err.h"
#include "document/value.h"

/*
 * {protocol, pid, requests, work, events, token}. E_NOT_FOUND when the daemon
 * has no such listeners, E_DENIED, E_IO, E_CORRUPT, with a sentence.
 */
int bus_file_read(const char *store, struct value *ret_bus, struct err *reterr);

#endif
