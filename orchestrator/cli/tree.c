#include "cli/tree.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "cli/table.h"
#include "cli/text.h"

enum { COLUMNS = 4, DEPTH = 3 };

/* Where a line hangs: at each level above, do siblings follow? */
struct place_in_tree {
	bool more[DEPTH];
	int depth;
};

struct painter {
	const struct reason_context *context;
	const struct tree_options *options;
	struct table table;
};

static struct place_in_tree below(const struct place_in_tree *parent, bool more)
{
	struct place_in_tree place = *parent;

	place.more[place.depth++] = more;
	return place;
}

static const char *guide(struct style style, bool last_level, bool more)
{
	if (last_level) {
		return style.utf8 ? (more ? "├─ " : "└─ ")
				  : (more ? "|- " : "`- ");
	}
	return style.utf8 ? (more ? "│  " : "   ") : (more ? "|  " : "   ");
}

static void put_guides(struct painter *painter, struct buf *out,
		       const struct place_in_tree *place)
{
	struct buf guides = { 0 };

	for (int i = 0; i < place->depth; i++) {
		buf_put_text(&guides,
			     guide(painter->options->style,
				   i + 1 == place->depth, place->more[i]));
	}
	style_put(out, painter->options->style, TONE_FAINT, buf_slice(&guides));
	buf_fini(&guides);
}

struct node {
	const struct place_in_tree *place;
	const char *glyph;
	enum tone tone;
	struct slice name;
	const char *state;
	int64_t started_us;
	int64_t ended_us;
	const struct buf *detail;
};

static void put_name(struct painter *painter, const struct node *node)
{
	struct buf name = { 0 };
	struct buf cell = { 0 };
	size_t guides = 3 * (size_t)node->place->depth;

	text_put_clean(&name, node->name);
	put_guides(painter, &cell, node->place);
	style_put(&cell, painter->options->style, node->tone,
		  slice_of(node->glyph));
	buf_put_byte(&cell, ' ');
	style_put(&cell, painter->options->style,
		  node->place->depth < 2 ? TONE_STRONG : TONE_PLAIN,
		  buf_slice(&name));
	table_put_rich(&painter->table, &cell,
		       guides + 2 + utf8_width(buf_slice(&name)));
	buf_fini(&name);
}

static void put_node(struct painter *painter, const struct node *node)
{
	struct buf time = { 0 };

	put_name(painter, node);
	table_put(&painter->table, node->tone, slice_of(node->state));
	if (node->started_us) {
		int64_t end_us =
		    node->ended_us ? node->ended_us : painter->context->now_us;

		text_put_duration(&time, end_us - node->started_us);
	}
	table_put(&painter->table, TONE_PLAIN, buf_slice(&time));
	table_put(&painter->table, TONE_FAINT, buf_slice(node->detail));
	buf_fini(&time);
}

/* The words under a node, a line each; empties `words`. They hang as a level
 * further down would, so that nothing branches off to them. */
static void put_words(struct painter *painter,
		      const struct place_in_tree *place, struct buf *words)
{
	struct slice rest = buf_slice(words);
	struct slice line;

	while (text_next_line(&rest, &line)) {
		struct buf row = { 0 };

		for (int i = 0; i < place->depth; i++) {
			style_put(&row, painter->options->style, TONE_FAINT,
				  slice_of(guide(painter->options->style, false,
						 place->more[i])));
		}
		buf_put_text(&row, "  ");
		text_put_clean(&row, line);
		table_span(&painter->table, &row);
	}
	buf_fini(words);
}

static void detail_add(struct buf *detail, const char *text)
{
	buf_printf(detail, "%s%s", detail->len ? ", " : "", text);
}

