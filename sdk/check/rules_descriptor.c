/*
 * The description of the module and its plugins.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "check/stage.h"
#include "document/json.h"
#include "filter/filter.h"
#include "host/queue.h"
#include "host/registry.h"

static void run_module(struct trial *trial)
{
	const struct tutti_module *module = trial_load(trial);

	if (!module) {
		return;
	}
	if (module->magic != TUTTI_MAGIC) {
		trial_fail(trial,
			   "the magic number is wrong: use TUTTI_MODULE");
	} else if (module->abi_major != TUTTI_ABI_MAJOR) {
		trial_fail(trial,
			   "its description says ABI %u, its entry point says "
			   "%d: use TUTTI_MODULE",
			   module->abi_major, TUTTI_ABI_MAJOR);
	} else if (module->size < sizeof(*module) || module->size > 65536) {
		trial_fail(trial, "its size is %u: use TUTTI_MODULE",
			   module->size);
	} else if (module->plugin_count < 1 || !module->plugins) {
		trial_fail(trial, "there is no plugin in it: name them in "
				  "TUTTI_MODULE(&one, &two)");
	}
}

/* A copy of as much as both sides know, without any judgement but on size. */
static bool read_about(const struct tutti_plugin *given,
		       struct tutti_plugin *ret_about)
{
	const size_t least =
	    offsetof(struct tutti_plugin, handle) + sizeof(given->handle);

	memset(ret_about, 0, sizeof(*ret_about));
	if (!given || given->size < least || given->size > 65536) {
		return false;
	}
	memcpy(ret_about, given,
	       given->size < sizeof(*ret_about) ? given->size
						: sizeof(*ret_about));
	return true;
}

static void run_size(struct trial *trial)
{
	const struct tutti_module *module = trial_load(trial);
	struct tutti_plugin about;

	for (uint32_t i = 0; module && i < module->plugin_count; i++) {
		if (!read_about(module->plugins[i], &about)) {
			trial_fail(trial,
				   "plugin %u has no valid size: set .size = "
				   "sizeof(struct tutti_plugin)",
				   i);
		}
	}
}

typedef void (*check_about)(struct trial *trial,
			    const struct tutti_module *module,
			    const struct tutti_plugin *about);

static void each_plugin(struct trial *trial, check_about check)
{
	const struct tutti_module *module = trial_load(trial);
	struct tutti_plugin about;

	for (uint32_t i = 0; module && i < module->plugin_count; i++) {
		if (read_about(module->plugins[i], &about)) {
			check(trial, module, &about);
		}
	}
}

static bool is_name(const char *text)
{
	struct slice name = slice_of(text);

	if (name.len < 1 || name.len > LIMIT_NAME || !utf8_valid(name)) {
		return false;
	}
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.ptr[i];

		if (byte < 0x20 || byte == 0x7f || byte == '/') {
			return false;
		}
	}
	return true;
}

static void check_name(struct trial *trial, const struct tutti_module *module,
		       const struct tutti_plugin *about)
{
	size_t same = 0;

	if (!is_name(about->name)) {
		trial_fail(trial,
			   "the name of a plugin is not 1 to %d bytes of UTF-8 "
			   "without '/' and control characters",
			   LIMIT_NAME);
		return;
	}
	for (uint32_t i = 0; i < module->plugin_count; i++) {
		const char *other =
		    module->plugins[i] ? module->plugins[i]->name : NULL;

		same += other && !strcmp(other, about->name);
	}
	if (same > 1) {
		trial_fail(trial, "two plugins are named '%s'", about->name);
	}
}

static void run_name(struct trial *trial)
{
	each_plugin(trial, check_name);
}

static const char *shown(const struct tutti_plugin *about)
{
	return is_name(about->name) ? about->name : "?";
}

static void check_text(struct trial *trial, const struct tutti_module *module,
		       const struct tutti_plugin *about)
{
	(void)module;
	if ((about->help && !utf8_valid(slice_of(about->help))) ||
	    (about->version && !utf8_valid(slice_of(about->version)))) {
		trial_fail(trial, "plugin '%s': help or version is not UTF-8",
			   shown(about));
	} else if (!about->help || !about->help[0]) {
		trial_fail(trial,
			   "plugin '%s' has no .help: say in one sentence what "
			   "it does",
			   shown(about));
	} else if (!about->version || !about->version[0]) {
		trial_fail(trial, "plugin '%s' has no .version", shown(about));
	}
}

static void run_text(struct trial *trial)
{
	each_plugin(trial, check_text);
}

