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
static void live_again(const struct sim *sim)
{
	const char *arguments[] = { sim->options.program,
				    "--tail",
				    "--seed",
				    seed_text,
				    "--lives",
				    "1",
				    NULL,
				    NULL,
				    NULL };
	int count = 6;

	if (*sim->options.building) {
		arguments[count++] = sim->options.building;
	}
	arguments[count] = NULL;
	(void)execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
	_exit(EXIT_BROKEN);
}

static void print_command(const struct sim *sim)
{
	(void)printf("again:   %s --trace --seed %s --lives 1%s%s\n"
		     "or:      make sim SEED=%s\n",
		     sim->options.program, seed_text,
		     *sim->options.building ? " " : "", sim->options.building,
		     seed_text);
}

static _Noreturn void end(struct sim *sim, const char *invariant,
			  const char *text)
{
	if (sim->options.quiet_failure) {
		_exit(EXIT_BROKEN);
	}
	if (sim->options.talk == TALK_NOT) {
		live_again(sim);
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
	(void)snprintf(seed_text, sizeof(seed_text), "%llu",
		       (unsigned long long)sim->seed);
	(void)signal(SIGABRT, on_signal);
#if !defined(__SANITIZE_ADDRESS__)
	(void)signal(SIGSEGV, on_signal);
#endif
	(void)signal(SIGALRM, on_signal);
	(void)alarm(60);
}
