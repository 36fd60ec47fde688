#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/describe.h"
#include "daemon/processes.h"
#include "daemon/registration_queue.h"
#include "daemon/registrations.h"
#include "daemon/replaced.h"
#include "daemon/settings.h"
#include "daemon/setup.h"
#include "daemon/upkeep.h"

/* What a reload is made of, worked out before anything is changed. */
struct change_plan {
	struct daemon *daemon;
	const struct config *before;
	struct config *after;
	const char **what; /* of each module of `after`; see what_changed() */
	struct value isolated; /* descriptions of isolated modules */
	struct value provided; /* plugin -> label of the module that has it */
	struct value changed;  /* the answer's list */
};

static void note(struct change_plan *plan, const char *entry, const char *what)
{
	struct value one = value_map();

	value_set(&one, "entry", value_text(entry));
	value_set(&one, "what", value_text(what));
	value_push(&plan->changed, one);
}

static const char *label_of(const struct config_module *module)
{
	return module->form == FORM_IN_PROCESS ? module->path : module->name;
}

/* Modules in this process are the same by their file, others by name. */
static const struct config_module *
counterpart(const struct config *config, const struct config_module *module)
{
	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *other = &config->modules[i];
		bool inside = other->form == FORM_IN_PROCESS;

		if (inside == (module->form == FORM_IN_PROCESS) &&
		    !strcmp(label_of(other), label_of(module))) {
			return other;
		}
	}
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_texts(char *const *a, char *const *b)
{
	size_t i = 0;

	if (!a || !b) {
		return (!a || !*a) && (!b || !*b);
	}
	while (a[i] && b[i] && !strcmp(a[i], b[i])) {
		i++;
	}
	return a[i] == b[i];
}

/* But for how many there are. */
static bool same_process(const struct config_module *a,
			 const struct config_module *b)
{
	return a->form == b->form && same_text(a->path, b->path) &&
	       same_texts(a->argv, b->argv) && same_texts(a->env, b->env) &&
	       same_text(a->directory, b->directory) &&
	       a->max_tasks == b->max_tasks &&
	       value_equal(&a->config, &b->config);
}

static const char *hash_inside(const struct daemon *daemon, const char *path,
			       struct host_plugin_info *info)
{
	for (size_t i = 0; i < host_plugin_count(daemon->host); i++) {
		*info = host_plugin_info(daemon->host, i);
		if (!strcmp(info->module, path)) {
			return info->hash;
		}
	}
	return "";
}

/* Is the code of the entry another than the one that runs? */
static bool other_code(const struct daemon *daemon,
		       const struct config_module *module)
{
	struct host_plugin_info info;
	char *now = processes_hash(module);
	const char *running;

	if (module->form == FORM_IN_PROCESS) {
		running = hash_inside(daemon, module->path, &info);
	} else {
		running = processes_known_hash(daemon, module->name);
	}
	/* A file that cannot be read will be complained of. */
	bool other = !now || strcmp(now, running ? running : "") != 0;

	free(now);
	return other;
}

/* "added", "replaced", "rescaled", "config" or NULL: the same as before. */
static const char *what_changed(const struct change_plan *plan,
				const struct config_module *module)
{
	const struct config_module *before = counterpart(plan->before, module);

	if (!before) {
		return "added";
	}
	if (other_code(plan->daemon, module)) {
		return "replaced";
	}
	if (module->form == FORM_IN_PROCESS) {
		return value_equal(&module->config, &before->config) &&
			       module->max_tasks == before->max_tasks
			   ? NULL
			   : "config";
	}
	if (!same_process(before, module)) {
		return "config";
	}
	return module->instances != before->instances ? "rescaled" : NULL;
}

