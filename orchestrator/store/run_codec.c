#include "store/codec.h"
#include "store/record.h"

/* 2: paused, resumes, deadline_us. */
#define FORMAT 2

void run_encode(struct buf *out, const struct run_record *run)
{
	record_begin_as(out, FORMAT);
	buf_put_byte(out, (uint8_t)run->state);
	buf_put_byte(out, (uint8_t)run->reason);
	/* 0: no, 1: asked for, 2: asked for twice. */
	buf_put_byte(out,
		     (uint8_t)(run->cancel_requested + run->cancel_forced));
	record_put_bool(out, run->paused);
	buf_put_u32(out, run->resumes);
	buf_put_u32(out, run->task_count);
	buf_put_u32(out, run->activity_count);
	record_put_time(out, run->created_us);
	record_put_time(out, run->started_us);
	record_put_time(out, run->ended_us);
	record_put_time(out, run->deadline_us);
	buf_put(out, run->version, sizeof(run->version));
	record_put_text(out, run->tenant);
	record_put_text(out, run->uid);
	record_put_text(out, run->workflow);
	record_put_text(out, run->message);
}

int run_decode(struct slice bytes, const struct id *id,
	       struct run_record *ret_run)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	struct run_record run = { .id = *id };

	run.state = (enum group_state)record_get_choice(&in, GROUP_STATES);
	run.reason = (enum reason)record_get_choice(&in, REASONS);
	unsigned cancel = record_get_choice(&in, 3);

	run.cancel_requested = cancel > 0;
	run.cancel_forced = cancel > 1;
	run.paused = format >= 2 && record_get_bool(&in);
	run.resumes = format >= 2 ? record_get_u32(&in) : 0;
	run.task_count = record_get_u32(&in);
	run.activity_count = record_get_u32(&in);
	run.created_us = record_get_time(&in);
	run.started_us = record_get_time(&in);
	run.ended_us = record_get_time(&in);
	run.deadline_us = format >= 2 ? record_get_time(&in) : 0;
	record_get_bytes(&in, run.version, sizeof(run.version));
	run.tenant = record_get_text(&in);
	run.uid = record_get_text(&in);
	run.workflow = record_get_text(&in);
	run.message = record_get_text(&in);
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_run = run;
	}
	return rc;
}

void uid_encode(struct buf *out, const struct id *run)
{
	record_begin(out);
	buf_put(out, run->bytes, ID_SIZE);
}

int uid_decode(struct slice bytes, struct id *ret_run)
{
	struct record_reader in = record_read(bytes);
	struct id run;

	record_get_bytes(&in, run.bytes, ID_SIZE);
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_run = run;
	}
	return rc;
}
