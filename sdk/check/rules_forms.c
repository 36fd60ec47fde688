/*
 * What plugin programs say about themselves, and whether it is what the module
 * of the same objects says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "check/rules.h"
#include "document/json.h"
#include "host/queue.h"
#include "host/registry.h"

#define ANSWER_MAX   ((size_t)4 << 20)
#define ANSWER_LIMIT 10000

static void be_program(char *path, int out)
{
	char option[] = "--describe";
	char *arguments[] = { path, option, NULL };

	(void)dup2(out, STDOUT_FILENO);
	(void)execv(path, arguments);
	_exit(127);
}

static void read_all(int fd, struct buf *out)
{
	ssize_t len = 1;

	while (len > 0 && out->len < ANSWER_MAX) {
		len = read(fd, buf_reserve(out, 4096), 4096);
		out->len += len > 0 ? (size_t)len : 0;
	}
}

/* What PROGRAM --describe prints. False: reported. */
static bool ask(struct trial *trial, const char *program, struct buf *answer)
{
	int ends[2];
	int status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		trial_skip(trial, "cannot make a pipe: %s", strerror(errno));
		return false;
	}
	char *path = alloc_string(program);
	pid_t pid = fork();

	if (pid == 0) {
		be_program(path, ends[1]);
	}
	free(path);
	(void)close(ends[1]);
	read_all(ends[0], answer);
	(void)close(ends[0]);
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		return true;
	}
	trial_fail(trial,
		   "'%s --describe' ended with %s %d: it must print the "
		   "plugins as JSON and exit with 0; programs linked with "
		   "libtutti_plugin_main.a do",
		   program, WIFSIGNALED(status) ? "signal" : "exit code",
		   WIFSIGNALED(status) ? WTERMSIG(status)
				       : WEXITSTATUS(status));
	return false;
}

static bool describe(struct trial *trial, const char *program,
		     struct value *ret_plugins)
{
	struct buf answer = { 0 };
	struct value document;
	struct err err = { 0 };
	bool asked = ask(trial, program, &answer);
	int rc = asked ? json_read(buf_slice(&answer), NULL, &document, &err)
		       : E_INVALID;

	buf_fini(&answer);
	if (rc < 0) {
		if (asked) {
			trial_fail(trial, "--describe printed no JSON: %s",
				   err.msg);
		}
		return false;
	}
	const struct value *plugins = value_get(&document, "plugins");

	if (!plugins || plugins->type != VALUE_ARRAY || !value_len(plugins)) {
		trial_fail(trial, "--describe tells of no plugins");
		value_clear(&document);
		return false;
	}
	*ret_plugins = value_copy(plugins);
	value_clear(&document);
	return true;
}

static void run_describes(struct trial *trial)
{
	struct value plugins;

	if (!describe(trial, trial->subject->real, &plugins)) {
		return;
	}
	for (size_t i = 0; i < value_len(&plugins); i++) {
		const struct value *plugin = value_at(&plugins, i);

		if (!value_get_text(plugin, "name").len ||
		    value_get_int(plugin, "max_tasks", 0) < 1) {
			trial_fail(trial,
				   "plugin %zu of --describe has no name or no "
				   "max_tasks",
				   i);
		}
	}
	value_clear(&plugins);
}

static const struct value *find_plugin(const struct value *plugins,
				       const char *name)
{
	for (size_t i = 0; i < value_len(plugins); i++) {
		const struct value *plugin = value_at(plugins, i);

		if (slice_is(value_get_text(plugin, "name"), name)) {
			return plugin;
		}
	}
	return NULL;
}

static bool same_queue(const struct tutti_plugin *about,
		       const struct value *said)
{
	struct value queue = host_queue_describe(about->queue);
	const struct value *other = value_get(said, "queue");
	bool same = other ? value_equal(&queue, other) : !about->queue;

	value_clear(&queue);
	return same;
}

static const char *difference(const struct tutti_plugin *about,
			      const struct value *said)
{
	if (!said) {
		return "the program does not have it";
	}
	if (!slice_equal(slice_of(about->version),
			 value_get_text(said, "version"))) {
		return "another version";
	}
	if (!slice_equal(slice_of(about->help), value_get_text(said, "help"))) {
		return "another help";
	}
	if (value_get_int(said, "max_tasks", 0) != about->max_tasks) {
		return "another max_tasks";
	}
	if (value_len(value_get(said, "subscriptions")) !=
		about->subscription_count ||
	    value_len(value_get(said, "params")) != about->param_count) {
		return "other subscriptions or parameters";
	}
	return same_queue(about, said) ? NULL : "another queue";
}

static void compare(struct trial *trial, const struct tutti_module *module,
		    const struct value *plugins)
{
	if (value_len(plugins) != module->plugin_count) {
		trial_fail(trial,
			   "the program has %zu plugins, the module %u: build "
			   "both from the same sources",
			   value_len(plugins), module->plugin_count);
	}
	for (uint32_t i = 0; i < module->plugin_count; i++) {
		struct tutti_plugin about;

		if (host_plugin_describe(module, i, &about, NULL) < 0) {
			continue;
		}
		const char *text =
		    difference(&about, find_plugin(plugins, about.name));

		if (text) {
			trial_fail(trial,
				   "plugin '%s' differs in the program (%s): "
				   "build both from the same sources",
				   about.name, text);
		}
	}
}

static void run_same(struct trial *trial)
{
	const struct tutti_module *module;
	struct value plugins;

	if (!trial->subject->program) {
		trial_skip(trial, "there is no program NAME_plugin beside it");
		return;
	}
	module = trial_load(trial);
	if (module && describe(trial, trial->subject->program, &plugins)) {
		compare(trial, module, &plugins);
		value_clear(&plugins);
	}
}

static const struct rule forms_rules[] = {
	{
	    .name = "program.describe",
	    .says = "the program says what plugins it has",
	    .kinds = CHECK_PROGRAM,
	    .timeout_ms = ANSWER_LIMIT,
	    .run = run_describes,
	},
	{
	    .name = "forms.same",
	    .says = "module and program have the same plugins",
	    .needs = "descriptor.size",
	    .kinds = CHECK_MODULE,
	    .timeout_ms = ANSWER_LIMIT,
	    .run = run_same,
	},
};

const struct rule_group rules_forms = RULE_GROUP(forms_rules);
