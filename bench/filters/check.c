#include "check.h"

#include <math.h>
#include <stdio.h>

#include "document/json.h"
#include "progress.h"
#include "subject.h"

#define EVENTS     4000
#define KEYS       28
#define JSON_BYTES 534
#define WORK_NS    2000000000

struct check {
	struct report *report;
	size_t count;
	size_t far;
};

/* Near enough: within a quarter, or what so few matches leave to chance. */
static void compare(struct check *check, const char *name, double number,
		    double expected, double chance)
{
	check->count++;
	if (!report_near(check->report, name, number, expected,
			 expected / 4 + chance)) {
		check->far++;
	}
}

static void check_events(struct check *check, const struct event *events)
{
	size_t keys = 0;
	size_t bytes = 0;

	for (size_t i = 0; i < EVENTS; i++) {
		struct buf json = { 0 };

		json_write(&json, &events[i].attributes, JSON_COMPACT);
		keys += value_len(&events[i].attributes);
		bytes += json.len;
		buf_fini(&json);
	}
	compare(check, "keys per event", (double)keys / EVENTS, KEYS, 0);
	compare(check, "bytes of JSON per event", (double)bytes / EVENTS,
		JSON_BYTES, 0);
}

static double matches_per_event(const struct subject *subject)
{
	size_t matches = 0;

	for (size_t i = 0; i < EVENTS; i++) {
		matches +=
		    subject_match(subject, WAY_VALUE, &subject->events[i]);
	}
	return (double)matches / EVENTS;
}

static void check_size(struct check *check, enum profile profile,
		       struct filter *const *filters, size_t len,
		       const struct event *events)
{
	double expected = profile_expected(profile, len);
	struct subject subject;
	char name[64];

	if (expected <= 0) {
		return;
	}
	subject = subject_of(filters, len, events, EVENTS);
	double matches = matches_per_event(&subject);

	subject_fini(&subject);
	(void)snprintf(name, sizeof(name), "%s, %zu filters: matches",
		       profile_name(profile), len);
	/* A few filters on common values make much of a small number. */
	compare(check, name, matches, expected,
		4 * sqrt(expected / (double)len));
}

static void check_profile(struct check *check, struct fields *fields,
			  enum profile profile, const struct options *options,
			  const struct event *events)
{
	size_t most = options->sizes[options->size_count - 1];
	struct filter **filters = filters_create(fields, profile, most);

	for (size_t i = 0; i < options->size_count; i++) {
		check_size(check, profile, filters, options->sizes[i], events);
	}
	filters_destroy(filters, most);
}

bool check_workload(struct report *report, struct fields *fields,
		    const struct options *options)
{
	struct event *events = events_create(fields, EVENTS);
	struct check check = { .report = report };

	report_begin_check(report, options, EVENTS);
	check_events(&check, events);
	for (enum profile profile = 0; profile < PROFILES; profile++) {
		if (options->profiles[profile]) {
			progress_show("profile", profile_name(profile),
				      profile + 1, PROFILES);
			check_profile(&check, fields, profile, options, events);
		}
	}
	events_destroy(events, EVENTS);
	report_verdict(report, check.far, check.count);
	return check.far == 0;
}
