#include "cli/explain_text.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "cli/text.h"
#include "document/json.h"
#include "model/record.h"

/* Of a value; the JSON forms have all of it. */
#define JSON_SHOWN_MAX 200

static void put_json(struct buf *out, const struct value *value)
{
	struct buf text = { 0 };

	json_write(&text, value, JSON_COMPACT);
	size_t len = utf8_floor(buf_slice(&text), JSON_SHOWN_MAX);

	text_put_clean(out, (struct slice){ text.data, len });
	if (len < text.len) {
		buf_put_text(out, "...");
	}
	buf_fini(&text);
}

/* "3", "3, 4" or "3, 4 and 7 more". */
static void put_seen(struct buf *out, const struct value *reason)
{
	const struct value *seen = value_get(reason, "seen");
	int64_t count = value_get_int(reason, "seen_count", 0);
	int64_t shown = (int64_t)value_len(seen);

	for (size_t i = 0; i < value_len(seen); i++) {
		buf_put_text(out, i ? ", " : "");
		put_json(out, value_at(seen, i));
	}
	if (count > shown) {
		buf_printf(out, " and %" PRId64 " more", count - shown);
	}
}

void explain_put_reason(struct buf *out, const struct value *reason,
			struct slice before)
{
	buf_put_slice(out, before);
	text_put_clean(out, value_get_text(reason, "sentence"));
	buf_put_byte(out, '\n');
	/* The sentence has the clause and the first value. */
	if (value_get_int(reason, "seen_count", 0) > 1) {
		buf_put_slice(out, before);
		buf_put_text(out, "saw ");
		put_seen(out, reason);
		buf_put_byte(out, '\n');
	}
}

/* ---- the tree ---- */

struct branch {
	struct buf *out;
	struct style style;
	bool ended;    /* of a run that has */
	bool unopened; /* in a phase of a run that did not open (yet) */
	bool more[3];  /* at each level: do siblings follow? */
	int depth;
};

/* What passes by on this level. */
static void put_rail(struct buf *out, const struct branch *branch, int level)
{
	const char *rail = branch->style.utf8 ? "│  " : "|  ";

	style_put(out, branch->style, TONE_FAINT,
		  slice_of(branch->more[level] ? rail : "   "));
}

static void put_guides(const struct branch *branch)
{
	for (int i = 0; i + 1 < branch->depth; i++) {
		put_rail(branch->out, branch, i);
	}
	bool more = branch->more[branch->depth - 1];

	style_put(branch->out, branch->style, TONE_FAINT,
		  slice_of(branch->style.utf8 ? (more ? "├─ " : "└─ ")
					      : (more ? "|- " : "`- ")));
}

static struct branch below(const struct branch *parent, bool more)
{
	struct branch branch = *parent;

	branch.more[branch.depth++] = more;
	return branch;
}

static void put_word(struct buf *out, const char *word)
{
	buf_printf(out, "%s%s", out->len ? ", " : "", word);
}

/* What is not as usual. */
static void put_details(struct buf *out, const struct value *candidate)
{
	struct slice task = value_get_text(candidate, "task");
	struct slice plugin = value_get_text(candidate, "plugin");
	struct slice run_on = value_get_text(candidate, "run_on");
	const struct value *registered = value_get(candidate, "registered");

	if (!slice_equal(task, plugin)) {
		buf_put_text(out, "plugin ");
		text_put_clean(out, plugin);
	}
	if (!value_get_bool(candidate, "bound", false)) {
		put_word(out, "subscribes itself");
	}
	if (!value_get_bool(candidate, "mandatory", true)) {
		put_word(out, "optional");
	}
	if (run_on.len && !slice_is(run_on, "success")) {
		put_word(out, slice_is(run_on, "always") ? "run_on always"
							 : "run_on failure");
	}
	if (registered && registered->type == VALUE_BOOL &&
	    !registered->as.boolean) {
		put_word(out, "not registered");
	}
}

