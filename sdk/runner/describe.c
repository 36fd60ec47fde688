#include <stdio.h>

#include "document/json.h"
#include "runner/about.h"

static struct value text_or_null(struct slice text)
{
	return text.ptr ? value_string(text) : value_null();
}

static struct value
describe_subscription(const struct wire_subscription *subscription)
{
	static const char *const phases[] = { "pre", "parallel", "post" };
	struct value map = value_map();

	value_set(&map, "activity", value_string(subscription->activity));
	value_set(&map, "phase", value_text(phases[subscription->phase]));
	value_set(&map, "filter", value_copy(&subscription->filter));
	value_set(&map, "optional", value_bool(subscription->optional));
	value_set(&map, "order", value_int(subscription->order));
	return map;
}

static struct value describe_param(const struct wire_param *param)
{
	struct value map = value_map();

	value_set(&map, "name", value_string(param->name));
	value_set(&map, "help", text_or_null(param->help));
	value_set(&map, "fallback", text_or_null(param->fallback));
	value_set(&map, "type", value_string(param->type));
	return map;
}

static struct value describe_plugin(const struct wire_plugin *plugin)
{
	struct value map = value_map();
	struct value subscriptions = value_array();
	struct value params = value_array();

	for (size_t i = 0; i < plugin->subscription_count; i++) {
		value_push(&subscriptions,
			   describe_subscription(&plugin->subscriptions[i]));
	}
	for (size_t i = 0; i < plugin->param_count; i++) {
		value_push(&params, describe_param(&plugin->params[i]));
	}
	value_set(&map, "name", value_string(plugin->name));
	value_set(&map, "version", value_string(plugin->version));
	value_set(&map, "help", value_string(plugin->help));
	value_set(&map, "max_tasks", value_int(plugin->max_tasks));
	value_set(&map, "flags", value_int(plugin->flags));
	value_set(&map, "hash", value_string(plugin->hash));
	value_set(&map, "subscriptions", subscriptions);
	value_set(&map, "params", params);
	value_set(&map, "queue", value_copy(&plugin->queue));
	return map;
}

static void put_module(struct buf *out, const struct runner_about *about,
		       const struct runner_options *options)
{
	struct value map = value_map();
	struct value plugins = value_array();

	for (size_t i = 0; i < about->hello.plugin_count; i++) {
		value_push(&plugins, describe_plugin(&about->hello.plugins[i]));
	}
	value_set(&map, "module",
		  value_text(options->path ? options->path : options->program));
	value_set(&map, "hash", value_text(about->hash));
	value_set(&map, "plugins", plugins);
	json_write(out, &map, JSON_PRETTY);
	buf_put_byte(out, '\n');
	value_clear(&map);
}

int runner_describe(const struct runner_options *options)
{
	struct runner_about about;
	struct err err = { 0 };
	struct buf text = { 0 };

	if (runner_about_init(&about, options, &err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", options->program, err.msg);
		return RUNNER_REFUSED;
	}
	put_module(&text, &about, options);
	runner_about_fini(&about);
	size_t written = fwrite(text.data, 1, text.len, stdout);
	bool whole = written == text.len && fflush(stdout) == 0;

	buf_fini(&text);
	return whole ? RUNNER_DONE : RUNNER_FAILED;
}
