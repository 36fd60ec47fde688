/*
 * What plugins and config say about subscriptions, in the engine's words and
 * in the form of a plugin_record.
 */
#ifndef DAEMON_SUBSCRIPTIONS_H
#define DAEMON_SUBSCRIPTIONS_H

#include <tutti/plugin.h>

#include "config/config.h"
#include "engine/engine.h"

/*
 * May a plugin with this list, as in plugin_record, be registered? E_INVALID,
 * E_TOO_BIG, with the subscription.
 */
int subscriptions_check(const struct value *list, enum filter_limits limits,
			struct err *reterr);

/* A plugin for the engine. Borrowed. */
struct subscriber {
	struct slice name;
	const struct value *list;           /* as in plugin_record */
	const struct config_module *module; /* whose overrides; NULL: none */
	const struct queue_policy *queue;   /* NULL: it has none */
	bool always_run;
	enum filter_limits limits;
};

/*
 * EVENT_PLUGIN: checks the list and registers the plugin with it, and with the
 * overrides of its entry in the config. The error names the plugin.
 */
int subscriptions_tell(struct engine *engine, struct output *output,
		       const struct subscriber *subscriber, struct err *reterr);

/*
 * A line in the log for each activity that the plugin subscribes to and no
 * workflow has, for the first LIMIT_UNKNOWN_LOGGED. A warning when it looks
 * mistyped, which what the plugin subscribes to beside it does not.
 */
void subscriptions_log_unknown(struct slice plugin, const struct value *list,
			       const struct config *config);

/* Out of a descriptor; the caller's. E_INVALID: a filter is no JSON. */
int subscriptions_describe(const struct tutti_subscription *list, uint32_t len,
			   struct value *ret_list, struct err *reterr);
struct value params_describe(const struct tutti_param *list, uint32_t len);

#endif
