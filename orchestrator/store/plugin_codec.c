#include "store/codec.h"
#include "store/record.h"

/* 2: crashes, quarantined, ephemeral, message, entry, params. 3: always_run.
 * 4: queue, declared. */
#define FORMAT 4

void plugin_encode(struct buf *out, const struct plugin_record *plugin)
{
	record_begin_as(out, FORMAT);
	buf_put_u32(out, plugin->max_tasks);
	buf_put_u32(out, plugin->crashes);
	record_put_bool(out, plugin->quarantined);
	record_put_bool(out, plugin->ephemeral);
	record_put_text(out, plugin->version);
	record_put_text(out, plugin->module);
	record_put_text(out, plugin->hash);
	record_put_text(out, plugin->form);
	record_put_text(out, plugin->state);
	record_put_text(out, plugin->message);
	record_put_text(out, plugin->entry);
	record_put_long_text(out, plugin->help);
	record_put_long_text(out, plugin->subscriptions);
	record_put_long_text(out, plugin->params);
	record_put_bool(out, plugin->always_run);
	record_put_long_text(out, plugin->queue);
	record_put_long_text(out, plugin->declared);
}

int plugin_decode(struct slice bytes, struct slice name,
		  struct plugin_record *ret_plugin)
{
	uint8_t format;
	struct record_reader in = record_read_upto(bytes, FORMAT, &format);
	bool all = format >= 2;
	struct plugin_record plugin = { .name = name };

	plugin.max_tasks = record_get_u32(&in);
	plugin.crashes = all ? record_get_u32(&in) : 0;
	plugin.quarantined = all && record_get_bool(&in);
	plugin.ephemeral = all && record_get_bool(&in);
	plugin.version = record_get_text(&in);
	plugin.module = record_get_text(&in);
	plugin.hash = record_get_text(&in);
	plugin.form = record_get_text(&in);
	plugin.state = record_get_text(&in);
	plugin.message = all ? record_get_text(&in) : SLICE("");
	plugin.entry = all ? record_get_text(&in) : SLICE("");
	plugin.help = record_get_long_text(&in);
	plugin.subscriptions = record_get_long_text(&in);
	plugin.params = all ? record_get_long_text(&in) : SLICE("[]");
	plugin.always_run = format >= 3 && record_get_bool(&in);
	plugin.queue = format >= 4 ? record_get_long_text(&in) : SLICE("");
	plugin.declared = format >= 4 ? record_get_long_text(&in) : SLICE("");
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_plugin = plugin;
	}
	return rc;
}
