#include "daemon/registrations.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/instances.h"
#include "daemon/processes.h"
#include "daemon/registration_queue.h"
#include "daemon/replaced.h"
#include "daemon/setup.h"
#include "daemon/subscriptions.h"
#include "document/json.h"
#include "filter/filter.h"

struct registration *registration_find(const struct daemon *daemon,
				       struct slice name)
{
	struct registration *registration = NULL;

	HASH_FIND(by_name, daemon->registrations, name.ptr, name.len,
		  registration);
	return registration;
}

bool registrations_has_entry(const struct daemon *daemon, const char *entry)
{
	for (const struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		if (known->form == FORM_PROCESS && known->subscriptions &&
		    strcmp(known->module, ANNOUNCED) != 0 && known->entry &&
		    !strcmp(known->entry, entry)) {
			return true;
		}
	}
	return false;
}

static void registration_free(struct registration *registration)
{
	free(registration->name);
	free(registration->version);
	free(registration->help);
	free(registration->module);
	free(registration->hash);
	free(registration->entry);
	free(registration->source);
	free(registration->subscriptions);
	free(registration->params);
	free(registration->message);
	free(registration->inside);
	queue_destroy(registration->declared);
	queue_destroy(registration->queue);
	free(registration);
}

static struct registration *registration_make(struct daemon *daemon,
					      struct slice name)
{
	struct registration *registration = registration_find(daemon, name);

	if (!registration) {
		registration = alloc_zeroed(1, sizeof(*registration));
		registration->name = slice_dup(name);
		HASH_ADD_KEYPTR(by_name, daemon->registrations,
				registration->name, name.len, registration);
	}
	return registration;
}

void registrations_fini(struct daemon *daemon)
{
	struct registration *registration;
	struct registration *next;

	HASH_ITER(by_name, daemon->registrations, registration, next)
	{
		HASH_DELETE(by_name, daemon->registrations, registration);
		registration_free(registration);
	}
}

static const char *owner_of(const struct registration *registration)
{
	return registration->entry ? registration->entry : registration->module;
}

/* May both stand for the same plugin? Copies of a program may. */
static bool same_owner(const struct registration *known,
		       const struct registration_about *about)
{
	bool processes =
	    known->form == FORM_PROCESS && about->form == FORM_PROCESS;

	/* What is linked in makes room for what the config has. */
	if (!strcmp(known->module, LINKED_IN)) {
		return about->entry || about->form == FORM_IN_PROCESS;
	}
	if (known->entry && about->entry) {
		return !strcmp(known->entry, about->entry);
	}
	if (known->form == about->form && !known->entry && !about->entry) {
		return known->form != FORM_IN_PROCESS ||
		       slice_is(about->module, known->module);
	}
	return processes;
}

/* ---- checks ---- */

/* Is it another entry that names it? */
static int check_announced(const struct daemon *daemon,
			   const struct registration_about *about,
			   struct err *reterr)
{
	const struct config_module *entry =
	    config_announced(daemon->options.config, about->name);

	if (!about->entry || !entry) {
		return 0;
	}
	if (!config_is_started(entry)) {
		return err_set(reterr, E_CONFLICT,
			       "plugin '%.*s' has an entry of its own in the "
			       "config, 'plugin: %.*s', which is for one that "
			       "somebody else starts; in the entry '%s' it "
			       "would be for this one",
			       SLICE_ARG(about->name), SLICE_ARG(about->name),
			       about->entry);
	}
	if (strcmp(entry->name, about->entry) != 0) {
		return err_set(reterr, E_CONFLICT,
			       "plugin '%.*s' is that of the entry '%s' of the "
			       "config",
			       SLICE_ARG(about->name), entry->name);
	}
	return 0;
}

static int check_owner(const struct daemon *daemon,
		       const struct registration_about *about,
		       struct err *reterr)
{
	const struct registration *known =
	    registration_find(daemon, about->name);

	if (known && known->current && !known->leaving &&
	    !same_owner(known, about)) {
		return err_set(reterr, E_CONFLICT,
			       "plugin '%.*s' is provided by '%s' already",
			       SLICE_ARG(about->name), owner_of(known));
	}
	return check_announced(daemon, about, reterr);
}

int registration_check(const struct daemon *daemon,
		       const struct registration_about *about,
		       struct err *reterr)
{
	if (!name_valid(about->name)) {
		return err_set(reterr, E_INVALID,
			       "a plugin's name must have 1 to %d bytes "
			       "without '/' and control characters",
			       LIMIT_NAME);
	}
	int rc = check_owner(daemon, about, reterr);

