/*
 * nng alone: a message of `--payload` bytes (256 when not given) is published
 * to
 * `--members` subscribers in as many processes, or in `--processes`, over tcp
 * loopback. Each answers with 8 bytes; when the last one has, the next message
 * is published: one is in flight, `--count` times. Subscribers are SUB sockets,
 * answers go through PAIR sockets to one that all are connected to.
 *
 * Nothing is on disk, nothing is decoded, nothing is woken but nng's own
 * threads: both sides answer in its callbacks. A round that lacks an answer
 * never ends, one that has a wrong answer fails.
 *
 * Prints one JSON object. `latency_us` is from publishing to the last answer,
 * `cpu_us` that of all processes for a round, from when they are connected.
 */
#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/pair1/pair.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "fail.h"
#include "options.h"
#include "report.h"
#include "stopwatch.h"
#include "tcp.h"

#define USUAL_BYTES 256

/* ---- who publishes ---- */

struct fanout {
	const struct options *options;
	struct children children;
	nng_socket publish;
	nng_socket answers;
	nng_aio *send;
	nng_aio *receive;
	char *message; /* the round, and filler */
	size_t len;
	uint64_t round;
	uint32_t answered;
	int64_t begin_ns;
	struct times times;
	uint64_t replies;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over; /* under the lock; the rest is the callback's until then */
};

static void publish(struct fanout *fanout)
{
	memcpy(fanout->message, &fanout->round, sizeof(fanout->round));
	fanout->answered = 0;
	fanout->begin_ns = wall_ns();
	tcp_send(fanout->publish, fanout->send, fanout->message, fanout->len);
}

static void end_round(struct fanout *fanout)
{
	times_add(&fanout->times, wall_ns() - fanout->begin_ns);
	if (fanout->round + 1 < fanout->options->count) {
		fanout->round++;
		publish(fanout);
		return;
	}
	(void)pthread_mutex_lock(&fanout->lock);
	fanout->over = true;
	(void)pthread_cond_signal(&fanout->ended);
	(void)pthread_mutex_unlock(&fanout->lock);
}

static void answered(void *arg)
{
	struct fanout *fanout = arg;

	tcp_check(nng_aio_result(fanout->receive), "answer");
	nng_msg *message = nng_aio_get_msg(fanout->receive);

	if (nng_msg_len(message) != sizeof(fanout->round) ||
	    memcmp(nng_msg_body(message), &fanout->round,
		   sizeof(fanout->round)) != 0) {
		floor_fail("answer", "not to what was published");
	}
	nng_msg_free(message);
	fanout->replies++;
	if (++fanout->answered == fanout->options->members) {
		end_round(fanout);
	}
	nng_recv_aio(fanout->answers, fanout->receive);
}

static void start_members(struct fanout *fanout, uint32_t processes)
{
	char *publications = tcp_listen(fanout->publish);
	char *answers = tcp_listen(fanout->answers);
	uint32_t members = fanout->options->members;

	children_init(&fanout->children, processes);
	for (uint32_t i = 0; i < processes; i++) {
		char share[16];

		(void)snprintf(share, sizeof(share), "%u",
			       members / processes +
				   (i < members % processes ? 1 : 0));
		children_start(&fanout->children,
			       (char *[]){ program_invocation_name, "--member",
					   publications, answers, share,
					   NULL });
	}
	free(publications);
	free(answers);
	tcp_wait(2 * (size_t)members);
}

static void fanout_init(struct fanout *fanout, const struct options *options,
			uint32_t processes)
{
	*fanout = (struct fanout){
		.options = options,
		.len = options->payload,
		.message = calloc(1, options->payload),
	};
	if (!fanout->message) {
		floor_fail_errno("fanout");
	}
	times_init(&fanout->times, options->count);
	(void)pthread_mutex_init(&fanout->lock, NULL);
	(void)pthread_cond_init(&fanout->ended, NULL);
	tcp_check(nng_pub0_open(&fanout->publish), "fanout");
	tcp_check(nng_pair1_open_poly(&fanout->answers), "fanout");
	tcp_check(nng_aio_alloc(&fanout->send, NULL, NULL), "fanout");
	tcp_check(nng_aio_alloc(&fanout->receive, answered, fanout), "fanout");
	tcp_watch(fanout->publish);
	tcp_watch(fanout->answers);
	start_members(fanout, processes);
	nng_recv_aio(fanout->answers, fanout->receive);
}

