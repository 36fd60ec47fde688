#include "store/codec.h"
#include "store/record.h"

/* 2: expired, deadline_us, first. Before, the tasks of a run stood in the order
 * of its phases without gaps. */
#define FORMAT 2

static void phase_encode(struct buf *out, const struct phase_record *phase)
{
	buf_put_byte(out, (uint8_t)phase->state);
	buf_put_byte(out, (uint8_t)phase->reason);
	/* 0: closed, 1: opened, 2: opened for some only. */
	buf_put_byte(out, (uint8_t)(phase->opened + phase->curtailed));
	record_put_bool(out, phase->mandatory_done);
	buf_put_u32(out, phase->first);
	buf_put_u32(out, phase->expected);
	buf_put_u32(out, phase->finished);
	buf_put_u32(out, phase->filtered);
	record_put_time(out, phase->started_us);
	record_put_time(out, phase->ended_us);
}

static struct phase_record phase_decode(struct record_reader *in,
					uint8_t format)
{
	struct phase_record phase = { 0 };

	phase.state = (enum group_state)record_get_choice(in, GROUP_STATES);
	phase.reason = (enum reason)record_get_choice(in, REASONS);
	unsigned opened = record_get_choice(in, 3);

	phase.opened = opened > 0;
	phase.curtailed = opened > 1;
	phase.mandatory_done = record_get_bool(in);
	phase.first = format >= 2 ? record_get_u32(in) : UNKNOWN_FIRST;
	phase.expected = record_get_u32(in);
	phase.finished = record_get_u32(in);
	phase.filtered = record_get_u32(in);
	phase.started_us = record_get_time(in);
	phase.ended_us = record_get_time(in);
	return phase;
}

void activity_encode(struct buf *out, const struct activity_record *activity)
{
	record_begin_as(out, FORMAT);
	buf_put_byte(out, (uint8_t)activity->state);
	buf_put_byte(out, (uint8_t)activity->reason);
	buf_put_u32(out, activity->visit);
	record_put_time(out, activity->started_us);
	record_put_bool(out, activity->expired);
	record_put_time(out, activity->ended_us);
	record_put_time(out, activity->deadline_us);
	record_put_time(out, activity->window_us);
	for (int phase = 0; phase < PHASE_KINDS; phase++) {
		phase_encode(out, &activity->phases[phase]);
	}
}

int activity_decode(struct slice bytes, uint32_t index,
		    struct activity_record *ret_activity)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	struct activity_record activity = { .index = index };

	activity.state = (enum group_state)record_get_choice(&in, GROUP_STATES);
	activity.reason = (enum reason)record_get_choice(&in, REASONS);
	activity.visit = record_get_u32(&in);
	activity.started_us = record_get_time(&in);
	activity.expired = format >= 2 && record_get_bool(&in);
	activity.ended_us = record_get_time(&in);
	activity.deadline_us = format >= 2 ? record_get_time(&in) : 0;
	activity.window_us = format >= 2 ? record_get_time(&in) : 0;
	for (int phase = 0; phase < PHASE_KINDS; phase++) {
		activity.phases[phase] = phase_decode(&in, format);
	}
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_activity = activity;
	}
	return rc;
}
