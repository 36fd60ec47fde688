#include "cli/listing.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/csv.h"
#include "cli/text.h"
#include "document/json.h"

void listing_init(struct listing *listing, const struct column *columns,
		  const char *name_key, int64_t now_us)
{
	*listing = (struct listing){
		.columns = columns,
		.name_key = name_key,
		.rows = value_array(),
		.now_us = now_us,
	};
}

void listing_fini(struct listing *listing)
{
	value_clear(&listing->rows);
}

void listing_add(struct listing *listing, struct value row)
{
	value_push(&listing->rows, row);
}

enum tone listing_show_state(struct buf *out, const struct value *row,
			     int64_t now_us)
{
	struct slice name = value_get_text(row, "state");
	int state = group_state_parse(name);

	(void)now_us;
	buf_put_slice(out, name);
	return state < 0 ? TONE_PLAIN
			 : style_group_tone((enum group_state)state);
}

static enum tone show_plain(struct buf *out, const struct value *row,
			    const char *key)
{
	const struct value *value = value_get(row, key);

	if (!value || value->type == VALUE_NULL) {
		buf_put_byte(out, '-');
	} else if (value->type == VALUE_STRING) {
		text_put_clean(out, value->as.text);
	} else {
		json_write(out, value, JSON_COMPACT);
	}
	return TONE_PLAIN;
}

static bool in_table(const struct column *column, enum form form)
{
	return column->title && (!column->wide || form == FORM_WIDE);
}

static void put_titles(const struct listing *listing, enum form form,
		       struct table *table)
{
	for (const struct column *it = listing->columns; it->key; it++) {
		if (in_table(it, form)) {
			table_put(table, TONE_STRONG, slice_of(it->title));
		}
	}
}

static void put_row(const struct listing *listing, enum form form,
		    const struct value *row, struct table *table)
{
	struct buf cell = { 0 };

	for (const struct column *it = listing->columns; it->key; it++) {
		if (in_table(it, form)) {
			enum tone tone =
			    it->show ? it->show(&cell, row, listing->now_us)
				     : show_plain(&cell, row, it->key);

			table_put(table, tone, buf_slice(&cell));
			buf_clear(&cell);
		}
	}
	buf_fini(&cell);
}

static void write_table(const struct listing *listing, enum form form,
			struct style style, struct buf *out)
{
	struct table table;
	unsigned right = 0;
	size_t columns = 0;

	for (const struct column *it = listing->columns; it->key; it++) {
		if (in_table(it, form)) {
			right |= it->right ? 1u << columns : 0;
			columns++;
		}
	}
	table_init(&table, style, columns);
	table.right = right;
	put_titles(listing, form, &table);
	for (size_t i = 0; i < value_len(&listing->rows); i++) {
		put_row(listing, form, value_at(&listing->rows, i), &table);
	}
	table_write(&table, out);
	table_fini(&table);
}

static void write_csv(const struct listing *listing, struct buf *out)
{
	for (const struct column *it = listing->columns; it->key; it++) {
		buf_put_text(out, it == listing->columns ? "" : ",");
		csv_put_text(out, slice_of(it->key));
	}
	buf_put_byte(out, '\n');
	for (size_t i = 0; i < value_len(&listing->rows); i++) {
		const struct value *row = value_at(&listing->rows, i);

		for (const struct column *it = listing->columns; it->key;
		     it++) {
			buf_put_text(out, it == listing->columns ? "" : ",");
			csv_put_value(out, value_get(row, it->key));
		}
		buf_put_byte(out, '\n');
	}
}

static void write_lines(const struct listing *listing, enum form form,
			struct buf *out)
{
	for (size_t i = 0; i < value_len(&listing->rows); i++) {
		const struct value *row = value_at(&listing->rows, i);

		if (form == FORM_NAME) {
			buf_put_slice(out,
				      value_get_text(row, listing->name_key));
		} else {
			json_write(out, row, JSON_COMPACT);
		}
		buf_put_byte(out, '\n');
	}
}

void listing_write(const struct listing *listing, enum form form,
		   struct style style, struct buf *out)
{
	switch (form) {
	case FORM_JSON:
		json_write(out, &listing->rows, JSON_PRETTY);
		buf_put_byte(out, '\n');
		break;
	case FORM_JSONL:
	case FORM_NAME:
		write_lines(listing, form, out);
		break;
	case FORM_CSV:
		write_csv(listing, out);
		break;
	default:
		if (value_len(&listing->rows) > 0) {
			write_table(listing, form, style, out);
		}
	}
}
