#include "daemon/registration_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/queues.h"
#include "document/json.h"

/* ---- policies ---- */

void queue_destroy(struct queue_policy *policy)
{
	if (policy) {
		queue_policy_fini(policy);
		free(policy);
	}
}

static struct queue_policy *on_heap(struct queue_policy policy)
{
	struct queue_policy *copy = alloc_zeroed(1, sizeof(*copy));

	*copy = policy;
	return copy;
}

struct queue_policy *queue_dup(const struct queue_policy *policy)
{
	return policy ? on_heap(queue_policy_copy(policy)) : NULL;
}

int queue_from(const struct value *document, struct queue_policy **ret_policy,
	       struct err *reterr)
{
	struct queue_policy policy;

	if (!document || document->type == VALUE_NULL) {
		*ret_policy = NULL;
		return 0;
	}
	int rc = queue_policy_from_value(document, &policy, reterr);

	if (rc == 0) {
		*ret_policy = on_heap(policy);
	}
	return rc;
}

char *queue_write(const struct queue_policy *policy)
{
	struct buf text = { 0 };

	if (!policy) {
		return NULL;
	}
	struct value document = queue_policy_to_value(policy);

	json_write(&text, &document, JSON_COMPACT);
	value_clear(&document);
	return buf_take(&text);
}

struct queue_policy *queue_read(struct slice json)
{
	struct value document = value_null();
	struct queue_policy *policy = NULL;

	if (json.len && json_read(json, NULL, &document, NULL) == 0) {
		(void)queue_from(&document, &policy, NULL);
		value_clear(&document);
	}
	return policy;
}

/* ---- what the config says ---- */

/* Where a plugin comes from. */
struct origin {
	struct slice name;
	struct slice module;
	const char *entry;
	const char *source;
};

static bool is_from(const struct config_module *module,
		    const struct origin *origin)
{
	if (origin->entry) {
		return module->form != FORM_IN_PROCESS &&
		       !strcmp(module->name, origin->entry);
	}
	return module->path && module->form == FORM_IN_PROCESS &&
	       !strcmp(module->path, origin->source);
}

static const struct config_module *entry_of(const struct config *config,
					    const struct origin *origin)
{
	/* What no module or program of the config brings. */
	if (slice_is(origin->module, LINKED_IN) ||
	    (!origin->entry && !origin->source)) {
		return config_announced(config, origin->name);
	}
	for (size_t i = 0; i < config->module_count; i++) {
		if (is_from(&config->modules[i], origin)) {
			return &config->modules[i];
		}
	}
	return NULL;
}

const struct config_module *
registration_entry(const struct config *config,
		   const struct registration *registration)
{
	const struct origin origin = {
		.name = slice_of(registration->name),
		.module = slice_of(registration->module),
		.entry = registration->entry,
		.source = registration->source,
	};

	return entry_of(config, &origin);
}

/* A queue that is named is that plugin's of a program that the entry names. */
static bool is_meant(const struct config_module *module, struct slice plugin)
{
	return !module->plugin || !module->queue || !module->queue->name ||
	       slice_is(plugin, module->plugin);
}

static const struct queue_policy *either(const struct config_module *module,
					 struct slice plugin,
					 const struct queue_policy *declared)
{
	return module && module->queue_given && is_meant(module, plugin)
		   ? module->queue
		   : declared;
}

static const struct queue_policy *
wanted_by(const struct config *config, const struct registration *registration)
{
	return either(registration_entry(config, registration),
		      slice_of(registration->name), registration->declared);
}

/* ---- a queue belongs to one plugin ---- */

static int refuse(struct slice plugin, struct slice queue, const char *owner,
		  struct err *reterr)
{
	return err_set(reterr, E_CONFLICT,
		       "plugin '%.*s': the queue '%.*s' is plugin '%s''s "
		       "already; a queue belongs to one plugin",
		       SLICE_ARG(plugin), SLICE_ARG(queue), owner);
}

/* May the plugin have it? NULL: none. */
static int check(const struct daemon *daemon, struct slice plugin,
		 const struct queue_policy *queue, struct err *reterr)
{
	struct slice name = queue ? queue_policy_name(queue, plugin) : plugin;
	const struct registration *known = daemon->registrations;

	for (; queue && known; known = known->by_name.next) {
		if (known->queue && !known->leaving &&
		    !slice_is(plugin, known->name) &&
		    slice_equal(
			queue_policy_name(known->queue, slice_of(known->name)),
			name)) {
			return refuse(plugin, name, known->name, reterr);
		}
	}
	/* It may also hold messages of one that is no more. */
	if (queue &&
	    bridge_check_plugin(daemon->bridge, plugin, queue, reterr) < 0) {
		return err_wrap(reterr, "plugin '%.*s'", SLICE_ARG(plugin));
	}
	return 0;
}

