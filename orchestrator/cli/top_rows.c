#include "cli/top_rows.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "cli/listing.h"
#include "cli/text.h"
#include "cli/top_number.h"

/* All columns are shown on a terminal of so many. */
#define WIDE_COLUMNS 110

/* Names are not cut shorter. */
#define NAME_WIDTH_MIN 8

static enum tone show_in_flight(struct buf *out, const struct value *row,
				int64_t now_us)
{
	(void)now_us;
	top_put_count(out, row, "in_flight");
	buf_put_byte(out, '/');
	top_put_count(out, row, "capacity");
	return TONE_PLAIN;
}

static enum tone show_failed(struct buf *out, const struct value *row,
			     int64_t now_us)
{
	(void)now_us;
	top_put_count(out, row, "failed");
	return value_get_int(row, "failed", 0) > 0 ? TONE_BAD : TONE_PLAIN;
}

static enum tone show_dead(struct buf *out, const struct value *row,
			   int64_t now_us)
{
	(void)now_us;
	top_put_count(out, row, "dead");
	return value_get_int(row, "dead", 0) > 0 ? TONE_BAD : TONE_PLAIN;
}

static enum tone show_queue_state(struct buf *out, const struct value *row,
				  int64_t now_us)
{
	bool paused = value_get_bool(row, "paused", false);

	(void)now_us;
	buf_put_text(out, paused ? "paused" : "running");
	return paused ? TONE_WARN : TONE_PLAIN;
}

static const struct column plugin_columns[] = {
	{ .key = "name", .title = "PLUGIN" },
	{ .key = "rate", .title = "TASKS/S", .right = true },
	{ .key = "in_flight",
	  .title = "IN FLIGHT",
	  .right = true,
	  .show = show_in_flight },
	{ .key = "p50", .title = "P50", .right = true },
	{ .key = "p90", .title = "P90", .right = true },
	{ .key = "p99", .title = "P99", .right = true },
	{ .key = "max", .title = "MAX", .right = true, .wide = true },
	{ .key = "succeeded", .title = "DONE", .right = true },
	{ .key = "failed",
	  .title = "FAILED",
	  .right = true,
	  .show = show_failed },
	{ .key = "retried", .title = "RETRIED", .right = true, .wide = true },
	{ .key = "parked", .title = "PARKED", .right = true, .wide = true },
	{ 0 },
};

static const struct column queue_columns[] = {
	{ .key = "name", .title = "QUEUE" },
	{ .key = "state", .title = "STATE", .show = show_queue_state },
	{ .key = "waiting", .title = "WAITING", .right = true },
	{ .key = "in_flight", .title = "IN FLIGHT", .right = true },
	{ .key = "dead", .title = "DEAD", .right = true, .show = show_dead },
	{ 0 },
};

/* By what rows are sorted: the first difference counts. */
struct load {
	const struct value *row;
	double keys[3];
};

static int compare(const void *a, const void *b)
{
	const struct load *one = a;
	const struct load *other = b;

	for (size_t i = 0; i < sizeof(one->keys) / sizeof(*one->keys); i++) {
		if (one->keys[i] != other->keys[i]) {
			return one->keys[i] > other->keys[i] ? -1 : 1;
		}
	}
	return slice_compare(value_get_text(one->row, "name"),
			     value_get_text(other->row, "name"));
}

static const struct value *find(const struct value *rows, struct slice name)
{
	for (size_t i = 0; i < value_len(rows); i++) {
		if (slice_equal(value_get_text(value_at(rows, i), "name"),
				name)) {
			return value_at(rows, i);
		}
	}
	return NULL;
}

static double plugin_rate(const struct top_frame *frame,
			  const struct value *row)
{
	const struct value *before = top_part(frame->before, "plugins");

	if (top_span_s(frame) > 0) {
		return top_rate_between(
		    frame, row, find(before, value_get_text(row, "name")),
		    "answered");
	}
	return top_number(top_part(top_part(row, "recent"), "answered"),
			  "per_second");
}

static struct load plugin_load(const struct top_frame *frame,
			       const struct value *row)
{
	return (struct load){
		.row = row,
		.keys = { plugin_rate(frame, row), top_number(row, "in_flight"),
			  top_number(row, "delivered") },
	};
}

static struct load queue_load(const struct top_frame *frame,
			      const struct value *row)
{
	(void)frame;
	return (struct load){
		.row = row,
		.keys = { top_number(row, "waiting") +
			      top_number(row, "in_flight"),
			  top_number(row, "dead") },
	};
}

/* What is shown of a list in the daemon's answer. */
struct shape {
	const char *list;
	const struct column *columns;
	struct load (*load)(const struct top_frame *frame,
			    const struct value *row);
	struct value (*shown)(const struct top_frame *frame,
			      const struct load *load, size_t name_width);
};

/* The rows of a list, those with most to do first; free() it. */
static struct load *sorted(const struct top_frame *frame,
			   const struct shape *shape, size_t *ret_len)
{
	const struct value *rows = top_part(frame->now, shape->list);
	size_t len = value_len(rows);
	struct load *loads = alloc_zeroed(len + 1, sizeof(*loads));

	for (size_t i = 0; i < len; i++) {
		loads[i] = shape->load(frame, value_at(rows, i));
	}
	qsort(loads, len, sizeof(*loads), compare);
	*ret_len = len;
	return loads;
}

/* Of so many columns, "..." for what is cut; 0: as it is. */
static struct value cut_name(const struct value *row, size_t width)
{
	struct buf text = { 0 };

