/*
 * Loading and describing a plugin does nothing but load and describe it.
 */
#include <dlfcn.h>

#include "base/clock.h"
#include "check/rules.h"
#include "check/snapshot.h"

#define LOAD_MS 100

static void run_quiet(struct trial *trial)
{
	struct snapshot before;
	struct snapshot after;
	struct buf text = { 0 };

	snapshot_take(&before);
	if (trial_load(trial)) {
		snapshot_take(&after);
		snapshot_compare(&before, &after,
				 (enum property)trial->rule->detail, &text);
		if (text.len) {
			trial_fail(trial, "while it was loaded, %.*s",
				   SLICE_ARG(buf_slice(&text)));
		}
		snapshot_fini(&after);
	}
	buf_fini(&text);
	snapshot_fini(&before);
}

static void run_time(struct trial *trial)
{
	int64_t before = clock_mono_ns();

	(void)trial_load(trial);
	int64_t ms = (clock_mono_ns() - before) / 1000000;

	if (ms > LOAD_MS) {
		trial_warn(trial,
			   "loading took %lld ms: move work from constructors "
			   "to init()",
			   (long long)ms);
	}
}

static void run_same(struct trial *trial)
{
	const struct tutti_module *first = trial_load(trial);

	if (first && first != trial_load(trial)) {
		trial_fail(trial, "tutti_plugin_v1() returned another address "
				  "the second time: use TUTTI_MODULE, it "
				  "describes the module by constant data");
	}
}

#define QUIET(rule, what, property)                               \
	{                                                         \
		.name = "load." rule, .says = "loading it " what, \
		.needs = "file.entry", .kinds = CHECK_MODULE,     \
		.detail = (property), .run = run_quiet,           \
	}

static const struct rule load_rules[] = {
	QUIET("threads", "starts no threads", PROPERTY_THREADS),
	QUIET("descriptors", "opens no files", PROPERTY_DESCRIPTORS),
	QUIET("signals", "leaves signals alone", PROPERTY_SIGNALS),
	QUIET("environment", "leaves the environment alone",
	      PROPERTY_ENVIRONMENT),
	QUIET("locale", "leaves the locale alone", PROPERTY_LOCALE),
	QUIET("folder", "leaves the working directory alone", PROPERTY_FOLDER),
	QUIET("umask", "leaves the umask alone", PROPERTY_UMASK),
	QUIET("output", "prints nothing", PROPERTY_OUTPUT),
	{
	    .name = "load.time",
	    .says = "loading it takes less than 100 ms",
	    .needs = "file.entry",
	    .kinds = CHECK_MODULE,
	    .worst = CHECK_WARN,
	    .run = run_time,
	},
	{
	    .name = "load.same",
	    .says = "the entry point returns the same data each time",
	    .needs = "file.entry",
	    .kinds = CHECK_MODULE,
	    .run = run_same,
	},
};

const struct rule_group rules_load = RULE_GROUP(load_rules);
