#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/text.h"
#include "cli/verb.h"

const char *cli_arg(const struct cli *cli, size_t index)
{
	return index < cli->options.arg_len ? cli->options.args[index] : NULL;
}

struct slice cli_tenant(const struct cli *cli)
{
	return slice_of(options_value(&cli->options, "tenant"));
}

void cli_print(const struct cli *cli, struct buf *text)
{
	text_emit(cli->program->out, text);
	buf_fini(text);
}

static void put_line(const struct cli *cli, struct buf *line)
{
	buf_put_byte(line, '\n');
	(void)fflush(cli->program->out);
	text_emit(cli->program->err, line);
	buf_fini(line);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	struct buf line = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	put_line(cli, &line);
}

int cli_fail(const struct cli *cli, const struct err *error)
{
	struct buf line = { 0 };

	style_put(&line, cli->notes, TONE_BAD, SLICE("tutti:"));
	buf_printf(&line, " %s",
		   *error->msg ? error->msg : err_text(error->code));
	put_line(cli, &line);
	return (int)exit_code_of_error(error->code);
}

int cli_usage_error(const struct cli *cli, const char *format, ...)
{
	struct buf line = { 0 };
	va_list args;

	style_put(&line, cli->notes, TONE_BAD, SLICE("tutti:"));
	buf_put_byte(&line, ' ');
	va_start(args, format);
	buf_vprintf(&line, format, args);
	va_end(args);
	buf_put_byte(&line, '\n');
	if (cli->verb) {
		help_put_usage(&line, cli->verb);
	}
	buf_printf(&line, "'tutti help%s%s' says more.", cli->verb ? " " : "",
		   cli->verb ? cli->verb->name : "");
	put_line(cli, &line);
	return EXIT_USAGE;
}

/* "filter" or "filter --help": no verb, but the beginning of some. */
static void note_first_word(struct cli *cli, int count, char *const *words)
{
	struct buf unused = { 0 };
	bool alone = count == 1 || *words[1] == '-';

	if (alone && help_put_first_word(&unused, slice_of(words[0]))) {
		cli->first_word = words[0];
		(void)options_parse(&cli->options, count - 1, words + 1,
				    OPTIONS_TO_END, NULL);
	}
	buf_fini(&unused);
}

/* Options before the verb, the verb, and what follows it. */
static int read_words(struct cli *cli, int count, char *const *words,
		      struct err *reterr)
{
	cli->options.tables[0] = verb_common_options;
	int used =
	    options_parse(&cli->options, count, words, OPTIONS_TO_WORD, reterr);

	if (used < 0 || used == count) {
		return used < 0 ? used : 0;
	}
	count -= used;
	words += used;
	used = verb_find(words[0], count > 1 ? words[1] : NULL, &cli->verb,
			 reterr);
	if (used < 0) {
		note_first_word(cli, count, words);
		return used;
	}
	cli->options.tables[1] = cli->verb->options;
	used = options_parse(&cli->options, count - used, words + used,
			     OPTIONS_TO_END, reterr);
	return used < 0 ? used : 0;
}

static int check_form(struct cli *cli, struct err *reterr)
{
	const char *form = options_value(&cli->options, "output");

	if (!form) {
		return 0;
	}
	if (!cli->verb->forms) {
		return err_set(reterr, E_INVALID,
			       "'%s' has only one form of output",
			       cli->verb->name);
	}
	return form_parse(slice_of(form), cli->verb->forms, &cli->form, reterr);
}

static int check_args(const struct cli *cli, struct err *reterr)
{
	const struct verb *verb = cli->verb;
	int count = (int)cli->options.arg_len;

	if (count < verb->min_args) {
		return err_set(reterr, E_INVALID, "'%s' needs %s", verb->name,
			       verb->usage);
	}
	if (verb->max_args != VERB_ANY_ARGS && count > verb->max_args) {
		return err_set(reterr, E_INVALID, "'%s' takes no argument '%s'",
			       verb->name, cli->options.args[verb->max_args]);
	}
	return 0;
}

static int show_help(const struct cli *cli)
{
	struct buf text = { 0 };

	if (cli->verb) {
		help_put_verb(&text, cli->verb);
	} else {
		help_put_overview(&text);
	}
	cli_print(cli, &text);
	return EXIT_DONE;
}

/* A word that only begins verbs of two: which there are. Asked for, it is an
 * answer, else a mistake. */
static int show_first_word(const struct cli *cli)
{
	struct buf text = { 0 };
	bool asked = options_has(&cli->options, "help");

	(void)help_put_first_word(&text, slice_of(cli->first_word));
	if (asked) {
		cli_print(cli, &text);
		return EXIT_DONE;
	}
	text_emit(cli->program->err, &text);
	buf_fini(&text);
	return EXIT_USAGE;
}

static int run_verb(struct cli *cli, int count, char *const *words)
{
	struct err error = { 0 };

	if (read_words(cli, count, words, &error)) {
		if (cli->first_word) {
			return show_first_word(cli);
		}
		return cli_usage_error(cli, "%s", error.msg);
	}
	bool ascii = options_has(&cli->options, "ascii");

	cli->style = style_detect(fileno(cli->program->out), ascii);
	cli->notes = style_detect(fileno(cli->program->err), ascii);
	if (options_has(&cli->options, "help")) {
		return show_help(cli);
	}
	if (!cli->verb) {
		return cli_usage_error(cli, "which verb?");
	}
	if (check_form(cli, &error) || check_args(cli, &error)) {
		return cli_usage_error(cli, "%s", error.msg);
	}
	return cli->verb->run(cli);
}

int cli_main(const struct cli_program *program, int argc, char *const *argv)
{
	struct cli cli = { .program = program };
	static char version_word[] = "version";
	char *const version[] = { version_word };
	bool asks_version = argc == 2 && !strcmp(argv[1], "--version");
	int code = asks_version ? run_verb(&cli, 1, version)
				: run_verb(&cli, argc - 1, argv + 1);

	options_fini(&cli.options);
	if (fflush(program->out) || ferror(program->out)) {
		cli_note(&cli, "tutti: cannot write the output: %s",
			 strerror(errno));
		return EXIT_UNREACHABLE;
	}
	return code;
}