static void detail_task(struct buf *out, const struct task_record *task)
{
	if (!slice_equal(task->name, task->plugin)) {
		detail_add(out, "plugin ");
		text_put_clean(out, task->plugin);
	}
	if (!task->mandatory) {
		detail_add(out, "optional");
	}
	if (task->state == TASK_QUEUED && task->queue.len) {
		detail_add(out, "queue ");
		text_put_clean(out, task->queue);
	}
	if (task->attempt > 1) {
		detail_add(out, "attempt ");
		buf_printf(out, "%" PRIu32, task->attempt);
	}
	if (task->state == TASK_RUNNING && task->progress >= 0) {
		detail_add(out, "");
		buf_printf(out, "%.0f%%", task->progress * 100);
	}
	if (task->state == TASK_RUNNING && task->note.len) {
		detail_add(out, "");
		text_put_clean(out, task->note);
	}
}

/* Does the task need words of its own under its line? */
static bool task_speaks(const struct task_record *task)
{
	switch (task->state) {
	case TASK_FAILED:
	case TASK_WAITING:
	case TASK_RETRYING:
	case TASK_SKIPPED:
	case TASK_CANCELLED:
		return true;
	case TASK_PENDING:
		return task->reason == REASON_NO_PLUGIN;
	default:
		return false;
	}
}

static void put_task(struct painter *painter, const struct task_record *task,
		     const struct place_in_tree *place)
{
	struct buf detail = { 0 };
	struct buf words = { 0 };
	struct style style = painter->options->style;

	detail_task(&detail, task);
	put_node(painter, &(struct node){
			      .place = place,
			      .glyph = style_task_glyph(style, task->state),
			      .tone = style_task_tone(task->state),
			      .name = task->name,
			      .state = task_state_name(task->state),
			      .started_us = task->started_us,
			      .ended_us = task->ended_us,
			      .detail = &detail,
			  });
	if (task_speaks(task)) {
		reason_put_task(&words, painter->context, task);
		put_words(painter, place, &words);
	}
	buf_fini(&detail);
}

static void put_folded(struct painter *painter,
		       const struct place_in_tree *place, size_t folded)
{
	struct buf words = { 0 };

	if (folded) {
		buf_printf(&words, "and %zu that succeeded", folded);
		put_words(painter, place, &words);
	}
}

static void put_tasks(struct painter *painter, struct task_list list,
		      const struct place_in_tree *place)
{
	size_t fold = painter->options->fold;
	size_t folded = 0;

	if (fold && list.len > fold) {
		for (size_t i = 0; i < list.len; i++) {
			folded += list.tasks[i]->state == TASK_SUCCEEDED;
		}
	}
	size_t left = list.len - folded;

	for (size_t i = 0; i < list.len; i++) {
		if (folded && list.tasks[i]->state == TASK_SUCCEEDED) {
			continue;
		}
		left--;
		struct place_in_tree child = below(place, left > 0 || folded);

		put_task(painter, list.tasks[i], &child);
	}
	struct place_in_tree end = below(place, false);

	put_folded(painter, &end, folded);
}

static void detail_phase(struct buf *out, const struct phase_record *record)
{
	if (record->expected) {
		buf_printf(out, "%" PRIu32 " of %" PRIu32, record->finished,
			   record->expected);
	}
	if (record->filtered) {
		detail_add(out, "");
		buf_printf(out, "%" PRIu32 " filtered out", record->filtered);
	}
	if (record->mandatory_done && record->finished < record->expected) {
		detail_add(out, "mandatory done");
	}
}

/* Does the definition bind anything to the phase? */
static bool phase_is_bound(const struct reason_context *context,
			   size_t activity, enum phase_kind phase)
{
	const struct definition *definition = context->run->definition;

	return definition && activity < definition->len &&
	       definition->activities[activity].phases[phase].len > 0;
}

static bool phase_shown(const struct reason_context *context, size_t activity,
			enum phase_kind phase)
{
	const struct activity_record *it = &context->run->activities[activity];
	const struct phase_record *record = &it->phases[phase];

