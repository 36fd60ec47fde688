#include "daemon/subscriptions.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/near.h"
#include "document/json.h"
#include "host/params.h"

static int read_subscription(const struct value *given,
			     struct engine_subscription *wanted,
			     struct err *reterr)
{
	const struct value *filter = value_get(given, "filter");
	int phase = phase_kind_parse(value_get_text(given, "phase"));

	*wanted = (struct engine_subscription){
		.activity = value_get_text(given, "activity"),
		.optional = !value_get_bool(given, "mandatory", true),
		.order = (int)value_get_int(given, "order", 0),
		.filter = filter ? *filter : value_null(),
	};
	if (!name_valid(wanted->activity)) {
		return err_set(reterr, E_INVALID,
			       "a subscription's activity must be a name of 1 "
			       "to %d bytes without '/'",
			       LIMIT_NAME);
	}
	if (phase < 0) {
		return err_set(reterr, E_INVALID,
			       "the subscription to '%.*s' has no phase 'pre', "
			       "'parallel' or 'post'",
			       SLICE_ARG(wanted->activity));
	}
	wanted->phase = (enum phase_kind)phase;
	return 0;
}

/* The caller frees the array; its texts and filters are borrowed. */
static int read_subscriptions(const struct value *list,
			      struct engine_subscription **ret_subscriptions,
			      struct err *reterr)
{
	size_t len = value_len(list);
	struct engine_subscription *wanted = alloc_zeroed(len, sizeof(*wanted));

	for (size_t i = 0; i < len; i++) {
		int rc =
		    read_subscription(value_at(list, i), &wanted[i], reterr);

		if (rc < 0) {
			free(wanted);
			return rc;
		}
	}
	*ret_subscriptions = wanted;
	return 0;
}

/* The caller frees the array; its texts are borrowed. */
static struct engine_override *
read_overrides(const struct config_module *module, size_t *ret_len)
{
	size_t len = module ? module->override_count : 0;
	struct engine_override *overrides =
	    alloc_zeroed(len, sizeof(*overrides));

	for (size_t i = 0; i < len; i++) {
		overrides[i] = (struct engine_override){
			.activity = slice_of(module->overrides[i].activity),
			.mandatory = module->overrides[i].mandatory,
			.order = module->overrides[i].order,
		};
	}
	*ret_len = len;
	return overrides;
}

static int check_filter(const struct value *document, enum filter_limits limits,
			struct err *reterr)
{
	struct filter *filter;
	int rc = filter_compile(document, &filter, reterr);

	if (rc == 0) {
		filter_destroy(filter);
		rc = filter_check_limits(document, limits, reterr);
	}
	return rc;
}

static int check_filters(const struct engine_subscription *wanted, size_t len,
			 enum filter_limits limits, struct err *reterr)
{
	for (size_t i = 0; i < len; i++) {
		int rc = check_filter(&wanted[i].filter, limits, reterr);

		if (rc < 0) {
			return err_wrap(reterr, "the subscription to '%.*s'",
					SLICE_ARG(wanted[i].activity));
		}
	}
	return 0;
}

int subscriptions_check(const struct value *list, enum filter_limits limits,
			struct err *reterr)
{
	struct engine_subscription *wanted = NULL;
	int rc = read_subscriptions(list, &wanted, reterr);

	if (rc == 0) {
		rc = check_filters(wanted, value_len(list), limits, reterr);
	}
	free(wanted);
	return rc;
}

int subscriptions_tell(struct engine *engine, struct output *output,
		       const struct subscriber *subscriber, struct err *reterr)
{
	size_t len = value_len(subscriber->list);
	size_t override_count;
	struct engine_subscription *wanted = NULL;
	struct engine_override *overrides =
	    read_overrides(subscriber->module, &override_count);
	int rc = read_subscriptions(subscriber->list, &wanted, reterr);

	if (rc == 0) {
		rc = check_filters(wanted, len, subscriber->limits, reterr);
	}
	if (rc < 0) {
		err_wrap(reterr, "plugin '%.*s'", SLICE_ARG(subscriber->name));
	} else {
		struct event event = {
			.kind = EVENT_PLUGIN,
			.as.plugin = {
				.name = subscriber->name,
				.subscriptions = wanted,
				.subscription_count = len,
				.overrides = overrides,
				.override_count = override_count,
				.always_run = subscriber->always_run,
				.queue = subscriber->queue,
			},
		};

		rc = engine_step(engine, &event, clock_wall_us(), output,
				 reterr);
	}
	free(wanted);
	free(overrides);
	return rc;
}