	text_put_clean(&text, value_get_text(row, "name"));
	if (width && utf8_width(buf_slice(&text)) > width) {
		while (utf8_width(buf_slice(&text)) > width - 3) {
			text.len = utf8_floor(buf_slice(&text), text.len - 1);
		}
		buf_put_text(&text, "...");
	}
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

static void set_text(struct value *row, const char *key, struct buf *text)
{
	value_set(row, key, value_string(buf_slice(text)));
	buf_clear(text);
}

static struct value shown_plugin(const struct top_frame *frame,
				 const struct load *load, size_t name_width)
{
	static const char *const keys[] = { "p50", "p90", "p99", "max" };
	struct value row = value_copy(load->row);
	const struct value *latency =
	    top_part(top_part(load->row, "recent"), "latency_us");
	struct buf text = { 0 };

	value_set(&row, "name", cut_name(load->row, name_width));
	top_put_rate(&text, load->keys[0]);
	set_text(&row, "rate", &text);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		top_put_latency(&text, frame->style,
				top_part(latency, keys[i]));
		set_text(&row, keys[i], &text);
	}
	buf_fini(&text);
	return row;
}

static struct value shown_queue(const struct top_frame *frame,
				const struct load *load, size_t name_width)
{
	struct value row = value_copy(load->row);

	(void)frame;
	value_set(&row, "name", cut_name(load->row, name_width));
	return row;
}

static enum form form_of(const struct top_frame *frame)
{
	return frame->columns >= WIDE_COLUMNS ? FORM_WIDE : frame->form;
}

static void write_rows(struct buf *out, const struct top_frame *frame,
		       const struct shape *shape, const struct load *loads,
		       size_t len, size_t name_width)
{
	struct listing listing;

	listing_init(&listing, shape->columns, NULL, 0);
	for (size_t i = 0; i < len; i++) {
		listing_add(&listing,
			    shape->shown(frame, &loads[i], name_width));
	}
	listing_write(&listing, form_of(frame), frame->style, out);
	listing_fini(&listing);
}

static size_t widest_line(struct slice text)
{
	struct slice line;
	size_t widest = 0;

	while (text_next_line(&text, &line)) {
		size_t width = utf8_width(line);

		widest = width > widest ? width : widest;
	}
	return widest;
}

static size_t longest_name(const struct load *loads, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < len; i++) {
		size_t width = utf8_width(value_get_text(loads[i].row, "name"));

		longest = width > longest ? width : longest;
	}
	return longest;
}

/* How wide names may be for rows to fit on the terminal; 0: as they are. */
static size_t fitting_name(const struct top_frame *frame,
			   const struct shape *shape, const struct load *loads,
			   size_t len)
{
	struct top_frame plain = *frame;
	struct buf text = { 0 };

	if (frame->columns == 0) {
		return 0;
	}
	plain.style.colour = false;
	write_rows(&text, &plain, shape, loads, len, 0);
	size_t widest = widest_line(buf_slice(&text));
	size_t longest = longest_name(loads, len);

	buf_fini(&text);
	if (widest <= frame->columns) {
		return 0;
	}
	size_t excess = widest - frame->columns;

	return longest > excess + NAME_WIDTH_MIN ? longest - excess
						 : NAME_WIDTH_MIN;
}

/* So many rows at most, with a line about those left out; 0: all. */
static void put_list(struct buf *out, const struct top_frame *frame,
		     const struct shape *shape, size_t most)
{
	size_t len;
	struct load *loads = sorted(frame, shape, &len);
	size_t shown = most && len > most ? most - 1 : len;

	buf_put_text(out, len ? "\n" : "");
	write_rows(out, frame, shape, loads, shown,
		   fitting_name(frame, shape, loads, shown));
	if (shown < len) {
		buf_printf(out, "and %zu more\n", len - shown);
	}
	free(loads);
}

/* Those that the answer had no room for. */
static void put_others(struct buf *out, const struct value *others)
{
	int64_t count = value_get_int(others, "plugins", 0);

	if (count > 0) {
		buf_put_text(out, "and ");
		text_put_count(out, (uint64_t)count, "more plugin",
			       "more plugins");
		buf_put_text(out, ": ");
		top_put_count(out, others, "in_flight");
		buf_put_text(out, " in flight, ");
		top_put_count(out, others, "delivered");
		buf_put_text(out, " delivered\n");
	}
}

static const struct shape plugins = {
	.list = "plugins",
	.columns = plugin_columns,
	.load = plugin_load,
	.shown = shown_plugin,
};

static const struct shape queues = {
	.list = "queues",
	.columns = queue_columns,
	.load = queue_load,
	.shown = shown_queue,
};

/* What a list takes besides its rows. */
#define FRAME_LINES 2

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Lines of all rows of the queues, or those that plugins leave them, but a
 * third at least, and one row. */
static size_t lines_of_queues(const struct top_frame *frame, size_t lines)
{
	size_t plugin_rows = value_len(top_part(frame->now, plugins.list));
	size_t queue_rows = value_len(top_part(frame->now, queues.list));
	size_t wanted = queue_rows ? queue_rows + FRAME_LINES : 0;
	size_t left = lines > plugin_rows + FRAME_LINES
			  ? lines - plugin_rows - FRAME_LINES
			  : 0;
	size_t most = larger(left, larger(lines / 3, FRAME_LINES + 1));

	return wanted < most ? wanted : most;
}

static size_t rows_in(size_t lines)
{
	return lines > FRAME_LINES ? lines - FRAME_LINES : 1;
}

void top_put_rows(struct buf *out, const struct top_frame *frame, size_t lines)
{
	size_t of_queues = lines ? lines_of_queues(frame, lines) : 0;

	put_list(out, frame, &plugins,
		 lines ? rows_in(larger(lines, of_queues) - of_queues) : 0);
	put_others(out, top_part(frame->now, "others"));
	put_list(out, frame, &queues, lines ? rows_in(of_queues) : 0);
}
