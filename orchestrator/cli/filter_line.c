#include "cli/filter_line.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/near.h"
#include "document/json.h"
#include "document/json_cut.h"
#include "filter/read.h"

enum member {
	MEMBER_NAME,
	MEMBER_FILTER,
	MEMBER_FILTER_TEXT,
	MEMBER_ATTRIBUTES,
	MEMBERS,
};

static const char *const names[MEMBERS] = {
	[MEMBER_NAME] = "name",
	[MEMBER_FILTER] = "filter",
	[MEMBER_FILTER_TEXT] = "filter_text",
	[MEMBER_ATTRIBUTES] = "attributes",
};

struct parsed {
	struct slice line;
	size_t number;
	struct slice parts[MEMBERS]; /* as written; empty: absent */
	struct err unknown;          /* the first such member; code 0: none */
	struct value filter;
	struct value attributes;
};

/* ---- reading ---- */

/* Characters before the part, so that its mistakes have the line's columns. */
static size_t columns_before(const struct parsed *parsed, struct slice part)
{
	size_t columns = 0;

	for (const char *at = parsed->line.ptr; at < part.ptr; at++) {
		columns += ((unsigned char)*at & 0xc0) != 0x80;
	}
	return columns;
}

/* "line 1, column 7: x" of a part, seen from the whole input. */
static int fail_at(const struct parsed *parsed, struct slice part,
		   const struct err *error, struct err *reterr)
{
	static const char place[] = "line 1, column ";
	const char *digits = error->msg + sizeof(place) - 1;

	if (!slice_starts_with(slice_of(error->msg), slice_of(place))) {
		return err_set(reterr, error->code, "%s", error->msg);
	}
	char *end;
	unsigned long column = strtoul(digits, &end, 10);

	return err_set(reterr, error->code, "line %zu, column %lu%s",
		       parsed->number, columns_before(parsed, part) + column,
		       end);
}

/* It is JSON, whatever it says. */
static int check_part(const struct parsed *parsed, struct slice part,
		      struct err *reterr)
{
	struct value value;
	struct err error;

	if (json_read_last(part, NULL, &value, &error)) {
		return fail_at(parsed, part, &error, reterr);
	}
	value_clear(&value);
	return 0;
}

/*
 * Other members are the caller's own and mean nothing, but not those that look
 * like one mistyped: without its filter a line would match everything. Kept
 * for later, since the name may follow.
 */
static void note_unknown(struct parsed *parsed, struct slice at,
			 struct slice key)
{
	struct near near = { 0 };
	struct err error;

	for (size_t i = 0; i < MEMBERS; i++) {
		near_try(&near, key, names[i]);
	}
	if (!near.best) {
		return;
	}
	(void)err_set(&error, E_INVALID,
		      "line 1, column 1: unknown member '%.*s'; did you mean "
		      "'%s'?",
		      SLICE_ARG(key), near.best);
	(void)fail_at(parsed, at, &error, &parsed->unknown);
}

static int take_other(struct parsed *parsed, const struct json_part *part,
		      struct slice key, struct err *reterr)
{
	if (!parsed->unknown.code) {
		note_unknown(parsed, part->key, key);
	}
	return check_part(parsed, part->value, reterr);
}

static int take_member(struct parsed *parsed, const struct json_part *part,
		       enum member member, struct err *reterr)
{
	struct err error;

	if (parsed->parts[member].len) {
		(void)err_set(&error, E_INVALID,
			      "line 1, column 1: '%s' is there twice",
			      names[member]);
		return fail_at(parsed, part->key, &error, reterr);
	}
	int rc =
	    member == MEMBER_NAME ? check_part(parsed, part->value, reterr) : 0;

	if (rc == 0) {
		parsed->parts[member] = part->value;
	}
	return rc;
}

static int take_part(struct parsed *parsed, const struct json_part *part,
		     struct err *reterr)
{
	struct value key;
	struct err error;
	unsigned member = 0;

	if (json_read(part->key, NULL, &key, &error)) {
		return fail_at(parsed, part->key, &error, reterr);
	}
	while (member < MEMBERS && !slice_is(key.as.text, names[member])) {
		member++;
	}
	int rc = member < MEMBERS
		     ? take_member(parsed, part, (enum member)member, reterr)
		     : take_other(parsed, part, key.as.text, reterr);

	value_clear(&key);
	return rc;
}

