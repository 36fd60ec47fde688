#include "store/codec.h"
#include "store/record.h"

void plugin_encode(struct buf *out, const struct plugin_record *plugin)
{
	record_begin(out);
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
	record_put_long_text(out, plugin->help);
	record_put_long_text(out, plugin->subscriptions);
	record_put_long_text(out, plugin->params);
}

int plugin_decode(struct slice bytes, struct slice name,
		  struct plugin_record *ret_plugin)
{
	struct record_reader in = record_read(bytes);
	struct plugin_record plugin = { .name = name };

	plugin.max_tasks = record_get_u32(&in);
	plugin.crashes = record_get_u32(&in);
	plugin.quarantined = record_get_bool(&in);
	plugin.ephemeral = record_get_bool(&in);
	plugin.version = record_get_text(&in);
	plugin.module = record_get_text(&in);
	plugin.hash = record_get_text(&in);
	plugin.form = record_get_text(&in);
	plugin.state = record_get_text(&in);
	plugin.message = record_get_text(&in);
	plugin.help = record_get_long_text(&in);
	plugin.subscriptions = record_get_long_text(&in);
	plugin.params = record_get_long_text(&in);
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_plugin = plugin;
	}
	return rc;
}
