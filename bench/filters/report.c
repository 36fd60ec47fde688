#include "report.h"

#include <math.h>
#include <stdio.h>

#include "document/json.h"
#include "progress.h"

struct report report_init(bool json)
{
	return (struct report){ .json = json, .document = value_map() };
}

static void put_whole(struct report *report, const char *name, uint64_t number)
{
	value_set(&report->document, name, value_uint(number));
}

void report_begin(struct report *report, const struct options *options)
{
	put_whole(report, "seed", options->seed);
	put_whole(report, "events", options->events);
	put_whole(report, "rounds", options->rounds);
	if (!report->json) {
		(void)printf("seed %llu, %zu events, median of %u rounds\n",
			     (unsigned long long)options->seed, options->events,
			     options->rounds);
	}
}

void report_begin_check(struct report *report, const struct options *options,
			size_t events)
{
	put_whole(report, "seed", options->seed);
	put_whole(report, "events", events);
	if (!report->json) {
		(void)printf("seed %llu, %zu events\n",
			     (unsigned long long)options->seed, events);
	}
}

static void print_end(const struct report *report)
{
	if (report->judged) {
		(void)puts("\nyes and NO compare with budgets for an idle core "
			   "of a fast machine, in a release build;\non a busy "
			   "or slower one a NO says nothing of the program.");
	}
}

void report_fini(struct report *report)
{
	progress_clear();
	if (report->json) {
		struct buf json = { 0 };

		json_write(&json, &report->document, JSON_PRETTY);
		(void)printf("%.*s\n", SLICE_ARG(buf_slice(&json)));
		buf_fini(&json);
	} else {
		print_end(report);
	}
	value_clear(&report->document);
}

static void push(struct report *report, const char *list, struct value row)
{
	struct value *rows =
	    value_get_mutable(&report->document, slice_of(list));

	if (!rows) {
		value_set(&report->document, list, value_array());
		rows = value_get_mutable(&report->document, slice_of(list));
	}
	value_push(rows, row);
}

void report_head(const struct report *report, const char *title)
{
	if (report->json) {
		return;
	}
	progress_clear();
	(void)printf("\n%-14s %7s %10s %10s %10s %10s %8s %8s %8s %9s\n", title,
		     "filters", "decoded/s", "cold/s", "msgpack/s", "linear/s",
		     "p50 us", "p99 us", "max us", "matches");
}

static double rate(const struct speed *speed)
{
	return speed->rounds ? 1e9 / speed->ns : 0;
}

static void print_rate(const struct speed *speed)
{
	double number = rate(speed);

	if (!speed->rounds) {
		(void)printf(" %10s", "-");
	} else {
		(void)printf(" %10.*f", number < 100 ? 1 : 0, number);
	}
}

static void print_row(const char *name, const struct measured *measured)
{
	const struct latency *latency = &measured->latency;

	progress_clear();
	(void)printf("%-14s %7zu", name, measured->subject.len);
	for (enum way way = 0; way < WAYS; way++) {
		print_rate(&measured->ways[way]);
	}
	(void)printf(" %8.2f %8.2f %8.1f %9.3f\n", latency->p50_us,
		     latency->p99_us, latency->max_us, measured->matches);
	(void)fflush(stdout);
}

static void put(struct value *row, const char *name, double number)
{
	value_set(row, name, value_double(number));
}

static void push_row(struct report *report, const char *list, const char *name,
		     const struct measured *measured)
{
	static const char *const rates[] = { "decoded_per_s", "cold_per_s",
					     "msgpack_per_s", "linear_per_s" };
	struct value row = value_map();

	value_set(&row, "name", value_text(name));
	value_set(&row, "filters", value_uint(measured->subject.len));
	for (enum way way = 0; way < WAYS; way++) {
		if (measured->ways[way].rounds) {
			put(&row, rates[way], rate(&measured->ways[way]));
		}
	}
	put(&row, "p50_us", measured->latency.p50_us);
	put(&row, "p99_us", measured->latency.p99_us);
	put(&row, "max_us", measured->latency.max_us);
	put(&row, "matches", measured->matches);
	push(report, list, row);
}

void report_speed(struct report *report, enum profile profile,
		  const struct measured *measured)
{
	if (report->json) {
		push_row(report, "speed", profile_name(profile), measured);
	} else {
		print_row(profile_name(profile), measured);
	}
}

void report_shape(struct report *report, const char *name,
		  const struct measured *measured)
{
	if (report->json) {
		push_row(report, "shapes", name, measured);
	} else {
		print_row(name, measured);
	}
}

static bool holds(double number, struct budget budget)
{
	return budget.at_least ? number >= budget.bound
			       : number <= budget.bound;
}

static int decimals(double number)
{
	return fabs(number) >= 1000 ? 0 : 2;
}

static void print_number(const char *name, double number, const char *unit,
			 struct budget budget)
{
	progress_clear();
	(void)printf("%-52s %12.*f %-10s", name, decimals(number), number,
		     unit);
	if (budget.bound > 0) {
		(void)printf(" %s %.*f: %s", budget.at_least ? ">=" : "<=",
			     decimals(budget.bound), budget.bound,
			     holds(number, budget) ? "yes" : "NO");
	}
	(void)printf("\n");
}

void report_number(struct report *report, const char *name, double number,
		   const char *unit, struct budget budget)
{
	report->judged |= budget.bound > 0;
	if (!report->json) {
		print_number(name, number, unit, budget);
		return;
	}
	struct value row = value_map();

	value_set(&row, "name", value_text(name));
	put(&row, "value", number);
	value_set(&row, "unit", value_text(unit));
	if (budget.bound > 0) {
		put(&row, budget.at_least ? "at_least" : "at_most",
		    budget.bound);
		value_set(&row, "holds", value_bool(holds(number, budget)));
	}
	push(report, "numbers", row);
}

static void push_near(struct report *report, const char *name, double number,
		      double expected, double tolerance, bool near)
{
	struct value row = value_map();

	value_set(&row, "name", value_text(name));
	put(&row, "value", number);
	put(&row, "expected", expected);
	put(&row, "tolerance", tolerance);
	value_set(&row, "holds", value_bool(near));
	push(report, "numbers", row);
}

bool report_near(struct report *report, const char *name, double number,
		 double expected, double tolerance)
{
	bool near = fabs(number - expected) <= tolerance;

	if (report->json) {
		push_near(report, name, number, expected, tolerance, near);
	} else {
		progress_clear();
		(void)printf("%-36s %9.3f   expected %7.2f +- %7.3f: %s\n",
			     name, number, expected, tolerance,
			     near ? "yes" : "NO");
	}
	return near;
}

void report_verdict(struct report *report, size_t far, size_t count)
{
	value_set(&report->document, "as_specified", value_bool(far == 0));
	if (report->json) {
		return;
	}
	if (far) {
		(void)printf("the workload is NOT as specified: out of "
			     "tolerance %zu of %zu numbers\n",
			     far, count);
	} else {
		(void)printf("the workload is as specified: all %zu numbers "
			     "are within tolerance\n",
			     count);
	}
}