static bool same_workflows(const struct config *a, const struct config *b)
{
	if (a->workflow_count != b->workflow_count) {
		return false;
	}
	for (size_t i = 0; i < a->workflow_count; i++) {
		if (strcmp(a->workflows[i]->workflow,
			   b->workflows[i]->workflow) != 0 ||
		    memcmp(a->workflows[i]->hash, b->workflows[i]->hash,
			   DEFINITION_HASH_SIZE) != 0) {
			return false;
		}
	}
	return true;
}

static bool same_overrides(const struct config_module *a,
			   const struct config_module *b)
{
	if (a->override_count != b->override_count) {
		return false;
	}
	for (size_t i = 0; i < a->override_count; i++) {
		if (strcmp(a->overrides[i].activity,
			   b->overrides[i].activity) != 0 ||
		    a->overrides[i].mandatory != b->overrides[i].mandatory ||
		    a->overrides[i].order != b->overrides[i].order) {
			return false;
		}
	}
	return true;
}

static bool same_queue(const struct config_module *a,
		       const struct config_module *b)
{
	return a->queue_given == b->queue_given &&
	       queue_policy_equal(a->queue, b->queue);
}

/* ---- before anything is changed ---- */

static int refuse(struct err *reterr, struct buf *diagnostics)
{
	int rc = err_set(reterr, E_INVALID,
			 "nothing was changed; the config cannot be used:\n"
			 "%.*s",
			 SLICE_ARG(buf_slice(diagnostics)));

	buf_fini(diagnostics);
	return rc;
}

static int check_fixed(const struct config *before, const struct config *after,
		       struct err *reterr)
{
	const char *what = NULL;

	if (!same_text(before->store, after->store)) {
		what = "store";
	} else if (!same_text(before->control, after->control)) {
		what = "control";
	} else if (!same_text(before->listen, after->listen)) {
		what = "listen";
	} else if (before->durability != after->durability) {
		what = "durability";
	} else if (before->lease_ms != after->lease_ms) {
		what = "lease";
	} else if (before->grace_ms != after->grace_ms) {
		what = "grace";
	}
	if (what) {
		return err_set(reterr, E_INVALID,
			       "nothing was changed: '%s' cannot be another "
			       "while the daemon runs; restart it",
			       what);
	}
	return 0;
}

/* ---- which plugins there will be ---- */

static void provide(struct change_plan *plan, const struct value *description,
		    const char *label)
{
	const struct value *plugins = value_get(description, "plugins");

	for (size_t i = 0; i < value_len(plugins); i++) {
		value_set_slice(&plan->provided,
				value_get_text(value_at(plugins, i), "name"),
				value_text(label));
	}
}

