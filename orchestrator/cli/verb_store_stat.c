/*
 * `tutti store stat`: the numbers of a store.
 */
#include <inttypes.h>

#include "cli/json_run.h"
#include "cli/place.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"
#include "store/upkeep.h"

static struct value json_number(uint64_t number)
{
	return value_int((int64_t)number);
}

static struct value json_tables(const struct store_stat *stat)
{
	struct value tables = value_map();

	for (size_t i = 0; i < stat->table_count; i++) {
		const struct table_stat *it = &stat->tables[i];
		struct value table = value_map();

		value_set(&table, "entries", json_number(it->entries));
		value_set(&table, "pages", json_number(it->pages));
		value_set(&tables, it->name, table);
	}
	return tables;
}

static struct value json_stat(const struct looking *looking,
			      const struct store_stat *stat)
{
	struct value map = value_map();

	value_set(&map, "store", value_text(looking->place.store));
	value_set(&map, "schema", json_number(stat->schema));
	value_set(&map, "created_at", json_time(stat->created_us));
	value_set(&map, "written_at", json_time(stat->written_us));
	value_set(&map, "owner",
		  looking->owner.alive ? value_int(looking->owner.pid)
				       : value_null());
	value_set(&map, "file_bytes", json_number(stat->file_bytes));
	value_set(&map, "page_bytes", json_number(stat->page_bytes));
	value_set(&map, "pages_used", json_number(stat->pages_used));
	value_set(&map, "pages_free", json_number(stat->pages_free));
	value_set(&map, "map_bytes", json_number(stat->map_bytes));
	value_set(&map, "commits", json_number(stat->transaction));
	value_set(&map, "transitions", json_number(stat->transitions));
	value_set(&map, "readers", json_number(stat->readers));
	value_set(&map, "readers_max", json_number(stat->readers_max));
	value_set(&map, "tables", json_tables(stat));
	return map;
}

static void put_use(struct buf *out, const struct looking *looking,
		    const struct store_stat *stat)
{
	uint64_t used = stat->pages_used * stat->page_bytes;

	buf_put_text(out, "file     ");
	text_put_size(out, stat->file_bytes);
	buf_printf(out,
		   ", %" PRIu64 " pages of %" PRIu32 " bytes, %" PRIu64
		   " of them free\n",
		   stat->pages_used, stat->page_bytes, stat->pages_free);
	buf_put_text(out, "map      ");
	text_put_size(out, stat->map_bytes);
	buf_printf(out, ", %.1f %% used; it grows by itself\n",
		   stat->map_bytes
		       ? 100.0 * (double)used / (double)stat->map_bytes
		       : 0.0);
	if (looking->owner.file) {
		return;
	}
	buf_printf(out,
		   "readers  %" PRIu32 " of %" PRIu32 ", this one included\n",
		   stat->readers, stat->readers_max);
}

static void put_header(struct buf *out, const struct looking *looking,
		       const struct store_stat *stat)
{
	buf_printf(out, "store    %s, schema %" PRIu64 "\n",
		   looking->place.store, stat->schema);
	buf_put_text(out, "owner    ");
	looking_put_daemon(looking, out);
	buf_put_text(out, "\ncreated  ");
	text_put_time(out, stat->created_us);
	buf_put_text(out, "\nwritten  ");
	text_put_time(out, stat->written_us);
	buf_printf(out,
		   ", %" PRIu64 " commits, %" PRIu64 " transitions so far\n",
		   stat->transaction, stat->transitions);
	put_use(out, looking, stat);
}

static void put_cell(struct table *table, uint64_t number)
{
	struct buf text = { 0 };

	buf_printf(&text, "%" PRIu64, number);
	table_put(table, TONE_PLAIN, buf_slice(&text));
	buf_fini(&text);
}

static void put_tables(struct buf *out, struct style style,
		       const struct store_stat *stat)
{
	struct table table;

	table_init(&table, style, 3);
	table.right = 1u << 1 | 1u << 2;
	table_put(&table, TONE_FAINT, SLICE("TABLE"));
	table_put(&table, TONE_FAINT, SLICE("ENTRIES"));
	table_put(&table, TONE_FAINT, SLICE("PAGES"));
	for (size_t i = 0; i < stat->table_count; i++) {
		table_put(&table, TONE_PLAIN, slice_of(stat->tables[i].name));
		put_cell(&table, stat->tables[i].entries);
		put_cell(&table, stat->tables[i].pages);
	}
	table_write(&table, out);
	table_fini(&table);
}

static void print(const struct cli *cli, const struct looking *looking,
		  const struct store_stat *stat)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		struct value map = json_stat(looking, stat);

		json_write(&text, &map, JSON_PRETTY);
		buf_put_byte(&text, '\n');
		value_clear(&map);
	} else {
		put_header(&text, looking, stat);
		buf_put_byte(&text, '\n');
		put_tables(&text, cli->style, stat);
	}
	cli_print(cli, &text);
}

static int run(struct cli *cli)
{
	struct looking looking;
	struct store_stat stat;
	struct err error = { 0 };
	int code = looking_open(cli, &looking);

	if (code) {
		return code;
	}
	if (view_stat(looking.view, &stat, &error)) {
		code = cli_fail(cli, &error);
	} else {
		print(cli, &looking, &stat);
	}
	looking_close(&looking);
	return code;
}

const struct verb verb_store_stat = {
	.name = "store stat",
	.group = VERB_UPKEEP,
	.summary = "the numbers of a store: sizes, tables, readers",
	.usage = "",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
