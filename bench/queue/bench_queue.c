/*
 * What a message costs, whatever the length of its queue: see
 * docs/performance.md.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "folder.h"
#include "raw.h"
#include "stopwatch.h"
#include "store/codec.h"

#define GROUP      256  /* messages in a commit */
#define OPEN_GROUP 8192 /* likewise, where that is not measured */
#define PER_RUN    16
#define LEAST      50000 /* messages that a size is measured with */
#define SIZES      4
#define BEGIN_US   INT64_C(1772323200000000)

enum step { STEP_PUT, STEP_LEASE, STEP_ACK, STEPS };
enum side { SIDE_DRIVER, SIDE_RAW, SIDES };

struct cost {
	int64_t wall_ns;
	int64_t cpu_ns;
};

struct measured {
	size_t size;   /* of the queue */
	size_t rounds; /* from empty to empty */
	struct cost costs[SIDES][STEPS];
	int64_t own_ns;  /* of the driver, without its commits */
	double bytes;    /* of memory, per message */
	int64_t open_ns; /* with so many messages */
};

struct subject {
	char *folders[SIDES];
	bool relaxed;
	struct store *store;
	struct queue_backend *backend;
	struct raw *raw;
	struct buf row; /* of the size that the driver's have */
	int64_t now_us;
	int64_t own_ns;
};

static _Noreturn void fail(const char *what)
{
	(void)fprintf(stderr, "bench_queue: %s\n", what);
	exit(1);
}

/* ---- what is measured ---- */

static void ready(void *arg, struct slice queue)
{
	(void)arg;
	(void)queue;
}

static struct message_key key_at(size_t number)
{
	unsigned char random[10] = { 0 };
	size_t run = number / PER_RUN;

	for (int i = 0; i < 8; i++) {
		random[9 - i] = (unsigned char)(run >> (8 * i));
	}
	return (struct message_key){
		.run = id_make(BEGIN_US + (int64_t)run, random),
		.task = (uint32_t)(number % PER_RUN),
	};
}

static void open_driver(struct subject *subject)
{
	struct queue_policy policy = queue_policy_default();
	struct queue_backend_options options = { .ready = ready };

	if (store_open(subject->folders[SIDE_DRIVER], &subject->store, NULL)) {
		fail("cannot open a store");
	}
	store_set_durability(subject->store, subject->relaxed
						 ? DURABILITY_RELAXED
						 : DURABILITY_STRICT);
	options.store = subject->store;
	if (embedded_driver.open(&options, BEGIN_US, &subject->backend, NULL)) {
		fail("cannot open the driver");
	}
	embedded_driver.set(subject->backend, SLICE("ocr"), SLICE("ocr"),
			    &policy, BEGIN_US);
}

static void make_row(struct subject *subject)
{
	struct message_record record = {
		.queue = SLICE("ocr"),
		.plugin = SLICE("ocr"),
	};

	message_encode(&subject->row, &record);
}

static void open_subject(struct subject *subject)
{
	for (int i = 0; i < SIDES; i++) {
		subject->folders[i] = folder_create();
		if (!subject->folders[i]) {
			fail("cannot make a folder");
		}
	}
	subject->now_us = BEGIN_US;
	open_driver(subject);
	subject->raw = raw_open(subject->folders[SIDE_RAW], subject->relaxed);
	make_row(subject);
}

static void close_subject(struct subject *subject)
{
	embedded_driver.close(subject->backend);
	store_close(subject->store);
	raw_close(subject->raw);
	buf_fini(&subject->row);
	for (int i = 0; i < SIDES; i++) {
		folder_destroy(subject->folders[i]);
	}
}

/* ---- one commit of each step ---- */

static void driver_put(struct subject *subject, const struct message_key *keys,
		       size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct queue_message message = {
			.key = keys[i],
			.queue = SLICE("ocr"),
			.plugin = SLICE("ocr"),
		};

		embedded_driver.put(subject->backend, &message,
				    subject->now_us);
	}
}

static void driver_lease(struct subject *subject,
			 const struct message_key *keys, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct message_key key;

		if (embedded_driver.lease(subject->backend, SLICE("ocr"),
					  subject->now_us, &key) != 1 ||
		    key.task != keys[i].task ||
		    !id_equal(&key.run, &keys[i].run)) {
			fail("not the message that was expected");
		}
	}
}

static void driver_ack(struct subject *subject, const struct message_key *keys,
		       size_t len)
{
	for (size_t i = 0; i < len; i++) {
		embedded_driver.ack(subject->backend, &keys[i],
				    subject->now_us);
	}
}

static void commit(struct subject *subject)
{
	if (store_commit(subject->store, NULL)) {
		fail("cannot commit");
	}
}

