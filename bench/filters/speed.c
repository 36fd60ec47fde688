#include "speed.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "stopwatch.h"

#define CHUNK_MAX      256
#define CHUNK_NS       1000000
#define FRESH          32 /* decoded at a time: they stay in the cache */
#define LATENCY_EVENTS 20000
#define LATENCY_NS     1000000000

/* Keeps the compiler from leaving matches out. */
static volatile size_t sink;

static size_t next_event(const struct subject *subject, size_t at)
{
	return at + 1 < subject->event_count ? at + 1 : 0;
}

static int64_t run_chunk(const struct subject *subject, enum way way,
			 size_t *at, size_t len)
{
	int64_t begin = cpu_ns();

	for (size_t i = 0; i < len; i++) {
		sink += subject_match(subject, way, &subject->events[*at]);
		*at = next_event(subject, *at);
	}
	return cpu_ns() - begin;
}

static void decode(const struct event *event, struct event *ret_fresh)
{
	if (pack_read(buf_slice(&event->packed), NULL, &ret_fresh->attributes,
		      NULL)) {
		abort();
	}
}

/* The time of decoding does not count. */
static int64_t run_fresh(const struct subject *subject, size_t *at, size_t len)
{
	struct event fresh[FRESH];
	int64_t begin;

	for (size_t i = 0; i < len; i++) {
		decode(&subject->events[*at], &fresh[i]);
		*at = next_event(subject, *at);
	}
	begin = cpu_ns();
	for (size_t i = 0; i < len; i++) {
		sink += subject_match(subject, WAY_VALUE, &fresh[i]);
	}
	int64_t ns = cpu_ns() - begin;

	for (size_t i = 0; i < len; i++) {
		value_clear(&fresh[i].attributes);
	}
	return ns;
}

/* Goes on where it stopped before, so that rounds see different events. */
static double run_slice(const struct subject *subject, enum way way, size_t *at,
			int64_t slice_ns)
{
	size_t most = way == WAY_FRESH ? FRESH : CHUNK_MAX;
	size_t chunk = 1;
	size_t done = 0;
	int64_t total = 0;
	int64_t begin = cpu_ns();

	do {
		int64_t ns = way == WAY_FRESH
				 ? run_fresh(subject, at, chunk)
				 : run_chunk(subject, way, at, chunk);

		total += ns;
		done += chunk;
		if (ns < CHUNK_NS && chunk < most) {
			chunk *= 2;
		}
	} while (cpu_ns() - begin < slice_ns);
	return (double)total / (double)done;
}

static void measure_latency(struct measured *measured)
{
	const struct subject *subject = &measured->subject;
	double *times = alloc_zeroed(LATENCY_EVENTS, sizeof(*times));
	size_t len = 0;
	size_t matches = 0;
	int64_t begin = wall_ns();
	int64_t end = begin;

	while (len < LATENCY_EVENTS && end - begin < LATENCY_NS) {
		const struct event *event =
		    &subject->events[len % subject->event_count];
		int64_t before = wall_ns();

		matches += subject_match(subject, WAY_VALUE, event);
		end = wall_ns();
		times[len++] = (double)(end - before) / 1000;
	}
	measured->latency = (struct latency){
		.p50_us = fraction_of(times, len, 0.5),
		.p99_us = fraction_of(times, len, 0.99),
		.max_us = times[len - 1],
	};
	measured->matches = (double)matches / (double)len;
	free(times);
}

static bool is_wanted(const struct measured *measured, enum way way,
		      size_t linear_max)
{
	return way != WAY_LINEAR || measured->subject.len <= linear_max;
}

static void measure_round(struct measured *measured, size_t *at,
			  const struct options *options, size_t linear_max,
			  unsigned round)
{
	for (enum way way = 0; way < WAYS; way++) {
		struct speed *speed = &measured->ways[way];

		if (!is_wanted(measured, way, linear_max)) {
			continue;
		}
		if (!speed->rounds) {
			speed->rounds =
			    alloc_zeroed(options->rounds, sizeof(double));
			(void)run_slice(&measured->subject, way, at,
					options->slice_ns / 4);
		}
		speed->rounds[round] =
		    run_slice(&measured->subject, way, at, options->slice_ns);
	}
}

static double median_of(const double *rounds, unsigned len)
{
	double *sorted = alloc_zeroed(len, sizeof(*sorted));

	for (unsigned i = 0; i < len; i++) {
		sorted[i] = rounds[i];
	}
	double result = median(sorted, len);

	free(sorted);
	return result;
}

void speed_measure(struct measured *measured, size_t len,
		   const struct options *options, size_t linear_max)
{
	size_t *at = alloc_zeroed(len, sizeof(*at));

	for (unsigned round = 0; round < options->rounds; round++) {
		for (size_t i = 0; i < len; i++) {
			measure_round(&measured[i], &at[i], options, linear_max,
				      round);
		}
	}
	for (size_t i = 0; i < len; i++) {
		for (enum way way = 0; way < WAYS; way++) {
			struct speed *speed = &measured[i].ways[way];

			if (speed->rounds) {
				speed->ns =
				    median_of(speed->rounds, options->rounds);
			}
		}
		measure_latency(&measured[i]);
	}
	free(at);
}

double speed_ratio(const struct speed *more, const struct speed *less,
		   unsigned rounds)
{
	double *ratios = alloc_zeroed(rounds, sizeof(*ratios));

	for (unsigned i = 0; i < rounds; i++) {
		ratios[i] = more->rounds[i] / less->rounds[i];
	}
	double result = median(ratios, rounds);

	free(ratios);
	return result;
}

void measured_fini(struct measured *measured)
{
	for (enum way way = 0; way < WAYS; way++) {
		free(measured->ways[way].rounds);
	}
	subject_fini(&measured->subject);
}
