#include "runner/about.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "document/json.h"
#include "host/params.h"
#include "host/queue.h"

#define SELF "/proc/self/exe"

static int hash_bytes_of(int fd, SHA2_CTX *sha, struct err *reterr)
{
	unsigned char block[16384];
	ssize_t len;

	while ((len = read(fd, block, sizeof(block))) != 0) {
		if (len > 0) {
			SHA256Update(sha, block, (size_t)len);
		} else if (errno != EINTR) {
			return err_set(reterr, E_IO, "cannot read " SELF ": %s",
				       strerror(errno));
		}
	}
	return 0;
}

/* The content of this program; modules that are loaded have their own. */
static int hash_self(char hash[65], struct err *reterr)
{
	SHA2_CTX sha;
	int fd = open(SELF, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return err_set(reterr, E_IO, "cannot open " SELF ": %s",
			       strerror(errno));
	}
	SHA256Init(&sha);
	int rc = hash_bytes_of(fd, &sha, reterr);

	(void)close(fd);
	if (rc == 0) {
		(void)SHA256End(&sha, hash);
	}
	return rc;
}

static void take_params(struct wire_plugin *plugin,
			const struct host_plugin_info *info)
{
	plugin->params = alloc_zeroed(info->param_count ? info->param_count : 1,
				      sizeof(*plugin->params));
	plugin->param_count = info->param_count;
	for (uint32_t i = 0; i < info->param_count; i++) {
		const struct tutti_param *param = &info->params[i];

		plugin->params[i] = (struct wire_param){
			.name = slice_of(param->name),
			.help = slice_of(param->help),
			.fallback = slice_of(param->fallback),
			.type = slice_of(host_param_type_name(param->type)),
		};
	}
}

static int take_subscriptions(struct wire_plugin *plugin,
			      const struct host_plugin_info *info,
			      struct err *reterr)
{
	uint32_t count = info->subscription_count;

	plugin->subscriptions =
	    alloc_zeroed(count ? count : 1, sizeof(*plugin->subscriptions));
	for (uint32_t i = 0; i < count; i++) {
		const struct tutti_subscription *given =
		    &info->subscriptions[i];
		struct wire_subscription *wanted = &plugin->subscriptions[i];
		int rc = given->filter
			     ? json_read(slice_of(given->filter), NULL,
					 &wanted->filter, reterr)
			     : 0;

		if (rc < 0) {
			return err_wrap(reterr,
					"plugin '%s': the filter of its "
					"subscription to '%s'",
					info->name, given->activity);
		}
		wanted->activity = slice_of(given->activity);
		wanted->phase = given->phase;
		wanted->optional = given->mandatory == TUTTI_OPTIONAL;
		wanted->order = given->order;
		plugin->subscription_count++;
	}
	return 0;
}

static int take_plugin(struct runner_about *about, size_t index,
		       struct err *reterr)
{
	const struct host_plugin_info *info = &about->plugins[index];
	struct wire_plugin *plugin = &about->hello.plugins[index];

	*plugin = (struct wire_plugin){
		.name = slice_of(info->name),
		.version = slice_of(info->version),
		.help = slice_of(info->help),
		.hash = slice_of(about->hash),
		.max_tasks = info->max_tasks,
		.flags = info->flags,
		.queue = host_queue_describe(info->queue),
	};
	about->hello.plugin_count++;
	take_params(plugin, info);
	return take_subscriptions(plugin, info, reterr);
}

static int take_plugins(struct runner_about *about, size_t count,
			struct err *reterr)
{
	int rc = 0;

	about->hello.plugins =
	    alloc_zeroed(count, sizeof(*about->hello.plugins));
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = take_plugin(about, i, reterr);
	}
	return rc;
}

int runner_about_init(struct runner_about *about,
		      const struct runner_options *options, struct err *reterr)
{
	const struct host_source source = {
		.path = options->path,
		.entry = options->entry,
		.label = options->path ? NULL : options->program,
		.max_tasks = options->max_tasks,
	};
	size_t count;

	memset(about, 0, sizeof(*about));
	about->hello.name = slice_of(getenv("TUTTI_INSTANCE"));
	about->hello.sdk = SLICE("tutti-c/" TUTTI_VERSION);
	about->hello.pid = getpid();
	about->hello.ephemeral = options->ephemeral;
	int rc = host_describe_module(&source, &about->plugins, &count, reterr);

	if (rc == 0 && options->path) {
		memcpy(about->hash, about->plugins[0].hash,
		       sizeof(about->hash));
	} else if (rc == 0) {
		rc = hash_self(about->hash, reterr);
	}
	if (rc == 0) {
		rc = take_plugins(about, count, reterr);
	}
	if (rc < 0) {
		runner_about_fini(about);
	}
	return rc;
}

void runner_about_fini(struct runner_about *about)
{
	for (size_t i = 0; i < about->hello.plugin_count; i++) {
		struct wire_plugin *plugin = &about->hello.plugins[i];

		for (size_t j = 0; j < plugin->subscription_count; j++) {
			value_clear(&plugin->subscriptions[j].filter);
		}
		free(plugin->subscriptions);
		free(plugin->params);
		value_clear(&plugin->queue);
	}
	free(about->hello.plugins);
	free(about->plugins);
	memset(about, 0, sizeof(*about));
}
