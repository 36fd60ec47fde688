#include "cli/event_frame.h"

#include <string.h>

#include "cli/json_run.h"
#include "cli/text.h"
#include "document/pack.h"

static struct value text_of(const struct value *event, const char *key)
{
	return json_text(value_get_text(event, key));
}

/* "run", "Step2", "Step2/parallel", "Step2/parallel/thumb" */
static struct value object_path(const struct value *event)
{
	static const char *const keys[] = { "activity", "phase", "name" };
	struct buf path = { 0 };

	if (slice_is(value_get_text(event, "object"), "run")) {
		return value_text("run");
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct slice part = value_get_text(event, keys[i]);

		if (part.len) {
			buf_put_text(&path, i ? "/" : "");
			buf_put_slice(&path, part);
		}
	}
	struct value value = value_string(buf_slice(&path));

	buf_fini(&path);
	return value;
}

static struct value number_of(const struct value *event, const char *key)
{
	int64_t number = value_get_int(event, key, 0);

	return number ? value_int(number) : value_null();
}

static struct value event_row(const struct value *body,
			      const struct value *event)
{
	struct value row = value_map();

	value_set(&row, "sequence", number_of(event, "sequence"));
	value_set(&row, "time", json_time(value_get_int(event, "time_us", 0)));
	value_set(&row, "run", text_of(body, "run"));
	value_set(&row, "workflow", text_of(body, "workflow"));
	value_set(&row, "uid", text_of(body, "uid"));
	value_set(&row, "kind", text_of(event, "object"));
	value_set(&row, "object", object_path(event));
	value_set(&row, "activity", text_of(event, "activity"));
	value_set(&row, "phase", text_of(event, "phase"));
	value_set(&row, "task", text_of(event, "name"));
	value_set(&row, "from", text_of(event, "from"));
	value_set(&row, "to", text_of(event, "to"));
	value_set(&row, "reason", text_of(event, "reason"));
	value_set(&row, "attempt", number_of(event, "attempt"));
	value_set(&row, "message", text_of(event, "message"));
	return row;
}

static int bad_frame(struct err *reterr)
{
	return err_set(reterr, E_INVALID,
		       "the daemon sent an event that this version does not "
		       "understand");
}

int event_frame_read(struct slice frame, struct value *rows, struct err *reterr)
{
	const char *zero = frame.len ? memchr(frame.ptr, 0, frame.len) : NULL;
	struct value body;

	if (!zero) {
		return bad_frame(reterr);
	}
	size_t topic = (size_t)(zero - frame.ptr) + 1;
	struct slice bytes = { frame.ptr + topic, frame.len - topic };

	if (pack_read(bytes, NULL, &body, NULL)) {
		return bad_frame(reterr);
	}
	const struct value *events = value_get(&body, "events");

	if (slice_is(value_get_text(&body, "kind"), "events") && events &&
	    events->type == VALUE_ARRAY) {
		for (size_t i = 0; i < value_len(events); i++) {
			value_push(rows, event_row(&body, value_at(events, i)));
		}
	}
	value_clear(&body);
	return 0;
}

bool event_row_ends_run(const struct value *row)
{
	int state = group_state_parse(value_get_text(row, "to"));

	return slice_is(value_get_text(row, "kind"), "run") && state >= 0 &&
	       group_state_final((enum group_state)state);
}

void event_row_put(struct buf *out, const struct value *row)
{
	struct slice reason = value_get_text(row, "reason");
	struct slice message = value_get_text(row, "message");
	static const char *const keys[] = { "time", "run", "workflow", "uid",
					    "object" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		text_put_clean(out, value_get_text(row, keys[i]));
		buf_put_byte(out, ' ');
	}
	text_put_clean(out, value_get_text(row, "to"));
	if (reason.len) {
		buf_put_text(out, " (");
		text_put_clean(out, reason);
		buf_put_byte(out, ')');
	}
	if (message.len) {
		buf_put_text(out, ": ");
		text_put_clean(out, message);
	}
	buf_put_byte(out, '\n');
}