int registration_check_queue(const struct daemon *daemon,
			     const struct registration_about *about,
			     struct err *reterr)
{
	const struct origin origin = {
		.name = about->name,
		.module = about->module,
		.entry = about->entry,
		.source = about->source,
	};
	struct queue_policy *declared;
	int rc = queue_from(about->queue, &declared, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "plugin '%.*s'",
				SLICE_ARG(about->name));
	}
	rc = check(daemon, about->name,
		   either(entry_of(daemon->options.config, &origin),
			  about->name, declared),
		   reterr);
	queue_destroy(declared);
	return rc;
}

/* ---- the plugin has it ---- */

/* Copies of a plugin that declare different queues take turns; somebody should
 * be able to see that. */
static void log_moved(const struct registration *registration,
		      const struct queue_policy *before,
		      const struct queue_policy *now)
{
	struct slice plugin = slice_of(registration->name);
	struct buf line = { 0 };

	if (!before || !now ||
	    slice_equal(queue_policy_name(before, plugin),
			queue_policy_name(now, plugin))) {
		return;
	}
	buf_put_text(&line, "plugin=");
	log_put_quoted(&line, plugin);
	buf_put_text(&line, " queue=");
	log_put_quoted(&line, queue_policy_name(now, plugin));
	buf_put_text(&line, " before=");
	log_put_quoted(&line, queue_policy_name(before, plugin));
	log_info("%.*s msg=\"another queue: what is in the old one is still "
		 "handed out\"",
		 SLICE_ARG(buf_slice(&line)));
	buf_fini(&line);
}

/* All changes of what a plugin has go through here. */
static int set(struct daemon *daemon, struct registration *registration,
	       const struct queue_policy *queue, struct err *reterr)
{
	int rc = check(daemon, slice_of(registration->name), queue, reterr);

	if (rc == 0) {
		rc = queues_set_plugin(daemon, slice_of(registration->name),
				       queue, reterr);
	}
	if (rc < 0) {
		return rc;
	}
	struct queue_policy *before = registration->queue;

	log_moved(registration, before, queue);

	registration->queue = queue_dup(queue);
	queue_destroy(before);
	return 0;
}

int registration_settle_queue(struct daemon *daemon,
			      struct registration *registration,
			      struct err *reterr)
{
	const struct queue_policy *queue =
	    wanted_by(daemon->options.config, registration);

	/* The bridge is told also when nothing has changed: after a restart it
	 * knows queues, and not whose they still are. */
	return queue_policy_equal(queue, registration->queue)
		   ? queues_set_plugin(daemon, slice_of(registration->name),
				       queue, reterr)
		   : set(daemon, registration, queue, reterr);
}

void registration_release_queue(struct daemon *daemon,
				struct registration *registration)
{
	if (registration->queue) {
		(void)set(daemon, registration, NULL, NULL);
	}
}

bool registration_queue_goes(const struct daemon *daemon,
			     const struct registration *registration)
{
	const struct queue_policy *queue =
	    wanted_by(daemon->options.config, registration);
	struct slice plugin = slice_of(registration->name);

	if (!registration->queue) {
		return false;
	}
	return registration->leaving || !queue ||
	       !slice_equal(queue_policy_name(queue, plugin),
			    queue_policy_name(registration->queue, plugin));
}

/* ---- what a config would make of it ---- */

/* One that is in use may be let go; one with messages in it stays whose it
 * is. */
static int check_messages(const struct daemon *daemon, struct slice plugin,
			  const struct queue_policy *queue, struct err *reterr)
{
	struct message_key key;

	if (bridge_waiting(daemon->bridge, queue_policy_name(queue, plugin),
			   &key, 1) == 0 ||
	    bridge_check_plugin(daemon->bridge, plugin, queue, reterr) == 0) {
		return 0;
	}
	return err_wrap(reterr, "plugin '%.*s'", SLICE_ARG(plugin));
}

static int check_future(const struct daemon *daemon,
			const struct config *config, struct slice plugin,
			const struct queue_policy *queue, struct err *reterr)
{
	const struct registration *other = daemon->registrations;

	for (; other; other = other->by_name.next) {
		const struct queue_policy *theirs =
		    other->subscriptions && !slice_is(plugin, other->name)
			? wanted_by(config, other)
			: NULL;

		if (theirs && slice_equal(queue_policy_name(queue, plugin),
					  queue_policy_name(
					      theirs, slice_of(other->name)))) {
			return refuse(plugin, queue_policy_name(queue, plugin),
				      other->name, reterr);
		}
	}
	return check_messages(daemon, plugin, queue, reterr);
}

int registrations_check_queues(const struct daemon *daemon,
			       const struct config *config, struct err *reterr)
{
	const struct registration *known = daemon->registrations;
	const struct config_module *entry;
	size_t cursor = 0;
	int rc = 0;

	for (; rc == 0 && known; known = known->by_name.next) {
		const struct queue_policy *queue =
		    known->subscriptions ? wanted_by(config, known) : NULL;

		if (queue) {
			rc = check_future(daemon, config, slice_of(known->name),
					  queue, reterr);
		}
	}
	while (rc == 0 && (entry = config_next_announced(config, &cursor))) {
		if (entry->queue) {
			rc = check_future(daemon, config,
					  slice_of(entry->plugin), entry->queue,
					  reterr);
		}
	}
	return rc;
}
