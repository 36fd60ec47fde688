#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "stopwatch.h"

static const char *separator;

void times_init(struct times *times, size_t cap)
{
	*times =
	    (struct times){ .ns = calloc(cap, sizeof(*times->ns)), .cap = cap };
	if (!times->ns) {
		floor_fail_errno("times");
	}
}

void times_fini(struct times *times)
{
	free(times->ns);
}

void times_add(struct times *times, int64_t ns)
{
	if (times->len == times->cap) {
		floor_fail("times", "more than were to come");
	}
	times->ns[times->len++] = (double)ns;
}

static void name_member(const char *name)
{
	(void)printf("%s\"%s\":", separator, name);
	separator = ",";
}

void report_begin(void)
{
	(void)putchar('{');
	separator = "";
}

void report_end(void)
{
	(void)puts("}");
	if (fflush(stdout)) {
		floor_fail_errno("standard output");
	}
}

void report_open(const char *name)
{
	name_member(name);
	report_begin();
}

void report_close(void)
{
	(void)putchar('}');
	separator = ",";
}

void report_text(const char *name, const char *text)
{
	name_member(name);
	(void)printf("\"%s\"", text);
}

void report_count(const char *name, uint64_t count)
{
	name_member(name);
	(void)printf("%" PRIu64, count);
}

void report_number(const char *name, double number)
{
	name_member(name);
	(void)printf("%.6g", number);
}

void report_times(const char *name, struct times *times)
{
	report_open(name);
	report_number("p50", fraction_of(times->ns, times->len, 0.5) / 1000);
	report_number("p90", fraction_of(times->ns, times->len, 0.9) / 1000);
	report_number("p99", fraction_of(times->ns, times->len, 0.99) / 1000);
	report_close();
}
