#include "cli/show.h"

#include "base/shell.h"
#include "cli/events.h"
#include "cli/table.h"
#include "cli/text.h"

#define LAST_EVENTS 5

static void put_label(struct buf *out, const char *label)
{
	buf_printf(out, "%10s: ", label);
}

static void put_state(struct buf *out, const struct picture *picture,
		      struct style style)
{
	const struct run_record *run = &picture->run->run;
	int64_t now_us = picture->context.now_us;
	int64_t since_us = run->ended_us     ? run->ended_us
			   : run->started_us ? run->started_us
					     : run->created_us;

	put_label(out, "state");
	style_put(out, style, style_group_tone(run->state),
		  slice_of(group_state_name(run->state)));
	buf_put_text(out, " since ");
	text_put_time(out, since_us);
	buf_put_text(out, " (");
	text_put_age(out, since_us, now_us);
	if (run->started_us && run->ended_us) {
		buf_put_text(out, ", took ");
		text_put_duration(out, run->ended_us - run->started_us);
	}
	buf_put_text(out, ")\n");
}

static void put_reason(struct buf *out, const struct picture *picture)
{
	struct buf sentence = { 0 };
	struct slice rest;
	struct slice line;
	const char *label = "reason";

	if (picture->run->run.state == GROUP_SUCCEEDED) {
		return;
	}
	reason_put_run(&sentence, &picture->context);
	rest = buf_slice(&sentence);
	while (text_next_line(&rest, &line)) {
		buf_printf(out, "%10s%c ", label, *label ? ':' : ' ');
		text_put_clean(out, line);
		buf_put_byte(out, '\n');
		label = "";
	}
	buf_fini(&sentence);
}

static void put_deadline(struct buf *out, const struct picture *picture)
{
	const struct run_record *run = &picture->run->run;

	if (run->deadline_us && !group_state_final(run->state)) {
		put_label(out, "deadline");
		text_put_time(out, run->deadline_us);
		buf_put_text(out, " (");
		text_put_age(out, run->deadline_us, picture->context.now_us);
		buf_put_text(out, ")\n");
	}
}

void show_header(struct buf *out, const struct picture *picture,
		 struct style style, const char *daemon)
{
	const struct run_record *run = &picture->run->run;
	char id[ID_TEXT_SIZE];
	char version[DEFINITION_VERSION_SIZE];
	struct buf name = { 0 };

	id_format(&run->id, id);
	definition_version(run->version, version);
	style_put(out, style, style_group_tone(run->state),
		  slice_of(style_group_glyph(style, run->state)));
	buf_put_byte(out, ' ');
	text_put_clean(&name, run->workflow);
	style_put(out, style, TONE_STRONG, buf_slice(&name));
	buf_put_text(out, ", uid ");
	text_put_clean(out, run->uid);
	buf_put_byte(out, '\n');
	put_label(out, "run");
	buf_printf(out, "%s\n", id);
	put_state(out, picture, style);
	put_reason(out, picture);
	put_label(out, "tenant");
	text_put_clean(out, run->tenant);
	buf_put_byte(out, '\n');
	put_label(out, "created");
	text_put_time(out, run->created_us);
	buf_put_byte(out, '\n');
	put_deadline(out, picture);
	if (run->resumes) {
		put_label(out, "went on");
		text_put_count(out, run->resumes, "time", "times");
		buf_put_text(out, " after it had ended\n");
	}
	put_label(out, "version");
	buf_printf(out, "%s\n", version);
	if (daemon) {
		buf_printf(out, "    %s\n", daemon);
	}
	buf_fini(&name);
}

static const struct column *event_column(const char *key)
{
	const struct column *it = events_columns;

	while (it->key && slice_compare(slice_of(it->key), slice_of(key))) {
		it++;
	}
	return it;
}

void show_events(struct buf *out, const struct picture *picture,
		 struct style style)
{
	const struct column columns[] = {
		*event_column("time"),
		*event_column("object"),
		*event_column("to"),
		*event_column("reason"),
		*event_column("actor"),
		*event_column("message"),
		{ 0 },
	};
	struct listing listing;

	if (picture->history.len == 0) {
		return;
	}
	listing_init(&listing, columns, NULL, picture->context.now_us);
	events_add(&listing, picture->run, &picture->history, LAST_EVENTS);
	buf_put_text(out, "\nLast events:\n");
	listing_write(&listing, FORM_TEXT, style, out);
	listing_fini(&listing);
}

static void put_hint(struct table *table, const char *command, const char *what)
{
	struct buf line = { 0 };

	buf_printf(&line, "  tutti %s", command);
	table_put(table, TONE_PLAIN, buf_slice(&line));
	table_put(table, TONE_PLAIN, slice_of(what));
	buf_fini(&line);
}

static void put_run_hint(struct table *table, const struct picture *picture,
			 const char *verb, const char *options,
			 const char *what)
{
	struct buf command = { 0 };
	char id[ID_TEXT_SIZE];

	id_format(&picture->run->run.id, id);
	buf_printf(&command, "%s %s%s", verb, id, options);
	buf_put_byte(&command, '\0');
	put_hint(table, command.data, what);
	buf_fini(&command);
}

