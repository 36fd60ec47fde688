#include "definitions.h"

#include <stdlib.h>

#include "document/json.h"
#include "filters.h"
#include "sim.h"

#define BINDINGS 3 /* of a phase, at most */

static void put_deadline(struct sim *sim, struct buf *out, uint32_t one_in)
{
	if (dice_one_in(&sim->dice, one_in)) {
		buf_printf(out, ", \"deadline_ms\": %u",
			   1 + dice_below(&sim->dice, 20000));
	}
}

static void put_retry(struct sim *sim, struct buf *out)
{
	if (dice_one_in(&sim->dice, 3)) {
		buf_printf(
		    out,
		    ", \"retry\": {\"attempts\": %u, \"backoff_ms\": %u, "
		    "\"factor\": %u.5, \"max_ms\": %u, \"jitter\": "
		    "0.%u}",
		    1 + dice_below(&sim->dice, 4),
		    1 + dice_below(&sim->dice, 3000),
		    1 + dice_below(&sim->dice, 3),
		    3000 + dice_below(&sim->dice, 4000),
		    dice_below(&sim->dice, 10));
	}
}

static void put_times(struct sim *sim, struct buf *out)
{
	put_deadline(sim, out, 8);
	put_retry(sim, out);
	if (dice_one_in(&sim->dice, 3)) {
		buf_printf(out, ", \"timeout_ms\": %u",
			   1 + dice_below(&sim->dice, 5000));
	}
}

static void put_with(struct sim *sim, struct buf *out)
{
	if (dice_one_in(&sim->dice, 4)) {
		buf_put_text(out, ", \"with\": {\"s\": \"${{ stash.k0 }}\"}");
	}
}

/* The same names stand in other places from one definition to the next. */
static void put_binding(struct sim *sim, struct buf *out, int phase,
			uint32_t number, uint32_t turn)
{
	static const char *const when[] = { "failure", "always" };

	buf_printf(out, "%s{\"plugin\": \"p%u\", \"as\": \"t%u\"",
		   number ? ", " : "", dice_below(&sim->dice, BOUND),
		   (number + turn) % BINDINGS);
	if (dice_one_in(&sim->dice, 2)) {
		buf_printf(out, ", \"mandatory\": %s",
			   dice_one_in(&sim->dice, 2) ? "true" : "false");
	}
	if (phase == PHASE_POST && dice_one_in(&sim->dice, 2)) {
		buf_printf(out, ", \"run_on\": \"%s\"",
			   when[dice_below(&sim->dice, 2)]);
	}
	if (dice_one_in(&sim->dice, 4)) {
		buf_printf(out, ", \"order\": %u",
			   80 + dice_below(&sim->dice, 20));
	}
	if (dice_one_in(&sim->dice, 3)) {
		buf_printf(out, ", \"filter\": %s",
			   filters_text(1 + dice_below(&sim->dice,
						       filters_count() - 1)));
	}
	put_times(sim, out);
	put_with(sim, out);
	buf_put_text(out, "}");
}

static void put_phase(struct sim *sim, struct buf *out, int phase)
{
	uint32_t len = dice_below(&sim->dice, BINDINGS + 1);
	uint32_t turn = dice_below(&sim->dice, BINDINGS);

	if (len == 0) {
		return;
	}
	buf_printf(out, ", \"%s\": [", phase_kind_name((enum phase_kind)phase));
	for (uint32_t i = 0; i < len; i++) {
		put_binding(sim, out, phase, i, turn);
	}
	buf_put_text(out, "]");
}

static void put_activity(struct sim *sim, struct buf *out, uint32_t number)
{
	buf_printf(out, "%s{\"name\": \"A%u\"", number ? ", " : "", number);
	for (int p = 0; p < PHASE_KINDS; p++) {
		put_phase(sim, out, p);
	}
	if (dice_one_in(&sim->dice, 3)) {
		buf_put_text(out, ", \"on_failure\": \"cancel\"");
	}
	if (dice_one_in(&sim->dice, 8)) {
		buf_put_text(out, ", \"on_empty\": \"fail\"");
	}
	if (dice_one_in(&sim->dice, 4)) {
		buf_put_text(out, ", \"optional_failure\": \"fail\"");
	}
	put_deadline(sim, out, 8);
	if (dice_one_in(&sim->dice, 6)) {
		buf_printf(out, ", \"require\": [\"p%u\"]",
			   dice_below(&sim->dice, PLUGINS));
	}
	if (dice_one_in(&sim->dice, 6)) {
		buf_printf(out, ", \"register_window_ms\": %u",
			   1 + dice_below(&sim->dice, 3000));
	}
	buf_put_text(out, "}");
}

struct definition *definitions_make(struct sim *sim, uint32_t flow)
{
	struct buf text = { 0 };
	struct value document = value_null();
	struct definition *definition = NULL;
	struct err err = { 0 };
	uint32_t len = 1 + dice_below(&sim->dice, ACTIVITIES);

	buf_printf(&text, "{\"workflow\": \"w%u\", \"activities\": [", flow);
	for (uint32_t i = 0; i < len; i++) {
		put_activity(sim, &text, i);
	}
	buf_put_text(&text, "]");
	put_deadline(sim, &text, 8);
	buf_put_text(&text, "}");
	int rc = json_read(buf_slice(&text), NULL, &document, &err);

	if (rc == 0) {
		rc = definition_from_value(&document, &definition, &err);
	}
	sim_note(sim, "w%u is now %.*s", flow, SLICE_ARG(buf_slice(&text)));
	sim_check(sim, rc == 0, "the simulator's definitions can be read", "%s",
		  err.msg);
	value_clear(&document);
	buf_fini(&text);
	return definition;
}
