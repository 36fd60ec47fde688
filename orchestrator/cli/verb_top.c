/*
 * `tutti top`: the daemon at work, drawn again and again on a terminal, once
 * elsewhere.
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/place.h"
#include "cli/screen.h"
#include "cli/text.h"
#include "cli/top_text.h"
#include "cli/verb.h"
#include "document/json.h"

#define INTERVAL_MS     1000
#define INTERVAL_MIN_MS 100

/* Who looks again and again does not wait long: keys are not read meanwhile. */
#define PATIENCE_MS 2000

static const struct option_spec options[] = {
	{
	    .name = "once",
	    .kind = OPTION_FLAG,
	    .help = "print it and end, as without a terminal",
	},
	{
	    .name = "interval",
	    .kind = OPTION_VALUE,
	    .argument = "DURATION",
	    .help = "between two looks, 100ms at least; 1s",
	},
	{ 0 },
};

struct watching {
	const struct cli *cli;
	struct place place;
	struct control_client *client; /* NULL: not connected */
	int64_t interval_ms;
	struct screen screen;
	struct value now;
	struct value before; /* null: nothing to compare with */
};

static int reach(struct watching *watching, struct err *reterr)
{
	return watching->client ? 0
				: control_connect(watching->place.control,
						  &watching->client, reterr);
}

/* ---- once ---- */

static void print(const struct cli *cli, const struct value *answer)
{
	struct buf text = { 0 };
	struct top_frame frame = {
		.now = answer,
		.form = cli->form,
		.style = cli->style,
	};

	if (cli->form == FORM_JSON) {
		json_write(&text, answer, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		top_write(&text, &frame);
	}
	cli_print(cli, &text);
}

static int look_once(struct watching *watching)
{
	struct value answer;
	struct err error = { 0 };

	if (reach(watching, &error)) {
		(void)cli_fail(watching->cli, &error);
		return EXIT_UNREACHABLE;
	}
	if (place_call(watching->client, "metrics", NULL, &answer, &error)) {
		return cli_fail(watching->cli, &error);
	}
	print(watching->cli, &answer);
	value_clear(&answer);
	return EXIT_DONE;
}

/* ---- live ---- */

static void draw(struct watching *watching)
{
	struct buf text = { 0 };
	struct top_frame frame = {
		.now = &watching->now,
		.before = watching->before.type == VALUE_NULL
			      ? NULL
			      : &watching->before,
		.form = watching->cli->form,
		.style = watching->cli->style,
		.columns = watching->screen.columns,
		.rows = watching->screen.rows,
	};

	top_write(&text, &frame);
	screen_draw(&watching->screen, buf_slice(&text));
	buf_fini(&text);
}

static void draw_failure(struct watching *watching, const struct err *error)
{
	struct buf text = { 0 };

	buf_put_text(&text, "no answer: ");
	text_put_clean(&text, slice_of(error->msg));
	buf_put_text(&text, "\nq leaves\n");
	screen_draw(&watching->screen, buf_slice(&text));
	buf_fini(&text);
}

/* A daemon that is gone may come again, as another one. */
static void lose(struct watching *watching, const struct err *error)
{
	control_disconnect(watching->client);
	watching->client = NULL;
	value_clear(&watching->now);
	value_clear(&watching->before);
	draw_failure(watching, error);
}

static void take(struct watching *watching, struct value answer)
{
	value_clear(&watching->before);
	watching->before = watching->now;
	watching->now = answer;
	if (!top_follows(&watching->now, &watching->before)) {
		value_clear(&watching->before);
	}
	draw(watching);
}

static int ask(struct watching *watching, struct value *ret_answer,
	       struct err *reterr)
{
	int rc = reach(watching, reterr);

	if (rc == 0) {
		rc = control_call(watching->client, "metrics", NULL,
				  PATIENCE_MS, ret_answer, reterr);
	}
	return rc == E_TIMEOUT ? err_set(reterr, rc, "the daemon is silent")
			       : rc;
}

static void look(struct watching *watching)
{
	struct value answer;
	struct err error = { 0 };

	if (ask(watching, &answer, &error)) {
		lose(watching, &error);
	} else {
		take(watching, answer);
	}
}

static void watch(struct watching *watching)
{
	enum screen_event event = SCREEN_TIME;
	int64_t end_ns = 0;

	while (event != SCREEN_LEAVE) {
		if (event == SCREEN_RESIZED &&
		    watching->now.type != VALUE_NULL) {
			draw(watching);
		} else {
			look(watching);
			end_ns =
			    clock_mono_ns() + watching->interval_ms * 1000000;
		}
		event = screen_wait(&watching->screen, end_ns);
	}
}

static int look_live(struct watching *watching)
{
	struct err error = { 0 };

	if (screen_open(&watching->screen, watching->cli->program->out,
			STDIN_FILENO, &error)) {
		return cli_fail(watching->cli, &error);
	}
	watch(watching);
	screen_close(&watching->screen);
	value_clear(&watching->now);
	value_clear(&watching->before);
	return EXIT_DONE;
}

/* ---- the verb ---- */

static bool is_live(const struct cli *cli)
{
	return cli->form != FORM_JSON && !options_has(&cli->options, "once") &&
	       isatty(fileno(cli->program->out));
}

static int read_interval(const struct cli *cli, int64_t *ret_ms)
{
	const char *text = options_value(&cli->options, "interval");

	*ret_ms = INTERVAL_MS;
	if (text && (duration_parse(slice_of(text), ret_ms) ||
		     *ret_ms < INTERVAL_MIN_MS)) {
		return cli_usage_error(
		    cli, "--interval takes 100ms or more, not '%s'", text);
	}
	return EXIT_DONE;
}

static int run(struct cli *cli)
{
	struct watching watching = {
		.cli = cli,
		.now = value_null(),
		.before = value_null(),
	};
	int code = read_interval(cli, &watching.interval_ms);

	if (code == EXIT_DONE) {
		code = place_find(cli, &watching.place);
	}
	if (code) {
		return code;
	}
	code = is_live(cli) ? look_live(&watching) : look_once(&watching);
	control_disconnect(watching.client);
	place_fini(&watching.place);
	return code;
}

const struct verb verb_top = {
	.name = "top",
	.group = VERB_LOOK,
	.summary = "the daemon at work: tasks, latencies, queues, commits",
	.usage = "",
	.text = "On a terminal it is drawn again each second until q or "
		"Ctrl-C; space looks at\nonce. Elsewhere, with --once and "
		"with -o json it is printed once. P50, P90 and\nP99 are the "
		"times from a task's delivery to its answer that half, 90 % "
		"and 99 %\nof the tasks of the last 10 to 20 seconds did not "
		"exceed; IN FLIGHT are\nthose in hands of those that fit.\n",
	.options = options,
	.forms =
	    FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_WIDE) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
