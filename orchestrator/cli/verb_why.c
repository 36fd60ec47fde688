/*
 * `tutti why RUN [TASK]`: why the run, or a task of it, is where it is.
 */
#include "cli/json_run.h"
#include "cli/picture.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "cli/why.h"
#include "document/json.h"

/* State and reason of what an item is about. */
struct item_state {
	const char *name;
	const char *verb; /* " is", where the state is no verb itself */
	const char *glyph;
	enum tone tone;
	enum reason reason;
};

static struct item_state group_item(struct style style, enum group_state state,
				    enum reason reason)
{
	return (struct item_state){
		.name = group_state_name(state),
		.verb = state == GROUP_SUCCEEDED || state == GROUP_FAILED
			    ? ""
			    : " is",
		.glyph = style_group_glyph(style, state),
		.tone = style_group_tone(state),
		.reason = reason,
	};
}

static struct item_state task_item(struct style style, enum task_state state,
				   enum reason reason)
{
	return (struct item_state){
		.name = task_state_name(state),
		.verb = state == TASK_SUCCEEDED || state == TASK_FAILED ? ""
									: " is",
		.glyph = style_task_glyph(style, state),
		.tone = style_task_tone(state),
		.reason = reason,
	};
}

static struct item_state item_state(const struct reason_context *context,
				    struct style style,
				    const struct why_item *item)
{
	const struct run_view *run = context->run;

	switch (item->kind) {
	case OBJECT_RUN:
		return group_item(style, run->run.state,
				  reason_of_run(&run->run));
	case OBJECT_ACTIVITY:
		return group_item(style, run->activities[item->activity].state,
				  reason_of_activity(context, item->activity));
	case OBJECT_PHASE:
		return group_item(
		    style,
		    run->activities[item->activity].phases[item->phase].state,
		    reason_of_phase(context, item->activity, item->phase));
	case OBJECT_TASK:
		break;
	}
	if (!item->task) {
		return task_item(
		    style, TASK_PENDING,
		    reason_of_phase(context, item->activity, item->phase));
	}
	return task_item(style, item->task->state,
			 reason_of_task(context, item->task));
}

static void put_object(struct buf *out, const struct run_view *run,
		       const struct why_item *item)
{
	char id[ID_TEXT_SIZE];

	switch (item->kind) {
	case OBJECT_RUN:
		id_format(&run->run.id, id);
		buf_printf(out, "run %s (", id);
		text_put_clean(out, run->run.workflow);
		buf_put_text(out, ", uid ");
		text_put_clean(out, run->run.uid);
		buf_put_byte(out, ')');
		break;
	case OBJECT_ACTIVITY:
		buf_put_text(out, "activity ");
		text_put_clean(
		    out, slice_of(run_activity_name(run, item->activity)));
		break;
	case OBJECT_PHASE:
		buf_printf(out, "phase %s", phase_kind_name(item->phase));
		break;
	case OBJECT_TASK:
		buf_put_text(out, "task ");
		text_put_clean(out, item->name);
		break;
	}
}

/* The first line of a sentence goes behind its name, further ones below. */
static void put_sentence(struct buf *out, const char *sentence, int indent)
{
	struct slice rest = slice_of(sentence);
	struct slice line;
	bool first = true;

	while (text_next_line(&rest, &line)) {
		if (!first) {
			buf_printf(out, "%*s", indent + 4, "");
		}
		text_put_clean(out, line);
		buf_put_byte(out, '\n');
		first = false;
	}
}

static void put_text(struct buf *out, const struct reason_context *context,
		     struct style style, const struct why *why)
{
	static const int levels[] = {
		[OBJECT_RUN] = 0,
		[OBJECT_ACTIVITY] = 1,
		[OBJECT_PHASE] = 2,
		[OBJECT_TASK] = 3,
	};

