/* The explainer: an engine that is told of plugins, and asked. */
#include <stdlib.h>

#include "base/alloc.h"
#include "daemon/describe.h"
#include "daemon/explain.h"
#include "daemon/registrations.h"
#include "daemon/setup.h"
#include "daemon/subscriptions.h"
#include "document/json.h"

struct explainer {
	struct engine *engine;
	struct host *host;    /* its modules hold texts that are borrowed */
	struct output output; /* nobody carries it out */
	struct value unknown;
};

static struct explainer *explainer_make(void)
{
	struct explainer *explainer = alloc_zeroed(1, sizeof(*explainer));
	struct engine_options options = { 0 };

	explainer->engine = engine_create(&options);
	explainer->unknown = value_array();
	return explainer;
}

void explainer_destroy(struct explainer *explainer)
{
	if (!explainer) {
		return;
	}
	output_fini(&explainer->output);
	engine_destroy(explainer->engine);
	if (explainer->host) {
		host_destroy(explainer->host);
	}
	value_clear(&explainer->unknown);
	free(explainer);
}

const struct value *explainer_unknown(const struct explainer *explainer)
{
	return &explainer->unknown;
}

int explainer_ask(struct explainer *explainer,
		  const struct explain_question *question,
		  struct value *ret_answer, struct err *reterr)
{
	return explain_put(explainer->engine, question, ret_answer, reterr);
}

/* `module` is the config's entry that the plugin comes from, or NULL. */
static int tell(struct explainer *explainer, struct slice name,
		const struct value *subscriptions,
		const struct config_module *module, struct err *reterr)
{
	/* Whether they keep within limits is for those who load them. */
	struct subscriber subscriber = {
		.name = name,
		.list = subscriptions,
		.module = module,
		.limits = FILTER_LIMITS_NONE,
	};
	int rc = subscriptions_tell(explainer->engine, &explainer->output,
				    &subscriber, reterr);

	output_clear(&explainer->output);
	return rc;
}

/* ---- by a config ---- */

static int tell_inside(struct explainer *explainer, const struct config *config,
		       struct err *reterr)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < host_plugin_count(explainer->host);
	     i++) {
		struct host_plugin_info info =
		    host_plugin_info(explainer->host, i);
		struct value subscriptions = value_null();

		rc = subscriptions_describe(info.subscriptions,
					    info.subscription_count,
					    &subscriptions, reterr);
		if (rc == 0) {
			rc =
			    tell(explainer, slice_of(info.name), &subscriptions,
				 setup_entry_of(config, &info), reterr);
		}
		value_clear(&subscriptions);
	}
	return rc;
}

static int tell_described(struct explainer *explainer,
			  const struct config_module *module,
			  const struct value *description, struct err *reterr)
{
	const struct value *plugins = value_get(description, "plugins");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < value_len(plugins); i++) {
		const struct value *said = value_at(plugins, i);
		struct value subscriptions =
		    describe_as_recorded(value_get(said, "subscriptions"));

		rc = tell(explainer, value_get_text(said, "name"),
			  &subscriptions, module, reterr);
		value_clear(&subscriptions);
	}
	return rc;
}

static int tell_record(struct explainer *explainer,
		       const struct plugin_record *record,
		       const struct config_module *module, struct err *reterr)
{
	struct value subscriptions;
	int rc = json_read(record->subscriptions, NULL, &subscriptions, reterr);

	if (rc == 0) {
		rc = tell(explainer, record->name, &subscriptions, module,
			  reterr);
		value_clear(&subscriptions);
	}
	return rc;
}

/* Programs of this entry that have registered before. */
static int tell_programs(struct explainer *explainer,
			 const struct config_module *module,
			 const struct plugin_list *list, struct err *reterr)
{
	size_t known = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->len; i++) {
		const struct plugin_record *record = &list->plugins[i];

		if (slice_is(record->entry, module->name) &&
		    !slice_is(record->module, ANNOUNCED) &&
		    slice_is(record->form,
			     registration_form_name(FORM_PROCESS))) {
			known++;
			rc = tell_record(explainer, record, module, reterr);
		}
	}
	if (known == 0) {
		value_push(&explainer->unknown, value_text(module->name));
	}
	return rc;
}

static int tell_guests(struct explainer *explainer, const struct config *config,
		       const struct plugin_list *list, struct err *reterr)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->len; i++) {
		const struct plugin_record *record = &list->plugins[i];

		if (slice_is(record->module, REGISTERS_ITSELF) &&
		    !record->entry.len && !record->ephemeral) {
			rc = tell_record(explainer, record,
					 config_announced(config, record->name),
					 reterr);
		}
	}
	return rc;
}

/* Those that have never been there. */
static int tell_announced(struct explainer *explainer,
			  const struct config *config, struct err *reterr)
{
	const struct config_module *entry;
	struct value none = value_array();
	size_t cursor = 0;
	int rc = 0;

	while (rc == 0 && (entry = config_next_announced(config, &cursor))) {
		if (!engine_has_plugin(explainer->engine,
				       slice_of(entry->plugin))) {
			rc = tell(explainer, slice_of(entry->plugin), &none,
				  entry, reterr);
		}
	}
	value_clear(&none);
	return rc;
}

static int tell_config(struct explainer *explainer, const struct config *config,
		       const struct value *isolated,
		       const struct plugin_list *list, struct err *reterr)
{
	int rc = tell_guests(explainer, config, list, reterr);

	if (rc == 0) {
		rc = tell_inside(explainer, config, reterr);
	}
	for (size_t i = 0; rc == 0 && i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (module->form == FORM_ISOLATED) {
			rc = tell_described(explainer, module,
					    value_get(isolated, module->name),
					    reterr);
		} else if (module->form == FORM_PROCESS) {
			rc = tell_programs(explainer, module, list, reterr);
		}
	}
	return rc == 0 ? tell_announced(explainer, config, reterr) : rc;
}

int explainer_of_config(const struct daemon_options *options, struct view *view,
			struct explainer **ret_explainer,
			struct buf *diagnostics, struct err *reterr)
{
	struct explainer *explainer = explainer_make();
	struct host_callbacks none = { 0 };
	struct value isolated = value_map();
	struct plugin_list list = { 0 };

	explainer->host = host_create(&none);
	int rc =
	    setup_plugins(explainer->host, options, &isolated, diagnostics);

	if (rc < 0) {
		(void)err_set(reterr, rc, "the config cannot be used");
	} else if (view) {
		rc = view_plugins(view, &list, reterr);
	}
	if (rc == 0) {
		rc = tell_config(explainer, options->config, &isolated, &list,
				 reterr);
	}
	plugin_list_fini(&list);
	value_clear(&isolated);
	if (rc < 0) {
		explainer_destroy(explainer);
		return rc;
	}
	*ret_explainer = explainer;
	return 0;
}

/* ---- by the store ---- */

int explainer_of_records(struct view *view, struct explainer **ret_explainer,
			 struct err *reterr)
{
	struct explainer *explainer = explainer_make();
	struct plugin_list list = { 0 };
	int rc = view_plugins(view, &list, reterr);

	for (size_t i = 0; rc == 0 && i < list.len; i++) {
		if (list.plugins[i].subscriptions.len) {
			rc = tell_record(explainer, &list.plugins[i], NULL,
					 reterr);
		}
	}
	plugin_list_fini(&list);
	if (rc < 0) {
		explainer_destroy(explainer);
		return rc;
	}
	*ret_explainer = explainer;
	return 0;
}
