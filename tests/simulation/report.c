#include "report.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#define LINES     60
#define LINE_SIZE 400

static char lines[LINES][LINE_SIZE];
static unsigned long lines_written;
static struct sim *living;
static char seed_text[24];
static char program_text[256];
static char changes_text[CHANGES_TEXT_SIZE];

void report_note(const struct sim *sim, const char *format, ...)
{
	char text[LINE_SIZE];
	char *line = lines[lines_written % LINES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)snprintf(line, LINE_SIZE, "%6u %10.3f  %.360s", sim->step,
		       (double)sim->now_us / 1e6, text);
	lines_written++;
	if (sim->options.talk == TALK_TRACE) {
		(void)puts(line);
	}
}

/* Live the same life again, listening. Also called from a signal's handler. */
static void live_again(void)
{
	char *arguments[16] = { program_text, "--tail",  "--seed",
				seed_text,    "--lives", "1" };
	int count = 6;
	char *rest = NULL;
	sigset_t none;

	for (char *word = strtok_r(changes_text, " ", &rest);
	     word && count < 15; word = strtok_r(NULL, " ", &rest)) {
		arguments[count++] = word;
	}
	arguments[count] = NULL;
	/* A signal that is being handled would stay blocked. */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv("/proc/self/exe", arguments);
	_exit(EXIT_BROKEN);
}

static void print_command(const struct sim *sim)
{
	(void)printf("again:   %s --trace --seed %s --lives 1%s\n"
		     "or:      make sim SEED=%s%s%s%s\n"
		     "smaller: the same with --shrink\n",
		     sim->options.program, seed_text, changes_text, seed_text,
		     *changes_text ? " SIM='" : "",
		     *changes_text ? changes_text + 1 : "",
		     *changes_text ? "'" : "");
}

static _Noreturn void end(struct sim *sim, const char *invariant,
			  const char *text)
{
	if (sim->options.quiet) {
		(void)dprintf(sim->options.quiet, "%u %s", sim->step,
			      invariant);
		_exit(EXIT_BROKEN);
	}
	if (sim->options.talk == TALK_NOT) {
		live_again();
	}
	unsigned long first = lines_written > LINES ? lines_written - LINES : 0;

	for (; sim->options.talk == TALK_TAIL && first < lines_written;
	     first++) {
		(void)puts(lines[first % LINES]);
	}
	(void)printf("\nBROKEN:  %s\nwhat:    %s\nwhere:   seed %s, step %u\n",
		     invariant, text, seed_text, sim->step);
	print_command(sim);
	(void)fflush(stdout);
	_exit(EXIT_BROKEN);
}

void sim_fail(struct sim *sim, const char *invariant, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	end(sim, invariant, text);
}

static void on_signal(int number)
{
	if (number == SIGALRM) {
		end(living, "a life ends", "it takes more than a minute");
	}
	end(living, "the engine does not crash",
	    number == SIGABRT ? "one of its assertions does not hold"
			      : "it touches what is not its own");
}

void report_begin(struct sim *sim)
{
	living = sim;
	lines_written = 0;
	changes_write(&sim->options.changes, changes_text);
	(void)snprintf(program_text, sizeof(program_text), "%s",
		       sim->options.program);
	(void)snprintf(seed_text, sizeof(seed_text), "%llu",
		       (unsigned long long)sim->seed);
	(void)signal(SIGABRT, on_signal);
#if !defined(__SANITIZE_ADDRESS__)
	(void)signal(SIGSEGV, on_signal);
#endif
	(void)signal(SIGALRM, on_signal);
	(void)alarm(60);
}