static void provide_loaded(struct change_plan *plan, const char *label)
{
	for (size_t i = 0; i < host_plugin_count(plan->daemon->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(plan->daemon->host, i);

		if (!strcmp(info.module, label)) {
			value_set(&plan->provided, info.name,
				  value_text(label));
		}
	}
}

/* New code of modules for this process is looked at in another one first. */
static int provide_inside(struct change_plan *plan, struct buf *diagnostics)
{
	bool good = true;

	for (size_t i = 0; i < plan->after->module_count; i++) {
		const struct config_module *module = &plan->after->modules[i];
		struct value description = value_null();
		struct err err = { 0 };

		if (module->form != FORM_IN_PROCESS) {
			continue;
		}
		if (!plan->what[i]) {
			provide_loaded(plan, module->path);
			good &=
			    setup_check_loaded(plan->after, module,
					       plan->daemon->host, diagnostics);
		} else if (describe_module(module->path, module->env,
					   &description, &err) == 0) {
			provide(plan, &description, module->path);
			good &= setup_check_described(
			    plan->after, module, &description, diagnostics);
		} else {
			config_diagnose(plan->after, module->place, diagnostics,
					"%s", err.msg);
			good = false;
		}
		value_clear(&description);
	}
	return good ? 0 : E_INVALID;
}

static int provide_all(struct change_plan *plan, struct buf *diagnostics)
{
	provide_loaded(plan, LINKED_IN);
	for (size_t i = 0; i < value_len(&plan->isolated); i++) {
		const struct value_entry *entry =
		    value_entry_at(&plan->isolated, i);

		provide(plan, &entry->value, entry->key.ptr);
	}
	return provide_inside(plan, diagnostics);
}

/* Once: it reads the files, and they must not be others half way through. */
static void look_at_modules(struct change_plan *plan)
{
	size_t len = plan->after->module_count;

	plan->what = alloc_zeroed(len, sizeof(*plan->what));
	for (size_t i = 0; i < len; i++) {
		plan->what[i] = what_changed(plan, &plan->after->modules[i]);
	}
}

static int prepare(struct change_plan *plan, struct err *reterr)
{
	struct buf diagnostics = { 0 };
	int rc = config_load(plan->before->file, &plan->after, &diagnostics);

	if (rc < 0) {
		return refuse(reterr, &diagnostics);
	}
	rc = check_fixed(plan->before, plan->after, reterr);
	if (rc < 0) {
		return rc;
	}
	look_at_modules(plan);
	rc = setup_describe(plan->after, plan->daemon->host, &plan->isolated,
			    &diagnostics);
	if (rc == 0) {
		rc = provide_all(plan, &diagnostics);
	}
	if (rc == 0) {
		rc = setup_check_references(plan->after, &plan->provided,
					    &diagnostics);
	}
	if (rc < 0) {
		return refuse(reterr, &diagnostics);
	}
	buf_fini(&diagnostics);
	rc = registrations_check_queues(plan->daemon, plan->after, reterr);
	return rc < 0 ? err_wrap(reterr, "nothing was changed") : 0;
}

/* The entry of a plugin that somebody else starts. */
static const struct config_module *self_started(const struct config *config,
						const char *plugin)
{
	const struct config_module *entry =
	    config_announced(config, slice_of(plugin));

	return entry && !config_is_started(entry) ? entry : NULL;
}

static void compare_announced(struct change_plan *plan)
{
	const struct config *after = plan->after;
	const struct config *before = plan->before;

	for (size_t i = 0; i < after->announced_count; i++) {
		const struct config_module *now = &after->announced[i];
		const struct config_module *old =
		    self_started(before, now->name);

		if (!old) {
			note(plan, now->name, "announced");
			continue;
		}
		if (!same_overrides(old, now)) {
			note(plan, now->name, "overrides");
		}
		if (old->max_tasks != now->max_tasks) {
			note(plan, now->name, "max_tasks");
		}
		if (!same_queue(old, now)) {
			note(plan, now->name, "queue");
		}
	}
	for (size_t i = 0; i < before->announced_count; i++) {
		const char *name = before->announced[i].name;

		if (!self_started(after, name)) {
			note(plan, name, "not announced");
		}
	}
}

static void compare(struct change_plan *plan)
{
	for (size_t i = 0; i < plan->after->module_count; i++) {
		const struct config_module *module = &plan->after->modules[i];
		const struct config_module *before =
		    counterpart(plan->before, module);
		const char *what = plan->what[i];

		if (!what && before && !same_overrides(before, module)) {
			what = "overrides";
		}
		if (what) {
			note(plan, label_of(module), what);
		}
		if (before && !same_queue(before, module)) {
			note(plan, label_of(module), "queue");
		}
		if (before && !same_text(before->plugin, module->plugin)) {
			note(plan, label_of(module), "plugin");
		}
	}
	for (size_t i = 0; i < plan->before->module_count; i++) {
		const struct config_module *module = &plan->before->modules[i];

		if (!counterpart(plan->after, module)) {
			note(plan, label_of(module), "removed");
		}
	}
	compare_announced(plan);
	if (!same_workflows(plan->before, plan->after)) {
		note(plan, plan->after->file, "workflows");
	}
	settings_compare(plan->before, plan->after, &plan->changed);
}

/* ---- the change ---- */

static struct host_source source_of(const struct config_module *module)
{
	return (struct host_source){
		.path = module->path,
		.config =
		    module->config.type == VALUE_NULL ? NULL : &module->config,
		.max_tasks = module->max_tasks,
	};
}

/* Their new init() runs here, of all before any takes over. */
static int replace_inside(struct change_plan *plan, struct err *reterr)
{
	struct host_source *sources =
	    alloc_zeroed(plan->after->module_count, sizeof(*sources));
	size_t len = 0;

	for (size_t i = 0; i < plan->after->module_count; i++) {
		const struct config_module *module = &plan->after->modules[i];

		if (module->form == FORM_IN_PROCESS && plan->what[i]) {
			sources[len++] = source_of(module);
		}
	}
	int rc = host_reload_all(plan->daemon->host, sources, len, reterr);

	free(sources);
	return rc == E_UNCHANGED ? 0 : rc;
}

static void report(const char *entry, const struct err *err)
{
	log_error("plugin=%s msg=\"after the reload: %s\"", entry, err->msg);
}

static void register_inside(struct daemon *daemon)
{
	for (size_t i = 0; i < host_plugin_count(daemon->host); i++) {
		struct host_plugin_info info =
		    host_plugin_info(daemon->host, i);
		const struct registration *known =
		    registration_find(daemon, slice_of(info.name));
		struct err err = { 0 };

		/* A linked-in one that made room stays out of the way. */
		if (known && !strcmp(info.module, LINKED_IN) &&
		    !known->inside) {
			continue;
		}
		if (setup_register_inside(daemon, &info, &err) < 0) {
			report(info.name, &err);
		}
	}
}

static void apply_processes(struct change_plan *plan)
{
	struct daemon *daemon = plan->daemon;

	for (size_t i = 0; i < plan->after->module_count; i++) {
		const struct config_module *module = &plan->after->modules[i];
		const char *what = plan->what[i];
		struct err err = { 0 };

		if (module->form == FORM_IN_PROCESS) {
			continue;
		}
		if (module->form == FORM_ISOLATED &&
		    setup_register_isolated(
			daemon, module,
			value_get(&plan->isolated, module->name), &err) < 0) {
			report(module->name, &err);
		}
		if (what) {
			processes_set(daemon, module,
				      strcmp(what, "rescaled") == 0
					  ? SUPERVISOR_KEEP
					  : SUPERVISOR_RENEW);
			processes_keep_hash(daemon, module);
			processes_retire(daemon, module->name);
		}
	}
}

/* ---- plugins whose owner is gone ---- */

/* Does who provided it still do so? */
static bool stays(const struct change_plan *plan,
		  const struct registration *known)
{
	struct slice label = value_get_text(&plan->provided, known->name);
	const struct config_module *module;

	if (known->form != FORM_PROCESS) {
		return slice_is(label,
				known->entry ? known->entry : known->module);
	}
	if (!strcmp(known->module, ANNOUNCED)) {
		return false;
	}
	if (!known->entry) {
		return true;
	}
	module = processes_entry(plan->daemon, slice_of(known->entry));
	return module && module->form == FORM_PROCESS;
}

/* An entry that only got another name. */
static bool renamed(const struct change_plan *plan, struct registration *known)
{
	for (size_t i = 0; i < plan->after->module_count; i++) {
		const struct config_module *module = &plan->after->modules[i];
		char *command = processes_command(module);
		bool same = known->form == FORM_PROCESS &&
			    module->form == FORM_PROCESS &&
			    !strcmp(command, known->module) &&
			    !counterpart(plan->before, module);

		free(command);
		if (same) {
			free(known->entry);
			known->entry = alloc_string(module->name);
			return true;
		}
	}
	return false;
}

/* Is it that of an entry that names it? What is known stays, whoever provided
 * it. */
static bool adopted(const struct change_plan *plan, struct registration *known)
{
	const struct config_module *entry =
	    config_announced(plan->after, slice_of(known->name));

	if (!entry || known->form != FORM_PROCESS ||
	    (!config_is_started(entry) && stays(plan, known))) {
		return false;
	}
	free(known->entry);
	known->entry =
	    config_is_started(entry) ? alloc_string(entry->name) : NULL;
	return true;
}

/* They may be taken over by others. */
static void mark_leaving(struct change_plan *plan)
{
	for (struct registration *known = plan->daemon->registrations; known;
	     known = known->by_name.next) {
		known->leaving = !adopted(plan, known) && !stays(plan, known) &&
				 !renamed(plan, known);
	}
}

static void remove_leaving(struct daemon *daemon)
{
	struct registration *known;
	struct registration *next;

	HASH_ITER(by_name, daemon->registrations, known, next)
	{
		if (known->leaving && known->subscriptions) {
			replaced_inside(daemon, known);
			registration_remove(daemon, known, SLICE("reload"));
		}
	}
}

/* Of modules and entries that the config no longer has. */
static void apply_removals(struct change_plan *plan)
{
	struct daemon *daemon = plan->daemon;

	for (size_t i = 0; i < plan->before->module_count; i++) {
		const struct config_module *module = &plan->before->modules[i];

		if (counterpart(plan->after, module)) {
			continue;
		}
		if (module->form == FORM_IN_PROCESS) {
			(void)host_unload(daemon->host, module->path, NULL);
		} else {
			processes_remove(daemon, module->name);
		}
	}
}

static int apply(struct change_plan *plan, struct err *reterr)
{
	struct daemon *daemon = plan->daemon;
	const struct config *before = daemon->options.config;
	int rc = replace_inside(plan, reterr);

	if (rc < 0) {
		return err_wrap(reterr, "the config was not taken over");
	}
	daemon->options.config = plan->after;
	rc = processes_prepare(daemon, reterr);
	if (rc < 0) {
		daemon->options.config = before;
		return rc;
	}
	daemon->reloads++;
	mark_leaving(plan);
	registrations_release_queues(daemon);
	apply_removals(plan);
	register_inside(daemon);
	apply_processes(plan);
	registrations_announce(daemon);
	remove_leaving(daemon);
	registrations_refresh(daemon);
	registrations_log_unnamed(daemon);
	processes_expect(daemon);
	config_destroy(daemon->config);
	daemon->config = plan->after;
	plan->after = NULL;
	upkeep_look(daemon);
	return 0;
}

static void list_workflows(const struct config *config, struct value *result)
{
	struct value names = value_array();

	for (size_t i = 0; i < config->workflow_count; i++) {
		value_push(&names, value_text(config->workflows[i]->workflow));
	}
	value_set(result, "workflows", names);
}

int reload(struct daemon *daemon, bool dry_run, struct value *result,
	   struct err *reterr)
{
	struct change_plan plan = {
		.daemon = daemon,
		.before = daemon->options.config,
		.isolated = value_map(),
		.provided = value_map(),
		.changed = value_array(),
	};
	int rc = prepare(&plan, reterr);

	if (rc == 0) {
		compare(&plan);
		list_workflows(plan.after, result);
		if (value_len(&plan.changed) == 0) {
			rc = err_set(reterr, E_UNCHANGED,
				     "the config and the code are as before");
		}
	}
	if (rc == 0 && !dry_run) {
		rc = apply(&plan, reterr);
	}
	if (rc == 0) {
		value_set(
		    result, "notes",
		    settings_beyond(daemon, dry_run ? plan.after
						    : daemon->options.config));
		value_set(result, "changed", plan.changed);
		plan.changed = value_null();
	}
	free(plan.what);
	value_clear(&plan.changed);
	value_clear(&plan.isolated);
	value_clear(&plan.provided);
	config_destroy(plan.after);
	return rc;
}
