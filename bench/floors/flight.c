#include "flight.h"

#include <stdlib.h>

#include "fail.h"
#include "status_store.h"
#include "stopwatch.h"
#include "work_folder.h"

/* Where the input lies, beside the plugins of an activity. */
#define INPUT_PLUGIN UINT32_MAX

static void slots_init(struct slots *slots, uint32_t cap)
{
	slots->len = 0;
	slots->at = calloc(cap, sizeof(*slots->at));
	if (!slots->at) {
		floor_fail_errno("slots");
	}
}

static void slots_add(struct slots *slots, uint32_t slot)
{
	slots->at[slots->len++] = slot;
}

static size_t longest_record(const struct options *options)
{
	size_t step = (size_t)options->reply *
		      (options->parallel > 1 ? options->parallel : 1);

	return options->payload + step;
}

void flight_init(struct flight *flight, const struct options *options)
{
	uint32_t cap = options->in_flight;

	*flight = (struct flight){ .options = options };
	if (options->sequence) {
		shape_init_sequence(&flight->shape, options->sequence);
	} else {
		shape_init_activity(&flight->shape, options->parallel);
	}
	flight->slots = calloc(cap, sizeof(*flight->slots));
	flight->input = calloc(1, (size_t)options->payload + 1);
	if (!flight->slots || !flight->input) {
		floor_fail_errno("flight");
	}
	slots_init(&flight->vacant, cap);
	slots_init(&flight->ready, cap);
	slots_init(&flight->put, cap);
	slots_init(&flight->due, cap);
	for (uint32_t i = 0; i < cap; i++) {
		slots_add(&flight->vacant, cap - 1 - i);
	}
	times_init(&flight->times, options->count);
	flight->folder = work_folder_make(options->folder);
	flight->store = status_store_open(flight->folder, options->durability,
					  longest_record(options));
}

void flight_fini(struct flight *flight)
{
	if (!flight->options->keep) {
		work_folder_remove(flight->folder);
	}
	free(flight->folder);
	times_fini(&flight->times);
	free(flight->vacant.at);
	free(flight->ready.at);
	free(flight->put.at);
	free(flight->due.at);
	free(flight->slots);
	free(flight->input);
	shape_fini(&flight->shape);
}

void flight_begin(struct flight *flight)
{
	flight->begin_ns = wall_ns();
}

static bool can_begin(const struct flight *flight)
{
	return flight->vacant.len && flight->begun < flight->options->count;
}

bool flight_is_ready(const struct flight *flight)
{
	return flight->ready.len || can_begin(flight);
}

bool flight_has_ended(const struct flight *flight)
{
	return flight->ended == flight->options->count;
}

static void begin_runs(struct flight *flight)
{
	while (can_begin(flight)) {
		uint32_t at = flight->vacant.at[--flight->vacant.len];

		flight->slots[at] = (struct slot){
			.run = flight->begun++,
			.begin_ns = wall_ns(),
		};
		slots_add(&flight->ready, at);
	}
}

static void put(struct flight *flight, const struct slot *slot,
		const struct phase *phase, uint32_t plugin, enum status status,
		size_t more)
{
	struct status_key key = {
		.activity =
		    slot->run * flight->shape.activities + phase->activity,
		.plugin = plugin,
	};

	status_store_put(flight->store, key, status, more);
	flight->puts++;
}

static void put_plugins(struct flight *flight, const struct slot *slot,
			const struct phase *phase, enum status status)
{
	size_t more = status == STATUS_DONE ? flight->options->reply : 0;

	for (uint32_t i = 0; i < phase->plugins; i++) {
		put(flight, slot, phase, phase->plugin + i, status, more);
	}
}

static void put_tree(struct flight *flight, const struct slot *slot)
{
	const struct phase *phase = &flight->shape.phases[slot->phase];

	if (slot->phase > 0) {
		put_plugins(flight, slot, phase - 1, STATUS_DONE);
		if (phase[-1].ends) {
			put(flight, slot, phase - 1, 0, STATUS_DONE, 0);
		}
	}
	if (slot->phase < flight->shape.len) {
		if (phase->begins) {
			put(flight, slot, phase, 0, STATUS_RUNNING, 0);
		}
		put_plugins(flight, slot, phase, STATUS_RUNNING);
	}
}

/* Keyed by the commit's place in the run instead of activity and plugin. */
static void put_step(struct flight *flight, const struct slot *slot)
{
	struct status_key key = {
		.activity = slot->run * flight->shape.activities,
		.plugin = slot->phase,
	};
	bool last = slot->phase == flight->shape.len;
	size_t more = 0;

	if (slot->phase > 0) {
		more = (size_t)flight->options->reply *
		       flight->shape.phases[slot->phase - 1].plugins;
	}
	status_store_put(flight->store, key,
			 last ? STATUS_DONE : STATUS_RUNNING, more);
	flight->puts++;
}

