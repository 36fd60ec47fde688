#include "daemon/subscriptions.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"

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

int subscriptions_read(const struct value *list,
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

struct engine_override *overrides_read(const struct config_module *module,
				       size_t *ret_len)
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