	for (size_t i = 0; i < why->len; i++) {
		const struct why_item *item = &why->items[i];
		struct item_state state = item_state(context, style, item);
		int indent =
		    2 * (levels[item->kind] - levels[why->items[0].kind]);

		buf_printf(out, "%*s", indent, "");
		style_put(out, style, state.tone, slice_of(state.glyph));
		buf_put_byte(out, ' ');
		put_object(out, context->run, item);
		buf_printf(out, "%s %s: ", state.verb, state.name);
		put_sentence(out, item->sentence, indent);
	}
}

static struct value json_item(const struct reason_context *context,
			      const struct why_item *item)
{
	struct item_state state =
	    item_state(context, (struct style){ 0 }, item);
	struct value map = value_map();
	bool inside = item->kind != OBJECT_RUN;
	bool deep = inside && item->kind != OBJECT_ACTIVITY;

	value_set(&map, "kind", value_text(object_kind_name(item->kind)));
	value_set(
	    &map, "activity",
	    value_text(inside ? run_activity_name(context->run, item->activity)
			      : NULL));
	value_set(&map, "phase",
		  value_text(deep ? phase_kind_name(item->phase) : NULL));
	value_set(&map, "task", json_text(item->name));
	value_set(&map, "state", value_text(state.name));
	value_set(&map, "reason", json_reason(state.reason));
	value_set(&map, "reason_text", value_text(item->sentence));
	return map;
}

static void put_json(struct buf *out, const struct reason_context *context,
		     const struct why *why, enum form form)
{
	struct value map = value_map();
	struct value items = value_array();

	for (size_t i = 0; i < why->len; i++) {
		struct value item = json_item(context, &why->items[i]);

		if (form == FORM_JSONL) {
			json_write(out, &item, JSON_COMPACT);
			buf_put_byte(out, '\n');
		}
		value_push(&items, item);
	}
	value_set(&map, "id", json_id(&context->run->run.id));
	value_set(&map, "state",
		  value_text(group_state_name(context->run->run.state)));
	value_set(&map, "daemon_alive", value_bool(context->daemon_alive));
	value_set(&map, "items", items);
	if (form == FORM_JSON) {
		json_write(out, &map, JSON_PRETTY);
		buf_put_byte(out, '\n');
	}
	value_clear(&map);
}

static int no_task(const struct cli *cli, const struct task_pattern *pattern)
{
	struct err error = { 0 };

	(void)err_set(&error, E_NOT_FOUND,
		      "the run has no task '%.*s'; 'tutti show' lists them",
		      SLICE_ARG(pattern->name));
	return cli_fail(cli, &error);
}

static int explain(const struct cli *cli, const struct picture *picture,
		   struct why *why)
{
	const char *text = cli_arg(cli, 1);
	struct task_pattern pattern;
	struct err error = { 0 };

	if (!text) {
		why_explain(why, &picture->context);
		return EXIT_DONE;
	}
	if (task_pattern_read(slice_of(text), &pattern, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	why_explain_tasks(why, &picture->context, &pattern);
	if (why->len == 0) {
		why_fini(why);
		return no_task(cli, &pattern);
	}
	return EXIT_DONE;
}

static int run(struct cli *cli)
{
	struct subject subject;
	struct why why = { 0 };
	struct buf text = { 0 };
	int code = subject_open(cli, cli_arg(cli, 0), PICTURE_QUEUES, &subject);

	if (code) {
		return code;
	}
	code = explain(cli, &subject.picture, &why);
	if (code == EXIT_DONE) {
		if (cli->form == FORM_TEXT) {
			put_text(&text, &subject.picture.context, cli->style,
				 &why);
		} else {
			put_json(&text, &subject.picture.context, &why,
				 cli->form);
		}
		cli_print(cli, &text);
		looking_note_daemon(cli, &subject.looking);
		why_fini(&why);
	}
	subject_close(&subject);
	return code;
}

const struct verb verb_why = {
	.name = "why",
	.group = VERB_LOOK,
	.summary = "why a run, or a task of it, is where it is",
	.usage = "RUN [TASK]",
	.text = "Explains everything that has not ended or has not ended "
		"well. TASK is NAME,\nACTIVITY/NAME or ACTIVITY/PHASE/NAME.\n",
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) | FORM_BIT(FORM_JSONL),
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
