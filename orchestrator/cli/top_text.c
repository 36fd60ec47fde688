#include "cli/top_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/text.h"
#include "cli/top_number.h"
#include "cli/top_rows.h"

/* Of what stands above the lists. */
#define HEAD_LINES 8

/* Of what has been counted so far under `key` of a part, and a second under
 * `recent`. */
static double rate_of(const struct top_frame *frame, const char *part,
		      const char *key, const char *recent)
{
	const struct value *now = top_part(frame->now, part);

	if (top_span_s(frame) > 0) {
		return top_rate_between(frame, now,
					top_part(frame->before, part), key);
	}
	return top_number(top_part(top_part(now, "recent"), recent),
			  "per_second");
}

static void put_label(struct buf *out, const struct top_frame *frame,
		      const char *label)
{
	char padded[16];

	(void)snprintf(padded, sizeof(padded), "%-9s", label);
	style_put(out, frame->style, TONE_FAINT, slice_of(padded));
}

struct counted {
	const char *key;
	const char *text;
};

static void put_counts(struct buf *out, const struct value *map,
		       const struct counted *counted, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		buf_put_text(out, i ? ", " : "");
		top_put_count(out, map, counted[i].key);
		buf_printf(out, " %s", counted[i].text);
	}
	buf_put_byte(out, '\n');
}

static void put_quantile(struct buf *out, const struct top_frame *frame,
			 const struct value *latency, const char *key)
{
	buf_printf(out, "%s ", key);
	top_put_latency(out, frame->style, top_part(latency, key));
}

static void put_daemon(struct buf *out, const struct top_frame *frame)
{
	const struct value *process = top_part(frame->now, "process");

	put_label(out, frame, "daemon");
	buf_put_text(out, "pid ");
	top_put_count(out, frame->now, "pid");
	buf_put_text(out, ", up ");
	text_put_duration(out, value_get_int(frame->now, "up_us", 0));
	buf_put_text(out, ", memory ");
	text_put_size(out, (uint64_t)value_get_int(process, "memory_bytes", 0));
	buf_put_text(out, ", cpu ");
	if (top_span_s(frame) > 0) {
		buf_printf(out, "%.0f %%\n",
			   top_rate_between(frame, process,
					    top_part(frame->before, "process"),
					    "cpu_us") /
			       1e4);
	} else {
		text_put_duration(out, value_get_int(process, "cpu_us", 0));
		buf_put_text(out, " in all\n");
	}
}

static void put_store(struct buf *out, const struct top_frame *frame)
{
	const struct value *store = top_part(frame->now, "store");
	struct slice blocked = value_get_text(store, "blocked");
	struct buf clean = { 0 };

	put_label(out, frame, "store");
	text_put_clean(out, value_get_text(store, "path"));
	buf_put_text(out, ", ");
	text_put_clean(out, value_get_text(store, "durability"));
	buf_put_text(out, ", ");
	text_put_size(out, (uint64_t)value_get_int(store, "file_bytes", 0));
	if (blocked.len) {
		text_put_clean(&clean, blocked);
		buf_put_text(out, ", ");
		style_put(out, frame->style, TONE_BAD, buf_slice(&clean));
		buf_fini(&clean);
	}
	buf_put_byte(out, '\n');
}

static void put_commits(struct buf *out, const struct top_frame *frame)
{
	const struct value *commits = top_part(frame->now, "commits");
	const struct value *recent = top_part(commits, "recent");
	const struct value *took = top_part(recent, "took_us");
	const struct value *sync = top_part(recent, "sync_us");
	const struct value *records = top_part(recent, "records_each");

	put_label(out, frame, "commits");
	top_put_rate(out, rate_of(frame, "commits", "count", "commits"));
	buf_printf(out, "/s of %.0f records; ", top_number(records, "mean"));
	put_quantile(out, frame, took, "p50");
	buf_put_text(out, ", ");
	put_quantile(out, frame, took, "p99");
	buf_put_text(out, "; sync ");
	top_put_latency(out, frame->style, top_part(sync, "p50"));
	buf_put_text(out, ", ");
	top_put_latency(out, frame->style, top_part(sync, "p99"));
	buf_put_byte(out, '\n');
}

static void put_runs(struct buf *out, const struct top_frame *frame)
{
	static const struct counted counted[] = {
		{ "succeeded", "succeeded" },
		{ "degraded", "degraded" },
		{ "failed", "failed" },
		{ "cancelled", "cancelled" },
	};
	const struct value *runs = top_part(frame->now, "runs");

	put_label(out, frame, "runs");
	top_put_rate(out, rate_of(frame, "runs", "started", "started"));
	buf_put_text(out, "/s started, ");
	top_put_rate(out, rate_of(frame, "runs", "ended", "ended"));
	buf_put_text(out, "/s ended; ");
	top_put_count(out, runs, "active");
	buf_put_text(out, " active\n");
	put_label(out, frame, "");
	put_counts(out, runs, counted, sizeof(counted) / sizeof(*counted));
}

static void put_tasks(struct buf *out, const struct top_frame *frame)
{
	static const struct counted counted[] = {
		{ "succeeded", "succeeded" },
		{ "failed", "failed" },
		{ "retried", "retried" },
		{ "parked", "parked" },
	};
	const struct value *tasks = top_part(frame->now, "tasks");
	const struct value *latency =
	    top_part(top_part(tasks, "recent"), "latency_us");

	put_label(out, frame, "tasks");
	top_put_rate(out, rate_of(frame, "tasks", "answered", "answered"));
	buf_put_text(out, "/s answered; ");
	top_put_count(out, tasks, "in_flight");
	buf_put_text(out, " in flight; ");
	put_quantile(out, frame, latency, "p50");
	buf_put_text(out, ", ");
	put_quantile(out, frame, latency, "p90");
	buf_put_text(out, ", ");
	put_quantile(out, frame, latency, "p99");
	buf_put_byte(out, '\n');
	put_label(out, frame, "");
	put_counts(out, tasks, counted, sizeof(counted) / sizeof(*counted));
}

/* Of when the numbers are. */
static void put_legend(struct buf *out, const struct top_frame *frame)
{
	struct buf text = { 0 };
	int64_t recent_us = value_get_int(frame->now, "recent_us", 0);

	if (top_span_s(frame) > 0) {
		buf_put_text(&text, "rates: last ");
		text_put_duration(&text, (int64_t)(top_span_s(frame) * 1e6));
		buf_put_text(&text, "; times: last ");
	} else {
		buf_put_text(&text, "rates and times: last ");
	}
	text_put_duration(&text, recent_us);
	buf_put_text(&text, "; counts: since the daemon's start");
	style_put(out, frame->style, TONE_FAINT, buf_slice(&text));
	buf_put_byte(out, '\n');
	buf_fini(&text);
}

bool top_follows(const struct value *now, const struct value *before)
{
	return slice_equal(value_get_text(now, "started_at"),
			   value_get_text(before, "started_at")) &&
	       value_get_int(now, "pid", 0) == value_get_int(before, "pid", 0);
}

void top_write(struct buf *out, const struct top_frame *frame)
{
	size_t lines =
	    frame->rows > HEAD_LINES ? frame->rows - HEAD_LINES : frame->rows;

	put_daemon(out, frame);
	put_store(out, frame);
	put_commits(out, frame);
	put_runs(out, frame);
	put_tasks(out, frame);
	put_legend(out, frame);
	top_put_rows(out, frame, lines);
}
