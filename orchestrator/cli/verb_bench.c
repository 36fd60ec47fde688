/*
 * `tutti bench`: what this machine's disk allows, and what Tutti reaches.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/bench_daemon.h"
#include "cli/bench_folder.h"
#include "cli/bench_measure.h"
#include "cli/bench_stop.h"
#include "cli/place.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"

#define SECONDS      15
#define SECONDS_MOST 3600

/* Of what is free a part, so that nobody else runs out of it. */
#define SPACE_PART  4
#define SPACE_MOST  (UINT64_C(2) << 30)
#define SPACE_LEAST (UINT64_C(64) << 20)

static const struct option_spec options[] = {
	{
	    .name = "seconds",
	    .kind = OPTION_VALUE,
	    .argument = "N",
	    .help = "how long to measure, about (15)",
	},
	{ 0 },
};

struct benching {
	const struct cli *cli;
	struct bench bench;
	struct bench_wish wish;
};

static void note_progress(void *arg, enum bench_form form,
			  enum durability durability)
{
	const struct benching *benching = arg;

	/* Only where a person waits. */
	if (isatty(fileno(benching->cli->program->err))) {
		cli_note(benching->cli, "measuring: %s, %s",
			 bench_form_name(form), durability_name(durability));
	}
}

static int read_seconds(const struct cli *cli, double *ret_seconds)
{
	const char *text = options_value(&cli->options, "seconds");
	char *end = NULL;

	*ret_seconds = SECONDS;
	if (!text) {
		return EXIT_DONE;
	}
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || errno || number == 0 ||
	    number > SECONDS_MOST) {
		return cli_usage_error(cli,
				       "--seconds takes a whole number from 1 "
				       "to %d, not '%s'",
				       SECONDS_MOST, text);
	}
	*ret_seconds = (double)number;
	return EXIT_DONE;
}

static int find_space(struct benching *benching, struct err *reterr)
{
	uint64_t bytes;
	int rc = bench_folder_space(benching->wish.folder, &bytes,
				    &benching->bench.in_memory, reterr);

	if (rc) {
		return rc;
	}
	benching->wish.space =
	    bytes / SPACE_PART < SPACE_MOST ? bytes / SPACE_PART : SPACE_MOST;
	if (benching->wish.space < SPACE_LEAST) {
		return err_set(reterr, E_FULL,
			       "there are only %llu MiB free where the store "
			       "would be: measuring takes %llu",
			       (unsigned long long)(bytes >> 20),
			       (unsigned long long)(SPACE_LEAST >> 20) *
				   SPACE_PART);
	}
	return 0;
}

static int measure(struct benching *benching, struct err *reterr)
{
	char *folder;
	struct err removing;
	int rc = bench_folder_make(benching->bench.store, &folder, reterr);

	if (rc) {
		return rc;
	}
	benching->wish.folder = folder;
	rc = find_space(benching, reterr);
	if (rc == 0) {
		rc = bench_measure(&benching->wish, &benching->bench, reterr);
	}
	if (bench_folder_remove(folder, &removing)) {
		cli_note(benching->cli, "tutti: %s", removing.msg);
	}
	free(folder);
	return rc;
}

static void print(const struct cli *cli, const struct bench *bench)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		struct value map = bench_json(bench);

		json_write(&text, &map, JSON_PRETTY);
		buf_put_byte(&text, '\n');
		value_clear(&map);
	} else {
		bench_put_text(&text, cli->style, bench);
	}
	cli_print(cli, &text);
}

static int bench(struct benching *benching)
{
	char *program = bench_daemon_plugin();
	struct err error = { 0 };

	if (!program) {
		benching->bench.left_out =
		    "the program of the echo plugin, echo_plugin, is not "
		    "installed";
	}
	benching->wish.program = program;
	bench_stop_watch();
	int rc = measure(benching, &error);

	/* Does not come back after a signal. */
	bench_stop_done();
	free(program);
	if (rc) {
		return cli_fail(benching->cli, &error);
	}
	print(benching->cli, &benching->bench);
	return EXIT_DONE;
}

static int run(struct cli *cli)
{
	struct benching benching = {
		.cli = cli,
		.bench.version = TUTTI_VERSION,
		.wish.progress = note_progress,
		.wish.progress_arg = &benching,
	};
	struct place place;
	int code = read_seconds(cli, &benching.wish.seconds);

	if (code == EXIT_DONE) {
		code = place_find(cli, &place);
	}
	if (code) {
		return code;
	}
	benching.bench.store = place.store;
	code = bench(&benching);
	place_fini(&place);
	return code;
}

const struct verb verb_bench = {
	.name = "bench",
	.group = VERB_UPKEEP,
	.summary = "what this machine's disk allows, and what Tutti reaches",
	.usage = "",
	.text = "Measures in a folder of its own on the file system of the "
		"store, which is left\nalone, and with a daemon of its own; "
		"removes both at the end, also when it is\ninterrupted. "
		"docs/performance.md tells how to read the numbers.\n",
	.options = options,
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
