/*
 * A plugin shares its process with others.
 */
#include <errno.h>
#include <sys/wait.h>

#include "check/snapshot.h"
#include "check/stage.h"

static void run_manners(struct trial *trial)
{
	struct snapshot before;
	struct snapshot after;
	struct stage stage;
	struct buf text = { 0 };

	if (!stage_open(trial, &stage)) {
		return;
	}
	snapshot_take(&before);
	if (!stage_start(&stage)) {
		return;
	}
	stage_everything(&stage);
	(void)stage_end(&stage);
	snapshot_take(&after);
	snapshot_compare(&before, &after, (enum property)trial->rule->detail,
			 &text);
	if (text.len) {
		trial_fail(trial, "%.*s", SLICE_ARG(buf_slice(&text)));
	}
	stage_report(&stage, trial->rule->name);
	buf_fini(&text);
	snapshot_fini(&before);
	snapshot_fini(&after);
}

static void run_children(struct trial *trial)
{
	struct stage stage;

	if (!stage_begin(trial, &stage)) {
		return;
	}
	stage_everything(&stage);
	(void)stage_end(&stage);
	pid_t pid = waitpid(-1, NULL, WNOHANG);

	if (pid >= 0) {
		trial_fail(trial, "a child process is left after fini(): wait "
				  "for every process that you start");
	}
}

/* A child of the validator that ends in a trial is what breaks this rule,
 * whichever one is tried. */
static void run_exit(struct trial *trial)
{
	struct stage stage;

	if (stage_begin(trial, &stage)) {
		stage_everything(&stage);
		(void)stage_end(&stage);
	}
}

#define MANNERS(rule, what, property)                                       \
	{                                                                   \
		.name = "manners." rule, .says = what, .needs = EVERYTHING, \
		.kinds = CHECK_MODULE, .detail = (property),                \
		.run = run_manners,                                         \
	}

static const struct rule manners_rules[] = {
	{
	    .name = "manners.exit",
	    .says = "it does not end the process",
	    .needs = EVERYTHING,
	    .kinds = CHECK_MODULE,
	    .run = run_exit,
	},
	MANNERS("signals", "signal handlers and masks stay", PROPERTY_SIGNALS),
	MANNERS("environment", "the environment stays", PROPERTY_ENVIRONMENT),
	MANNERS("locale", "the locale stays", PROPERTY_LOCALE),
	MANNERS("folder", "the working directory stays", PROPERTY_FOLDER),
	MANNERS("umask", "the umask stays", PROPERTY_UMASK),
	MANNERS("output", "nothing is printed", PROPERTY_OUTPUT),
	{
	    .name = "manners.descriptors",
	    .says = "no files stay open",
	    .needs = EVERYTHING " life.descriptors",
	    .kinds = CHECK_MODULE,
	    .detail = PROPERTY_DESCRIPTORS,
	    .run = run_manners,
	},
	{
	    .name = "manners.children",
	    .says = "no child processes are left",
	    .needs = EVERYTHING,
	    .kinds = CHECK_MODULE,
	    .run = run_children,
	},
};

const struct rule_group rules_manners = RULE_GROUP(manners_rules);
