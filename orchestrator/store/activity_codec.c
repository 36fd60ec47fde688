#include "store/codec.h"
#include "store/record.h"

/* 2: expired, deadline_us, first; before, the tasks of a run stood in the order
 * of its phases without gaps. 3: the short forms, with bits for what is yes or
 * no, and for the times that there are; rounded. */
#define FORMAT 3

enum {
	PHASE_OPENED = 1,
	PHASE_CURTAILED = 2,
	PHASE_MANDATORY_DONE = 4,
	PHASE_STARTED = 8,
	PHASE_ENDED = 16,
	PHASE_BITS = 32
};

enum {
	EXPIRED = 1,
	STARTED = 2,
	ENDED = 4,
	DEADLINE = 8,
	WINDOW = 16,
	BITS = 32
};

static uint8_t phase_bits(const struct phase_record *phase)
{
	return (uint8_t)((phase->opened ? PHASE_OPENED : 0) |
			 (phase->curtailed ? PHASE_CURTAILED : 0) |
			 (phase->mandatory_done ? PHASE_MANDATORY_DONE : 0) |
			 (phase->started_us ? PHASE_STARTED : 0) |
			 (phase->ended_us ? PHASE_ENDED : 0));
}

/* Times from that of the activity's start on. */
static void phase_encode(struct buf *out, const struct phase_record *phase,
			 int64_t from_us)
{
	buf_put_byte(out, (uint8_t)phase->state);
	buf_put_byte(out, (uint8_t)phase->reason);
	buf_put_byte(out, phase_bits(phase));
	record_put_maybe(out, phase->first);
	record_put_number(out, phase->expected);
	record_put_number(out, phase->finished);
	record_put_number(out, phase->filtered);
	record_put_time_after(out, phase->started_us, from_us);
	record_put_time_after(out, phase->ended_us, from_us);
}

static struct phase_record phase_decode(struct record_reader *in,
					int64_t from_us)
{
	struct phase_record phase = { 0 };

	phase.state = (enum group_state)record_get_choice(in, GROUP_STATES);
	phase.reason = (enum reason)record_get_choice(in, REASONS);
	unsigned bits = record_get_choice(in, PHASE_BITS);

	phase.opened = bits & PHASE_OPENED;
	phase.curtailed = bits & PHASE_CURTAILED;
	phase.mandatory_done = bits & PHASE_MANDATORY_DONE;
	phase.first = record_get_maybe(in);
	phase.expected = record_get_number32(in);
	phase.finished = record_get_number32(in);
	phase.filtered = record_get_number32(in);
	phase.started_us =
	    record_get_time_after(in, bits & PHASE_STARTED, from_us);
	phase.ended_us = record_get_time_after(in, bits & PHASE_ENDED, from_us);
	return phase;
}

static struct phase_record old_phase_decode(struct record_reader *in,
					    uint8_t format)
{
	struct phase_record phase = { 0 };

	phase.state = (enum group_state)record_get_choice(in, GROUP_STATES);
	phase.reason = (enum reason)record_get_choice(in, REASONS);
	/* 0: closed, 1: opened, 2: opened for some only. */
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

static uint8_t bits_of(const struct activity_record *activity)
{
	return (uint8_t)((activity->expired ? EXPIRED : 0) |
			 (activity->started_us ? STARTED : 0) |
			 (activity->ended_us ? ENDED : 0) |
			 (activity->deadline_us ? DEADLINE : 0) |
			 (activity->window_us ? WINDOW : 0));
}

void activity_encode(struct buf *out, const struct activity_record *activity)
{
	int64_t from_us = activity->started_us;
	size_t begin = out->len;

	record_begin_as(out, FORMAT);
	buf_put_byte(out, (uint8_t)activity->state);
	buf_put_byte(out, (uint8_t)activity->reason);
	buf_put_byte(out, bits_of(activity));
	record_put_number(out, activity->visit);
	record_put_time_after(out, activity->started_us, 0);
	record_put_time_after(out, activity->ended_us, from_us);
	record_put_time_after(out, activity->deadline_us, from_us);
	record_put_time_after(out, activity->window_us, from_us);
	for (int phase = 0; phase < PHASE_KINDS; phase++) {
		phase_encode(out, &activity->phases[phase], from_us);
	}
	record_round(out, begin);
}

static void read_newest(struct record_reader *in,
			struct activity_record *activity)
{
	activity->state = (enum group_state)record_get_choice(in, GROUP_STATES);
	activity->reason = (enum reason)record_get_choice(in, REASONS);
	unsigned bits = record_get_choice(in, BITS);

	activity->expired = bits & EXPIRED;
	activity->visit = record_get_number32(in);
	activity->started_us = record_get_time_after(in, bits & STARTED, 0);

	int64_t from_us = activity->started_us;

	activity->ended_us = record_get_time_after(in, bits & ENDED, from_us);
	activity->deadline_us =
	    record_get_time_after(in, bits & DEADLINE, from_us);
	activity->window_us = record_get_time_after(in, bits & WINDOW, from_us);
	for (int phase = 0; phase < PHASE_KINDS; phase++) {
		activity->phases[phase] = phase_decode(in, from_us);
	}
}

static void read_older(struct record_reader *in, uint8_t format,
		       struct activity_record *activity)
{
	activity->state = (enum group_state)record_get_choice(in, GROUP_STATES);
	activity->reason = (enum reason)record_get_choice(in, REASONS);
	activity->visit = record_get_u32(in);
	activity->started_us = record_get_time(in);
	activity->expired = format >= 2 && record_get_bool(in);
	activity->ended_us = record_get_time(in);
	activity->deadline_us = format >= 2 ? record_get_time(in) : 0;
	activity->window_us = format >= 2 ? record_get_time(in) : 0;
	for (int phase = 0; phase < PHASE_KINDS; phase++) {
		activity->phases[phase] = old_phase_decode(in, format);
	}
}

int activity_decode(struct slice bytes, uint32_t index,
		    struct activity_record *ret_activity)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	struct activity_record activity = { .index = index };

	if (format < 3) {
		read_older(&in, format, &activity);
	} else {
		read_newest(&in, &activity);
		record_get_rounding(&in, bytes.len);
	}
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_activity = activity;
	}
	return rc;
}