static int cut(struct parsed *parsed, struct err *reterr)
{
	struct json_cut cut;
	struct json_part part;
	struct err error;
	int rc = json_cut_begin(&cut, parsed->line, &error);

	if (rc == 0 && cut.close != '}') {
		rc = err_set(&error, E_INVALID,
			     "line 1, column 1: expected a map");
	}
	while (rc == 0 && (rc = json_cut_next(&cut, &part, &error)) > 0) {
		rc = take_part(parsed, &part, reterr);
		if (rc < 0) {
			return rc;
		}
	}
	if (rc < 0) {
		return fail_at(parsed, parsed->line, &error, reterr);
	}
	*reterr = parsed->unknown;
	return parsed->unknown.code;
}

/* Lines and columns of a filter's text are its own. */
static int read_filter_text(struct parsed *parsed, struct err *reterr)
{
	struct slice part = parsed->parts[MEMBER_FILTER_TEXT];
	struct value text;
	struct err error;
	int rc = json_read(part, NULL, &text, &error);

	if (rc < 0) {
		return fail_at(parsed, part, &error, reterr);
	}
	if (text.type == VALUE_STRING) {
		rc = filter_read(text.as.text, &parsed->filter, &error);
		if (rc < 0) {
			rc = err_set(reterr, rc, "filter_text: %s", error.msg);
		}
	} else if (text.type != VALUE_NULL) {
		rc = err_set(reterr, E_INVALID,
			     "filter_text: expected a string, found %s",
			     value_type_name(&text));
	}
	value_clear(&text);
	return rc;
}

static int read_filter(struct parsed *parsed, struct err *reterr)
{
	struct slice part = parsed->parts[MEMBER_FILTER];
	struct err error;

	if (part.len && parsed->parts[MEMBER_FILTER_TEXT].len) {
		return err_set(reterr, E_INVALID,
			       "'filter' and 'filter_text': only one of them");
	}
	if (part.len && filter_read(part, &parsed->filter, &error)) {
		return fail_at(parsed, part, &error, reterr);
	}
	return parsed->parts[MEMBER_FILTER_TEXT].len
		   ? read_filter_text(parsed, reterr)
		   : 0;
}

static int read_attributes(struct parsed *parsed, struct err *reterr)
{
	struct slice part = parsed->parts[MEMBER_ATTRIBUTES];
	struct err error;

	if (part.len &&
	    json_read_last(part, NULL, &parsed->attributes, &error)) {
		return fail_at(parsed, part, &error, reterr);
	}
	return 0;
}

/* ---- answering ---- */

static bool matches(const struct filter *filter, const struct value *attributes)
{
	struct filter_index *index = filter_index_create(0);
	const uint32_t *ids;

	filter_index_add(index, filter, 0, 0);
	bool is = filter_index_match(index, attributes, 0, &ids) == 1;

	filter_index_destroy(index);
	return is;
}

static void put_why(struct buf *out, const struct filter *filter,
		    const struct value *attributes)
{
	struct filter_explanation why;

	filter_explain(filter, attributes, &why);
	buf_put_text(out, ",\"why\":");
	json_write_string(out, slice_of(why.sentence));
	filter_explanation_fini(&why);
}

static int decide(struct buf *out, const struct parsed *parsed,
		  const struct filter_line_options *options, struct err *reterr)
{
	struct filter *filter;
	int rc = filter_compile(&parsed->filter, &filter, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = filter_check_limits(&parsed->filter, options->limits, reterr);
	if (rc == 0) {
		bool match = matches(filter, &parsed->attributes);

		buf_printf(out, ",\"match\":%s", match ? "true" : "false");
		if (!match && options->explain) {
			put_why(out, filter, &parsed->attributes);
		}
	}
	filter_destroy(filter);
	return rc;
}

void filter_line_answer(struct buf *out, struct slice line, size_t number,
			bool too_long,
			const struct filter_line_options *options)
{
	struct parsed parsed = { .line = line, .number = number };
	struct err error = { 0 };
	/* Also of what is cut off: its name may be there. */
	int rc = cut(&parsed, &error);
	struct slice name = parsed.parts[MEMBER_NAME];

	buf_put_text(out, "{\"name\":");
	buf_put_slice(out, name.len ? name : SLICE("null"));
	if (too_long) {
		rc = err_set(&error, E_TOO_BIG,
			     "line %zu: longer than the limit of %u bytes",
			     number, LIMIT_FILTER_LINE);
	}
	if (rc == 0) {
		rc = read_filter(&parsed, &error);
	}
	if (rc == 0) {
		rc = read_attributes(&parsed, &error);
	}
	if (rc == 0) {
		rc = decide(out, &parsed, options, &error);
	}
	if (rc < 0) {
		buf_put_text(out, ",\"error\":");
		json_write_string(out, slice_of(error.msg));
	}
	buf_put_byte(out, '}');
	value_clear(&parsed.filter);
	value_clear(&parsed.attributes);
}
