#include "model/definition.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/*
 * {
 *   "workflow": name,
 *   "activities": [{
 *     "name": name,
 *     "pre" | "parallel" | "post": [{
 *       "plugin": name, "as": name, "filter": map, "with": any,
 *       "mandatory": bool, "order": int, "timeout_ms": int,
 *       "deadline_ms": int, "retry": {see retry.h},
 *       "run_on": "failure" | "always"
 *     }],
 *     "on_failure": "cancel", "on_empty": "fail",
 *     "optional_failure": "fail",
 *     "require": [plugin, ...], "register_window_ms": int,
 *     "deadline_ms": int
 *   }],
 *   "deadline_ms": int
 * }
 *
 * Whatever has its default is left out, so that a default that is written
 * down changes no hash and neither does a key that a later version adds.
 */

static struct value binding_to_value(const struct binding *binding)
{
	struct value map = value_map();

	value_set(&map, "plugin", value_text(binding->plugin));
	if (strcmp(binding->name, binding->plugin) != 0) {
		value_set(&map, "as", value_text(binding->name));
	}
	if (binding->filter.type != VALUE_NULL) {
		value_set(&map, "filter", value_copy(&binding->filter));
	}
	if (binding->with.type != VALUE_NULL) {
		value_set(&map, "with", value_copy(&binding->with));
	}
	if (binding->mandatory != CHOICE_UNSET) {
		value_set(&map, "mandatory",
			  value_bool(binding->mandatory == CHOICE_YES));
	}
	if (binding->order) {
		value_set(&map, "order", value_int(binding->order));
	}
	if (binding->timeout_ms) {
		value_set(&map, "timeout_ms", value_int(binding->timeout_ms));
	}
	if (binding->deadline_ms) {
		value_set(&map, "deadline_ms", value_int(binding->deadline_ms));
	}
	if (binding->retry.attempts) {
		value_set(&map, "retry", retry_to_value(&binding->retry));
	}
	if (binding->run_on != RUN_ON_SUCCESS) {
		value_set(&map, "run_on",
			  value_text(run_on_name(binding->run_on)));
	}
	return map;
}

static struct value phase_to_value(const struct phase_definition *phase)
{
	struct value list = value_array();

	for (size_t i = 0; i < phase->len; i++) {
		value_push(&list, binding_to_value(&phase->bindings[i]));
	}
	return list;
}

static struct value require_to_value(const struct activity_definition *activity)
{
	struct value list = value_array();

	for (size_t i = 0; i < activity->require_len; i++) {
		value_push(&list, value_text(activity->require[i]));
	}
	return list;
}

static struct value
activity_to_value(const struct activity_definition *activity)
{
	struct value map = value_map();

	value_set(&map, "name", value_text(activity->name));
	for (enum phase_kind i = 0; i < PHASE_KINDS; i++) {
		if (activity->phases[i].len) {
			value_set(&map, phase_kind_name(i),
				  phase_to_value(&activity->phases[i]));
		}
	}
	if (activity->on_failure == ON_FAILURE_CANCEL) {
		value_set(&map, "on_failure", value_text("cancel"));
	}
	if (activity->fail_on_empty) {
		value_set(&map, "on_empty", value_text("fail"));
	}
	if (activity->fail_on_optional_failure) {
		value_set(&map, "optional_failure", value_text("fail"));
	}
	if (activity->require_len) {
		value_set(&map, "require", require_to_value(activity));
	}
	if (activity->register_window_ms) {
		value_set(&map, "register_window_ms",
			  value_int(activity->register_window_ms));
	}
	if (activity->deadline_ms) {
		value_set(&map, "deadline_ms",
			  value_int(activity->deadline_ms));
	}
	return map;
}

struct value definition_to_value(const struct definition *definition)
{
	struct value map = value_map();
	struct value list = value_array();

	for (size_t i = 0; i < definition->len; i++) {
		value_push(&list,
			   activity_to_value(&definition->activities[i]));
	}
	value_set(&map, "workflow", value_text(definition->workflow));
	value_set(&map, "activities", list);
	if (definition->deadline_ms) {
		value_set(&map, "deadline_ms",
			  value_int(definition->deadline_ms));
	}
	return map;
}

static int corrupt(struct err *reterr, const char *key, const char *expected)
{
	return err_set(reterr, E_CORRUPT, "'%s' must be %s", key, expected);
}

static int read_name(const struct value *map, const char *key, char **ret_name,
		     struct err *reterr)
{
	struct slice name = value_get_text(map, key);

	if (!name_valid(name)) {
		return corrupt(reterr, key, "a valid name");
	}
	*ret_name = slice_dup(name);
	return 0;
}

/* A whole number within 1..max, or 0 when absent. */
static int read_number(const struct value *map, const char *key, int64_t max,
		       int64_t *ret_number, struct err *reterr)
{
	const struct value *found = value_get(map, key);

	if (!found) {
		*ret_number = 0;
		return 0;
	}
	if (found->type != VALUE_INT || found->as.integer < 1 ||
	    found->as.integer > max) {
		return corrupt(reterr, key, "a whole number in range");
	}
	*ret_number = found->as.integer;
	return 0;
}

