/*
 * `tutti serve`: the daemon, in the foreground.
 */
#include "cli/embed.h"
#include "cli/interrupt.h"
#include "cli/notify.h"
#include "cli/standby.h"
#include "cli/verb.h"

static const struct option_spec options[] = {
	{
	    .name = "no-standby",
	    .kind = OPTION_FLAG,
	    .help = "do not wait for a store that another process owns",
	},
	{ 0 },
};

static void say_ready(const struct cli *cli, const struct place *place)
{
	cli_note(cli, "tutti: ready, store %s, control %s", place->store,
		 place->control);
	if (notify_send("READY=1\nSTATUS=owns the store")) {
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

/* As a standby first, if need be and it may. */
static int make_daemon(const struct cli *cli, struct place *place,
		       struct standby *standby, struct daemon **ret_daemon)
{
	bool waits = !options_has(&cli->options, "no-standby");
	int code;

	do {
		struct daemon_options wanted = {
			.config = place->config,
			.store = place->store,
			.control = place->control,
			.standby = waits ? standby_wait : NULL,
			.standby_arg = standby,
		};

		code = embed_create(cli, wanted, ret_daemon);
	} while (code && standby_again(standby));
	return code;
}

static int serve(const struct cli *cli, struct place *place)
{
	struct daemon *daemon;
	struct standby standby;

	standby_init(&standby, cli, place);
	int code = make_daemon(cli, place, &standby, &daemon);

	if (standby.ended) {
		(void)notify_send("STOPPING=1");
		cli_note(cli, "tutti: stopping");
		return EXIT_DONE;
	}
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
	.text =
	    "Takes up what was running when it last stopped. SIGTERM and "
	    "SIGINT end it;\ntasks in plugins' hands are delivered again "
	    "when it is started again. Speaks\nto systemd when it is a "
	    "service of Type=notify.\n\n"
	    "On a store that another process owns it becomes a standby: it "
	    "waits, and takes\nover as soon as the owner has ended, however "
	    "that ends.\n",
	.options = options,
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
