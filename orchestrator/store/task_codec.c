#include "store/codec.h"
#include "store/record.h"

/* 2: deaths. 3: failures, expires_us, superseded. 4: queue. */
#define FORMAT 4

void task_encode(struct buf *out, const struct task_record *task)
{
	record_begin_as(out, FORMAT);
	buf_put_u32(out, task->activity);
	buf_put_byte(out, (uint8_t)task->phase);
	buf_put_byte(out, (uint8_t)task->state);
	buf_put_byte(out, (uint8_t)task->reason);
	record_put_bool(out, task->mandatory);
	record_put_bool(out, task->cancel_requested);
	buf_put_u32(out, task->attempt);
	buf_put_u32(out, task->deaths);
	buf_put_u32(out, task->failures);
	record_put_bool(out, task->superseded);
	buf_put_u32(out, task->wakes);
	buf_put_u32(out, task->binding);
	record_put_double(out, task->progress);
	record_put_time(out, task->timeout_ms);
	record_put_time(out, task->created_us);
	record_put_time(out, task->started_us);
	record_put_time(out, task->ended_us);
	record_put_time(out, task->wake_us);
	record_put_time(out, task->deadline_us);
	record_put_time(out, task->expires_us);
	record_put_text(out, task->name);
	record_put_text(out, task->plugin);
	record_put_text(out, task->instance);
	record_put_text(out, task->message);
	record_put_text(out, task->note);
	record_put_text(out, task->queue);
}

static void read_texts(struct record_reader *in, struct task_record *task)
{
	task->name = record_get_text(in);
	task->plugin = record_get_text(in);
	task->instance = record_get_text(in);
	task->message = record_get_text(in);
	task->note = record_get_text(in);
}

int task_decode(struct slice bytes, uint32_t number,
		struct task_record *ret_task)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	struct task_record task = { .number = number };

	task.activity = record_get_u32(&in);
	task.phase = (enum phase_kind)record_get_choice(&in, PHASE_KINDS);
	task.state = (enum task_state)record_get_choice(&in, TASK_STATES);
	task.reason = (enum reason)record_get_choice(&in, REASONS);
	task.mandatory = record_get_bool(&in);
	task.cancel_requested = record_get_bool(&in);
	task.attempt = record_get_u32(&in);
	task.deaths = format >= 2 ? record_get_u32(&in) : 0;
	task.failures = format >= 3 ? record_get_u32(&in) : 0;
	task.superseded = format >= 3 && record_get_bool(&in);
	task.wakes = record_get_u32(&in);
	task.binding = record_get_u32(&in);
	task.progress = record_get_double(&in);
	task.timeout_ms = record_get_time(&in);
	task.created_us = record_get_time(&in);
	task.started_us = record_get_time(&in);
	task.ended_us = record_get_time(&in);
	task.wake_us = record_get_time(&in);
	task.deadline_us = record_get_time(&in);
	task.expires_us = format >= 3 ? record_get_time(&in) : 0;
	read_texts(&in, &task);
	task.queue = format >= 4 ? record_get_text(&in) : SLICE("");
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_task = task;
	}
	return rc;
}
