/*
 * `tutti run FILE [WORKFLOW]`: one run, here and now, in an embedded daemon.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/shell.h"
#include "cli/documents.h"
#include "cli/embed.h"
#include "cli/interrupt.h"
#include "cli/json_run.h"
#include "cli/live.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "document/json.h"

#define FOLD 40 /* plain successes of a phase are counted beyond that */

static const struct option_spec options[] = {
	DOCUMENT_OPTIONS,
	{ 0 },
};

/* Plugins' threads may log to it until the process ends. */
static struct live live;

struct running {
	const struct cli *cli;
	struct place place;
	struct daemon *daemon;
	struct id id;
	bool cancelled; /* asked for, by the first SIGINT */
};

static bool draws_on(const struct cli *cli)
{
	const char *term = getenv("TERM");

	return isatty(fileno(cli->program->err)) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

static int create(struct running *running)
{
	struct daemon_options daemon_options = {
		.config = running->place.config,
		.store = running->place.store,
		.observe = live_observe,
		.observe_arg = &live,
	};

	live_init(&live, running->cli->program->err, running->cli->notes,
		  draws_on(running->cli));
	log_set_level(LOG_WARN);
	log_set_sink(live_log, &live);
	return embed_create(running->cli, daemon_options, &running->daemon);
}

static int start(struct running *running, const struct documents *documents)
{
	const struct cli *cli = running->cli;
	struct daemon_started started;
	struct err error = { 0 };
	char id[ID_TEXT_SIZE];
	struct daemon_start request = {
		.tenant = cli_tenant(cli),
		.workflow = slice_of(cli_arg(cli, 1)),
		.uid = documents->uid,
		.has_uid = documents->has_uid,
		.attributes = &documents->attributes,
		.input = &documents->input,
		.resume = documents->resume,
		.override = documents->override,
	};

	if (daemon_start_run(running->daemon, &request, &started, &error)) {
		return cli_fail(cli, &error);
	}
	running->id = started.run;
	id_format(&started.run, id);
	if (started.resumed) {
		cli_note(cli, "run %s goes on", id);
	} else if (!started.created) {
		cli_note(cli, "run %s exists already under this uid", id);
	} else if (!live.terminal) {
		cli_note(cli, "run %s", id);
	}
	return EXIT_DONE;
}

/* The first SIGINT. */
static void cancel(struct running *running)
{
	char actor[32];

	(void)snprintf(actor, sizeof(actor), "operator uid %u",
		       (unsigned)getuid());
	(void)daemon_cancel_run(running->daemon, &running->id, slice_of(actor),
				NULL);
	running->cancelled = true;
	live_say(&live, "cancelling; interrupt again to stop at once");
}

/* Until the run has ended, or somebody wants to stop. */
static int follow(struct running *running)
{
	struct view *view = daemon_view(running->daemon);
	struct err error = { 0 };
	int rc = 0;

	live_watch(&live, running->daemon, &running->id);
	while (!rc) {
		rc = daemon_loop(running->daemon, &running->id, &error);
		rc = rc ? rc : live_look(&live, view, &error);
		if (rc || group_state_final(live.state) ||
		    interrupt_wanted() == INTERRUPT_STOP) {
			break;
		}
		if (interrupt_wanted() == INTERRUPT_ASKED &&
		    !running->cancelled) {
			cancel(running);
		}
	}
	live_end(&live);
	return rc ? cli_fail(running->cli, &error) : EXIT_DONE;
}

static void put_text(const struct running *running,
		     const struct picture *picture, struct buf *out)
{
	struct buf store_option = { 0 };
	struct tree_options tree = {
		.style = running->cli->style,
		.fold = FOLD,
	};

	buf_put_text(&store_option, " --store ");
	shell_put_word(&store_option, slice_of(running->place.store));
	buf_put_byte(&store_option, '\0');
	show_header(out, picture, running->cli->style, NULL);
	buf_put_byte(out, '\n');
	tree_write(out, &picture->context, &tree);
	show_hints(out, picture, store_option.data);
	buf_fini(&store_option);
}

/* The end of it; the exit code tells how the run stands. */
static int report(const struct running *running)
{
	const struct cli *cli = running->cli;
	struct picture picture;
	struct buf text = { 0 };
	struct err error = { 0 };

	if (picture_take(&picture, daemon_view(running->daemon), &running->id,
			 PICTURE_HISTORY, &error)) {
		return cli_fail(cli, &error);
	}
	/* What has not ended is left alone from here on. */
	picture.context.daemon_alive = false;
	if (cli->form == FORM_JSON) {
		struct value run = json_run(&picture.context);

		json_write(&text, &run, JSON_PRETTY);
		buf_put_byte(&text, '\n');
		value_clear(&run);
	} else {
		put_text(running, &picture, &text);
	}
	cli_print(cli, &text);
	int code = (int)exit_code_of_state(picture.run->run.state);

	picture_fini(&picture);
	return code;
}

static int run_here(struct running *running, const struct documents *documents)
{
	int code = create(running);

	if (code) {
		return code;
	}
	code = start(running, documents);
	if (code == EXIT_DONE) {
		code = follow(running);
	}
	if (code == EXIT_DONE) {
		code = report(running);
	}
	(void)fflush(running->cli->program->out);
	embed_destroy(running->daemon);
	return code;
}

static int run(struct cli *cli)
{
	struct running running = { .cli = cli };
	struct documents documents;
	struct config *config;
	struct err error = { 0 };

	if (documents_read(&cli->options, &documents, &error)) {
		return cli_fail(cli, &error);
	}
	int code = place_load(cli, cli_arg(cli, 0), &config);

	if (code == EXIT_DONE) {
		place_of_config(cli, config, &running.place);
		code = run_here(&running, &documents);
		place_fini(&running.place);
	}
	documents_fini(&documents);
	return code;
}

const struct verb verb_run = {
	.name = "run",
	.group = VERB_START,
	.summary = "run a workflow here and now, without a daemon",
	.usage = "FILE [WORKFLOW]",
	.text = "FILE is a config. Shows how the run goes on, prints its tree, "
		"and tells by the\nexit code how it ended. An interrupt "
		"cancels the run, a second one stops at\nonce; what was "
		"stopped goes on with the next daemon on the same store.\n",
	.options = options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
