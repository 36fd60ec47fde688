/*
 * How fast many filters are matched, changed, and what they take: see
 * docs/performance.md.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "changes.h"
#include "check.h"
#include "progress.h"
#include "report.h"
#include "shapes.h"

#define LINEAR_MAX 10000
#define VERIFIED   2000000 /* filters times events, per size */

static const struct budget no_budget;

static struct budget at_most(double bound)
{
	return (struct budget){ .bound = bound };
}

static struct budget at_least(double bound)
{
	return (struct budget){ .bound = bound, .at_least = true };
}

static size_t sample_size(size_t filters)
{
	size_t sample = VERIFIED / filters;

	return sample < 5 ? 5 : sample > 1000 ? 1000 : sample;
}

static const struct {
	enum way way;
	const char *name;
} judged[] = {
	{ WAY_FRESH, "decoded" },
	{ WAY_PACKED, "msgpack" },
};

#define JUDGED (sizeof(judged) / sizeof(judged[0]))

static struct budget ratio_budget(enum profile profile)
{
	switch (profile) {
	case PROFILE_SELECTIVE:
		return at_most(5);
	case PROFILE_TWO_EXACT:
		return at_most(2.5);
	default:
		return no_budget;
	}
}

static void report_ratio(struct report *report, const struct options *options,
			 enum profile profile, const struct measured *more,
			 const struct measured *less)
{
	for (size_t i = 0; i < JUDGED; i++) {
		enum way way = judged[i].way;
		char name[64];

		(void)snprintf(name, sizeof(name),
			       "%s, %s: time at 100000 / at 1000",
			       profile_name(profile), judged[i].name);
		report_number(report, name,
			      speed_ratio(&more->ways[way], &less->ways[way],
					  options->rounds),
			      "x", ratio_budget(profile));
	}
}

static void report_rates(struct report *report, const struct measured *measured)
{
	for (size_t i = 0; i < JUDGED; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name),
			       "selective, %s: events/s at 100000",
			       judged[i].name);
		report_number(report, name,
			      1e9 / measured->ways[judged[i].way].ns, "",
			      at_least(500000));
	}
}

static void report_budgets(struct report *report, const struct options *options,
			   enum profile profile,
			   const struct measured *measured)
{
	const struct measured *thousand = NULL;
	const struct measured *most = NULL;

	for (size_t i = 0; i < options->size_count; i++) {
		if (measured[i].subject.len == 1000) {
			thousand = &measured[i];
		} else if (measured[i].subject.len == 100000) {
			most = &measured[i];
		}
	}
	if (thousand && most) {
		report_ratio(report, options, profile, most, thousand);
	}
	if (most && profile == PROFILE_SELECTIVE) {
		report_rates(report, most);
	}
}

static void report_floors(struct report *report, const struct options *options,
			  enum profile profile, const struct measured *measured)
{
	for (size_t i = 0; i < options->size_count; i++) {
		const struct speed *ways = measured[i].ways;
		char name[64];

		if (!ways[WAY_LINEAR].rounds) {
			continue;
		}
		(void)snprintf(name, sizeof(name),
			       "%s: index / linear scan at %zu",
			       profile_name(profile), measured[i].subject.len);
		report_number(report, name,
			      speed_ratio(&ways[WAY_LINEAR], &ways[WAY_VALUE],
					  options->rounds),
			      "x faster", no_budget);
	}
}

static void bench_profile(struct report *report, struct fields *fields,
			  enum profile profile, const struct options *options,
			  const struct event *events)
{
	size_t most = options->sizes[options->size_count - 1];
	struct filter **filters = filters_create(fields, profile, most);
	struct measured measured[SIZES_MAX] = { 0 };

	for (size_t i = 0; i < options->size_count; i++) {
		measured[i].subject = subject_of(filters, options->sizes[i],
						 events, options->events);
		subject_verify(&measured[i].subject,
			       sample_size(options->sizes[i]));
	}
	speed_measure(measured, options->size_count, options, LINEAR_MAX);
	report_head(report, "profile");
	for (size_t i = 0; i < options->size_count; i++) {
		report_speed(report, profile, &measured[i]);
	}
	report_budgets(report, options, profile, measured);
	report_floors(report, options, profile, measured);
	for (size_t i = 0; i < options->size_count; i++) {
		measured_fini(&measured[i]);
	}
	filters_destroy(filters, most);
}

static void bench_changes(struct report *report, struct fields *fields,
			  const struct options *options,
			  const struct event *events)
{
	size_t len = options->sizes[options->size_count - 1];
	struct changes changes = changes_measure(fields, len, options, events);
	double total = changes.index_heap + changes.filter_heap;

	report_number(report, "filters of changes and memory", (double)len, "",
		      no_budget);
	report_number(report, "compiled", changes.compiled, "/s", no_budget);
	report_number(report, "added to an empty index", changes.built, "/s",
		      no_budget);
	report_number(report, "added", changes.added, "/s", at_least(200000));
	report_number(report, "removed", changes.removed, "/s",
		      at_least(200000));
	report_number(report, "replaced (add, retire, remove)",
		      changes.replaced, "/s", no_budget);
	report_number(report, "index, by filter_index_size()",
		      changes.index_size, "bytes each", no_budget);
	report_number(report, "compiled filter, by filter_size()",
		      changes.filter_size, "bytes each", no_budget);
	report_number(report, "index, by the heap", changes.index_heap,
		      "bytes each", no_budget);
	report_number(report, "compiled filter, by the heap",
		      changes.filter_heap, "bytes each", no_budget);
	report_number(report, "both, by the heap", total, "bytes each",
		      at_most(600));
}

static void bench(struct report *report, struct fields *fields,
		  const struct options *options)
{
	struct event *events = events_create(fields, options->events);

	report_begin(report, options);
	for (enum profile profile = 0; profile < PROFILES; profile++) {
		if (options->profiles[profile]) {
			progress_show("profile", profile_name(profile),
				      profile + 1, PROFILES);
			bench_profile(report, fields, profile, options, events);
		}
	}
	if (options->profiles[PROFILE_SELECTIVE]) {
		progress_show("measuring", "changes and memory", 1, 1);
		(void)(options->json || puts("") < 0);
		bench_changes(report, fields, options, events);
	}
	events_destroy(events, options->events);
	if (options->shapes) {
		shapes_measure(report, options);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	struct fields fields;
	bool good = true;

	options_parse(&options, argc, argv);
	fields_init(&fields, options.seed);
	struct report report = report_init(options.json);

	if (options.check) {
		good = check_workload(&report, &fields, &options);
	} else {
		bench(&report, &fields, &options);
	}
	report_fini(&report);
	fields_fini(&fields);
	return good ? 0 : 1;
}
