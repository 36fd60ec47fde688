#include "host/loader.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

#define ENTRY      "tutti_plugin_v"
#define MAJOR_LAST 99

/* Entry points of other majors: never called, only recognised. */
static uint32_t other_major(void *handle)
{
	for (uint32_t major = 0; major <= MAJOR_LAST; major++) {
		char symbol[sizeof(ENTRY) + 8];

		(void)snprintf(symbol, sizeof(symbol), ENTRY "%u", major);
		if (major != TUTTI_ABI_MAJOR && dlsym(handle, symbol)) {
			return major;
		}
	}
	return TUTTI_ABI_MAJOR;
}

static int wrong_major(uint32_t major, struct err *reterr)
{
	return err_set(reterr, E_VERSION,
		       "it was built for plugin ABI %u, this orchestrator "
		       "speaks %d: %s",
		       major, TUTTI_ABI_MAJOR,
		       major > TUTTI_ABI_MAJOR
			   ? "use a newer orchestrator, or rebuild it against "
			     "this one's SDK"
			   : "rebuild it against this orchestrator's SDK");
}

static int no_entry(void *handle, struct err *reterr)
{
	uint32_t major = other_major(handle);

	if (major != TUTTI_ABI_MAJOR) {
		return wrong_major(major, reterr);
	}
	return err_set(reterr, E_INVALID,
		       "it is a shared object but no Tutti plugin: it exports "
		       "no " ENTRY "%d; end a source of it with "
		       "TUTTI_MODULE(&your_plugin);",
		       TUTTI_ABI_MAJOR);
}

static int find_entry(void *handle, host_entry *ret_entry, struct err *reterr)
{
	void *symbol = dlsym(handle, "tutti_plugin_v1");

	if (!symbol) {
		return no_entry(handle, reterr);
	}
	static_assert(sizeof(symbol) == sizeof(*ret_entry), "POSIX says so");
	memcpy(ret_entry, &symbol, sizeof(symbol));
	return 0;
}

static int load_file(const char *path, struct host_module *module,
		     struct err *reterr)
{
	struct host_file file;
	int rc = host_file_read(path, &file, reterr);

	if (rc < 0) {
		return rc;
	}
	memcpy(module->hash, file.hash, sizeof(module->hash));
	rc = host_image_load(file.path, file.hash, file.copy, &module->image,
			     reterr);
	file.copy = -1; /* the image's */
	host_file_fini(&file);
	return rc;
}

static int check_module(const struct tutti_module *module, struct err *reterr)
{
	if (!module || module->magic != TUTTI_MAGIC) {
		return err_set(reterr, E_INVALID,
			       "it does not describe a Tutti module: rebuild "
			       "it and use TUTTI_MODULE");
	}
	if (module->abi_major != TUTTI_ABI_MAJOR) {
		return wrong_major(module->abi_major, reterr);
	}
	if (module->size < sizeof(*module)) {
		return err_set(reterr, E_INVALID,
			       "its description is cut short (%u bytes): "
			       "rebuild it and use TUTTI_MODULE",
			       module->size);
	}
	if (module->plugin_count < 1 || !module->plugins) {
		return err_set(reterr, E_INVALID, "there is no plugin in it");
	}
	if (module->plugin_count > LIMIT_MODULES) {
		return err_set(reterr, E_TOO_BIG,
			       "it claims %u plugins, at most %d are possible",
			       module->plugin_count, LIMIT_MODULES);
	}
	return 0;
}

static int load(const struct host_source *source, struct host_module *module,
		struct err *reterr)
{
	host_entry entry = source->entry;
	int rc = 0;

	if (!entry) {
		rc = load_file(source->path, module, reterr);
	}
	if (rc == 0 && !entry) {
		rc = find_entry(module->image->handle, &entry, reterr);
	}
	if (rc == 0) {
		module->described = entry ? entry() : NULL;
		rc = check_module(module->described, reterr);
	}
	return rc;
}

int host_module_load(const struct host_source *source,
		     struct host_module **ret_module, struct err *reterr)
{
	struct host_module *module = alloc_zeroed(1, sizeof(*module));
	const char *label = source->label ? source->label : source->path;

	module->label = alloc_string(label ? label : "(linked in)");
	module->path = alloc_string(source->path);
	module->version = 1;
	module->max_tasks = source->max_tasks;
	if (source->config) {
		module->config = value_copy(source->config);
	}
	int rc = load(source, module, reterr);

	if (rc < 0) {
		host_module_destroy(module);
		return rc;
	}
	*ret_module = module;
	return 0;
}
