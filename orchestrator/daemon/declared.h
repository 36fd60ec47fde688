/*
 * What a plugin says of itself, as engine and store want it. Subscriptions and
 * parameters are documents in the form of a plugin_record.
 */
#ifndef DAEMON_DECLARED_H
#define DAEMON_DECLARED_H

#include <tutti/plugin.h>

#include "engine/engine.h"

/* As many as the list has; they borrow from it. E_INVALID. */
int declared_read(const struct value *list, struct engine_subscription *wanted,
		  struct err *reterr);

/* Do the filters compile, and keep within the limits? E_INVALID, E_TOO_BIG,
 * with the subscription. */
int declared_check_filters(const struct engine_subscription *wanted, size_t len,
			   enum filter_limits limits, struct err *reterr);

/* Both. */
int declared_check(const struct value *list, enum filter_limits limits,
		   struct err *reterr);

/* Out of a descriptor; the caller's. E_INVALID: a filter is no JSON. */
int declared_subscriptions(const struct tutti_subscription *list, uint32_t len,
			   struct value *ret_list, struct err *reterr);
struct value declared_params(const struct tutti_param *list, uint32_t len);

#endif