	if (rc < 0) {
		return rc;
	}
	rc = subscriptions_check(about->subscriptions,
				 daemon->options.config->filter_limits, reterr);
	if (rc < 0) {
		return err_wrap(reterr, "plugin '%.*s'",
				SLICE_ARG(about->name));
	}
	return registration_check_queue(daemon, about, reterr);
}

/* ---- told and kept ---- */

/* With the queue that it has. */
static int tell_engine(struct daemon *daemon,
		       const struct registration *registration,
		       const struct value *subscriptions,
		       enum filter_limits limits, struct err *reterr)
{
	struct subscriber subscriber = {
		.name = slice_of(registration->name),
		.list = subscriptions,
		.module =
		    registration_entry(daemon->options.config, registration),
		.queue = registration->queue,
		.always_run = registration->always_run,
		.limits = limits,
	};

	return subscriptions_tell(daemon->engine, &daemon->output, &subscriber,
				  reterr);
}

static void tell_quarantine(struct daemon *daemon,
			    const struct registration *registration)
{
	struct event event = {
		.kind = EVENT_QUARANTINE,
		.as.quarantine = {
			.name = slice_of(registration->name),
			.on = registration->quarantined,
			.message = slice_of(registration->message),
		},
	};

	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
}

static void replace(char **text, struct slice with)
{
	free(*text);
	*text = slice_dup(with);
}

static char *json_of(const struct value *value)
{
	struct value none = value_array();
	struct buf text = { 0 };

	json_write(&text, value ? value : &none, JSON_COMPACT);
	value_clear(&none);
	return buf_take(&text);
}

/* New code gets a new chance, and so does code that can crash only itself. */
static void forgive(struct registration *registration,
		    const struct registration_about *about)
{
	if (about->form != FORM_IN_PROCESS ||
	    (registration->hash &&
	     !slice_is(about->hash, registration->hash))) {
		registration->crashes = 0;
		registration->quarantined = false;
		free(registration->message);
		registration->message = NULL;
	}
}

static void keep(struct registration *registration,
		 const struct registration_about *about)
{
	forgive(registration, about);
	replace(&registration->version, about->version);
	replace(&registration->help, about->help);
	replace(&registration->module, about->module);
	replace(&registration->hash, about->hash);
	free(registration->entry);
	registration->entry = alloc_string(about->entry);
	free(registration->source);
	registration->source = alloc_string(about->source);
	free(registration->subscriptions);
	registration->subscriptions = json_of(about->subscriptions);
	free(registration->params);
	registration->params = json_of(about->params);
	queue_destroy(registration->declared);
	(void)queue_from(about->queue, &registration->declared, NULL);
	registration->form = about->form;
	registration->max_tasks = about->max_tasks;
	registration->ephemeral = about->ephemeral;
	registration->always_run = about->always_run;
	registration->current = true;
	registration->leaving = false;
}

/* A copy that somebody started beside those of the config takes part, but the
 * config's say what the plugin is. */
static bool is_guest(const struct registration *known,
		     const struct registration_about *about)
{
	return known->current && !known->leaving && known->entry &&
	       !about->entry;
}

/* Another copy of what is known already. */
static bool is_same(const struct registration *known,
		    const struct registration_about *about)
{
	char *subscriptions = json_of(about->subscriptions);
	struct queue_policy *declared;

	(void)queue_from(about->queue, &declared, NULL);
	bool same = known->current && !known->leaving &&
		    known->form == about->form &&
		    known->max_tasks == about->max_tasks &&
		    known->ephemeral == about->ephemeral &&
		    known->always_run == about->always_run &&
		    slice_is(about->hash, known->hash) &&
		    slice_is(about->version, known->version) &&
		    slice_is(about->module, known->module) &&
		    !strcmp(subscriptions, known->subscriptions) &&
		    queue_policy_equal(declared, known->declared);

	queue_destroy(declared);
	free(subscriptions);
	return same;
}

int registration_put(struct daemon *daemon,
		     const struct registration_about *about, struct err *reterr)
{
	struct registration *known = registration_find(daemon, about->name);

	if (known && about->form != FORM_IN_PROCESS &&
	    (is_guest(known, about) || is_same(known, about))) {
		return 0;
	}
	int rc = registration_check_queue(daemon, about, reterr);

	if (rc < 0) {
		return rc;
	}
	struct registration *registration =
	    registration_make(daemon, about->name);
	bool was_quarantined = registration->quarantined;

	if (about->form != FORM_IN_PROCESS) {
		replaced_inside(daemon, registration);
	}
	keep(registration, about);
	rc = registration_settle_queue(daemon, registration, reterr);
	if (rc == 0) {
		rc = tell_engine(daemon, registration, about->subscriptions,
				 daemon->options.config->filter_limits, reterr);
	}

	if (rc < 0) {
		if (!known) {
			registration_release_queue(daemon, registration);
			HASH_DELETE(by_name, daemon->registrations,
				    registration);
			registration_free(registration);
		}
		return rc;
	}
	if (was_quarantined || registration->quarantined) {
		tell_quarantine(daemon, registration);
	}
	registration_write(daemon, registration);
	subscriptions_log_unknown(about->name, about->subscriptions,
				  daemon->options.config);
	return 0;
}