/* ---- activities that are nowhere ---- */

/* One of the first `len` of the list is to that activity. */
static bool is_listed(const struct value *list, size_t len,
		      struct slice activity)
{
	for (size_t i = 0; i < len; i++) {
		if (slice_equal(value_get_text(value_at(list, i), "activity"),
				activity)) {
			return true;
		}
	}
	return false;
}

static bool workflow_has(const struct definition *workflow,
			 struct slice activity)
{
	for (size_t i = 0; i < workflow->len; i++) {
		if (slice_is(activity, workflow->activities[i].name)) {
			return true;
		}
	}
	return false;
}

static bool is_known(const struct config *config, struct slice activity)
{
	for (size_t i = 0; i < config->workflow_count; i++) {
		if (workflow_has(config->workflows[i], activity)) {
			return true;
		}
	}
	return false;
}

/* NULL: none is near enough. */
static const char *nearest(const struct config *config,
			   const struct value *list, struct slice activity)
{
	struct near near = { 0 };

	for (size_t i = 0; i < config->workflow_count; i++) {
		const struct definition *workflow = config->workflows[i];

		for (size_t k = 0; k < workflow->len; k++) {
			const char *name = workflow->activities[k].name;

			if (!is_listed(list, value_len(list), slice_of(name))) {
				near_try(&near, activity, name);
			}
		}
	}
	return near.best;
}

static void log_unknown(struct slice plugin, struct slice activity,
			const char *best)
{
	struct buf line = { 0 };
	struct buf text = { 0 };

	buf_printf(&text,
		   "it subscribes to the activity '%.*s', which no workflow of "
		   "the config has%s%s%s",
		   SLICE_ARG(activity), best ? "; did you mean '" : "",
		   best ? best : "", best ? "'?" : "");
	buf_put_text(&line, "plugin=");
	log_put_quoted(&line, plugin);
	buf_put_text(&line, " activity=");
	log_put_quoted(&line, activity);
	buf_put_text(&line, " msg=");
	log_put_quoted(&line, buf_slice(&text));
	log_line(best ? LOG_WARN : LOG_INFO, "%.*s",
		 SLICE_ARG(buf_slice(&line)));
	buf_fini(&text);
	buf_fini(&line);
}

void subscriptions_log_unknown(struct slice plugin, const struct value *list,
			       const struct config *config)
{
	size_t logged = 0;

	for (size_t i = 0; i < value_len(list) && logged < LIMIT_UNKNOWN_LOGGED;
	     i++) {
		struct slice activity =
		    value_get_text(value_at(list, i), "activity");

		if (!is_known(config, activity) &&
		    !is_listed(list, i, activity)) {
			log_unknown(plugin, activity,
				    nearest(config, list, activity));
			logged++;
		}
	}
}

/* ---- descriptors ---- */

static struct value text_or_null(const char *text)
{
	return text ? value_text(text) : value_null();
}

static struct value
describe_subscription(const struct tutti_subscription *given,
		      struct value filter)
{
	struct value map = value_map();

	value_set(&map, "activity", value_text(given->activity));
	value_set(&map, "phase",
		  value_text(phase_kind_name((enum phase_kind)given->phase)));
	value_set(&map, "order", value_int(given->order ? given->order : 90));
	value_set(&map, "mandatory",
		  value_bool(given->mandatory != TUTTI_OPTIONAL));
	value_set(&map, "filter", filter);
	return map;
}

int subscriptions_describe(const struct tutti_subscription *list, uint32_t len,
			   struct value *ret_described, struct err *reterr)
{
	struct value described = value_array();

	for (uint32_t i = 0; i < len; i++) {
		struct value filter = value_null();
		int rc = list[i].filter ? json_read(slice_of(list[i].filter),
						    NULL, &filter, reterr)
					: 0;

		if (rc < 0) {
			value_clear(&described);
			return err_wrap(reterr,
					"the filter of its subscription to "
					"'%s'",
					list[i].activity);
		}
		value_push(&described, describe_subscription(&list[i], filter));
	}
	*ret_described = described;
	return 0;
}

struct value params_describe(const struct tutti_param *list, uint32_t len)
{
	struct value described = value_array();

	for (uint32_t i = 0; i < len; i++) {
		struct value one = value_map();

		value_set(&one, "name", value_text(list[i].name));
		value_set(&one, "type",
			  value_text(host_param_type_name(list[i].type)));
		value_set(&one, "fallback", text_or_null(list[i].fallback));
		value_set(&one, "help", text_or_null(list[i].help));
		value_push(&described, one);
	}
	return described;
}