static const struct task_record *find_reason(const struct picture *picture,
					     enum reason reason)
{
	const struct run_view *run = picture->run;

	for (size_t i = 0; i < run->task_count; i++) {
		if (run->tasks[i].reason == reason &&
		    !run->tasks[i].superseded) {
			return &run->tasks[i];
		}
	}
	return NULL;
}

/* What helps when it is the plugins' processes that are in the way. */
static void put_plugin_hints(struct table *table, const struct picture *picture,
			     const char *options)
{
	const struct task_record *quarantined =
	    find_reason(picture, REASON_QUARANTINED);
	struct buf command = { 0 };

	if (picture_waits_for_plugin(picture)) {
		buf_printf(&command, "plugins%s", options);
		buf_put_byte(&command, '\0');
		put_hint(table, command.data, "which plugins are there");
		buf_clear(&command);
	}
	if (quarantined) {
		buf_put_text(&command, "plugins release ");
		shell_put_word(&command, quarantined->plugin);
		buf_put_text(&command, options);
		buf_put_byte(&command, '\0');
		put_hint(table, command.data, "let it be used again");
	}
	if (find_reason(picture, REASON_CRASHED) ||
	    find_reason(picture, REASON_INSTANCE_LOST)) {
		put_run_hint(table, picture, "logs --run", options,
			     "what its plugins said");
	}
	buf_fini(&command);
}

static const struct task_record *find_queued(const struct picture *picture)
{
	const struct run_view *run = picture->run;

	for (size_t i = 0; i < run->task_count; i++) {
		const struct task_record *task = &run->tasks[i];

		if (task->state == TASK_QUEUED && task->queue.len) {
			return task;
		}
	}
	return NULL;
}

static const struct task_record *find_letter(const struct picture *picture)
{
	const struct run_view *run = picture->run;

	for (size_t i = 0; i < run->task_count; i++) {
		if (reason_has_letter(&picture->context, &run->tasks[i])) {
			return &run->tasks[i];
		}
	}
	return NULL;
}

/* Queues that tasks wait in, or that have given some up. */
static void put_queue_hints(struct table *table, const struct picture *picture,
			    const char *options)
{
	const struct task_record *dead = find_letter(picture);
	const struct task_record *queued = find_queued(picture);
	struct buf command = { 0 };

	if (dead && picture->context.daemon_alive) {
		buf_put_text(&command, "queue redrive ");
		shell_put_word(&command, dead->queue);
		buf_put_text(&command, options);
		buf_put_byte(&command, '\0');
		put_hint(table, command.data,
			 "have its dead letters tried again");
		buf_clear(&command);
	}
	if (queued) {
		buf_put_text(&command, "queue show ");
		shell_put_word(&command, queued->queue);
		buf_put_text(&command, options);
		buf_put_byte(&command, '\0');
		put_hint(table, command.data, "what the queue waits for");
	}
	buf_fini(&command);
}

/* The command that ends the pause, as far as it is one of a run. */
static void put_pause_hint(struct table *table, const struct picture *picture,
			   const char *options)
{
	const char *scope = picture->context.paused.scope;
	struct buf command = { 0 };

	if (slice_is(slice_of(scope), "run")) {
		put_run_hint(table, picture, "resume", options,
			     "end its pause");
		return;
	}
	if (slice_is(slice_of(scope), "all")) {
		buf_printf(&command, "resume --all%s", options);
	} else {
		buf_put_text(&command, "resume --workflow ");
		shell_put_word(&command, picture->run->run.workflow);
		buf_put_text(&command, options);
	}
	buf_put_byte(&command, '\0');
	put_hint(table, command.data, "end the pause");
	buf_fini(&command);
}

static void put_active_hints(struct table *table, const struct picture *picture,
			     const char *options)
{
	put_run_hint(table, picture, "why", options, "what it waits for");
	if (!picture->context.daemon_alive) {
		put_hint(table, "serve -c FILE", "let it go on");
		return;
	}
	if (picture->context.paused.scope) {
		put_pause_hint(table, picture, options);
	}
	put_run_hint(table, picture, "cancel", options, "end it");
}

void show_hints(struct buf *out, const struct picture *picture,
		const char *options)
{
	enum group_state state = picture->run->run.state;
	struct table table;

	table_init(&table, (struct style){ 0 }, 2);
	if (!group_state_final(state)) {
		put_active_hints(&table, picture, options);
	} else if (state != GROUP_SUCCEEDED) {
		put_run_hint(&table, picture, "why", options,
			     "why it ended like this");
		if (picture->context.daemon_alive) {
			put_run_hint(&table, picture, "retry", options,
				     "let it go on with what failed");
		}
	}
	put_plugin_hints(&table, picture, options);
	put_queue_hints(&table, picture, options);
	put_run_hint(&table, picture, "history", options, "all that happened");
	buf_put_text(out, "\nNext:\n");
	table_write(&table, out);
	table_fini(&table);
}
