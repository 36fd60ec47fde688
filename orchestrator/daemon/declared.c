#include "daemon/declared.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "document/json.h"

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

int declared_read(const struct value *list, struct engine_subscription *wanted,
		  struct err *reterr)
{
	for (size_t i = 0; i < value_len(list); i++) {
		int rc =
		    read_subscription(value_at(list, i), &wanted[i], reterr);

		if (rc < 0) {
			return rc;
		}
	}
	return 0;
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

int declared_check_filters(const struct engine_subscription *wanted, size_t len,
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

int declared_check(const struct value *list, enum filter_limits limits,
		   struct err *reterr)
{
	size_t len = value_len(list);
	struct engine_subscription *wanted = alloc_zeroed(len, sizeof(*wanted));
	int rc = declared_read(list, wanted, reterr);

	if (rc == 0) {
		rc = declared_check_filters(wanted, len, limits, reterr);
	}
	free(wanted);
	return rc;
}

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

int declared_subscriptions(const struct tutti_subscription *list, uint32_t len,
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

static const char *type_name(int32_t type)
{
	switch (type) {
	case TUTTI_BOOL:
		return "bool";
	case TUTTI_INT:
		return "int";
	case TUTTI_DOUBLE:
		return "double";
	case TUTTI_DURATION:
		return "duration";
	default:
		return "string";
	}
}

struct value declared_params(const struct tutti_param *list, uint32_t len)
{
	struct value described = value_array();

	for (uint32_t i = 0; i < len; i++) {
		struct value one = value_map();

		value_set(&one, "name", value_text(list[i].name));
		value_set(&one, "type", value_text(type_name(list[i].type)));
		value_set(&one, "fallback", text_or_null(list[i].fallback));
		value_set(&one, "help", text_or_null(list[i].help));
		value_push(&described, one);
	}
	return described;
}
