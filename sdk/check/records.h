/*
 * Records on the pipe from a trial's process to its parent: status, rule, text,
 * each record written at once so that threads do not mix theirs.
 */
#ifndef CHECK_RECORDS_H
#define CHECK_RECORDS_H

#include "check/rules.h"

/* The last record of a child that came to its end. */
#define RECORD_DONE "done"

#define RECORD_TEXT_MAX 2000

/* Safe in a signal's handler. */
void records_write(int pipe, enum check_status status, const char *rule,
		   struct slice text);

struct record {
	enum check_status status;
	const char *rule; /* borrowed from the bytes */
	const char *text;
};

/* The next record of what was read, or false. */
bool records_next(struct slice *bytes, struct record *ret_record);

#endif
