#include "check.h"

#include <math.h>
#include <stdio.h>

#include "document/json.h"
#include "subject.h"

#define EVENTS     4000
#define KEYS       28
#define JSON_BYTES 534
#define WORK_NS    2000000000

/* Near enough: within a quarter, or what so few matches leave to chance. */
static bool near(double number, double expected, double chance)
{
	return fabs(number - expected) <= expected / 4 + chance;
}

static bool compare(struct report *report, const char *name, double number,
		    double expected, double chance)
{
	char text[128];
	bool good = near(number, expected, chance);

	(void)snprintf(text, sizeof(text), "%s (%g expected%s)", name, expected,
		       good ? "" : ": FAR");
	report_number(report, text, number, "", (struct budget){ 0 });
	return good;
}

static bool check_events(struct report *report, const struct event *events)
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
	bool good =
	    compare(report, "keys per event", (double)keys / EVENTS, KEYS, 0);

	return compare(report, "bytes of JSON per event",
		       (double)bytes / EVENTS, JSON_BYTES, 0) &&
	       good;
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

static bool check_size(struct report *report, enum profile profile,
		       struct filter *const *filters, size_t len,
		       const struct event *events)
{
	double expected = profile_expected(profile, len);
	struct subject subject;
	char name[64];

	if (expected <= 0) {
		return true;
	}
	subject = subject_of(filters, len, events, EVENTS);
	double matches = matches_per_event(&subject);

	subject_fini(&subject);
	(void)snprintf(name, sizeof(name), "%s, %zu filters: matches",
		       profile_name(profile), len);
	/* A few filters on common values make much of a small number. */
	return compare(report, name, matches, expected,
		       4 * sqrt(expected / (double)len));
}

static bool check_profile(struct report *report, struct fields *fields,
			  enum profile profile, const struct options *options,
			  const struct event *events)
{
	size_t most = options->sizes[options->size_count - 1];
	struct filter **filters = filters_create(fields, profile, most);
	bool good = true;

	for (size_t i = 0; i < options->size_count; i++) {
		good &= check_size(report, profile, filters, options->sizes[i],
				   events);
	}
	filters_destroy(filters, most);
	return good;
}

bool check_workload(struct report *report, struct fields *fields,
		    const struct options *options)
{
	struct event *events = events_create(fields, EVENTS);
	bool good = check_events(report, events);

	for (enum profile profile = 0; profile < PROFILES; profile++) {
		if (options->profiles[profile]) {
			good &= check_profile(report, fields, profile, options,
					      events);
		}
	}
	events_destroy(events, EVENTS);
	return good;
}