static void put_under(const struct branch *branch,
		      const struct value *candidate)
{
	const struct value *reason = value_get(candidate, "reason");
	struct buf before = { 0 };

	for (int i = 0; i < branch->depth; i++) {
		put_rail(&before, branch, i);
	}
	buf_put_text(&before, "  ");
	if (reason && reason->type == VALUE_MAP) {
		explain_put_reason(branch->out, reason, buf_slice(&before));
	}
	if (value_get_bool(candidate, "differs", false)) {
		buf_put_slice(branch->out, buf_slice(&before));
		style_put(branch->out, branch->style, TONE_WARN,
			  value_get_bool(candidate, "recorded", false)
			      ? SLICE("but the run has it: it took part when "
				      "the phase opened")
			      : SLICE("but the run does not have it: it did "
				      "not take part when the phase opened"));
		buf_put_byte(branch->out, '\n');
	}
	buf_fini(&before);
}

/* Not called after all, or not yet. */
static bool is_idle(const struct branch *branch, const struct value *candidate)
{
	return branch->unopened ||
	       (!value_get_bool(candidate, "recorded", true) &&
		!value_get_bool(candidate, "differs", false));
}

static enum task_state stand_in(const struct branch *branch,
				const struct value *candidate)
{
	if (!value_get_bool(candidate, "takes_part", false)) {
		return TASK_FAILED;
	}
	return is_idle(branch, candidate) ? TASK_PENDING : TASK_SUCCEEDED;
}

static void put_candidate(const struct branch *branch,
			  const struct value *candidate)
{
	enum task_state state = stand_in(branch, candidate);
	struct buf details = { 0 };
	struct buf name = { 0 };
	struct buf *out = branch->out;

	text_put_clean(&name, value_get_text(candidate, "task"));
	put_details(&details, candidate);
	if (state == TASK_PENDING && !branch->unopened) {
		put_word(&details, "not called");
	}
	put_guides(branch);
	style_put(out, branch->style,
		  state == TASK_SUCCEEDED ? TONE_GOOD : TONE_FAINT,
		  slice_of(style_task_glyph(branch->style, state)));
	buf_put_byte(out, ' ');
	style_put(out, branch->style,
		  state == TASK_FAILED ? TONE_FAINT : TONE_PLAIN,
		  buf_slice(&name));
	if (details.len) {
		buf_put_text(out, "  ");
		style_put(out, branch->style, TONE_FAINT, buf_slice(&details));
	}
	buf_put_byte(out, '\n');
	put_under(branch, candidate);
	buf_fini(&name);
	buf_fini(&details);
}

static bool is_unopened(const struct value *activity, const char *phase)
{
	const struct value *opened = value_get(activity, "opened");

	for (size_t i = 0; opened && i < value_len(opened); i++) {
		if (slice_is(value_at(opened, i)->as.text, phase)) {
			return false;
		}
	}
	return value_get_text(activity, "state").len > 0; /* of a run */
}

static void put_state(const struct branch *branch, struct slice state)
{
	if (state.len) {
		buf_put_text(branch->out, "  ");
		style_put(branch->out, branch->style, TONE_FAINT, state);
	}
}

static struct slice phase_state(const struct branch *branch, const char *phase,
				const struct value *activity)
{
	if (branch->unopened) {
		return branch->ended ? SLICE("will not open")
				     : SLICE("not opened");
	}
	const struct value *states = value_get(activity, "phase_states");

	return states ? value_get_text(states, phase) : SLICE("");
}

static void put_phase(struct branch *branch, const char *phase,
		      const struct value *activity)
{
	const struct value *candidates = value_get(activity, phase);
	int64_t omitted =
	    value_get_int(value_get(activity, "omitted"), phase, 0);
	size_t len = value_len(candidates);

	branch->unopened = is_unopened(activity, phase);
	put_guides(branch);
	buf_put_text(branch->out, phase);
	put_state(branch, phase_state(branch, phase, activity));
	buf_put_byte(branch->out, '\n');
	for (size_t i = 0; i < len; i++) {
		struct branch child = below(branch, i + 1 < len || omitted);

		put_candidate(&child, value_at(candidates, i));
	}
	if (omitted) {
		struct branch child = below(branch, false);

		put_guides(&child);
		buf_printf(branch->out,
			   "and %" PRId64 " more that do not take part\n",
			   omitted);
	}
}

