/*
 * `tutti queue show NAME`: one queue, what comes next in it and what it has
 * given up.
 */
#include "base/shell.h"
#include "cli/queue_look.h"
#include "cli/queue_text.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

#define SHOWN 10 /* messages of each kind */

static void put_label(struct buf *out, const char *label)
{
	buf_printf(out, "%12s: ", label);
}

/* Empties `words`, which may hold what plugins said. */
static void put_words(struct buf *out, const char *label, struct buf *words)
{
	put_label(out, label);
	text_put_clean(out, buf_slice(words));
	buf_put_byte(out, '\n');
	buf_fini(words);
}

static void put_plugin(struct buf *out, const struct queue_scene *scene)
{
	int64_t consumers = queue_consumers(scene);

	put_label(out, "plugin");
	text_put_clean(out, slice_of(scene->sheet->plugin));
	if (consumers >= 0) {
		buf_put_text(out, ", ");
		text_put_count(out, (uint64_t)consumers, "consumer",
			       "consumers");
	}
	buf_put_byte(out, '\n');
}

static void put_counts(struct buf *out, const struct queue_scene *scene)
{
	const struct queue_sheet *sheet = scene->sheet;

	put_label(out, "waiting");
	buf_printf(out, "%zu", sheet->waiting);
	if (sheet->delayed) {
		buf_printf(out, ", %zu of them delayed", sheet->delayed);
	}
	if (sheet->aside) {
		buf_printf(out, ", %zu of paused runs", sheet->aside);
	}
	if (sheet->oldest_us) {
		buf_put_text(out, ", the oldest entered ");
		text_put_age(out, sheet->oldest_us, scene->now_us);
	}
	buf_put_byte(out, '\n');
	put_label(out, "in flight");
	buf_printf(out, "%zu\n", sheet->leased);
	put_label(out, "dead");
	buf_printf(out, "%zu\n", sheet->dead);
}

static void put_header(struct buf *out, const struct queue_look *look,
		       struct style style)
{
	struct queue_scene scene = queue_look_scene(look, look->sheet);
	const struct queue_sheet *sheet = look->sheet;
	struct buf words = { 0 };

	text_put_clean(&words, slice_of(sheet->name));
	buf_put_text(out, "queue ");
	style_put(out, style, TONE_STRONG, buf_slice(&words));
	buf_put_text(out, ", ");
	style_put(out, style, sheet->paused_by ? TONE_WARN : TONE_GOOD,
		  slice_of(queue_state_name(&scene)));
	buf_put_byte(out, '\n');
	buf_clear(&words);
	put_plugin(out, &scene);
	queue_text_put_policy(&words, &sheet->policy);
	put_words(out, "policy", &words);
	put_counts(out, &scene);
	/* With nothing in it, a pause is still worth a word. */
	if (sheet->waiting || sheet->paused_by) {
		queue_wait_put(&words, &scene,
			       sheet->paused_by ? QUEUE_WAIT_PAUSED
						: queue_wait_of(&scene));
		put_words(out, "waits for", &words);
	}
	buf_put_text(out, "    ");
	looking_put_daemon(&look->looking, out);
	buf_put_byte(out, '\n');
}

static void put_messages(struct buf *out, const struct queue_look *look,
			 struct style style, const char *title,
			 enum message_state state)
{
	struct queue_reader reader = queue_look_reader(look);
	struct listing listing;

	listing_init(&listing,
		     state == MESSAGE_DEAD ? queue_dead_columns
					   : queue_message_columns,
		     NULL, look->looking.now_us);
	queue_add_messages(&listing, &reader, look->sheet, state, SHOWN,
			   QUEUE_RECORDS);
	if (value_len(&listing.rows) > 0) {
		buf_printf(out, "\n%s:\n", title);
		listing_write(&listing, FORM_TEXT, style, out);
	}
	listing_fini(&listing);
	queue_reader_fini(&reader);
}