static void put_slot(struct flight *flight, const struct slot *slot)
{
	if (slot->phase == 0 && flight->options->payload) {
		put(flight, slot, flight->shape.phases, INPUT_PLUGIN,
		    STATUS_INPUT, flight->options->payload);
	}
	if (flight->options->layout == LAYOUT_STEP) {
		put_step(flight, slot);
	} else {
		put_tree(flight, slot);
	}
}

static void go_on(struct flight *flight, uint32_t at)
{
	struct slot *slot = &flight->slots[at];

	if (slot->phase < flight->shape.len) {
		slot->replies = flight->shape.phases[slot->phase].plugins;
		slots_add(&flight->due, at);
		return;
	}
	times_add(&flight->times, wall_ns() - slot->begin_ns);
	slots_add(&flight->vacant, at);
	flight->ended++;
}

static void open_transaction(struct flight *flight)
{
	if (!flight->is_open) {
		status_store_begin(flight->store);
		flight->is_open = true;
	}
}

static bool waits_for_commit(const struct flight *flight, uint32_t at)
{
	return !flight->options->pipelined ||
	       flight->slots[at].phase == flight->shape.len;
}

static void put_ready(struct flight *flight)
{
	for (uint32_t i = 0; i < flight->ready.len; i++) {
		uint32_t at = flight->ready.at[i];

		put_slot(flight, &flight->slots[at]);
		if (waits_for_commit(flight, at)) {
			slots_add(&flight->put, at);
		} else {
			go_on(flight, at);
		}
	}
	flight->ready.len = 0;
}

void flight_commit(struct flight *flight)
{
	begin_runs(flight);
	flight->due.len = 0;
	open_transaction(flight);
	put_ready(flight);
	if (flight->due.len) {
		return;
	}
	status_store_commit(flight->store);
	flight->is_open = false;
	flight->commits++;
	for (uint32_t i = 0; i < flight->put.len; i++) {
		go_on(flight, flight->put.at[i]);
	}
	flight->put.len = 0;
	flight->wall_ns = wall_ns() - flight->begin_ns;
}

void flight_request(const struct flight *flight, uint32_t slot,
		    msgpack_sbuffer *ret_packed)
{
	struct request request = {
		.run = flight->slots[slot].run,
		.slot = slot,
		.phase = flight->slots[slot].phase,
		.payload = flight->options->payload,
	};

	request_pack(&request, flight->input, ret_packed);
}

const struct phase *flight_phase(const struct flight *flight, uint32_t slot)
{
	return &flight->shape.phases[flight->slots[slot].phase];
}

void flight_reply(struct flight *flight, const struct reply *reply)
{
	if (reply->slot >= flight->options->in_flight ||
	    reply->output != flight->options->reply) {
		floor_fail("reply", "not one that was asked for");
	}
	struct slot *slot = &flight->slots[reply->slot];

	if (slot->run != reply->run || slot->replies == 0) {
		floor_fail("reply", "to a run that does not wait for it");
	}
	if (--slot->replies == 0) {
		slot->phase++;
		slots_add(&flight->ready, reply->slot);
	}
}

/* Of all runs, as they must lie on disk. */
static uint64_t records_of(const struct flight *flight)
{
	uint64_t input = flight->options->payload ? 1 : 0;
	uint64_t statuses =
	    flight->options->layout == LAYOUT_STEP
		? flight->shape.len + 1
		: flight->shape.activities + flight->shape.plugins;

	return flight->options->count * (statuses + input);
}

static uint64_t done_of(const struct flight *flight)
{
	uint64_t done = flight->options->layout == LAYOUT_STEP
			    ? 1
			    : flight->shape.activities + flight->shape.plugins;

	return flight->options->count * done;
}

static void check_counts(const struct flight *flight,
			 const struct status_counts *counts)
{
	if (counts->records != records_of(flight) ||
	    counts->done != done_of(flight)) {
		floor_fail(flight->folder, "records are missing");
	}
	if (counts->commits != flight->commits) {
		floor_fail(flight->folder, "commits are missing");
	}
}

void flight_report(struct flight *flight, int64_t cpu_ns)
{
	const struct options *options = flight->options;
	double runs = (double)options->count;
	double seconds = (double)flight->wall_ns / 1e9;
	struct status_counts counts;

	status_store_close(flight->store);
	status_store_count(flight->folder, &counts);
	check_counts(flight, &counts);
	report_count("count", options->count);
	report_count("in_flight", options->in_flight);
	report_text("durability", durability_name(options->durability));
	report_number("seconds", seconds);
	report_number("per_second", runs / seconds);
	report_times("latency_us", &flight->times);
	report_number("cpu_us", (double)cpu_ns / 1000 / runs);
	report_count("commits", counts.commits);
	report_count("flushes",
		     counts.commits * durability_flushes(options->durability));
	report_count("puts", flight->puts);
	report_count("records", counts.records);
	report_count("bytes", counts.bytes);
}
