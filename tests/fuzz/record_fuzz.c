/*
 * Any bytes as a record of the store: the first says of which kind. What can be
 * read is written, and that reads as the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/codec.h"
#include "store/history_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 256 /* transitions in a row */

/* Reads a record and appends it as it would be written now. */
typedef int (*recode)(struct slice bytes, struct buf *out);

static const struct id some_run;

static int recode_run(struct slice bytes, struct buf *out)
{
	struct run_record run;
	int rc = run_decode(bytes, &some_run, &run);

	if (rc == 0) {
		run_encode(out, &run);
	}
	return rc;
}

static int recode_activity(struct slice bytes, struct buf *out)
{
	struct activity_record activity;
	int rc = activity_decode(bytes, 0, &activity);

	if (rc == 0) {
		activity_encode(out, &activity);
	}
	return rc;
}

static int recode_task(struct slice bytes, struct buf *out)
{
	struct task_record task;
	int rc = task_decode(bytes, 0, &task);

	if (rc == 0) {
		task_encode(out, &task);
	}
	return rc;
}

/* A row of the history: those that follow one another again in rows. */
static int recode_history(struct slice bytes, struct buf *out)
{
	struct transition_record transitions[MOST];
	struct history_row row;
	size_t count = 0;
	int rc = history_row_read(bytes, 1, &row);

	while (rc >= 0 && count < MOST) {
		rc = history_row_next(&row, &transitions[count]);
		if (rc == 0) {
			break;
		}
		count += rc > 0;
	}
	if (rc || count == 0) {
		return E_CORRUPT;
	}
	(void)history_row_put(out, transitions, count);
	return 0;
}

static int recode_plugin(struct slice bytes, struct buf *out)
{
	struct plugin_record plugin;
	int rc = plugin_decode(bytes, SLICE("p"), &plugin);

	if (rc == 0) {
		plugin_encode(out, &plugin);
	}
	return rc;
}

static int recode_pause(struct slice bytes, struct buf *out)
{
	struct pause_record pause;
	int rc = pause_decode(bytes, SLICE("w"), &pause);

	if (rc == 0) {
		pause_encode(out, &pause);
	}
	return rc;
}

static int recode_queue(struct slice bytes, struct buf *out)
{
	struct queue_record queue;
	int rc = queue_decode(bytes, SLICE("q"), &queue);

	if (rc == 0) {
		queue_encode(out, &queue);
	}
	return rc;
}

static int recode_message(struct slice bytes, struct buf *out)
{
	struct message_record message;
	int rc = message_decode(bytes, &some_run, 0, &message);

	if (rc == 0) {
		message_encode(out, &message);
	}
	return rc;
}

static const recode kinds[] = {
	recode_run,    recode_activity, recode_task,  recode_history,
	recode_plugin, recode_pause,    recode_queue, recode_message,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = { 0 };
	struct buf twice = { 0 };

	if (!size) {
		return 0;
	}
	recode kind = kinds[*data % (sizeof(kinds) / sizeof(*kinds))];
	/* Of its exact length, so that a read beyond it shows. */
	char *bytes = alloc_bytes(size - 1);

	memcpy(bytes, data + 1, size - 1);
	if (kind((struct slice){ bytes, size - 1 }, &once) == 0 &&
	    (kind(buf_slice(&once), &twice) ||
	     !slice_equal(buf_slice(&once), buf_slice(&twice)))) {
		abort();
	}
	free(bytes);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
