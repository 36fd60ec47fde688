#include "host/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/inside.h"

/* Where `name` is or belongs in the sorted list. */
static size_t place_of(const struct host_registry *registry, struct slice name)
{
	size_t low = 0;
	size_t high = registry->plugin_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *there = registry->by_name[middle]->about.name;

		if (slice_compare(slice_of(there), name) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct host_plugin *host_registry_find(const struct host_registry *registry,
				       struct slice name)
{
	size_t place = place_of(registry, name);

	if (place < registry->plugin_count &&
	    slice_is(name, registry->by_name[place]->about.name)) {
		return registry->by_name[place];
	}
	return NULL;
}

static void insert_name(struct host_registry *registry,
			struct host_plugin *plugin)
{
	size_t place = place_of(registry, slice_of(plugin->about.name));
	size_t after = registry->plugin_count - place;

	alloc_grow(registry->by_name, registry->plugin_count,
		   registry->by_name_cap);
	memmove(&registry->by_name[place + 1], &registry->by_name[place],
		after * sizeof(*registry->by_name));
	registry->by_name[place] = plugin;
}

static void insert(struct host_registry *registry, struct host_plugin *plugin,
		   size_t place)
{
	size_t after = registry->plugin_count - place;

	insert_name(registry, plugin);
	alloc_grow(registry->plugins, registry->plugin_count,
		   registry->plugin_cap);
	memmove(&registry->plugins[place + 1], &registry->plugins[place],
		after * sizeof(*registry->plugins));
	registry->plugins[place] = plugin;
	registry->plugin_count++;
}

void host_registry_insert(struct host_registry *registry,
			  struct host_module *module, size_t place)
{
	alloc_grow(registry->modules, registry->module_count,
		   registry->module_cap);
	registry->modules[registry->module_count++] = module;
	for (uint32_t i = 0; i < module->described->plugin_count; i++) {
		insert(registry, module->plugins[i], place + i);
	}
}

/* Without the module's; how many are left. */
static size_t filter(struct host_plugin **list, size_t count,
		     const struct host_module *module)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i]->module != module) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

size_t host_registry_retire(struct host_registry *registry,
			    struct host_module *module)
{
	size_t place = 0;

	while (place < registry->plugin_count &&
	       registry->plugins[place]->module != module) {
		place++;
	}
	(void)filter(registry->by_name, registry->plugin_count, module);
	registry->plugin_count =
	    filter(registry->plugins, registry->plugin_count, module);
	module->retired = true;
	return place;
}

struct host_module *
host_registry_find_module(const struct host_registry *registry,
			  const char *path)
{
	for (size_t i = 0; i < registry->module_count; i++) {
		struct host_module *module = registry->modules[i];

		if (!module->retired && module->path &&
		    strcmp(module->path, path) == 0) {
			return module;
		}
	}
	return NULL;
}

void host_registry_drop(struct host_registry *registry, size_t index)
{
	host_module_destroy(registry->modules[index]);
	registry->module_count--;
	memmove(&registry->modules[index], &registry->modules[index + 1],
		(registry->module_count - index) * sizeof(*registry->modules));
}

static void plugin_destroy(struct host_plugin *plugin)
{
	if (!plugin) {
		return;
	}
	while (plugin->free_door) {
		struct host_door *next = plugin->free_door->next;

		free(plugin->free_door);
		plugin->free_door = next;
	}
	host_blame_give(plugin->blame);
	host_params_fini(&plugin->params);
	free(plugin);
}

void host_module_destroy(struct host_module *module)
{
	if (!module) {
		return;
	}
	for (uint32_t i = 0;
	     module->plugins && i < module->described->plugin_count; i++) {
		plugin_destroy(module->plugins[i]);
	}
	free(module->plugins);
	host_image_release(module->image);
	value_clear(&module->config);
	free(module->path);
	free(module->label);
	free(module);
}

void host_registry_fini(struct host_registry *registry)
{
	for (size_t i = 0; i < registry->module_count; i++) {
		host_module_destroy(registry->modules[i]);
	}
	free(registry->plugins);
	free(registry->by_name);
	free(registry->modules);
	memset(registry, 0, sizeof(*registry));
}

static struct host_range range_of(const struct host_module *module)
{
	return module->image ? module->image->range : (struct host_range){ 0 };
}