/* ---- the store ---- */

const char *registration_form_name(enum config_form form)
{
	switch (form) {
	case FORM_ISOLATED:
		return "isolated";
	case FORM_PROCESS:
		return "process";
	case FORM_IN_PROCESS:
		break;
	}
	return "in-process";
}

const char *registration_state(const struct daemon *daemon,
			       const struct registration *registration)
{
	if (registration->quarantined) {
		return "quarantined";
	}
	return registration->inside ||
		       instances_serve(daemon, registration->name)
		   ? "ready"
		   : "no instance";
}

void registration_write(struct daemon *daemon,
			const struct registration *registration)
{
	char *queue = queue_write(registration->queue);
	char *declared = queue_write(registration->declared);
	struct plugin_record record = {
		.name = slice_of(registration->name),
		.version = slice_of(registration->version),
		.help = slice_of(registration->help),
		.module = slice_of(registration->module),
		.hash = slice_of(registration->hash),
		.form = slice_of(registration_form_name(registration->form)),
		.state = slice_of(registration_state(daemon, registration)),
		.message = slice_of(registration->message),
		.entry = slice_of(registration->entry),
		.max_tasks = registration->max_tasks,
		.crashes = registration->crashes,
		.quarantined = registration->quarantined,
		.ephemeral = registration->ephemeral,
		.always_run = registration->always_run,
		.subscriptions = slice_of(registration->subscriptions),
		.params = slice_of(registration->params),
		.queue = slice_of(queue),
		.declared = slice_of(declared),
	};

	store_put_plugin(daemon->store, &record);
	free(queue);
	free(declared);
}

void registration_remove(struct daemon *daemon,
			 struct registration *registration, struct slice actor)
{
	struct event event = {
		.kind = EVENT_REMOVE,
		.actor = actor,
		.as.remove = { .name = slice_of(registration->name) },
	};

	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
	store_delete_plugin(daemon->store, slice_of(registration->name));
	registration_release_queue(daemon, registration);
	HASH_DELETE(by_name, daemon->registrations, registration);
	char *name = registration->name;

	registration->name = NULL;
	registration_free(registration);
	setup_linked_again(daemon, name);
	if (!daemon->draining) {
		registrations_announce(daemon);
	}
	free(name);
}

void registration_quarantine(struct daemon *daemon,
			     struct registration *registration, bool on,
			     const char *message)
{
	registration->quarantined = on;
	if (!on) {
		registration->crashes = 0;
	}
	free(registration->message);
	registration->message = alloc_string(message);
	tell_quarantine(daemon, registration);
	registration_write(daemon, registration);
}

/* Tell the engine what is kept. */
static int retell(struct daemon *daemon,
		  const struct registration *registration,
		  enum filter_limits limits, struct err *reterr)
{
	struct value subscriptions = value_null();
	int rc = json_read(slice_of(registration->subscriptions), NULL,
			   &subscriptions, reterr);

	if (rc == 0) {
		rc = tell_engine(daemon, registration, &subscriptions, limits,
				 reterr);
	}
	value_clear(&subscriptions);
	return rc;
}

static void refresh(struct daemon *daemon, struct registration *registration)
{
	struct err err = { 0 };
	int rc = registration_settle_queue(daemon, registration, &err);

	if (rc == 0) {
		rc = retell(daemon, registration, FILTER_LIMITS_NONE, &err);
	}
	if (rc < 0) {
		log_warn("plugin=%s msg=\"after the reload: %s\"",
			 registration->name, err.msg);
	}
	registration_write(daemon, registration);
}

void registrations_release_queues(struct daemon *daemon)
{
	for (struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		if (registration_queue_goes(daemon, known)) {
			registration_release_queue(daemon, known);
			(void)retell(daemon, known, FILTER_LIMITS_NONE, NULL);
		}
	}
}

void registrations_refresh(struct daemon *daemon)
{
	for (struct registration *known = daemon->registrations; known;
	     known = known->by_name.next) {
		if (known->form != FORM_IN_PROCESS && known->subscriptions) {
			refresh(daemon, known);
		}
	}
}

/* ---- plugins that are yet to come ---- */

/* Of a module that is no more only its crashes are remembered. */
static bool is_memory(const struct registration *known)
{
	return !known->subscriptions ||
	       (known->form == FORM_IN_PROCESS && !known->inside);
}