/* A key that is there must hold the one word that is not the default. */
static int read_word(const struct value *map, const char *key, const char *word,
		     bool *ret_given, struct err *reterr)
{
	const struct value *found = value_get(map, key);

	if (found &&
	    !(found->type == VALUE_STRING && slice_is(found->as.text, word))) {
		return corrupt(reterr, key, word);
	}
	*ret_given = found != NULL;
	return 0;
}

static int read_choice(const struct value *map, enum choice *ret_choice,
		       struct err *reterr)
{
	const struct value *found = value_get(map, "mandatory");

	if (!found) {
		*ret_choice = CHOICE_UNSET;
		return 0;
	}
	if (found->type != VALUE_BOOL) {
		return corrupt(reterr, "mandatory", "true or false");
	}
	*ret_choice = found->as.boolean ? CHOICE_YES : CHOICE_NO;
	return 0;
}

static int read_run_on(const struct value *map, enum run_on *ret_run_on,
		       struct err *reterr)
{
	int parsed = RUN_ON_SUCCESS;

	if (value_get(map, "run_on")) {
		parsed = run_on_parse(value_get_text(map, "run_on"));
	}
	if (parsed < 0) {
		return corrupt(reterr, "run_on", "success, failure or always");
	}
	*ret_run_on = (enum run_on)parsed;
	return 0;
}

/* A document with a key unknown here was not written by this version. */
static int check_keys(const struct value *map, const char *const *keys,
		      size_t len, struct err *reterr)
{
	if (map->type != VALUE_MAP) {
		return err_set(reterr, E_CORRUPT, "must be a map");
	}
	for (size_t i = 0; i < value_len(map); i++) {
		struct slice key = value_entry_at(map, i)->key;
		size_t known = 0;

		while (known < len && !slice_is(key, keys[known])) {
			known++;
		}
		if (known == len) {
			return err_set(reterr, E_CORRUPT, "unknown key '%.*s'",
				       SLICE_ARG(key));
		}
	}
	return 0;
}

static struct value copy_member(const struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);

	return found ? value_copy(found) : value_null();
}

static int read_filter(const struct value *map, struct value *ret_filter,
		       struct err *reterr)
{
	const struct value *found = value_get(map, "filter");

	if (found && found->type != VALUE_MAP) {
		return corrupt(reterr, "filter", "a map");
	}
	*ret_filter = copy_member(map, "filter");
	return 0;
}

static int read_retry(const struct value *map, struct retry_policy *ret_policy,
		      struct err *reterr)
{
	const struct value *found = value_get(map, "retry");

	return found ? retry_from_value(found, ret_policy, reterr) : 0;
}

static int read_deadline(const struct value *map, int64_t *ret_deadline_ms,
			 struct err *reterr)
{
	return read_number(map, "deadline_ms", INT64_MAX / 1000,
			   ret_deadline_ms, reterr);
}

static int binding_from_value(const struct value *map, struct binding *binding,
			      struct err *reterr)
{
	static const char *const keys[] = {
		"plugin", "as",     "filter",      "with",  "mandatory",
		"order",  "run_on", "deadline_ms", "retry", "timeout_ms",
	};
	int64_t order = 0;
	int rc = check_keys(map, keys, sizeof(keys) / sizeof(keys[0]), reterr);

	if (rc == 0) {
		rc = read_name(map, "plugin", &binding->plugin, reterr);
	}
	if (rc == 0) {
		rc = read_name(map, value_get(map, "as") ? "as" : "plugin",
			       &binding->name, reterr);
	}
	if (rc == 0) {
		rc = read_filter(map, &binding->filter, reterr);
	}
	if (rc == 0) {
		rc = read_choice(map, &binding->mandatory, reterr);
	}
	if (rc == 0) {
		rc = read_number(map, "order", INT32_MAX, &order, reterr);
	}
	if (rc == 0) {
		rc = read_number(map, "timeout_ms", INT64_MAX,
				 &binding->timeout_ms, reterr);
	}
	if (rc == 0) {
		rc = read_run_on(map, &binding->run_on, reterr);
	}
	if (rc == 0) {
		rc = read_deadline(map, &binding->deadline_ms, reterr);
	}
	if (rc == 0) {
		rc = read_retry(map, &binding->retry, reterr);
	}
	binding->order = (int)order;
	binding->with = copy_member(map, "with");
	return rc;
}

static int phase_from_value(const struct value *list,
			    struct phase_definition *phase, struct err *reterr)
{
	if (!list) {
		return 0;
	}
	size_t len = value_len(list);

