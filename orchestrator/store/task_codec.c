#include "store/codec.h"
#include "store/record.h"

/* 2: deaths. 3: failures, expires_us, superseded. 4: queue. 5: the short
 * forms, with bits for what is yes or no, and for the times that there are;
 * small outputs; rounded. */
#define FORMAT 5

enum {
	MANDATORY = 1,
	CANCEL_REQUESTED = 2,
	SUPERSEDED = 4,
	STARTED = 8,
	ENDED = 16,
	WAKE = 32,
	DEADLINE = 64,
	EXPIRES = 128,
};

static uint8_t bits_of(const struct task_record *task)
{
	return (uint8_t)((task->mandatory ? MANDATORY : 0) |
			 (task->cancel_requested ? CANCEL_REQUESTED : 0) |
			 (task->superseded ? SUPERSEDED : 0) |
			 (task->started_us ? STARTED : 0) |
			 (task->ended_us ? ENDED : 0) |
			 (task->wake_us ? WAKE : 0) |
			 (task->deadline_us ? DEADLINE : 0) |
			 (task->expires_us ? EXPIRES : 0));
}

static void put_times(struct buf *out, const struct task_record *task)
{
	record_put_distance(out, task->created_us, 0);
	record_put_time_after(out, task->started_us, task->created_us);
	record_put_time_after(out, task->ended_us, task->created_us);
	record_put_time_after(out, task->wake_us, task->created_us);
	record_put_time_after(out, task->deadline_us, task->created_us);
	record_put_time_after(out, task->expires_us, task->created_us);
}

void task_encode(struct buf *out, const struct task_record *task)
{
	size_t begin = out->len;

	record_begin_as(out, FORMAT);
	buf_put_byte(out, (uint8_t)task->phase);
	buf_put_byte(out, (uint8_t)task->state);
	buf_put_byte(out, (uint8_t)task->reason);
	buf_put_byte(out, bits_of(task));
	record_put_number(out, task->activity);
	record_put_number(out, task->attempt);
	record_put_number(out, task->deaths);
	record_put_number(out, task->failures);
	record_put_number(out, task->wakes);
	record_put_maybe(out, task->binding);
	record_put_short_double(out, task->progress);
	record_put_distance(out, task->timeout_ms, 0);
	put_times(out, task);
	record_put_short_text(out, task->name);
	record_put_short_text(out, task->plugin);
	record_put_short_text(out, task->instance);
	record_put_short_text(out, task->message);
	record_put_short_text(out, task->note);
	record_put_short_text(out, task->queue);
	record_put_short_text(out, task->output);
	record_round(out, begin);
}

static void read_times(struct record_reader *in, unsigned bits,
		       struct task_record *task)
{
	task->created_us = record_get_distance(in, 0);
	task->started_us =
	    record_get_time_after(in, bits & STARTED, task->created_us);
	task->ended_us =
	    record_get_time_after(in, bits & ENDED, task->created_us);
	task->wake_us =
	    record_get_time_after(in, bits & WAKE, task->created_us);
	task->deadline_us =
	    record_get_time_after(in, bits & DEADLINE, task->created_us);
	task->expires_us =
	    record_get_time_after(in, bits & EXPIRES, task->created_us);
}

static void read_newest(struct record_reader *in, struct task_record *task)
{
	task->phase = (enum phase_kind)record_get_choice(in, PHASE_KINDS);
	task->state = (enum task_state)record_get_choice(in, TASK_STATES);
	task->reason = (enum reason)record_get_choice(in, REASONS);
	unsigned bits = record_get_u8(in);

	task->mandatory = bits & MANDATORY;
	task->cancel_requested = bits & CANCEL_REQUESTED;
	task->superseded = bits & SUPERSEDED;
	task->activity = record_get_number32(in);
	task->attempt = record_get_number32(in);
	task->deaths = record_get_number32(in);
	task->failures = record_get_number32(in);
	task->wakes = record_get_number32(in);
	task->binding = record_get_maybe(in);
	task->progress = record_get_short_double(in);
	task->timeout_ms = record_get_distance(in, 0);
	read_times(in, bits, task);
	task->name = record_get_short_text(in);
	task->plugin = record_get_short_text(in);
	task->instance = record_get_short_text(in);
	task->message = record_get_short_text(in);
	task->note = record_get_short_text(in);
	task->queue = record_get_short_text(in);
	task->output = record_get_short_text(in);
}

static void read_texts(struct record_reader *in, struct task_record *task)
{
	task->name = record_get_text(in);
	task->plugin = record_get_text(in);
	task->instance = record_get_text(in);
	task->message = record_get_text(in);
	task->note = record_get_text(in);
}

static void read_older(struct record_reader *in, uint8_t format,
		       struct task_record *task)
{
	task->activity = record_get_u32(in);
	task->phase = (enum phase_kind)record_get_choice(in, PHASE_KINDS);
	task->state = (enum task_state)record_get_choice(in, TASK_STATES);
	task->reason = (enum reason)record_get_choice(in, REASONS);
	task->mandatory = record_get_bool(in);
	task->cancel_requested = record_get_bool(in);
	task->attempt = record_get_u32(in);
	task->deaths = format >= 2 ? record_get_u32(in) : 0;
	task->failures = format >= 3 ? record_get_u32(in) : 0;
	task->superseded = format >= 3 && record_get_bool(in);
	task->wakes = record_get_u32(in);
	task->binding = record_get_u32(in);
	task->progress = record_get_double(in);
	task->timeout_ms = record_get_time(in);
	task->created_us = record_get_time(in);
	task->started_us = record_get_time(in);
	task->ended_us = record_get_time(in);
	task->wake_us = record_get_time(in);
	task->deadline_us = record_get_time(in);
	task->expires_us = format >= 3 ? record_get_time(in) : 0;
	read_texts(in, task);
	task->queue = format >= 4 ? record_get_text(in) : SLICE("");
}

int task_decode(struct slice bytes, uint32_t number,
		struct task_record *ret_task)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	struct task_record task = { .number = number };

	if (format < 5) {
		read_older(&in, format, &task);
	} else {
		read_newest(&in, &task);
		record_get_rounding(&in, bytes.len);
	}
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_task = task;
	}
	return rc;
}
