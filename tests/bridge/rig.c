#include "rig.h"

#include <unistd.h>

#include "../unit/folder.h"

/* 2026-03-01 or so. */
#define BEGIN_US INT64_C(1772323200000000)

static struct err test_err;

static void no_failure(int rc, const char *what)
{
	if (rc) {
		fail_msg("%s: %s %s", what, err_name(rc), test_err.msg);
	}
}

/* ---- what was said ---- */

static struct asked *asked(struct rig *rig, const char *queue)
{
	for (int i = 0; i < RIG_QUEUES; i++) {
		struct asked *at = &rig->asked[i];

		if (!at->queue) {
			at->queue = alloc_string(queue);
			at->said_no = true;
		}
		if (strcmp(at->queue, queue) == 0) {
			return at;
		}
	}
	fail_msg("more than %d queues", RIG_QUEUES);
	return NULL;
}

static void ready(void *arg, struct slice queue)
{
	char *name = slice_dup(queue);

	asked(arg, name)->ready = true;
	free(name);
}

/* ---- life ---- */

static void open_all(struct rig *rig)
{
	struct queue_backend_options options = { .ready = ready, .arg = rig };

	no_failure(store_open(rig->folder, &rig->store, &test_err), "store");
	rig->view = view_of_store(rig->store);
	store_set_durability(rig->store, DURABILITY_RELAXED);
	options.store = rig->store;
	no_failure(
	    rig->driver->open(&options, rig->now_us, &rig->backend, &test_err),
	    "open");
}

static void close_all(struct rig *rig)
{
	rig->driver->close(rig->backend);
	view_close(rig->view);
	store_close(rig->store);
}

/* Memory has no disk to wait for. */
static char *make_folder(void)
{
	return folder_make(access("/dev/shm", W_OK) == 0
			       ? "/dev/shm/tutti-bridge-XXXXXX"
			       : "/tmp/tutti-bridge-XXXXXX");
}

struct rig *rig_create(const struct driver_under_test *under_test)
{
	struct rig *rig = alloc_zeroed(1, sizeof(*rig));

	rig->under_test = under_test;
	rig->driver = under_test->driver;
	rig->server = under_test->start ? under_test->start() : NULL;
	rig->now_us =
	    under_test->wait ? under_test->wait(rig->server, 0) : BEGIN_US;
	rig->folder = make_folder();
	open_all(rig);
	return rig;
}

void rig_destroy(struct rig *rig)
{
	close_all(rig);
	if (rig->under_test->stop) {
		rig->under_test->stop(rig->server);
	}
	for (int i = 0; i < RIG_QUEUES; i++) {
		free(rig->asked[i].queue);
	}
	folder_remove(rig->folder);
	free(rig->folder);
	free(rig);
}

void rig_crash(struct rig *rig)
{
	close_all(rig);
	for (int i = 0; i < RIG_QUEUES; i++) {
		rig->asked[i].said_no = true;
		rig->asked[i].ready = false;
	}
	open_all(rig);
}

int rig_try_commit(struct rig *rig)
{
	int rc;

	if (rig->driver->committing) {
		rig->driver->committing(rig->backend);
	}
	rc = store_commit(rig->store, &test_err);
	if (rc) {
		return rc;
	}
	if (rig->driver->committed) {
		rig->driver->committed(rig->backend);
	}
	if (rig->committed) {
		rig->committed(rig->arg);
	}
	return 0;
}

void rig_commit(struct rig *rig)
{
	no_failure(rig_try_commit(rig), "commit");
}

static void settle(struct rig *rig)
{
	if (rig->under_test->told_at_commit) {
		rig_commit(rig);
	}
	if (rig->under_test->settle) {
		rig->under_test->settle(rig->server);
	}
}

static void wait_until(struct rig *rig, int64_t until_us)
{
	rig->now_us = rig->under_test->wait
			  ? rig->under_test->wait(rig->server, until_us)
			  : until_us;
	rig->driver->turn(rig->backend, rig->now_us);
}

void rig_pass(struct rig *rig, int64_t us)
{
	int64_t until_us = rig->now_us + us;
	int64_t due_us;

	settle(rig);
	while ((due_us = rig_due(rig)) && due_us > rig->now_us &&
	       due_us < until_us) {
		wait_until(rig, due_us);
	}
	wait_until(rig, until_us);
}

/* ---- messages ---- */

struct message_key rig_key(int number)
{
	unsigned char random[10] = { 0xbe, 0xef };
	int run = number / RIG_PER_RUN;

	random[8] = (unsigned char)(run >> 8);
	random[9] = (unsigned char)run;
	return (struct message_key){
		.run = id_make(BEGIN_US + run * MS, random),
		.task = (uint32_t)(number % RIG_PER_RUN),
	};
}

int rig_number(const struct message_key *key)
{
	const unsigned char *bytes = key->run.bytes;
	int run = bytes[ID_SIZE - 2] << 8 | bytes[ID_SIZE - 1];
	int number = run * RIG_PER_RUN + (int)key->task;
	struct message_key same = rig_key(number);

	assert_memory_equal(&same.run, &key->run, sizeof(same.run));
	return number;
}

