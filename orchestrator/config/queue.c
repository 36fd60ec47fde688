/* `queue` of a plugin: forms, keys, and the same written out again. */
#include "config/reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/queue.h"
#include "document/number.h"

static const char time_expected[] = "a duration of at most 366d";

static void read_name(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	struct queue_policy *policy = target;

	policy->name = reader_name(reader, node, "a name for the queue");
	if (policy->name && queue_name_has_blank_end(slice_of(policy->name))) {
		reader_expected(reader, node,
				"a name for the queue that does not begin or "
				"end with a blank");
	}
}

static void read_attempts(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct queue_policy *policy = target;

	reader_retry_attempts(reader, node, &policy->retry);
}

static void read_factor(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct queue_policy *policy = target;

	reader_retry_factor(reader, node, &policy->retry);
}

static void read_jitter(struct reader *reader, const struct yaml_node *node,
			void *target)
{
	struct queue_policy *policy = target;

	reader_retry_jitter(reader, node, &policy->retry);
}

static void read_time(struct reader *reader, const struct yaml_node *node,
		      int64_t *ret_ms)
{
	(void)reader_duration_within(reader, node, 0, QUEUE_TIME_MAX_MS,
				     time_expected, ret_ms);
}

static void read_backoff(struct reader *reader, const struct yaml_node *node,
			 void *target)
{
	struct queue_policy *policy = target;

	read_time(reader, node, &policy->retry.backoff_ms);
}

static void read_max(struct reader *reader, const struct yaml_node *node,
		     void *target)
{
	struct queue_policy *policy = target;

	read_time(reader, node, &policy->retry.max_ms);
}

static void read_visibility(struct reader *reader, const struct yaml_node *node,
			    void *target)
{
	struct queue_policy *policy = target;

	read_time(reader, node, &policy->visibility_ms);
}

static void read_delay(struct reader *reader, const struct yaml_node *node,
		       void *target)
{
	struct queue_policy *policy = target;

	read_time(reader, node, &policy->delay_ms);
}

static void read_concurrency(struct reader *reader,
			     const struct yaml_node *node, void *target)
{
	struct queue_policy *policy = target;
	int64_t number;

	if (reader_integer(reader, node, 1, QUEUE_CONCURRENCY_MAX, &number)) {
		policy->concurrency = (uint32_t)number;
	}
}

/* ---- rate ---- */

/* What stands behind the '/': a duration, or its unit alone for one of it. */
static int parse_per(struct slice text, int64_t *ret_ms)
{
	struct buf one = { 0 };
	int rc;

	if (text.len && isdigit((unsigned char)*text.ptr)) {
		return duration_parse(text, ret_ms);
	}
	buf_put_byte(&one, '1');
	buf_put_slice(&one, text);
	rc = duration_parse(buf_slice(&one), ret_ms);
	buf_fini(&one);
	return rc;
}

static bool parse_rate(const char *text, struct queue_policy *policy)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : 0;
	uint64_t rate;
	int64_t per_ms;

	if (len == 0 || strspn(text, "0123456789") != len ||
	    !number_parse_digits((struct slice){ text, len }, 10, &rate) ||
	    parse_per(slice_of(slash + 1), &per_ms) < 0) {
		return false;
	}
	if (rate < 1 || rate > QUEUE_RATE_MAX || per_ms < 1 ||
	    per_ms > QUEUE_TIME_MAX_MS) {
		return false;
	}
	policy->rate = (uint32_t)rate;
	policy->rate_per_ms = per_ms;
	return true;
}

static void read_rate(struct reader *reader, const struct yaml_node *node,
		      void *target)
{
	static const char expected[] =
	    "a rate such as 10/s, 100/m, 5000/h, 1/d or 10/30s, of at most "
	    "1000000 in at most 366d";
	char *text = reader_text(reader, node, expected);

	if (text && !parse_rate(text, target)) {
		reader_expected(reader, node, expected);
	}
	free(text);
}

static struct value rate_text(const struct queue_policy *policy)
{
	struct buf text = { 0 };
	char per[CLOCK_TEXT_SIZE];

