#include "store/codec.h"
#include "store/record.h"

/* No state: the object came to be. */
#define NO_STATE 0xff

/* The head byte of the short form: kind, phase << 2, and what is left out. */
enum {
	SAME_ACTOR = 16, /* as in the transition before */
	NO_MESSAGE = 32,
	HEADS = 64,
};

_Static_assert(OBJECT_TASK <= 3 && PHASE_KINDS <= 4, "two bits for each");

static const unsigned char states_of[] = {
	[OBJECT_RUN] = GROUP_STATES,
	[OBJECT_ACTIVITY] = GROUP_STATES,
	[OBJECT_PHASE] = GROUP_STATES,
	[OBJECT_TASK] = TASK_STATES,
};

void transition_put(struct buf *out, const struct transition_record *transition,
		    const struct transition_record *before)
{
	bool same = slice_equal(transition->actor, before->actor);
	bool silent = transition->message.len == 0;
	int from = transition->from;

	buf_put_byte(out, (uint8_t)((unsigned)transition->kind |
				    (unsigned)transition->phase << 2 |
				    (same ? SAME_ACTOR : 0) |
				    (silent ? NO_MESSAGE : 0)));
	buf_put_byte(out, from < 0 ? NO_STATE : (uint8_t)from);
	buf_put_byte(out, (uint8_t)transition->to);
	buf_put_byte(out, (uint8_t)transition->reason);
	record_put_distance(out, transition->time_us, before->time_us);
	record_put_number(out, transition->activity);
	record_put_number(out, transition->task);
	record_put_number(out, transition->attempt);
	if (!same) {
		record_put_short_text(out, transition->actor);
	}
	if (!silent) {
		record_put_short_text(out, transition->message);
	}
}

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

struct transition_record transition_get(struct record_reader *in,
					const struct transition_record *before)
{
	struct transition_record transition = { 0 };
	unsigned head = record_get_choice(in, HEADS);
	unsigned phase = head >> 2 & 3;

	if (phase >= PHASE_KINDS) {
		in->bad = true;
		phase = 0;
	}
	transition.kind = (enum object_kind)(head & 3);
	transition.phase = (enum phase_kind)phase;
	unsigned states = states_of[transition.kind];

	transition.from = read_from(in, states);
	transition.to = (int)record_get_choice(in, states);
	transition.reason = (enum reason)record_get_choice(in, REASONS);
	transition.time_us = record_get_distance(in, before->time_us);
	transition.activity = record_get_number32(in);
	transition.task = record_get_number32(in);
	transition.attempt = record_get_number32(in);
	transition.actor =
	    head & SAME_ACTOR ? before->actor : record_get_short_text(in);
	transition.message =
	    head & NO_MESSAGE ? SLICE("") : record_get_short_text(in);
	return transition;
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