static void put_hint(struct table *table, const struct queue_look *look,
		     const char *options, const char *command, const char *what)
{
	struct buf line = { 0 };

	buf_printf(&line, "  tutti queue %s ", command);
	shell_put_word(&line, slice_of(look->sheet->name));
	buf_put_text(&line, options);
	table_put(table, TONE_PLAIN, buf_slice(&line));
	table_put(table, TONE_PLAIN, slice_of(what));
	buf_fini(&line);
}

/* `options` goes behind each command; may be empty. */
static void put_hints(struct buf *out, const struct queue_look *look,
		      const char *options)
{
	const struct queue_sheet *sheet = look->sheet;
	bool alive = look->looking.owner.alive;
	struct table table;

	table_init(&table, (struct style){ 0 }, 2);
	if (alive && sheet->paused_by) {
		put_hint(&table, look, options, "resume", "end its pause");
	}
	if (alive && sheet->dead) {
		put_hint(&table, look, options, "redrive",
			 "have the dead letters tried again");
	}
	if (sheet->waiting > SHOWN) {
		put_hint(&table, look, options, "peek --limit 0",
			 "all that waits");
	}
	if (sheet->dead) {
		put_hint(&table, look, options, "peek --dead -o json",
			 "the dead letters with their documents");
	}
	if (table.len > 0) {
		buf_put_text(out, "\nNext:\n");
		table_write(&table, out);
	}
	table_fini(&table);
}

static void put_text(const struct cli *cli, const struct queue_look *look,
		     struct buf *out)
{
	const char *store = options_value(&cli->options, "store");
	struct buf options = { 0 };

	if (store) {
		buf_put_text(&options, " --store ");
		shell_put_word(&options, slice_of(store));
	}
	buf_put_byte(&options, '\0');
	put_header(out, look, cli->style);
	put_messages(out, look, cli->style, "In flight", MESSAGE_LEASED);
	put_messages(out, look, cli->style, "To be handed out",
		     MESSAGE_WAITING);
	put_messages(out, look, cli->style, "Dead letters", MESSAGE_DEAD);
	put_hints(out, look, options.data);
	buf_fini(&options);
}

static void set_messages(struct value *map, const struct queue_look *look,
			 const char *key, enum message_state state)
{
	struct queue_reader reader = queue_look_reader(look);
	struct listing listing;

	listing_init(&listing, queue_message_columns, NULL,
		     look->looking.now_us);
	queue_add_messages(&listing, &reader, look->sheet, state, SHOWN,
			   QUEUE_RECORDS);
	value_set(map, key, listing.rows);
	queue_reader_fini(&reader);
}

static void put_json(const struct cli *cli, const struct queue_look *look,
		     struct buf *out)
{
	struct queue_scene scene = queue_look_scene(look, look->sheet);
	struct value map = queue_row(&scene);

	set_messages(&map, look, "leased", MESSAGE_LEASED);
	set_messages(&map, look, "next", MESSAGE_WAITING);
	set_messages(&map, look, "dead_letters", MESSAGE_DEAD);
	json_write(out, &map,
		   cli->form == FORM_JSON ? JSON_PRETTY : JSON_COMPACT);
	buf_put_byte(out, '\n');
	value_clear(&map);
}

static int run(struct cli *cli)
{
	struct queue_look look;
	struct buf text = { 0 };
	int code =
	    queue_look_open(cli, cli_arg(cli, 0), QUEUE_KEEPS_ALL, &look);

	if (code) {
		return code;
	}
	if (cli->form == FORM_TEXT) {
		put_text(cli, &look, &text);
	} else {
		put_json(cli, &look, &text);
		looking_note_daemon(cli, &look.looking);
	}
	cli_print(cli, &text);
	queue_look_close(&look);
	return EXIT_DONE;
}

const struct verb verb_queue_show = {
	.name = "queue show",
	.group = VERB_QUEUES,
	.summary = "one queue: its policy, what it waits for, what is in it",
	.usage = "NAME",
	.text = "With the first ten messages of each kind; 'tutti queue peek' "
		"has all of them.\n",
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON) | FORM_BIT(FORM_JSONL),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
