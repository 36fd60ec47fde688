#include "daemon/settings.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/registrations.h"
#include "daemon/subscriptions.h"
#include "document/json.h"

static void note(struct value *changed, const char *setting, struct buf *what)
{
	struct value one = value_map();

	value_set(&one, "entry", value_text(setting));
	value_set(&one, "what", value_string(buf_slice(what)));
	value_push(changed, one);
	buf_fini(what);
}

static void put_kept(struct buf *out, int64_t retain_ms)
{
	char text[CLOCK_TEXT_SIZE];

	duration_format(retain_ms, text);
	buf_put_text(out, retain_ms ? text : "for ever");
}

static void compare_retain(const struct config *before,
			   const struct config *after, struct value *changed)
{
	struct buf what = { 0 };

	for (int state = 0; state < GROUP_STATES; state++) {
		int64_t from = before->retain_ms[state];
		int64_t to = after->retain_ms[state];

		if (from == to) {
			continue;
		}
		buf_printf(&what, "%s%s ", what.len ? ", " : "",
			   group_state_name((enum group_state)state));
		put_kept(&what, from);
		buf_put_text(&what, " -> ");
		put_kept(&what, to);
	}
	if (what.len) {
		note(changed, "retain", &what);
	}
}

void settings_compare(const struct config *before, const struct config *after,
		      struct value *changed)
{
	struct buf what = { 0 };

	if (before->crash_limit != after->crash_limit) {
		buf_printf(&what, "%" PRIu32 " -> %" PRIu32,
			   before->crash_limit, after->crash_limit);
		note(changed, "crash_limit", &what);
	}
	if (before->filter_limits != after->filter_limits) {
		buf_printf(&what, "%s -> %s",
			   filter_limits_name(before->filter_limits),
			   filter_limits_name(after->filter_limits));
		note(changed, "filter_limits", &what);
	}
	compare_retain(before, after, changed);
}

static bool has_entry(const struct config *config, const char *entry)
{
	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form == FORM_PROCESS &&
		    !strcmp(module->name, entry)) {
			return true;
		}
	}
	return false;
}

static void check(const struct registration *known, enum filter_limits limits,
		  struct value *beyond)
{
	struct value subscriptions = value_null();
	struct err err = { 0 };
	int rc = json_read(slice_of(known->subscriptions), NULL, &subscriptions,
			   &err);

	if (rc == 0 && subscriptions_check(&subscriptions, limits, &err) < 0) {
		struct buf text = { 0 };

		buf_printf(&text,
			   "plugin '%s': %s; what it has registered stays "
			   "until it says hello again",
			   known->name, err.msg);
		value_push(beyond, value_string(buf_slice(&text)));
		buf_fini(&text);
	}
	value_clear(&subscriptions);
}

struct value settings_beyond(const struct daemon *daemon,
			     const struct config *config)
{
	struct value beyond = value_array();

	for (const struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		if (known->form == FORM_PROCESS && known->subscriptions &&
		    (!known->entry || has_entry(config, known->entry))) {
			check(known, config->filter_limits, &beyond);
		}
	}
	return beyond;
}
