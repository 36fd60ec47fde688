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

/* dlerror()'s texts start with the path that the sentence has already. */
static int cannot_load(const char *path, struct err *reterr)
{
	const char *reason = dlerror();
	size_t len = strlen(path);

	if (!reason) {
		reason = "unknown reason";
	} else if (strncmp(reason, path, len) == 0 && reason[len] == ':') {
		reason += len + 1 + (reason[len + 1] == ' ');
	}
	return err_set(reterr, E_INVALID,
		       "the dynamic linker refuses it: %.300s%s", reason,
		       strstr(reason, "undefined symbol")
			   ? "; link it with what defines that (-Wl,-z,defs "
			     "tells when it is built)"
			   : "");
}

/* NODELETE: threads and thread-local destructors of it may outlive us. */
static int find_entry(const char *path, host_entry *ret_entry,
		      struct err *reterr)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle) {
		return cannot_load(path, reterr);
	}
	void *symbol = dlsym(handle, "tutti_plugin_v1");
	int rc = symbol ? 0 : no_entry(handle, reterr);

	static_assert(sizeof(symbol) == sizeof(*ret_entry), "POSIX says so");
	if (rc == 0) {
		memcpy(ret_entry, &symbol, sizeof(symbol));
	}
	(void)dlclose(handle);
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
		rc = host_file_check(source->path, &module->path, module->hash,
				     reterr);
	}
	if (rc == 0 && !entry) {
		rc = find_entry(module->path, &entry, reterr);
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
	int rc = load(source, module, reterr);

	if (rc < 0) {
		host_module_destroy(module);
		return rc;
	}
	*ret_module = module;
	return 0;
}