static void driver_step(struct subject *subject, enum step step,
			const struct message_key *keys, size_t len)
{
	static void (*const steps[STEPS])(
	    struct subject *, const struct message_key *, size_t) = {
		driver_put,
		driver_lease,
		driver_ack,
	};

	int64_t begin = wall_ns();

	subject->now_us++;
	embedded_driver.turn(subject->backend, subject->now_us);
	steps[step](subject, keys, len);
	subject->own_ns += wall_ns() - begin;
	commit(subject);
}

static void raw_step(struct subject *subject, enum step step,
		     const struct message_key *keys, size_t len)
{
	if (step == STEP_ACK) {
		raw_delete(subject->raw, keys, len);
	} else {
		raw_put(subject->raw, keys, len, buf_slice(&subject->row));
	}
}

static void measure_step(struct subject *subject, struct measured *measured,
			 enum step step, size_t first)
{
	static void (*const sides[SIDES])(struct subject *, enum step,
					  const struct message_key *,
					  size_t) = { driver_step, raw_step };
	struct message_key keys[GROUP];
	size_t rest = measured->size - first;
	size_t len = rest < GROUP ? rest : GROUP;

	for (size_t i = 0; i < len; i++) {
		keys[i] = key_at(first + i);
	}
	for (int i = 0; i < SIDES; i++) {
		struct cost *cost = &measured->costs[i][step];
		int64_t wall = wall_ns();
		int64_t cpu = cpu_ns();

		sides[i](subject, step, keys, len);
		cost->wall_ns += wall_ns() - wall;
		cost->cpu_ns += cpu_ns() - cpu;
	}
}

/* From empty to `size` messages and back. */
static void measure_round(struct subject *subject, struct measured *measured)
{
	size_t before = heap_bytes();

	for (size_t i = 0; i < measured->size; i += GROUP) {
		measure_step(subject, measured, STEP_PUT, i);
	}
	measured->bytes =
	    ((double)heap_bytes() - (double)before) / (double)measured->size;
	for (size_t i = 0; i < measured->size; i += GROUP) {
		measure_step(subject, measured, STEP_LEASE, i);
		measure_step(subject, measured, STEP_ACK, i);
	}
	measured->rounds++;
}

/* As after a restart: all rows are read. */
static void measure_open(struct subject *subject, struct measured *measured)
{
	int64_t begin;

	for (size_t i = 0; i < measured->size; i++) {
		struct message_key key = key_at(i);

		driver_put(subject, &key, 1);
		if (i % OPEN_GROUP == 0) {
			commit(subject);
		}
	}
	commit(subject);
	embedded_driver.close(subject->backend);
	store_close(subject->store);
	begin = wall_ns();
	open_driver(subject);
	measured->open_ns = wall_ns() - begin;
}

static struct measured measure(size_t size, bool relaxed)
{
	struct subject subject = { .relaxed = relaxed };
	struct measured measured = { .size = size };

	open_subject(&subject);
	do {
		measure_round(&subject, &measured);
	} while (measured.rounds * size < LEAST);
	measured.own_ns = subject.own_ns;
	measure_open(&subject, &measured);
	close_subject(&subject);
	return measured;
}

/* ---- what is said ---- */

static double per_message(const struct measured *measured, int64_t ns)
{
	return (double)ns / 1000.0 /
	       (double)(measured->rounds * measured->size);
}

static double put_us(const struct measured *measured, enum side side)
{
	return per_message(measured, measured->costs[side][STEP_PUT].wall_ns);
}

static double drain_us(const struct measured *measured, enum side side)
{
	return per_message(measured,
			   measured->costs[side][STEP_LEASE].wall_ns +
			       measured->costs[side][STEP_ACK].wall_ns);
}

static double all_cpu_us(const struct measured *measured, enum side side)
{
	const struct cost *costs = measured->costs[side];

	return per_message(measured, costs[STEP_PUT].cpu_ns +
					 costs[STEP_LEASE].cpu_ns +
					 costs[STEP_ACK].cpu_ns);
}

static double all_us(const struct measured *measured, enum side side)
{
	return put_us(measured, side) + drain_us(measured, side);
}

/* The disk is the same for both, whatever others do with it meanwhile. */
static double against_raw(const struct measured *measured)
{
	return all_us(measured, SIDE_DRIVER) / all_us(measured, SIDE_RAW);
}

static void say_head(bool relaxed)
{
	(void)printf(
	    "queues: messages enqueued, then leased and acknowledged, %d in a "
	    "commit; every\ncommit is synced (durability: %s). raw: LMDB "
	    "itself with\nthe same puts, updates and deletes in the same "
	    "commits; own: what the driver does\nbefore they are committed. "
	    "Microseconds per message.\n\n",
	    GROUP, relaxed ? "relaxed, one flush" : "strict, two flushes");
	(void)printf("%8s %8s %8s %8s %8s %8s %6s %8s %8s %6s %8s\n",
		     "messages", "enqueue", "drain", "raw", "raw", "against",
		     "own", "cpu", "raw", "bytes", "ms to");
	(void)printf("%8s %8s %8s %8s %8s %8s %6s %8s %8s %6s %8s\n", "", "",
		     "", "enqueue", "drain", "raw", "", "", "cpu", "each",
		     "open");
}