	if (record->expected || record->filtered) {
		return true;
	}
	if (record->state == GROUP_PENDING) {
		return it->state != GROUP_PENDING &&
		       phase_is_bound(context, activity, phase);
	}
	return record->state != GROUP_SUCCEEDED;
}

static void put_phase(struct painter *painter, size_t activity,
		      enum phase_kind phase, const struct place_in_tree *place)
{
	const struct phase_record *record =
	    &painter->context->run->activities[activity].phases[phase];
	struct style style = painter->options->style;
	struct task_list list =
	    run_index_phase(painter->context->index, activity, phase);
	struct buf detail = { 0 };
	struct buf words = { 0 };

	detail_phase(&detail, record);
	put_node(painter, &(struct node){
			      .place = place,
			      .glyph = style_group_glyph(style, record->state),
			      .tone = style_group_tone(record->state),
			      .name = slice_of(phase_kind_name(phase)),
			      .state = group_state_name(record->state),
			      .started_us = record->started_us,
			      .ended_us = record->ended_us,
			      .detail = &detail,
			  });
	if (record->state == GROUP_FAILED && list.len == 0) {
		reason_put_phase(&words, painter->context, activity, phase);
		put_words(painter, place, &words);
	}
	put_tasks(painter, list, place);
	buf_fini(&detail);
}

static void put_phases(struct painter *painter, size_t activity,
		       const struct place_in_tree *place)
{
	size_t left = 0;

	for (int p = 0; p < PHASE_KINDS; p++) {
		left +=
		    phase_shown(painter->context, activity, (enum phase_kind)p);
	}
	for (int p = 0; p < PHASE_KINDS; p++) {
		if (phase_shown(painter->context, activity,
				(enum phase_kind)p)) {
			struct place_in_tree child = below(place, --left > 0);

			put_phase(painter, activity, (enum phase_kind)p,
				  &child);
		}
	}
}

static void put_activity(struct painter *painter, size_t index,
			 const struct place_in_tree *place)
{
	const struct activity_record *record =
	    &painter->context->run->activities[index];
	struct style style = painter->options->style;
	struct buf detail = { 0 };

	if (group_state_final(record->state) &&
	    run_index_activity(painter->context->index, index).len == 0) {
		buf_put_text(&detail, "no tasks");
	}
	put_node(painter, &(struct node){
			      .place = place,
			      .glyph = style_group_glyph(style, record->state),
			      .tone = style_group_tone(record->state),
			      .name = slice_of(run_activity_name(
				  painter->context->run, index)),
			      .state = group_state_name(record->state),
			      .started_us = record->started_us,
			      .ended_us = record->ended_us,
			      .detail = &detail,
			  });
	put_phases(painter, index, place);
	buf_fini(&detail);
}

static void put_root(struct painter *painter, const struct place_in_tree *place)
{
	const struct run_record *run = &painter->context->run->run;
	struct style style = painter->options->style;
	struct buf detail = { 0 };

	put_node(painter, &(struct node){
			      .place = place,
			      .glyph = style_group_glyph(style, run->state),
			      .tone = style_group_tone(run->state),
			      .name = run->workflow,
			      .state = group_state_name(run->state),
			      .started_us = run->started_us,
			      .ended_us = run->ended_us,
			      .detail = &detail,
			  });
}

void tree_write(struct buf *out, const struct reason_context *context,
		const struct tree_options *options)
{
	struct painter painter = {
		.context = context,
		.options = options,
	};
	struct place_in_tree root = { 0 };
	size_t count = context->run->activity_count;

	table_init(&painter.table, options->style, COLUMNS);
	painter.table.right = 1u << 2;
	put_root(&painter, &root);
	for (size_t i = 0; i < count; i++) {
		struct place_in_tree place = below(&root, i + 1 < count);

		put_activity(&painter, i, &place);
	}
	table_write(&painter.table, out);
	table_fini(&painter.table);
}
