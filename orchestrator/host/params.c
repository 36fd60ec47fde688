#include "host/params.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/near.h"
#include "base/utf8.h"
#include "document/json.h"

static const char *expected(int32_t type)
{
	switch (type) {
	case TUTTI_BOOL:
		return "true or false";
	case TUTTI_INT:
		return "a whole number";
	case TUTTI_DOUBLE:
		return "a number";
	case TUTTI_STRING:
		return "a text (put it in quotes if it looks like something "
		       "else)";
	case TUTTI_DURATION:
		return "a duration with its unit, as in 250ms, 30s or 5m";
	default:
		return NULL;
	}
}

static bool convert_duration(const struct value *value,
			     struct tutti_value *ret_value)
{
	return value->type == VALUE_STRING &&
	       duration_parse(value->as.text, &ret_value->as.i) == 0;
}

static bool convert_string(const struct value *value,
			   struct tutti_value *ret_value)
{
	if (value->type != VALUE_STRING) {
		return false;
	}
	ret_value->as.text.ptr = slice_dup(value->as.text);
	ret_value->as.text.len = value->as.text.len;
	return true;
}

static bool convert_bool(const struct value *value,
			 struct tutti_value *ret_value)
{
	if (value->type != VALUE_BOOL) {
		return false;
	}
	ret_value->as.boolean = value->as.boolean;
	return true;
}

static bool convert_int(const struct value *value,
			struct tutti_value *ret_value)
{
	if (value->type != VALUE_INT) {
		return false;
	}
	ret_value->as.i = value->as.integer;
	return true;
}

/* `ret_value` is zeroed but for its type. */
static bool convert(const struct value *value, struct tutti_value *ret_value)
{
	switch (ret_value->type) {
	case TUTTI_BOOL:
		return convert_bool(value, ret_value);
	case TUTTI_INT:
		return convert_int(value, ret_value);
	case TUTTI_DOUBLE:
		ret_value->as.d = value_as_double(value);
		return value_is_number(value);
	case TUTTI_STRING:
		return convert_string(value, ret_value);
	default:
		return convert_duration(value, ret_value);
	}
}

/* A default is written as in YAML: numbers and booleans are JSON there too. */
static int read_fallback(const struct tutti_param *param,
			 struct tutti_value *ret_value, struct err *reterr)
{
	struct slice text = slice_of(param->fallback);
	struct value value = value_null();
	bool converted = false;

	if (param->type == TUTTI_STRING || param->type == TUTTI_DURATION) {
		value = value_string(text);
		converted = utf8_valid(text) && convert(&value, ret_value);
	} else if (json_read(text, NULL, &value, NULL) == 0) {
		converted = convert(&value, ret_value);
	}
	value_clear(&value);
	if (!converted) {
		return err_set(reterr, E_INVALID,
			       "its default '%s' for the parameter '%s' is not "
			       "%s: a mistake of the plugin",
			       param->fallback, param->name,
			       expected(param->type));
	}
	return 0;
}

static int read_given(const struct tutti_param *param,
		      const struct value *given, struct tutti_value *ret_value,
		      struct err *reterr)
{
	if (convert(given, ret_value)) {
		return 0;
	}
	return err_set(reterr, E_INVALID,
		       "the parameter '%s' must be %s (given: %s)", param->name,
		       expected(param->type), value_type_name(given));
}

static int check_one(const struct tutti_param *params, size_t index,
		     struct err *reterr)
{
	const struct tutti_param *param = &params[index];

	if (!param->name || !param->name[0] ||
	    !utf8_valid(slice_of(param->name))) {
		return err_set(reterr, E_INVALID,
			       "its parameter %zu has no valid name: a mistake "
			       "of the plugin",
			       index);
	}
	if (!expected(param->type)) {
		return err_set(reterr, E_INVALID,
			       "its parameter '%s' has the unknown type %d: a "
			       "mistake of the plugin",
			       param->name, (int)param->type);
	}
	for (size_t i = 0; i < index; i++) {
		if (slice_is(slice_of(param->name), params[i].name)) {
			return err_set(reterr, E_INVALID,
				       "it declares the parameter '%s' twice: "
				       "a mistake of the plugin",
				       param->name);
		}
	}
	return 0;
}