	if (list->type != VALUE_ARRAY || len > LIMIT_BINDINGS) {
		return err_set(reterr, E_CORRUPT, "must be a list");
	}
	phase->bindings = alloc_zeroed(len, sizeof(struct binding));
	for (size_t i = 0; i < len; i++) {
		phase->len = i + 1;
		if (binding_from_value(value_at(list, i), &phase->bindings[i],
				       reterr)) {
			return err_wrap(reterr, "binding %zu", i);
		}
	}
	return 0;
}

static int phases_from_value(const struct value *map,
			     struct activity_definition *activity,
			     struct err *reterr)
{
	for (enum phase_kind i = 0; i < PHASE_KINDS; i++) {
		const char *name = phase_kind_name(i);

		if (phase_from_value(value_get(map, name), &activity->phases[i],
				     reterr)) {
			return err_wrap(reterr, "%s", name);
		}
	}
	return 0;
}

static int require_from_value(const struct value *list,
			      struct activity_definition *activity,
			      struct err *reterr)
{
	size_t len = list ? value_len(list) : 0;

	if (!list) {
		return 0;
	}
	if (list->type != VALUE_ARRAY || len == 0 || len > LIMIT_BINDINGS) {
		return corrupt(reterr, "require", "a list of names");
	}
	activity->require = alloc_zeroed(len, sizeof(char *));
	for (size_t i = 0; i < len; i++) {
		const struct value *name = value_at(list, i);

		if (name->type != VALUE_STRING || !name_valid(name->as.text)) {
			return corrupt(reterr, "require", "a list of names");
		}
		activity->require[i] = slice_dup(name->as.text);
		activity->require_len = i + 1;
	}
	return 0;
}

static int activity_from_value(const struct value *map,
			       struct activity_definition *activity,
			       struct err *reterr)
{
	static const char *const keys[] = {
		"name",
		"pre",
		"parallel",
		"post",
		"on_failure",
		"on_empty",
		"optional_failure",
		"require",
		"register_window_ms",
		"deadline_ms",
	};
	bool cancel = false;
	int rc = check_keys(map, keys, sizeof(keys) / sizeof(keys[0]), reterr);

	if (rc == 0) {
		rc = read_name(map, "name", &activity->name, reterr);
	}
	if (rc == 0) {
		rc = phases_from_value(map, activity, reterr);
	}
	if (rc == 0) {
		rc = read_word(map, "on_failure", "cancel", &cancel, reterr);
	}
	if (rc == 0) {
		rc = read_word(map, "on_empty", "fail",
			       &activity->fail_on_empty, reterr);
	}
	if (rc == 0) {
		rc = read_word(map, "optional_failure", "fail",
			       &activity->fail_on_optional_failure, reterr);
	}
	if (rc == 0) {
		rc = require_from_value(value_get(map, "require"), activity,
					reterr);
	}
	if (rc == 0) {
		rc = read_number(map, "register_window_ms", INT64_MAX / 1000,
				 &activity->register_window_ms, reterr);
	}
	if (rc == 0) {
		rc = read_deadline(map, &activity->deadline_ms, reterr);
	}
	activity->on_failure = cancel ? ON_FAILURE_CANCEL : ON_FAILURE_DRAIN;
	return rc;
}

static void activities_destroy(struct activity_definition *activities,
			       size_t len)
{
	for (size_t i = 0; i < len; i++) {
		activity_definition_fini(&activities[i]);
	}
	free(activities);
}

static int activities_from_value(const struct value *list,
				 struct activity_definition **ret_activities,
				 struct err *reterr)
{
	if (!list || list->type != VALUE_ARRAY ||
	    value_len(list) > LIMIT_ACTIVITIES) {
		return corrupt(reterr, "activities", "a list");
	}
	size_t len = value_len(list);
	struct activity_definition *activities =
	    alloc_zeroed(len, sizeof(*activities));

	for (size_t i = 0; i < len; i++) {
		if (activity_from_value(value_at(list, i), &activities[i],
					reterr)) {
			activities_destroy(activities, i + 1);
			return err_wrap(reterr, "activity %zu", i);
		}
	}
	*ret_activities = activities;
	return 0;
}

int definition_from_value(const struct value *document,
			  struct definition **ret_definition,
			  struct err *reterr)
{
	static const char *const keys[] = { "workflow", "activities",
					    "deadline_ms" };
	struct err unread;
	struct err *err = reterr ? reterr : &unread;
	struct activity_definition *activities = NULL;
	char *workflow = NULL;
	int64_t deadline_ms = 0;
	int rc = check_keys(document, keys, 3, err);

	if (rc == 0) {
		rc = read_name(document, "workflow", &workflow, err);
	}
	if (rc == 0) {
		rc = read_deadline(document, &deadline_ms, err);
	}
	if (rc == 0) {
		rc = activities_from_value(value_get(document, "activities"),
					   &activities, err);
	}
	if (rc == 0) {
		*ret_definition = definition_make(
		    workflow, activities,
		    value_len(value_get(document, "activities")), deadline_ms);
	} else {
		err_wrap(err, "definition");
	}
	free(workflow);
	return rc;
}