/* Phases for which nobody is a candidate are not shown. */
static size_t count_phases(const struct value *activity)
{
	size_t count = 0;

	for (int p = 0; p < PHASE_KINDS; p++) {
		count +=
		    value_len(value_get(
			activity, phase_kind_name((enum phase_kind)p))) > 0;
	}
	return count;
}

static void put_activity(const struct branch *branch,
			 const struct value *activity)
{
	size_t left = count_phases(activity);
	struct buf name = { 0 };

	text_put_clean(&name, value_get_text(activity, "name"));
	put_guides(branch);
	style_put(branch->out, branch->style, TONE_STRONG, buf_slice(&name));
	put_state(branch, value_get_text(activity, "state"));
	buf_put_text(branch->out,
		     left ? "\n" : "  no plugin is bound or subscribes\n");
	buf_fini(&name);
	for (int p = 0; p < PHASE_KINDS && left; p++) {
		const char *phase = phase_kind_name((enum phase_kind)p);

		if (value_len(value_get(activity, phase))) {
			struct branch child = below(branch, --left > 0);

			put_phase(&child, phase, activity);
		}
	}
}

static void put_title(struct buf *out, const struct value *answer)
{
	struct slice run = value_get_text(answer, "run");

	if (run.len) {
		buf_printf(out, "run %.*s, uid ", SLICE_ARG(run));
		text_put_clean(out, value_get_text(answer, "uid"));
		buf_put_text(out, ", ");
		text_put_clean(out, value_get_text(answer, "state"));
		buf_put_text(out, ", ");
	}
	buf_put_text(out, "workflow ");
	text_put_clean(out, value_get_text(answer, "workflow"));
	buf_put_text(out, ", attributes ");
	put_json(out, value_get(answer, "attributes"));
	buf_put_byte(out, '\n');
}

static bool has_ended(const struct value *answer)
{
	int state = group_state_parse(value_get_text(answer, "state"));

	return state >= 0 && group_state_final((enum group_state)state);
}

void explain_put_tree(struct buf *out, const struct value *answer,
		      struct style style)
{
	const struct value *activities = value_get(answer, "activities");
	struct branch root = {
		.out = out,
		.style = style,
		.ended = has_ended(answer),
	};
	size_t len = value_len(activities);

	put_title(out, answer);
	for (size_t i = 0; i < len; i++) {
		struct branch child = below(&root, i + 1 < len);

		put_activity(&child, value_at(activities, i));
	}
}

/* ---- rows ---- */

static void add_rows(struct value *rows, const struct value *answer,
		     const struct value *activity, const char *phase)
{
	static const char *const keys[] = {
		"task",      "plugin",  "bound",  "registered",
		"mandatory", "order",   "run_on", "takes_part",
		"recorded",  "differs", "reason",
	};
	const struct value *candidates = value_get(activity, phase);

	for (size_t i = 0; i < value_len(candidates); i++) {
		const struct value *candidate = value_at(candidates, i);
		struct value row = value_map();

		value_set(&row, "workflow",
			  value_copy(value_get(answer, "workflow")));
		value_set(&row, "run", value_copy(value_get(answer, "run")));
		value_set(&row, "activity",
			  value_copy(value_get(activity, "name")));
		value_set(&row, "phase", value_text(phase));
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			value_set(&row, keys[k],
				  value_copy(value_get(candidate, keys[k])));
		}
		value_push(rows, row);
	}
}

struct value explain_rows(const struct value *answer)
{
	const struct value *activities = value_get(answer, "activities");
	struct value rows = value_array();

	for (size_t i = 0; i < value_len(activities); i++) {
		for (int p = 0; p < PHASE_KINDS; p++) {
			add_rows(&rows, answer, value_at(activities, i),
				 phase_kind_name((enum phase_kind)p));
		}
	}
	return rows;
}