static bool check_filter(struct trial *trial, const struct tutti_plugin *about,
			 const struct tutti_subscription *wanted)
{
	struct value document = value_null();
	struct filter *filter = NULL;
	struct err err = { 0 };
	int rc = wanted->filter ? json_read(slice_of(wanted->filter), NULL,
					    &document, &err)
				: 0;

	if (rc == 0) {
		rc = filter_compile(&document, &filter, &err);
		filter_destroy(filter);
		value_clear(&document);
	}
	if (rc < 0) {
		trial_fail(trial, "plugin '%s': the filter for '%s': %s",
			   shown(about), wanted->activity, err.msg);
	}
	return rc == 0;
}

static const char *subscription_mistake(const struct tutti_subscription *list,
					uint32_t index)
{
	const struct tutti_subscription *wanted = &list[index];

	if (!is_name(wanted->activity)) {
		return "the activity has no valid name";
	}
	if (wanted->phase < TUTTI_PRE || wanted->phase > TUTTI_POST) {
		return "the phase is none of TUTTI_PRE, TUTTI_PARALLEL, "
		       "TUTTI_POST";
	}
	if (wanted->mandatory != TUTTI_MANDATORY &&
	    wanted->mandatory != TUTTI_OPTIONAL) {
		return "it is neither TUTTI_MANDATORY nor TUTTI_OPTIONAL";
	}
	if (wanted->reserved != 0) {
		return "`reserved` must be 0";
	}
	for (uint32_t i = 0; i < index; i++) {
		if (list[i].phase == wanted->phase && list[i].activity &&
		    !strcmp(list[i].activity, wanted->activity)) {
			return "the same phase of the activity is wanted twice";
		}
	}
	return NULL;
}

static void check_subscriptions(struct trial *trial,
				const struct tutti_module *module,
				const struct tutti_plugin *about)
{
	(void)module;
	if (about->subscription_count && !about->subscriptions) {
		trial_fail(trial,
			   "plugin '%s' counts subscriptions but lists none",
			   shown(about));
		return;
	}
	for (uint32_t i = 0; i < about->subscription_count; i++) {
		const char *mistake =
		    subscription_mistake(about->subscriptions, i);

		if (mistake) {
			trial_fail(trial, "plugin '%s', subscription %u: %s",
				   shown(about), i, mistake);
			return;
		}
		if (!check_filter(trial, about, &about->subscriptions[i])) {
			return;
		}
	}
}

static void run_subscriptions(struct trial *trial)
{
	each_plugin(trial, check_subscriptions);
}

/* All at their defaults; what has none is not looked at. */
static int read_defaults(const struct tutti_plugin *about, struct err *reterr)
{
	int rc = host_params_check(about->params, about->param_count, reterr);

	for (uint32_t i = 0; rc == 0 && i < about->param_count; i++) {
		struct host_params params;

		if (!about->params[i].fallback) {
			continue;
		}
		rc = host_params_read(&about->params[i], 1, NULL, &params,
				      reterr);
		if (rc == 0) {
			host_params_fini(&params);
		}
	}
	return rc;
}

static void check_params(struct trial *trial, const struct tutti_module *module,
			 const struct tutti_plugin *about)
{
	struct err err = { 0 };

	(void)module;
	if (read_defaults(about, &err) < 0) {
		trial_fail(trial, "plugin '%s': %s", shown(about), err.msg);
		return;
	}
	for (uint32_t i = 0; i < about->param_count; i++) {
		if (!about->params[i].help || !about->params[i].help[0]) {
			trial_fail(trial,
				   "plugin '%s': the parameter '%s' has no "
				   ".help",
				   shown(about), about->params[i].name);
		}
	}
}

static void run_params(struct trial *trial)
{
	each_plugin(trial, check_params);
}

static void check_queue(struct trial *trial, const struct tutti_module *module,
			const struct tutti_plugin *about)
{
	struct err err = { 0 };

	(void)module;
	if (host_queue_check(about->queue, &err) < 0) {
		trial_fail(trial, "plugin '%s': %s", shown(about), err.msg);
	} else if (about->queue &&
		   about->queue->size >= sizeof(struct tutti_queue) &&
		   about->queue->reserved != 0) {
		trial_fail(trial,
			   "plugin '%s': the queue's `reserved` must be 0",
			   shown(about));
	}
}

static void run_queue(struct trial *trial)
{
	each_plugin(trial, check_queue);
}

