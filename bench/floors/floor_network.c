/*
 * The loop of floor_activity, but that the plugins are other processes, reached
 * through nng over tcp loopback: as many as an activity has plugins, or
 * `--processes`, among which they are dealt. In a sequence it is one and the
 * same plugin each time.
 *
 * On disk: what floor_activity has there, commit for commit. A plugin of a
 * parallel phase is put as done when the last one of them has answered, with
 * all others and what follows; until then its answer is in memory alone.
 *
 * A turn takes all that has come, commits what of it ends a phase, and sends
 * what the commit covers: to each process one message with all of its requests
 * (in parts of 64 KiB), which answers with one message. With `--batch 0` a
 * message is for one run only. nng's callbacks do nothing but put messages into
 * a list and wake the loop; those of the plugins call and answer at once.
 *
 * Prints what floor_activity prints, and `messages` that were sent to plugins.
 * `cpu_us` is that of all processes, from when they are connected.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "flight.h"
#include "peers.h"
#include "stopwatch.h"

#define PART_BYTES 65536

struct network {
	const struct options *options;
	struct flight flight;
	struct peers *peers;
	size_t processes;
	msgpack_sbuffer *outgoing; /* for each process */
	msgpack_sbuffer request;
	struct reader reader;
	uint64_t messages;
};

static void network_init(struct network *network, const struct options *options)
{
	*network = (struct network){ .options = options };
	flight_init(&network->flight, options);
	uint32_t plugins =
	    options->sequence ? 1 : network->flight.shape.plugins;

	network->processes = options->processes ? options->processes : plugins;
	if (network->processes > MOST_PROCESSES) {
		floor_fail("--processes", "too many without it");
	}
	network->outgoing =
	    calloc(network->processes, sizeof(*network->outgoing));
	if (!network->outgoing) {
		floor_fail_errno("network");
	}
	reader_init(&network->reader);
	msgpack_sbuffer_init(&network->request);
	network->peers = peers_open(network->processes, options->reply,
				    (size_t)options->in_flight * plugins + 1);
}

static void flush(struct network *network, size_t peer)
{
	msgpack_sbuffer *outgoing = &network->outgoing[peer];

	if (outgoing->size) {
		peers_send(network->peers, peer, outgoing->data,
			   outgoing->size);
		msgpack_sbuffer_clear(outgoing);
		network->messages++;
	}
}

static void flush_all(struct network *network)
{
	for (size_t i = 0; i < network->processes; i++) {
		flush(network, i);
	}
}

static void ask(struct network *network, uint32_t plugin)
{
	const msgpack_sbuffer *request = &network->request;
	size_t peer = (plugin - 1) % network->processes;

	address_pack(plugin, &network->outgoing[peer]);
	(void)msgpack_sbuffer_write(&network->outgoing[peer], request->data,
				    request->size);
	if (network->outgoing[peer].size >= PART_BYTES) {
		flush(network, peer);
	}
}

static void ask_due(struct network *network)
{
	const struct flight *flight = &network->flight;

	for (uint32_t i = 0; i < flight->due.len; i++) {
		uint32_t slot = flight->due.at[i];
		const struct phase *phase = flight_phase(flight, slot);

		msgpack_sbuffer_clear(&network->request);
		flight_request(flight, slot, &network->request);
		for (uint32_t n = 0; n < phase->plugins; n++) {
			ask(network, phase->plugin + n);
		}
		if (!network->options->batch) {
			flush_all(network);
		}
	}
	flush_all(network);
}

static void read_replies(struct network *network, nng_msg *message)
{
	const char *body = nng_msg_body(message);
	size_t len = nng_msg_len(message);

	for (size_t at = 0; at < len;) {
		struct reply reply;

		at += reply_read(&network->reader, body + at, len - at, &reply);
		flight_reply(&network->flight, &reply);
	}
	nng_msg_free(message);
}

static void run(struct network *network)
{
	struct flight *flight = &network->flight;

	flight_begin(flight);
	while (!flight_has_ended(flight)) {
		nng_msg **messages;
		size_t len = peers_take(network->peers,
					!flight_is_ready(flight), &messages);

		for (size_t i = 0; i < len; i++) {
			read_replies(network, messages[i]);
		}
		if (flight_is_ready(flight)) {
			flight_commit(flight);
			ask_due(network);
		}
	}
}

static int64_t cpu_of_all(const struct network *network)
{
	return cpu_ns() + peers_cpu_ns(network->peers);
}

static void report(struct network *network, int64_t cpu)
{
	report_begin();
	flight_report(&network->flight, cpu);
	report_count("processes", network->processes);
	report_count("batch", network->options->batch);
	report_count("messages", network->messages);
	report_end();
}

int main(int argc, char **argv)
{
	static struct network network;
	struct options options;

	if (argc == 4 && strcmp(argv[1], "--peer") == 0) {
		children_follow();
		peers_serve(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	}
	options_read(&options,
		     "--folder --count --in-flight --durability --layout "
		     "--parallel --sequence --payload --reply --processes "
		     "--batch --keep",
		     argc, argv);
	network_init(&network, &options);
	int64_t cpu = cpu_of_all(&network);

	run(&network);
	report(&network, cpu_of_all(&network) - cpu);
	peers_close(network.peers);
	flight_fini(&network.flight);
	/* What nng holds is never closed. */
	_exit(0);
}
