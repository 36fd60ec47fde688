#include "check/transcript.h"

#include <stdlib.h>
#include <tutti/plugin.h>

#include "base/alloc.h"
#include "document/json.h"
#include "document/pack.h"

/* Of what a plugin says a lot of, the beginning. */
#define TEXT_MAX ((size_t)64 << 10)

static char *json_of(struct slice packed)
{
	struct value value;
	struct buf text = { 0 };

	if (!packed.len || pack_read(packed, NULL, &value, NULL) < 0) {
		return NULL;
	}
	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

void transcript_complete(struct transcript *transcript, int outcome,
			 struct slice message, struct slice output,
			 struct slice patch, int64_t until_us)
{
	transcript->outcome = outcome;
	transcript->message = message.len ? slice_dup(message) : NULL;
	transcript->output = json_of(output);
	transcript->patch = json_of(patch);
	transcript->parked = until_us != 0;
}

void transcript_progress(struct transcript *transcript, double fraction,
			 struct slice note)
{
	if (transcript->reports.len < TEXT_MAX) {
		buf_printf(&transcript->reports, "%.3f %.*s\n", fraction,
			   SLICE_ARG(note));
	}
}

void transcript_log(struct transcript *transcript, int level, struct slice text)
{
	if (transcript->lines.len < TEXT_MAX) {
		buf_printf(&transcript->lines, "%d: %.*s\n", level,
			   SLICE_ARG(text));
	}
}

void transcript_fini(struct transcript *transcript)
{
	free(transcript->message);
	free(transcript->output);
	free(transcript->patch);
	buf_fini(&transcript->reports);
	buf_fini(&transcript->lines);
	*transcript = (struct transcript){ 0 };
}

static struct slice outcome_name(const struct transcript *transcript)
{
	static const char *const names[] = {
		[TUTTI_SUCCEEDED] = "succeeded",
		[TUTTI_FAILED] = "failed",
		[TUTTI_RETRYABLE] = "retryable",
		[TUTTI_PARKED] = "parked",
	};

	if (transcript->given_back) {
		return SLICE("given back undone");
	}
	return transcript->outcome >= 0 && transcript->outcome < 4
		   ? slice_of(names[transcript->outcome])
		   : SLICE("unknown");
}

const char *transcript_field_name(enum transcript_field field)
{
	static const char *const names[] = {
		[TRANSCRIPT_OUTCOME] = "outcome",
		[TRANSCRIPT_MESSAGE] = "message",
		[TRANSCRIPT_OUTPUT] = "output",
		[TRANSCRIPT_PATCH] = "patch of the stash",
		[TRANSCRIPT_PROGRESS] = "progress",
		[TRANSCRIPT_LOG] = "log lines",
	};

	return names[field];
}

struct slice transcript_field_text(const struct transcript *transcript,
				   enum transcript_field field)
{
	switch (field) {
	case TRANSCRIPT_OUTCOME:
		return outcome_name(transcript);
	case TRANSCRIPT_MESSAGE:
		return slice_of(transcript->message);
	case TRANSCRIPT_OUTPUT:
		return slice_of(transcript->output);
	case TRANSCRIPT_PATCH:
		return slice_of(transcript->patch);
	case TRANSCRIPT_PROGRESS:
		return buf_slice(&transcript->reports);
	default:
		return buf_slice(&transcript->lines);
	}
}

bool transcript_differs(const struct transcript *one,
			const struct transcript *other,
			enum transcript_field field)
{
	return !slice_equal(transcript_field_text(one, field),
			    transcript_field_text(other, field)) ||
	       (field == TRANSCRIPT_OUTCOME && one->parked != other->parked);
}