static struct host_plugin *plugin_create(struct host *host,
					 struct host_module *module,
					 const struct tutti_plugin *about,
					 uint32_t max_tasks)
{
	struct host_plugin *plugin = alloc_zeroed(1, sizeof(*plugin));

	plugin->host = host;
	plugin->module = module;
	plugin->about = *about;
	plugin->max_tasks = about->max_tasks;
	if (max_tasks && max_tasks < about->max_tasks) {
		plugin->max_tasks = max_tasks;
	}
	plugin->lane.limit = plugin->max_tasks;
	plugin->blame = host_blame_take(about->name, range_of(module));
	host_door_init(&plugin->door, plugin);
	return plugin;
}

/* A module on its way in: `abouts` has `count`. */
struct addition {
	struct host *host;
	struct host_module *module;
	const struct host_source *source;
	uint32_t count;
	struct tutti_plugin *abouts;
};

static int taken(const char *name, const struct host_module *by,
		 struct err *reterr)
{
	return err_set(reterr, E_CONFLICT,
		       "there is a plugin '%s' already, from '%s': plugins "
		       "need names of their own, remove one of the two",
		       name, by->label);
}

int host_registry_check_apart(const struct host_module *module,
			      const struct host_module *other,
			      struct err *reterr)
{
	for (uint32_t i = 0; i < module->described->plugin_count; i++) {
		const char *name = module->plugins[i]->about.name;

		for (uint32_t j = 0; j < other->described->plugin_count; j++) {
			if (strcmp(name, other->plugins[j]->about.name) == 0) {
				return taken(name, other, reterr);
			}
		}
	}
	return 0;
}

static int check_unique(const struct addition *addition, uint32_t index,
			struct err *reterr)
{
	const char *name = addition->abouts[index].name;
	struct host_plugin *other =
	    host_registry_find(&addition->host->registry, slice_of(name));

	for (uint32_t i = 0; i < index; i++) {
		if (strcmp(addition->abouts[i].name, name) == 0) {
			return err_set(reterr, E_CONFLICT,
				       "it holds two plugins named '%s'", name);
		}
	}
	if (other && !other->module->leaving) {
		return taken(name, other->module, reterr);
	}
	return 0;
}

static int describe_all(struct addition *addition, struct err *reterr)
{
	int rc = 0;

	for (uint32_t i = 0; i < addition->count && rc == 0; i++) {
		rc = host_plugin_describe(addition->module->described, i,
					  &addition->abouts[i], reterr);
		if (rc == 0) {
			rc = check_unique(addition, i, reterr);
		}
	}
	return rc;
}

/* More than every plugin of the module can do is a mistake of the config. */
static int check_max_tasks(const struct addition *addition, struct err *reterr)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < addition->count; i++) {
		if (addition->abouts[i].max_tasks > most) {
			most = addition->abouts[i].max_tasks;
		}
	}
	if (addition->source->max_tasks <= most) {
		return 0;
	}
	return err_set(reterr, E_INVALID,
		       "'max_tasks: %u' is more than the %u that its plugins "
		       "were made for: it can only be lowered",
		       addition->source->max_tasks, most);
}

static int create_all(struct addition *addition, struct err *reterr)
{
	const struct host_source *source = addition->source;

	for (uint32_t i = 0; i < addition->count; i++) {
		const struct tutti_plugin *about = &addition->abouts[i];
		struct host_plugin *plugin = plugin_create(
		    addition->host, addition->module, about, source->max_tasks);
		int rc =
		    host_params_read(about->params, about->param_count,
				     source->config, &plugin->params, reterr);

		addition->module->plugins[i] = plugin;
		if (rc < 0) {
			return err_wrap(reterr, "plugin '%s'", about->name);
		}
	}
	return 0;
}

static int prepare(struct addition *addition, struct err *reterr)
{
	int rc = describe_all(addition, reterr);

	if (rc == 0) {
		rc = check_max_tasks(addition, reterr);
	}
	if (rc == 0) {
		rc = host_params_unknown(addition->abouts, addition->count,
					 addition->source->config, reterr);
	}
	return rc < 0 ? rc : create_all(addition, reterr);
}

int host_registry_check(struct host *host, struct host_module *module,
			const struct host_source *source, struct err *reterr)
{
	uint32_t count = module->described->plugin_count;
	struct addition addition = {
		.host = host,
		.module = module,
		.source = source,
		.count = count,
		.abouts = alloc_zeroed(count, sizeof(*addition.abouts)),
	};

	module->plugins = alloc_zeroed(count, sizeof(*module->plugins));
	int rc = prepare(&addition, reterr);

	free(addition.abouts);
	return rc;
}
