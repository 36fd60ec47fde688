/*
 * What became of one task: all that the orchestrator gets to know of it.
 */
#ifndef CHECK_TRANSCRIPT_H
#define CHECK_TRANSCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum transcript_end {
	TRANSCRIPT_OPEN,
	TRANSCRIPT_BY_ITSELF,
	TRANSCRIPT_TOLD,  /* it was cancelled or late, as was wanted */
	TRANSCRIPT_TIRED, /* it took so long that it was cancelled */
	TRANSCRIPT_STUCK, /* not even then, or its process ended */
};

struct transcript {
	enum transcript_end end;
	int outcome;
	char *message; /* owned, as are the others; NULL: none */
	char *output;  /* compact JSON */
	char *patch;
	bool parked;        /* until some time */
	bool given_back;    /* undone */
	struct buf reports; /* of its progress, a line each */
	struct buf lines;   /* of its log */
};

/* `output` and `patch` are msgpack, empty for none. */
void transcript_complete(struct transcript *transcript, int outcome,
			 struct slice message, struct slice output,
			 struct slice patch, int64_t until_us);
void transcript_progress(struct transcript *transcript, double fraction,
			 struct slice note);
void transcript_log(struct transcript *transcript, int level,
		    struct slice text);
void transcript_fini(struct transcript *transcript);

/* The fields in which two transcripts may differ. */
enum transcript_field {
	TRANSCRIPT_OUTCOME,
	TRANSCRIPT_MESSAGE,
	TRANSCRIPT_OUTPUT,
	TRANSCRIPT_PATCH,
	TRANSCRIPT_PROGRESS,
	TRANSCRIPT_LOG,
	TRANSCRIPT_FIELDS
};

const char *transcript_field_name(enum transcript_field field);

/* For people; borrowed. */
struct slice transcript_field_text(const struct transcript *transcript,
				   enum transcript_field field);

bool transcript_differs(const struct transcript *one,
			const struct transcript *other,
			enum transcript_field field);

#endif
