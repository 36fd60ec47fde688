#include "store/codec.h"
#include "store/record.h"

/* No state: the object came to be. */
#define NO_STATE 0xff

void transition_encode(struct buf *out,
		       const struct transition_record *transition)
{
	int from = transition->from;

	record_begin(out);
	record_put_time(out, transition->time_us);
	buf_put_byte(out, (uint8_t)transition->kind);
	buf_put_u32(out, transition->activity);
	buf_put_byte(out, (uint8_t)transition->phase);
	buf_put_u32(out, transition->task);
	buf_put_u32(out, transition->attempt);
	buf_put_byte(out, from < 0 ? NO_STATE : (uint8_t)from);
	buf_put_byte(out, (uint8_t)transition->to);
	buf_put_byte(out, (uint8_t)transition->reason);
	record_put_text(out, transition->actor);
	record_put_text(out, transition->message);
}

static const unsigned char states_of[] = {
	[OBJECT_RUN] = GROUP_STATES,
	[OBJECT_ACTIVITY] = GROUP_STATES,
	[OBJECT_PHASE] = GROUP_STATES,
	[OBJECT_TASK] = TASK_STATES,
};

static int read_from(struct record_reader *in, unsigned states)
{
	unsigned from = record_get_u8(in);

	if (from == NO_STATE) {
		return -1;
	}
	if (from >= states) {
		in->bad = true;
	}
	return (int)from;
}

int transition_decode(struct slice bytes, uint64_t sequence,
		      struct transition_record *ret_transition)
{
	struct record_reader in = record_read(bytes);
	struct transition_record transition = { .sequence = sequence };

	transition.time_us = record_get_time(&in);
	transition.kind =
	    (enum object_kind)record_get_choice(&in, OBJECT_TASK + 1);
	transition.activity = record_get_u32(&in);
	transition.phase = (enum phase_kind)record_get_choice(&in, PHASE_KINDS);
	transition.task = record_get_u32(&in);
	transition.attempt = record_get_u32(&in);
	unsigned states = states_of[transition.kind];

	transition.from = read_from(&in, states);
	transition.to = (int)record_get_choice(&in, states);
	transition.reason = (enum reason)record_get_choice(&in, REASONS);
	transition.actor = record_get_text(&in);
	transition.message = record_get_text(&in);
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_transition = transition;
	}
	return rc;
}
