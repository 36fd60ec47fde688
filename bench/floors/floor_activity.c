/*
 * The smallest loop that does activities in one process and has them on disk:
 * one plugin, then `--parallel` of them, then one; or `--sequence` activities
 * of one plugin each. `--in-flight` runs are under way at a time, one thread
 * does everything.
 *
 * On disk: a 200-byte record for each activity and each plugin, keyed by
 * activity and plugin and overwritten: running, done; with `--layout step` one
 * record instead for all that a commit changes in a run. `--payload` bytes of
 * input are stored once a run, `--reply` bytes with each plugin that is done.
 * A phase is called after the commit that says that it runs, and what follows
 * starts after the commit that has its results: 4 commits in the life of an
 * activity, K + 1 in that of a sequence. A turn of the loop makes one, for all
 * runs that have something to store. Each is as durable as `--durability` says
 * before anything goes on: LMDB's default (strict), without the flush of the
 * meta page (relaxed), written and never flushed (none). With `--pipelined 1`
 * the same is put, but phases do not wait for a commit, only the end of a run
 * does: all runs in flight go through all of their phases, and one commit holds
 * all of it.
 *
 * Not on disk: histories, indexes, leases, definitions, what nobody asked for.
 * Nothing is deleted. A plugin is called through a pointer, with MessagePack
 * both ways: packed once a phase, read by each of its plugins.
 *
 * Prints one JSON object. `commits`, `records` and `bytes` are what the store
 * says when it is opened again, and the program fails when they are not what
 * was done. `latency_us` and `cpu_us` are those of a run.
 */
#include "fail.h"
#include "flight.h"
#include "stopwatch.h"

static void call_slot(struct flight *flight, struct plugin *plugin,
		      uint32_t slot, msgpack_sbuffer *request,
		      msgpack_sbuffer *answer, struct reader *reader)
{
	const struct plugin_module *module = &plugin_module;
	uint32_t plugins = flight_phase(flight, slot)->plugins;
	struct reply reply;

	msgpack_sbuffer_clear(request);
	flight_request(flight, slot, request);
	for (uint32_t i = 0; i < plugins; i++) {
		msgpack_sbuffer_clear(answer);
		(void)module->handle(plugin, request->data, request->size,
				     answer);
		(void)reply_read(reader, answer->data, answer->size, &reply);
		flight_reply(flight, &reply);
	}
}

static void run(struct flight *flight, struct plugin *plugin)
{
	msgpack_sbuffer request;
	msgpack_sbuffer answer;
	struct reader reader;

	reader_init(&reader);
	msgpack_sbuffer_init(&request);
	msgpack_sbuffer_init(&answer);
	flight_begin(flight);
	while (!flight_has_ended(flight)) {
		flight_commit(flight);
		for (uint32_t i = 0; i < flight->due.len; i++) {
			call_slot(flight, plugin, flight->due.at[i], &request,
				  &answer, &reader);
		}
	}
	msgpack_sbuffer_destroy(&request);
	msgpack_sbuffer_destroy(&answer);
	reader_fini(&reader);
}

int main(int argc, char **argv)
{
	struct options options;
	struct flight flight;
	struct plugin plugin;

	options_read(&options,
		     "--folder --count --in-flight --durability --layout "
		     "--parallel --sequence --payload --reply --pipelined "
		     "--keep",
		     argc, argv);
	flight_init(&flight, &options);
	plugin_init(&plugin, options.reply);
	int64_t cpu = cpu_ns();

	run(&flight, &plugin);
	cpu = cpu_ns() - cpu;
	report_begin();
	flight_report(&flight, cpu);
	report_end();
	plugin_fini(&plugin);
	flight_fini(&flight);
	return 0;
}