const char *host_param_type_name(int32_t type)
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

int host_params_check(const struct tutti_param *declared, size_t count,
		      struct err *reterr)
{
	int rc = 0;

	if (count && !declared) {
		return err_set(reterr, E_INVALID,
			       "it counts parameters but lists none: a mistake "
			       "of the plugin");
	}
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = check_one(declared, i, reterr);
	}
	return rc;
}

static int read_one(const struct tutti_param *param, const struct value *config,
		    struct tutti_value *ret_value, struct err *reterr)
{
	const struct value *given = value_get(config, param->name);

	ret_value->type = param->type;
	if (given) {
		return read_given(param, given, ret_value, reterr);
	}
	if (param->fallback) {
		return read_fallback(param, ret_value, reterr);
	}
	return err_set(reterr, E_INVALID,
		       "the parameter '%s' must be given under 'config:'%s%s",
		       param->name, param->help ? ": " : "",
		       param->help ? param->help : "");
}

int host_params_read(const struct tutti_param *declared, size_t count,
		     const struct value *config, struct host_params *ret_params,
		     struct err *reterr)
{
	static const struct value none = { .type = VALUE_NULL };
	struct host_params params = {
		.declared = declared,
		.values = alloc_zeroed(count, sizeof(*params.values)),
		.count = count,
	};
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = read_one(&declared[i], config ? config : &none,
			      &params.values[i], reterr);
	}
	if (rc < 0) {
		host_params_fini(&params);
		return rc;
	}
	*ret_params = params;
	return 0;
}

void host_params_fini(struct host_params *params)
{
	for (size_t i = 0; i < params->count; i++) {
		if (params->values[i].type == TUTTI_STRING) {
			free((void *)(uintptr_t)params->values[i].as.text.ptr);
		}
	}
	free(params->values);
	*params = (struct host_params){ 0 };
}

int32_t host_params_get(const struct host_params *params, struct slice name,
			struct tutti_value *ret_value)
{
	for (size_t i = 0; i < params->count; i++) {
		if (slice_is(name, params->declared[i].name)) {
			*ret_value = params->values[i];
			return TUTTI_OK;
		}
	}
	return TUTTI_ENOTFOUND;
}

static bool is_declared(const struct tutti_plugin *plugin, struct slice key,
			struct near *near)
{
	for (size_t i = 0; i < plugin->param_count; i++) {
		if (slice_is(key, plugin->params[i].name)) {
			return true;
		}
		near_try(near, key, plugin->params[i].name);
	}
	return false;
}

static int check_member(const struct tutti_plugin *plugins, size_t count,
			struct slice key, struct err *reterr)
{
	struct near near = { 0 };
	size_t params = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_declared(&plugins[i], key, &near)) {
			return 0;
		}
		params += plugins[i].param_count;
	}
	if (near.best) {
		return err_set(reterr, E_INVALID,
			       "there is no parameter '%.*s'; did you mean "
			       "'%s'?",
			       SLICE_ARG(key), near.best);
	}
	return err_set(reterr, E_INVALID, "there is no parameter '%.*s'%s",
		       SLICE_ARG(key),
		       params ? "" : "; this module has none at all");
}

int host_params_unknown(const struct tutti_plugin *plugins, size_t count,
			const struct value *config, struct err *reterr)
{
	int rc = 0;

	if (!config || config->type == VALUE_NULL) {
		return 0;
	}
	if (config->type != VALUE_MAP) {
		return err_set(reterr, E_INVALID,
			       "'config:' must be a map of parameters (given: "
			       "%s)",
			       value_type_name(config));
	}
	for (size_t i = 0; rc == 0 && i < value_len(config); i++) {
		rc = check_member(plugins, count,
				  value_entry_at(config, i)->key, reterr);
	}
	return rc;
}
