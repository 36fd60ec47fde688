#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "filter/filter.h"
#include "filter/read.h"
#include "host/queue.h"
#include "host/registry.h"

/* Structs grow by a few members in a lifetime; more is not a size at all. */
#define SIZE_MAX_SANE 65536

#define MISTAKE "a mistake of the plugin"

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

static bool is_text(const char *text)
{
	return !text || utf8_valid(slice_of(text));
}

/* In C++ a member may be anything; each range is checked by hand. */
static const char *subscription_mistake(const struct tutti_subscription *wanted)
{
	if (!is_name(wanted->activity)) {
		return "the activity has no valid name";
	}
	if (wanted->phase < TUTTI_PRE || wanted->phase > TUTTI_POST) {
		return "the phase is none of TUTTI_PRE, TUTTI_PARALLEL and "
		       "TUTTI_POST";
	}
	if (wanted->mandatory != TUTTI_MANDATORY &&
	    wanted->mandatory != TUTTI_OPTIONAL) {
		return "it is neither TUTTI_MANDATORY nor TUTTI_OPTIONAL";
	}
	return is_text(wanted->filter) ? NULL : "the filter is not UTF-8";
}

static bool same_phase(const struct tutti_subscription *a,
		       const struct tutti_subscription *b)
{
	return a->phase == b->phase && strcmp(a->activity, b->activity) == 0;
}

/* A filter that nobody could match is a mistake of the module, wherever it
 * is loaded. */
static int check_filter(const struct tutti_subscription *wanted,
			struct err *reterr)
{
	struct value document;
	struct filter *filter;

	if (!wanted->filter) {
		return 0;
	}
	int rc = filter_read(slice_of(wanted->filter), &document, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "its filter");
	}
	rc = filter_compile(&document, &filter, reterr);
	value_clear(&document);
	if (rc == 0) {
		filter_destroy(filter);
	}
	return rc;
}

static int check_subscriptions(const struct tutti_plugin *about,
			       struct err *reterr)
{
	const struct tutti_subscription *wanted = about->subscriptions;

	for (uint32_t i = 0; i < about->subscription_count; i++) {
		const char *mistake = subscription_mistake(&wanted[i]);

		for (uint32_t j = 0; j < i && !mistake; j++) {
			mistake = same_phase(&wanted[i], &wanted[j])
				      ? "the same phase of the activity is "
					"wanted twice"
				      : NULL;
		}
		if (mistake) {
			return err_set(reterr, E_INVALID,
				       "subscription %u: %s: " MISTAKE, i,
				       mistake);
		}
		if (check_filter(&wanted[i], reterr) < 0) {
			return err_wrap(reterr, "the subscription to '%s'",
					wanted[i].activity);
		}
	}
	return 0;
}

static const char *mistake_in(const struct tutti_plugin *about)
{
	if (!about->handle) {
		return "it has no handle()";
	}
	if (about->max_tasks < 1) {
		return "max_tasks must be at least 1";
	}
	if (!is_text(about->version) || !is_text(about->help)) {
		return "version and help must be UTF-8";
	}
	if (about->subscription_count && !about->subscriptions) {
		return "it counts subscriptions but lists none";
	}
	return NULL;
}

static int check(const struct tutti_plugin *about, struct err *reterr)
{
	const char *mistake = mistake_in(about);

	if (mistake) {
		return err_set(reterr, E_INVALID, "%s: " MISTAKE, mistake);
	}
	int rc = check_subscriptions(about, reterr);

	if (rc == 0 && host_queue_check(about->queue, reterr) < 0) {
		return err_wrap(reterr, MISTAKE);
	}
	return rc < 0 ? rc
		      : host_params_check(about->params, about->param_count,
					  reterr);
}

int host_plugin_describe(const struct tutti_module *module, uint32_t index,
			 struct tutti_plugin *ret_about, struct err *reterr)
{
	const size_t least = offsetof(struct tutti_plugin, handle) +
			     sizeof(((struct tutti_plugin *)0)->handle);
	const struct tutti_plugin *given = module->plugins[index];
	struct tutti_plugin about = { 0 };

	if (!given || given->size < least || given->size > SIZE_MAX_SANE) {
		return err_set(reterr, E_INVALID,
			       "plugin %u in it has no valid description (is "
			       "its 'size' set?): " MISTAKE,
			       index);
	}
	memcpy(&about, given,
	       given->size < sizeof(about) ? given->size : sizeof(about));
	if (!is_name(about.name)) {
		return err_set(reterr, E_INVALID,
			       "plugin %u in it has no valid name (1 to %d "
			       "bytes of UTF-8 without '/' and control "
			       "characters): " MISTAKE,
			       index, LIMIT_NAME);
	}
	int rc = check(&about, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "plugin '%s'", about.name);
	}
	*ret_about = about;
	return 0;
}