static void check_max_tasks(struct trial *trial,
			    const struct tutti_module *module,
			    const struct tutti_plugin *about)
{
	(void)module;
	if (about->max_tasks < 1) {
		trial_fail(trial, "plugin '%s': max_tasks must be at least 1",
			   shown(about));
	}
}

static void run_max_tasks(struct trial *trial)
{
	each_plugin(trial, check_max_tasks);
}

static void check_functions(struct trial *trial,
			    const struct tutti_module *module,
			    const struct tutti_plugin *about)
{
	(void)module;
	if (!about->handle) {
		trial_fail(trial, "plugin '%s' has no handle()", shown(about));
	}
	if (about->flags &
	    ~(TUTTI_NOT_IDEMPOTENT | TUTTI_ALWAYS_RUN | TUTTI_QUICK)) {
		trial_fail(trial, "plugin '%s' has unknown flags (%#x)",
			   shown(about), about->flags);
	}
}

static void run_functions(struct trial *trial)
{
	each_plugin(trial, check_functions);
}

static void put_text(struct buf *out, const char *text)
{
	buf_printf(out, "%s\n", text ? text : "");
}

static void put_queue(struct buf *out, const struct tutti_queue *queue)
{
	struct value document = host_queue_describe(queue);

	json_write(out, &document, JSON_COMPACT);
	value_clear(&document);
}

/* All that the description says, as bytes. */
static void write_down(const struct tutti_module *module, struct buf *out)
{
	struct tutti_plugin about;

	buf_put(out, module, sizeof(*module));
	for (uint32_t i = 0; i < module->plugin_count; i++) {
		if (!read_about(module->plugins[i], &about)) {
			continue;
		}
		buf_put(out, &about, sizeof(about));
		put_text(out, about.name);
		put_text(out, about.version);
		put_text(out, about.help);
		for (uint32_t j = 0; j < about.subscription_count; j++) {
			buf_put(out, &about.subscriptions[j],
				sizeof(about.subscriptions[j]));
			put_text(out, about.subscriptions[j].activity);
			put_text(out, about.subscriptions[j].filter);
		}
		for (uint32_t j = 0; j < about.param_count; j++) {
			buf_put(out, &about.params[j], sizeof(about.params[j]));
			put_text(out, about.params[j].name);
			put_text(out, about.params[j].fallback);
		}
		put_queue(out, about.queue);
	}
}

static void run_constant(struct trial *trial)
{
	struct stage stage;
	struct buf before = { 0 };
	struct buf after = { 0 };

	if (!stage_open(trial, &stage)) {
		return;
	}
	write_down(stage.module, &before);
	if (stage_start(&stage)) {
		stage_everything(&stage);
		(void)stage_end(&stage);
		write_down(stage.module, &after);
		if (!slice_equal(buf_slice(&before), buf_slice(&after))) {
			trial_fail(trial,
				   "the description changed while the plugin "
				   "worked: make it `static const`");
		}
	}
	buf_fini(&before);
	buf_fini(&after);
}

#define DESCRIPTOR(rule, what, function)                           \
	{                                                          \
		.name = "descriptor." rule, .says = what,          \
		.needs = "descriptor.size", .kinds = CHECK_MODULE, \
		.run = function,                                   \
	}

static const struct rule descriptor_rules[] = {
	{
	    .name = "descriptor.module",
	    .says = "magic number, ABI and plugins of the module are right",
	    .needs = "file.entry",
	    .kinds = CHECK_MODULE,
	    .run = run_module,
	},
	{
	    .name = "descriptor.size",
	    .says = "each plugin says the size of its description",
	    .needs = "descriptor.module",
	    .kinds = CHECK_MODULE,
	    .run = run_size,
	},
	DESCRIPTOR("name", "plugins have valid names, each its own", run_name),
	DESCRIPTOR("text", "plugins have a help and a version", run_text),
	DESCRIPTOR("subscriptions", "subscriptions are valid, filters compile",
		   run_subscriptions),
	DESCRIPTOR("params", "parameters have types, helps, good defaults",
		   run_params),
	DESCRIPTOR("queue", "a queue has valid bounds and expressions",
		   run_queue),
	DESCRIPTOR("max_tasks", "max_tasks is at least 1", run_max_tasks),
	DESCRIPTOR("functions", "handle() is set, flags are known",
		   run_functions),
	{
	    .name = "descriptor.constant",
	    .says = "the description stays as it is while tasks run",
	    .needs = EVERYTHING,
	    .kinds = CHECK_MODULE,
	    .run = run_constant,
	},
};

const struct rule_group rules_descriptor = RULE_GROUP(descriptor_rules);