void rig_set(struct rig *rig, const char *queue,
	     const struct queue_policy *policy)
{
	rig->driver->set(rig->backend, slice_of(queue), SLICE("worker"), policy,
			 rig->now_us);
}

void rig_set_default(struct rig *rig, const char *queue)
{
	struct queue_policy policy = queue_policy_default();

	rig_set(rig, queue, &policy);
	queue_policy_fini(&policy);
}

void rig_put_message(struct rig *rig, int number, struct queue_message message)
{
	message.key = rig_key(number);
	message.plugin = SLICE("worker");
	rig->driver->put(rig->backend, &message, rig->now_us);
}

void rig_put(struct rig *rig, const char *queue, int number)
{
	rig_put_message(rig, number,
			(struct queue_message){ .queue = slice_of(queue) });
}

void rig_put_priority(struct rig *rig, const char *queue, int number,
		      int priority)
{
	rig_put_message(rig, number,
			(struct queue_message){
			    .queue = slice_of(queue),
			    .priority = priority,
			});
}

void rig_put_group(struct rig *rig, const char *queue, int number,
		   const char *group)
{
	rig_put_message(rig, number,
			(struct queue_message){
			    .queue = slice_of(queue),
			    .group = slice_of(group),
			});
}

void rig_put_parts(struct rig *rig, const char *queue, int number,
		   struct blob *stash, struct blob *outputs, struct blob *with)
{
	rig_put_message(rig, number,
			(struct queue_message){
			    .queue = slice_of(queue),
			    .parts = { stash, outputs, with },
			});
}

int rig_lease(struct rig *rig, const char *queue)
{
	struct asked *said = asked(rig, queue);
	struct message_key key;
	int got;

	settle(rig);
	got = rig->driver->lease(rig->backend, slice_of(queue), rig->now_us,
				 &key);
	if (got == 0) {
		said->said_no = true;
		said->ready = false;
		return NONE;
	}
	if (said->said_no && !said->ready) {
		fail_msg("%s: ready() was not called for %d", queue,
			 rig_number(&key));
	}
	said->said_no = false;
	return rig_number(&key);
}

void rig_ack(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);

	rig->driver->ack(rig->backend, &key, rig->now_us);
}

void rig_nack(struct rig *rig, int number, int64_t visible_us)
{
	struct message_key key = rig_key(number);

	rig->driver->nack(rig->backend, &key, visible_us, SLICE("no luck"),
			  rig->now_us);
}

void rig_refuse(struct rig *rig, int number, int64_t visible_us)
{
	struct message_key key = rig_key(number);

	rig->driver->refuse(rig->backend, &key, visible_us, rig->now_us);
}

void rig_expose(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);

	rig->driver->expose(rig->backend, &key, rig->now_us);
}

void rig_extend(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);

	rig->driver->extend(rig->backend, &key, rig->now_us);
}

void rig_bury(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);

	rig->driver->bury(rig->backend, &key, SLICE("attempts used up"),
			  rig->now_us);
}

void rig_drop_dead(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);

	rig->driver->drop_dead(rig->backend, &key);
}

int rig_expired(struct rig *rig)
{
	struct message_key key;

	settle(rig);
	return rig->driver->expired(rig->backend, rig->now_us, &key)
		   ? rig_number(&key)
		   : NONE;
}

int rig_pause(struct rig *rig, const char *queue, const char *by)
{
	return rig->driver->pause(rig->backend, slice_of(queue), slice_of(by),
				  rig->now_us, &test_err);
}

int64_t rig_due(const struct rig *rig)
{
	return rig->driver->next_due(rig->backend);
}

size_t rig_waiting(const struct rig *rig, const char *queue)
{
	struct message_key keys[RIG_MESSAGES];

	return rig->driver->waiting(rig->backend, slice_of(queue), keys,
				    RIG_MESSAGES);
}

struct queue_depth rig_depth(const struct rig *rig, const char *queue)
{
	struct queue_depth depth = { 0 };
	bool found = rig->driver->depth(rig->backend, slice_of(queue), &depth);

	assert_int_equal(found, rig_has_queue(rig, queue));
	return depth;
}

bool rig_empty(const struct rig *rig, const char *queue)
{
	return rig->driver->empty(rig->backend, slice_of(queue));
}

struct looking {
	const char *queue;
	bool found;
};

static void look(void *arg, struct slice queue, struct slice plugin)
{
	struct looking *looking = arg;

	assert_true(slice_is(plugin, "worker"));
	looking->found |= slice_is(queue, looking->queue);
}

bool rig_has_queue(const struct rig *rig, const char *queue)
{
	struct looking looking = { queue, false };

	rig->driver->each_queue(rig->backend, look, &looking);
	return looking.found;
}

void rig_expect(struct rig *rig, const char *queue, int count, ...)
{
	va_list numbers;

	va_start(numbers, count);
	for (int i = 0; i < count; i++) {
		assert_int_equal(rig_lease(rig, queue), va_arg(numbers, int));
	}
	va_end(numbers);
	assert_int_equal(rig_lease(rig, queue), NONE);
}