	duration_format(policy->rate_per_ms, per);
	buf_printf(&text, "%u/%s", policy->rate,
		   per[0] == '1' && isalpha((unsigned char)per[1]) ? per + 1
								   : per);
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

/* ---- expressions ---- */

/* The byte of a text that stands in the source as it is. */
static struct span span_at(const struct reader *reader,
			   const struct yaml_node *node, size_t offset)
{
	struct slice all = reader->report.source;
	size_t start = source_offset(all, node->start);
	size_t end = source_offset(all, node->end);

	start += start < end && strchr("'\"", all.ptr[start]) != NULL;
	struct slice rest = { all.ptr + start, all.len - start };

	if (!slice_starts_with(rest, node->text)) {
		return span_of(node);
	}
	return source_word(all, source_mark(all, start + offset));
}

static void report_expression(struct reader *reader,
			      const struct yaml_node *node, struct slice text,
			      size_t offset, const struct err *err)
{
	if (slice_starts_with(text, SLICE("${{"))) {
		report_error(&reader->report, span_of(node),
			     "this is an expression already: write it without "
			     "${{ and }}");
		return;
	}
	report_error(&reader->report,
		     slice_equal(text, node->text)
			 ? span_at(reader, node, offset)
			 : span_of(node),
		     "%s", err->msg);
}

static void read_expression(struct reader *reader, const struct yaml_node *node,
			    char **ret_text)
{
	char *text = reader_text(reader, node,
				 "an expression such as attributes.customer");
	size_t offset = 0;
	struct err err;

	if (text && queue_expression_check(slice_of(text), &offset, &err) < 0) {
		report_expression(reader, node, slice_of(text), offset, &err);
		free(text);
		text = NULL;
	}
	*ret_text = text;
}

static void read_fifo_key(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct queue_policy *policy = target;

	read_expression(reader, node, &policy->fifo_key);
}

static void read_priority(struct reader *reader, const struct yaml_node *node,
			  void *target)
{
	struct queue_policy *policy = target;

	if (node->kind == YAML_SCALAR && node->scalar.type == VALUE_STRING) {
		read_expression(reader, node, &policy->priority_key);
	} else if (node->kind == YAML_SCALAR &&
		   node->scalar.type == VALUE_INT &&
		   node->scalar.as.integer >= -QUEUE_PRIORITY_MAX &&
		   node->scalar.as.integer <= QUEUE_PRIORITY_MAX) {
		policy->priority = (int)node->scalar.as.integer;
	} else {
		reader_expected(reader, node,
				"a whole number from -1000 to 1000 or an "
				"expression such as attributes.urgency");
	}
}

/* ---- the whole ---- */

static const struct config_key keys[] = {
	{
	    .name = "name",
	    .read = read_name,
	    .help = "Of the queue; by default the plugin's.",
	},
	{
	    .name = "attempts",
	    .read = read_attempts,
	    .help = "How often a task is tried before its message goes to the "
		    "dead letters; 5 by default. A binding's own retry stands "
		    "in the place of this and of the waits.",
	},
	{
	    .name = "backoff",
	    .read = read_backoff,
	    .help = "The wait before the second attempt; 1s by default.",
	},
	{
	    .name = "factor",
	    .read = read_factor,
	    .help = "How many times as long each further wait is; 2 by "
		    "default.",
	},
	{
	    .name = "max",
	    .read = read_max,
	    .help = "No wait is longer; 1m by default.",
	},
	{
	    .name = "jitter",
	    .read = read_jitter,
	    .help = "By up to this part of it a wait is shorter or longer, "
		    "so that many do not come back at once; 0 by default.",
	},
	{
	    .name = "visibility",
	    .read = read_visibility,
	    .help = "A consumer that says nothing of a task for so long loses "
		    "it, and the attempt counts as failed; by default it keeps "
		    "it as long as it is connected.",
	},
	{
	    .name = "delay",
	    .read = read_delay,
	    .help = "How long a new message waits before it can be had; not "
		    "at all by default.",
	},
	{
	    .name = "concurrency",
	    .read = read_concurrency,
	    .help = "How many tasks are in the hands of all consumers at a "
		    "time; no limit by default.",
	},
	{
	    .name = "rate",
	    .read = read_rate,
	    .help = "How many tasks are handed out in a time, evenly: 10/s, "
		    "100/m, 5000/h, 1/d or 10/30s; no limit by default.",
	},
	{
	    .name = "fifo_key",
	    .read = read_fifo_key,
	    .help = "An expression, as in attributes.customer: tasks for which "
		    "it gives the same are handed out one after another, in "
		    "the order in which they came.",
	},
	{
	    .name = "priority",
	    .read = read_priority,
	    .help = "Tasks with a higher one are handed out first: a number or "
		    "an expression, as in attributes.urgency; 0 by default.",
	},
};

const struct config_mapping config_queue_mapping = {
	.name = "queue",
	.title = "'queue'",
	.keys = keys,
	.len = sizeof(keys) / sizeof(keys[0]),
};

static void read_map(struct reader *reader, const struct yaml_node *node,
		     struct queue_policy *policy)
{
	reader_mapping(reader, node, &config_queue_mapping, policy);
	reader_settle_waits(reader, node, &policy->retry);
}

void reader_queue(struct reader *reader, const struct yaml_node *node,
		  void *target)
{
	struct config_module *module = target;
	struct queue_policy policy = queue_policy_default();
	bool scalar = node->kind == YAML_SCALAR;

	if (node->kind == YAML_MAPPING) {
		read_map(reader, node, &policy);
	} else if (scalar && node->scalar.type == VALUE_STRING) {
		read_name(reader, node, &policy);
	} else if (!scalar || node->scalar.type != VALUE_BOOL) {
		reader_expected(reader, node,
				"true, false, the name of the queue or a map");
		return;
	}
	module->queue_given = true;
	if (scalar && node->scalar.type == VALUE_BOOL &&
	    !node->scalar.as.boolean) {
		return;
	}
	module->queue = alloc_zeroed(1, sizeof(*module->queue));
	*module->queue = policy;
}

/* ---- written out ---- */

static void put_time(struct value *map, const char *key, int64_t time_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (time_ms) {
		duration_format(time_ms, text);
		value_set(map, key, value_text(text));
	}
}

static void put_text(struct value *map, const char *key, const char *text)
{
	if (text) {
		value_set(map, key, value_text(text));
	}
}

struct value queue_document(const struct queue_policy *policy)
{
	struct value map = value_map();
	struct value retry = retry_document(&policy->retry);

	put_text(&map, "name", policy->name);
	for (size_t i = 0; i < value_len(&retry); i++) {
		const struct value_entry *entry = value_entry_at(&retry, i);

		value_set_slice(&map, entry->key, value_copy(&entry->value));
	}
	value_clear(&retry);
	put_time(&map, "visibility", policy->visibility_ms);
	put_time(&map, "delay", policy->delay_ms);
	if (policy->concurrency) {
		value_set(&map, "concurrency", value_int(policy->concurrency));
	}
	if (policy->rate) {
		value_set(&map, "rate", rate_text(policy));
	}
	put_text(&map, "fifo_key", policy->fifo_key);
	if (policy->priority) {
		value_set(&map, "priority", value_int(policy->priority));
	}
	put_text(&map, "priority", policy->priority_key);
	return map;
}
