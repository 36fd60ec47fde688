#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/inside.h"
#include "host/loader.h"

static int check_running(const struct host *host, struct err *reterr)
{
	if (host->state == HOST_RUNNING) {
		return 0;
	}
	return err_set(reterr, E_BUSY, "the plugins %s",
		       host->state == HOST_LOADING ? "have not been started"
						   : "are being stopped");
}

static int no_module(const char *path, struct err *reterr)
{
	return err_set(reterr, E_NOT_FOUND,
		       "no plugin module is loaded from '%.200s'",
		       path ? path : "(linked in)");
}

static bool same_config(const struct host_module *module,
			const struct value *given)
{
	const struct value none = value_null();

	return value_equal(&module->config, given ? given : &none);
}

static bool is_unchanged(const struct host_module *old,
			 const struct host_module *new,
			 const struct host_source *source)
{
	return strcmp(old->hash, new->hash) == 0 &&
	       old->max_tasks ==
		   new->max_tasks &&same_config(old, source->config);
}

/* Its plugins get no more tasks; those in their hands finish there. */
static size_t retire(struct host *host, struct host_module *module)
{
	uint32_t count = module->described->plugin_count;
	size_t place = host_registry_retire(&host->registry, module);

	while (count-- > 0) {
		atomic_store(&module->plugins[count]->replaced, true);
		host_plugin_stop(module->plugins[count]);
	}
	return place;
}

/* One source on its way in. */
struct change {
	const struct host_source *source;
	struct host_module *old; /* NULL: there was none */
	struct host_module *new; /* NULL: it is unchanged */
	bool started;
	size_t place; /* of the old one's plugins */
};

struct changes {
	struct host *host;
	struct change *items;
	size_t len;
};

static struct host_module *find_old(const struct host *host,
				    const struct host_source *source)
{
	if (!source->path || source->entry) {
		return NULL;
	}
	return host_registry_find_module(&host->registry, source->path);
}

static int load(struct changes *changes, struct change *change,
		struct err *reterr)
{
	struct host_module *new = NULL;
	struct host_module *old = find_old(changes->host, change->source);
	int rc = host_module_load(change->source, &new, reterr);

	if (rc < 0) {
		return host_module_refused(change->source, NULL, reterr);
	}
	if (old && is_unchanged(old, new, change->source)) {
		host_module_destroy(new);
		return 0;
	}
	if (old) {
		old->leaving = true;
		new->version = old->version + 1;
	}
	change->old = old;
	change->new = new;
	return 0;
}

/* `at` has passed all other checks. */
static int check_apart(const struct changes *changes, size_t at,
		       struct err *reterr)
{
	int rc = 0;

	for (size_t i = 0; i < at && rc == 0; i++) {
		if (changes->items[i].new) {
			rc = host_registry_check_apart(changes->items[at].new,
						       changes->items[i].new,
						       reterr);
		}
	}
	return rc;
}

static int check(struct changes *changes, size_t at, struct err *reterr)
{
	const struct change *change = &changes->items[at];
	int rc = host_registry_check(changes->host, change->new, change->source,
				     reterr);

	if (rc == 0) {
		rc = check_apart(changes, at, reterr);
	}
	return rc < 0 ? host_module_refused(change->source, NULL, reterr) : 0;
}

static int prepare(struct changes *changes, struct err *reterr)
{
	int rc = 0;

	for (size_t i = 0; i < changes->len && rc == 0; i++) {
		rc = load(changes, &changes->items[i], reterr);
	}
	for (size_t i = 0; i < changes->len && rc == 0; i++) {
		rc = changes->items[i].new ? check(changes, i, reterr) : 0;
	}
	for (size_t i = 0; i < changes->len && rc == 0; i++) {
		struct change *change = &changes->items[i];

		if (change->new) {
			rc = host_module_start(change->new, reterr);
			change->started = rc == 0;
		}
	}
	return rc;
}

static void undo(struct changes *changes)
{
	for (size_t i = changes->len; i-- > 0;) {
		struct change *change = &changes->items[i];

		if (change->started) {
			host_module_end(change->new);
		}
		if (change->old) {
			change->old->leaving = false;
		}
		host_module_destroy(change->new);
	}
}

/* The old ones out and the new ones in, in the opposite order: so each place is
 * again what it was. */
static void switch_over(struct changes *changes)
{
	struct host *host = changes->host;

	for (size_t i = 0; i < changes->len; i++) {
		struct change *change = &changes->items[i];

		if (change->old) {
			change->place = retire(host, change->old);
		}
	}
	for (size_t i = changes->len; i-- > 0;) {
		struct change *change = &changes->items[i];

		if (change->old) {
			host_registry_insert(&host->registry, change->new,
					     change->place);
		}
	}
	for (size_t i = 0; i < changes->len; i++) {
		struct change *change = &changes->items[i];

		if (change->new && !change->old) {
			host_registry_insert(&host->registry, change->new,
					     host->registry.plugin_count);
		}
	}
}

/* How many have changed, or an error. */
static int reload(struct host *host, const struct host_source *sources,
		  size_t len, struct err *reterr)
{
	struct changes changes = {
		.host = host,
		.items = alloc_zeroed(len, sizeof(*changes.items)),
		.len = len,
	};
	int count = 0;

	for (size_t i = 0; i < len; i++) {
		changes.items[i].source = &sources[i];
	}
	int rc = prepare(&changes, reterr);

	if (rc < 0) {
		undo(&changes);
	} else {
		switch_over(&changes);
	}
	for (size_t i = 0; i < len; i++) {
		count += changes.items[i].new != NULL;
	}
	free(changes.items);
	return rc < 0 ? rc : count;
}

int host_reload_all(struct host *host, const struct host_source *sources,
		    size_t len, struct err *reterr)
{
	int rc = check_running(host, reterr);

	if (rc == 0) {
		rc = reload(host, sources, len, reterr);
	}
	return rc < 0 ? rc : 0;
}

int host_reload(struct host *host, const struct host_source *source,
		struct err *reterr)
{
	int rc = check_running(host, reterr);

	if (rc < 0) {
		return rc;
	}
	if (!find_old(host, source)) {
		return no_module(source->path, reterr);
	}
	rc = reload(host, source, 1, reterr);
	if (rc == 0) {
		(void)err_set(reterr, E_UNCHANGED, "its content is the same");
		return host_module_refused(source, NULL, reterr);
	}
	return rc < 0 ? rc : 0;
}

int host_unload(struct host *host, const char *path, struct err *reterr)
{
	struct host_module *module =
	    host_registry_find_module(&host->registry, path);
	int rc = check_running(host, reterr);

	if (rc < 0) {
		return rc;
	}
	if (!module) {
		return no_module(path, reterr);
	}
	(void)retire(host, module);
	return 0;
}

/* Those without tasks end, even if another of the module has some. */
static bool end_idle(struct host_module *module)
{
	bool all = true;

	for (uint32_t i = 0; i < module->described->plugin_count; i++) {
		if (host_plugin_is_held(module->plugins[i])) {
			all = false;
		} else {
			host_plugin_end(module->plugins[i]);
		}
	}
	return all;
}

bool host_reap(struct host *host)
{
	struct host_registry *registry = &host->registry;
	bool none_left = true;

	for (size_t i = registry->module_count; i-- > 0;) {
		if (!registry->modules[i]->retired) {
			continue;
		}
		if (end_idle(registry->modules[i])) {
			host_registry_drop(registry, i);
		} else {
			none_left = false;
		}
	}
	return none_left;
}