/* What is linked in does for a program of the config, which is to come, and
 * one whose owner is gone for whatever is to come. */
static bool makes_room(const struct registration *known,
		       const struct config_module *module)
{
	return is_memory(known) || known->leaving ||
	       (config_is_started(module) && !strcmp(known->module, LINKED_IN));
}

static void announce(struct daemon *daemon, const struct config_module *module)
{
	struct value none = value_array();
	struct registration_about about = {
		.name = slice_of(module->plugin),
		.module = SLICE(ANNOUNCED),
		.form = FORM_PROCESS,
		.entry = config_is_started(module) ? module->name : NULL,
		.max_tasks = module->max_tasks ? module->max_tasks : 1,
		.subscriptions = &none,
		.params = &none,
	};
	struct registration *known = registration_find(daemon, about.name);
	struct err err = { 0 };

	if (known && !makes_room(known, module)) {
		if (!strcmp(known->module, ANNOUNCED)) {
			known->max_tasks = about.max_tasks;
		}
		value_clear(&none);
		return;
	}
	int rc = registration_put(daemon, &about, &err);

	value_clear(&none);
	if (rc < 0) {
		log_warn("plugin=%s msg=\"not expected: %s\"", module->plugin,
			 err.msg);
		return;
	}
	/* Whoever comes is the first. */
	registration_find(daemon, about.name)->current = false;
}

void registrations_announce(struct daemon *daemon)
{
	const struct config *config = daemon->options.config;
	const struct config_module *entry;
	size_t cursor = 0;

	while ((entry = config_next_announced(config, &cursor))) {
		announce(daemon, entry);
	}
}

void registrations_log_unnamed(const struct daemon *daemon)
{
	const struct config *config = daemon->options.config;

	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (config_lacks_plugin(module) &&
		    !registrations_has_entry(daemon, module->name)) {
			log_info("entry=%s msg=\"its queue is nobody's until "
				 "its program has registered a plugin; "
				 "'plugin: NAME' in the entry names it\"",
				 module->name);
		}
	}
}

/* ---- earlier lives ---- */

/* A program that registered itself is known again; of an entry only while the
 * config has it. */
static void recall_program(struct daemon *daemon,
			   struct registration *registration)
{
	struct err err = { 0 };
	int rc = registration_settle_queue(daemon, registration, &err);

	if (rc == 0) {
		rc = retell(daemon, registration,
			    daemon->options.config->filter_limits, &err);
	}
	if (rc < 0) {
		log_warn("plugin=%s msg=\"its registration is forgotten: %s\"",
			 registration->name, err.msg);
		registration_remove(daemon, registration, SLICE("engine"));
	} else {
		registration_write(daemon, registration);
	}
}

static const char *still_configured(const struct daemon *daemon,
				    struct slice entry)
{
	const struct config_module *module = processes_entry(daemon, entry);

	return module && module->form == FORM_PROCESS ? module->name : NULL;
}

static void fill(struct registration *registration,
		 const struct plugin_record *record)
{
	replace(&registration->version, record->version);
	replace(&registration->help, record->help);
	replace(&registration->module, record->module);
	replace(&registration->hash, record->hash);
	replace(&registration->subscriptions, record->subscriptions);
	replace(&registration->params, record->params);
	replace(&registration->message, record->message);
	registration->max_tasks = record->max_tasks;
	registration->crashes = record->crashes;
	registration->quarantined = record->quarantined;
	registration->always_run = record->always_run;
	queue_destroy(registration->declared);
	registration->declared = queue_read(record->declared);
}

static void recall(struct daemon *daemon, const struct plugin_record *record)
{
	bool program =
	    slice_is(record->form, registration_form_name(FORM_PROCESS)) &&
	    !record->ephemeral;
	const char *entry = still_configured(daemon, record->entry);
	/* What was announced and never came is for the config of now. */
	bool known = program && !slice_is(record->module, ANNOUNCED) &&
		     (entry || slice_is(record->module, REGISTERS_ITSELF));

	if (!known && record->crashes == 0 && !record->quarantined) {
		return;
	}
	struct registration *registration =
	    registration_make(daemon, record->name);

	fill(registration, record);
	registration->form = program ? FORM_PROCESS : FORM_IN_PROCESS;
	registration->entry = alloc_string(entry);
	if (known) {
		recall_program(daemon, registration);
	}
}

int registrations_recall(struct daemon *daemon, struct err *reterr)
{
	struct plugin_list list;
	int rc = view_plugins(daemon->view, &list, reterr);

	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; i < list.len; i++) {
		store_delete_plugin(daemon->store, list.plugins[i].name);
		recall(daemon, &list.plugins[i]);
	}
	plugin_list_fini(&list);
	return 0;
}