static void say(const struct measured *measured)
{
	(void)printf(
	    "%8zu %8.2f %8.2f %8.2f %8.2f %8.2f %6.2f %8.2f %8.2f "
	    "%6.0f %8.1f\n",
	    measured->size, put_us(measured, SIDE_DRIVER),
	    drain_us(measured, SIDE_DRIVER), put_us(measured, SIDE_RAW),
	    drain_us(measured, SIDE_RAW), against_raw(measured),
	    per_message(measured, measured->own_ns),
	    all_cpu_us(measured, SIDE_DRIVER), all_cpu_us(measured, SIDE_RAW),
	    measured->bytes, (double)measured->open_ns / 1e6);
	(void)fflush(stdout);
}

static void say_json(const struct measured *measured, int count)
{
	for (int i = 0; i < count; i++) {
		const struct measured *one = &measured[i];

		(void)printf(
		    "%s{\"messages\":%zu,\"enqueue_us\":%.4f,"
		    "\"drain_us\":%.4f,\"raw_enqueue_us\":%.4f,"
		    "\"raw_drain_us\":%.4f,\"own_us\":%.4f,"
		    "\"cpu_us\":%.4f,\"raw_cpu_us\":%.4f,"
		    "\"bytes_each\":%.1f,\"open_ms\":%.3f}",
		    i ? ",\n" : "[", one->size, put_us(one, SIDE_DRIVER),
		    drain_us(one, SIDE_DRIVER), put_us(one, SIDE_RAW),
		    drain_us(one, SIDE_RAW), per_message(one, one->own_ns),
		    all_cpu_us(one, SIDE_DRIVER), all_cpu_us(one, SIDE_RAW),
		    one->bytes, (double)one->open_ns / 1e6);
	}
	(void)printf("]\n");
}

static void say_growth(const struct measured *least,
		       const struct measured *most)
{
	(void)printf(
	    "\n%zu messages against %zu, times the cost of each:\n"
	    "enqueue    %.2f, raw LMDB %.2f\n"
	    "drain      %.2f, raw LMDB %.2f\n"
	    "processor  %.2f, raw LMDB %.2f\n"
	    "own        %.2f\n"
	    "both, beside what raw LMDB takes at the same time: %.2f\n",
	    most->size, least->size,
	    put_us(most, SIDE_DRIVER) / put_us(least, SIDE_DRIVER),
	    put_us(most, SIDE_RAW) / put_us(least, SIDE_RAW),
	    drain_us(most, SIDE_DRIVER) / drain_us(least, SIDE_DRIVER),
	    drain_us(most, SIDE_RAW) / drain_us(least, SIDE_RAW),
	    all_cpu_us(most, SIDE_DRIVER) / all_cpu_us(least, SIDE_DRIVER),
	    all_cpu_us(most, SIDE_RAW) / all_cpu_us(least, SIDE_RAW),
	    per_message(most, most->own_ns) / per_message(least, least->own_ns),
	    against_raw(most) / against_raw(least));
}

static const char usage[] =
    "usage: bench_queue [--quick] [--json] [--relaxed]\n"
    "\n"
    "  --quick    up to 10,000 messages instead of 1,000,000\n"
    "  --json     what was measured as a list, when all is done\n"
    "  --relaxed  one flush per commit instead of two\n"
    "\n"
    "Stores are made in TMPDIR, else in /tmp.\n";

static const struct option longs[] = {
	{ "quick", no_argument, NULL, 'q' },
	{ "json", no_argument, NULL, 'j' },
	{ "relaxed", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const size_t sizes[SIZES] = { 1000, 10000, 100000, 1000000 };
	struct measured measured[SIZES];
	bool relaxed = false;
	bool json = false;
	int count = SIZES;
	int letter;

	while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (letter == 'q') {
			count = 2;
		} else if (letter == 'j') {
			json = true;
		} else if (letter == 'r') {
			relaxed = true;
		} else {
			(void)fputs(usage, letter == 'h' ? stdout : stderr);
			return letter == 'h' ? 0 : 2;
		}
	}
	if (!json) {
		say_head(relaxed);
	}
	for (int i = 0; i < count; i++) {
		measured[i] = measure(sizes[i], relaxed);
		if (!json) {
			say(&measured[i]);
		}
	}
	if (json) {
		say_json(measured, count);
	} else {
		say_growth(&measured[0], &measured[count - 1]);
	}
	return 0;
}