static void run(struct fanout *fanout)
{
	publish(fanout);
	(void)pthread_mutex_lock(&fanout->lock);
	while (!fanout->over) {
		(void)pthread_cond_wait(&fanout->ended, &fanout->lock);
	}
	(void)pthread_mutex_unlock(&fanout->lock);
}

static int64_t cpu_of_all(const struct fanout *fanout)
{
	return cpu_ns() + children_cpu_ns(&fanout->children);
}

static void report(struct fanout *fanout, int64_t wall, int64_t cpu)
{
	double rounds = (double)fanout->options->count;
	double seconds = (double)wall / 1e9;

	report_begin();
	report_count("count", fanout->options->count);
	report_count("members", fanout->options->members);
	report_count("processes", fanout->children.len);
	report_count("payload", fanout->len);
	report_number("seconds", seconds);
	report_number("per_second", rounds / seconds);
	report_times("latency_us", &fanout->times);
	report_number("cpu_us", (double)cpu / 1000 / rounds);
	report_count("replies", fanout->replies);
	report_count("commits", 0);
	report_count("flushes", 0);
	report_count("bytes", 0);
	report_end();
}

/* ---- who subscribes ---- */

struct member {
	nng_socket subscribe;
	nng_socket answer;
	nng_aio *receive;
	nng_aio *send;
};

static void published(void *arg)
{
	struct member *member = arg;

	tcp_check(nng_aio_result(member->receive), "member");
	nng_msg *message = nng_aio_get_msg(member->receive);

	tcp_send(member->answer, member->send, nng_msg_body(message),
		 sizeof(uint64_t));
	nng_msg_free(message);
	nng_recv_aio(member->subscribe, member->receive);
}

static void member_init(struct member *member, const char *publications,
			const char *answers)
{
	tcp_check(nng_sub0_open(&member->subscribe), "member");
	tcp_check(nng_pair1_open(&member->answer), "member");
	tcp_check(
	    nng_socket_set(member->subscribe, NNG_OPT_SUB_SUBSCRIBE, "", 0),
	    "member");
	tcp_check(nng_aio_alloc(&member->receive, published, member), "member");
	tcp_check(nng_aio_alloc(&member->send, NULL, NULL), "member");
	nng_recv_aio(member->subscribe, member->receive);
	tcp_dial(member->answer, answers);
	tcp_dial(member->subscribe, publications);
}

static _Noreturn void members_serve(const char *publications,
				    const char *answers, uint32_t count)
{
	struct member *members = calloc(count, sizeof(*members));

	if (!members) {
		floor_fail_errno("members");
	}
	for (uint32_t i = 0; i < count; i++) {
		member_init(&members[i], publications, answers);
	}
	tcp_serve();
}

int main(int argc, char **argv)
{
	static struct fanout fanout;
	struct options options;

	if (argc == 5 && strcmp(argv[1], "--member") == 0) {
		children_follow();
		members_serve(argv[2], argv[3],
			      (uint32_t)strtoul(argv[4], NULL, 10));
	}
	options_read(&options, "--count --members --processes --payload", argc,
		     argv);
	if (options.payload == 0) {
		options.payload = USUAL_BYTES;
	}
	if (options.payload < sizeof(fanout.round)) {
		floor_fail("--payload", "too small for a number");
	}
	if (!options.processes || options.processes > options.members) {
		options.processes = options.members;
	}
	fanout_init(&fanout, &options, options.processes);
	int64_t cpu = cpu_of_all(&fanout);
	int64_t wall = wall_ns();

	run(&fanout);
	wall = wall_ns() - wall;
	report(&fanout, wall, cpu_of_all(&fanout) - cpu);
	tcp_unwatch();
	children_fini(&fanout.children);
	/* What nng holds is never closed. */
	_exit(0);
}
