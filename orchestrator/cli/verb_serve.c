/*
 * `tutti serve`: the daemon, in the foreground.
 */
#include "cli/embed.h"
#include "cli/interrupt.h"
#include "cli/notify.h"
#include "cli/verb.h"

static void say_ready(const struct cli *cli, const struct place *place)
{
	cli_note(cli, "tutti: ready, store %s, control %s", place->store,
		 place->control);
	if (notify_send("READY=1")) {
		cli_note(cli, "tutti: cannot tell $NOTIFY_SOCKET");
	}
}

static int loop(const struct cli *cli, struct daemon *daemon)
{
	struct err error = { 0 };
	int rc = 0;

	while (!rc && interrupt_wanted() == INTERRUPT_NONE) {
		rc = daemon_loop(daemon, NULL, &error);
	}
	(void)notify_send("STOPPING=1");
	cli_note(cli, "tutti: stopping");
	return rc ? cli_fail(cli, &error) : EXIT_DONE;
}

static int serve(const struct cli *cli, const struct place *place)
{
	struct daemon *daemon;
	struct daemon_options options = {
		.config = place->config,
		.store = place->store,
		.control = place->control,
	};
	int code = embed_create(cli, options, &daemon);

	if (code) {
		return code;
	}
	interrupt_hangup_reloads();
	say_ready(cli, place);
	code = loop(cli, daemon);
	embed_destroy(daemon);
	return code;
}

static int run(struct cli *cli)
{
	const char *file = place_config_file(cli);
	struct config *config;
	struct place place;

	if (!file) {
		return cli_usage_error(
		    cli, "which config? There is no ./tutti.yaml");
	}
	int code = place_load(cli, file, &config);

	if (code) {
		return code;
	}
	place_of_config(cli, config, &place);
	code = serve(cli, &place);
	place_fini(&place);
	return code;
}

const struct verb verb_serve = {
	.name = "serve",
	.group = VERB_START,
	.summary = "the daemon, in the foreground",
	.usage = "",
	.text = "Takes up what was running when it last stopped. SIGTERM and "
		"SIGINT end it;\ntasks in plugins' hands are delivered again "
		"when it is started again. Speaks\nto systemd when it is a "
		"service of Type=notify.\n",
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
