#include "link_client_fake.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <utlist.h>

#include "bus/link_client_file.h"
#include "bus/link_client_items.h"
#include "bus/link_client_seen.h"
#include "bus/sp_address.h"

/* ---- addresses ---- */

static void expect_address(const char *text, int wanted)
{
	struct sockaddr_storage address;
	socklen_t len;
	struct err err = { 0 };
	int rc = sp_address_parse(slice_of(text), &address, &len, &err);

	if (rc != wanted) {
		fail_msg("'%s' gives %d (%s), not %d", text, rc, err.msg,
			 wanted);
	}
	assert_int_equal(*err.msg == '\0', rc == 0);
}

static void test_addresses(void **state)
{
	(void)state;
	expect_address("tcp://127.0.0.1:7071", 0);
	expect_address("tcp://127.9.9.9:65535", 0);
	expect_address("tcp://[::1]:1", 0);
	expect_address("tcp://[::2]:1", E_UNSUPPORTED);
	expect_address("tcp://10.0.0.1:7071", E_UNSUPPORTED);
	expect_address("tcp://0.0.0.0:7071", E_UNSUPPORTED);
	expect_address("tcp://127.0.0.1:0", E_INVALID);
	expect_address("tcp://127.0.0.1:65536", E_INVALID);
	expect_address("tcp://127.0.0.1:070711", E_INVALID);
	expect_address("tcp://127.0.0.1:", E_INVALID);
	expect_address("tcp://127.0.0.1:7x", E_INVALID);
	expect_address("tcp://127.0.0.1", E_INVALID);
	expect_address("tcp://:1", E_INVALID);
	expect_address("tcp://localhost:1", E_INVALID);
	expect_address("tcp://", E_INVALID);
	expect_address("ipc:///tmp/x", E_INVALID);
	expect_address("", E_INVALID);
	expect_address("tcp://"
		       "1111111111111111111111111111111111111111111111111111:1",
		       E_INVALID);
}

/* A listener of its own or another user, in a process of its own: its port. */
static int listen_as(uid_t user, pid_t *ret_pid)
{
	struct fake_peer peer = { .port = 0 };
	int fds[2];
	int port = 0;

	assert_int_equal(pipe(fds), 0);
	*ret_pid = fork();
	assert_true(*ret_pid >= 0);
	if (*ret_pid == 0) {
		(void)close(fds[0]);
		if (setresuid(user, user, user) == 0) {
			fake_listen(&peer, 0x31);
			(void)!write(fds[1], &peer.port, sizeof(peer.port));
		}
		(void)pause();
		_exit(0);
	}
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &port, sizeof(port)), sizeof(port));
	(void)close(fds[0]);
	return port;
}

static void expect_owner(uid_t user, int wanted)
{
	struct sockaddr_storage address;
	socklen_t len;
	char text[64];
	pid_t pid;
	int port = listen_as(user, &pid);

	(void)snprintf(text, sizeof(text), "tcp://127.0.0.1:%d", port);
	assert_int_equal(sp_address_parse(slice_of(text), &address, &len, NULL),
			 0);
	int rc = sp_address_check_owner(&address, NULL);

	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(rc, wanted);
}

static void test_whose_port_it_is(void **state)
{
	(void)state;
	expect_owner(geteuid(), 0);
	if (geteuid() == 0) {
		expect_owner(65534, E_DENIED);
	}
}

/* ---- the bus file ---- */

static void write_file(const struct fake *fake, const char *text)
{
	FILE *file = fopen(fake->file, "we");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
	assert_int_equal(chmod(fake->file, 0600), 0);
}

static void expect_file(const struct fake *fake, int wanted)
{
	struct link_client_file file = { 0 };
	struct err err = { 0 };
	int rc = link_client_file_read(fake->file, &file, &err);

	if (rc != wanted) {
		fail_msg("it gives %d (%s), not %d", rc, err.msg, wanted);
	}
	link_client_file_fini(&file);
}

static void test_the_bus_file(void **state)
{
	struct fake *fake = *state;

	expect_file(fake, 0);
	assert_int_equal(chmod(fake->file, 0640), 0);
	expect_file(fake, E_DENIED);
	assert_int_equal(chmod(fake->file, 0602), 0);
	expect_file(fake, E_DENIED);
	write_file(fake, "{");
	expect_file(fake, E_INVALID);
	write_file(fake, "");
	expect_file(fake, E_INVALID);
	write_file(fake, "[]");
	expect_file(fake, E_INVALID);
	write_file(fake, "{\"protocol\": 1, \"requests\": \"a\", \"work\": "
			 "\"b\", \"token\": \"abc\"}");
	expect_file(fake, E_INVALID);
	write_file(fake, "{\"protocol\": 1, \"requests\": \"a\", \"token\": "
			 "\"" TOKEN_A "\"}");
	expect_file(fake, E_INVALID);
	write_file(fake, "{\"protocol\": 2}");
	expect_file(fake, E_VERSION);
	(void)unlink(fake->file);
	expect_file(fake, E_NOT_FOUND);
	assert_int_equal(mkdir(fake->file, 0700), 0);
	expect_file(fake, E_INVALID);
	assert_int_equal(rmdir(fake->file), 0);
}

static void expect_found(const char *wanted)
{
	char *found = link_client_find_bus();

	assert_string_equal(found, wanted);
	free(found);
}

static void test_where_the_bus_file_is(void **state)
{
	(void)state;
	(void)unsetenv("TUTTI_BUS");
	(void)unsetenv("TUTTI_STORE");
	expect_found(".tutti/bus.json");
	(void)setenv("TUTTI_STORE", "/srv/store", 1);
	expect_found("/srv/store/bus.json");
	(void)setenv("TUTTI_BUS", "/run/other.json", 1);
	expect_found("/run/other.json");
	(void)setenv("TUTTI_BUS", "", 1);
	expect_found("/srv/store/bus.json");
	(void)unsetenv("TUTTI_STORE");
	(void)unsetenv("TUTTI_BUS");
}

/* ---- deliveries ---- */

static void test_finished_deliveries_are_forgotten_in_order(void **state)
{
	struct link_seen seen = { 0 };
	enum link_seen_state is;
	struct wire_key key = fake_key(0);

	(void)state;
	/* One in hand stays, however many come after it. */
	assert_true(link_seen_add(&seen, &key, LINK_HELD, 1, &is));
	for (uint32_t i = 1; i <= LINK_SEEN_FINISHED + 1; i++) {
		key = fake_key(i);
		assert_true(link_seen_add(&seen, &key, LINK_HELD, i, &is));
		link_seen_finish(&seen, &key);
		link_seen_finish(&seen, &key);
	}
	assert_int_equal(seen.in_hand, 1);
	assert_int_equal(seen.finished_count, LINK_SEEN_FINISHED);
	key = fake_key(2);
	assert_false(link_seen_add(&seen, &key, LINK_HELD, 1, &is));
	assert_int_equal(is, LINK_FINISHED);
	key = fake_key(1);
	assert_true(link_seen_add(&seen, &key, LINK_HELD, 1, &is));
	key = fake_key(0);
	assert_false(link_seen_add(&seen, &key, LINK_HELD, 1, &is));
	assert_int_equal(is, LINK_HELD);
	link_seen_fini(&seen);
}

static void test_another_attempt_is_another_delivery(void **state)
{
	struct link_seen seen = { 0 };
	enum link_seen_state is;
	struct wire_key key = fake_key(1);

	(void)state;
	assert_true(link_seen_add(&seen, &key, LINK_HELD, 1, &is));
	key.attempt++;
	assert_true(link_seen_add(&seen, &key, LINK_ACCEPTED, 1, &is));
	assert_int_equal(seen.in_hand, 2);
	link_seen_fini(&seen);
}

/* ---- items ---- */

static struct wire_item item_of(enum wire_item_kind kind, uint32_t number)
{
	return (struct wire_item){
		.kind = kind,
		.key = fake_key(number),
		.message = SLICE("m"),
		.output = SLICE("o"),
		.patch = SLICE("p"),
		.note = SLICE("n"),
		.plugin = SLICE("g"),
		.task = SLICE("t"),
		.text = SLICE("x"),
	};
}

static void put(struct link_items *items, enum wire_item_kind kind,
		uint32_t number)
{
	const struct wire_item item = item_of(kind, number);

	link_items_put(items, &item);
}

static void test_items_are_copies(void **state)
{
	struct link_items items;
	struct link_item *list = NULL;

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	put(&items, WIRE_DONE, 1);
	assert_non_null(link_items_take(&items, &list));
	assert_null(link_items_take(&items, &list));
	const struct wire_item *item = &list->item;

	assert_true(slice_is(item->message, "m"));
	assert_true(slice_is(item->output, "o"));
	assert_true(slice_is(item->patch, "p"));
	assert_true(slice_is(item->note, "n"));
	assert_true(slice_is(item->plugin, "g"));
	assert_true(slice_is(item->task, "t"));
	assert_true(slice_is(item->text, "x"));
	assert_false(link_items_settled(&items));
	link_items_free(&items, &list);
	assert_true(link_items_settled(&items));
	link_items_fini(&items);
}

static bool is_woken(const struct link_items *items)
{
	return poll(&(struct pollfd){ items->wake, POLLIN, 0 }, 1, 0) == 1;
}

static void test_woken_once_for_what_is_expected(void **state)
{
	struct link_items items;
	struct link_item *list = NULL;

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	link_items_expect(&items, 2);
	put(&items, WIRE_LOG, 1); /* while the owner is awake */
	assert_true(link_items_sleep(&items));
	put(&items, WIRE_DONE, 1);
	assert_false(is_woken(&items));
	assert_null(link_items_take(&items, &list));
	put(&items, WIRE_RETURN, 2);
	assert_true(is_woken(&items));
	link_items_awake(&items, true);
	assert_false(is_woken(&items));
	assert_false(link_items_expects(&items));
	assert_non_null(link_items_take(&items, &list));
	assert_true(link_items_sleep(&items));
	put(&items, WIRE_LOG, 3);
	assert_true(is_woken(&items));
	link_items_free(&items, &list);
	link_items_fini(&items);
}

static void test_what_does_not_come_is_given_up(void **state)
{
	struct link_items items;
	struct link_item *list = NULL;

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	link_items_expect(&items, 2);
	put(&items, WIRE_DONE, 1);
	assert_null(link_items_take(&items, &list));
	link_items_expect_none(&items);
	assert_false(link_items_sleep(&items)); /* there is something */
	assert_non_null(link_items_take(&items, &list));
	link_items_free(&items, &list);
	link_items_fini(&items);
}

static size_t length(struct link_item *list)
{
	struct link_item *item;
	size_t count = 0;

	DL_COUNT(list, item, count);
	return count;
}

static void test_only_so_many_lines_wait(void **state)
{
	struct link_items items;
	struct link_item *list = NULL;

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	for (uint32_t i = 0; i < LINK_ITEMS_LOOSE + 10; i++) {
		put(&items, i % 2 ? WIRE_LOG : WIRE_PROGRESS, i);
	}
	put(&items, WIRE_DONE, 1);
	(void)link_items_take(&items, &list);
	assert_int_equal(length(list), LINK_ITEMS_LOOSE + 1);
	assert_int_equal(list->prev->item.kind, WIRE_DONE);
	assert_int_equal(atomic_load(&items.lost), 5);
	link_items_prune(&items, &list);
	assert_int_equal(length(list), LINK_ITEMS_LOOSE / 2 + 1);
	link_items_free(&items, &list);
	put(&items, WIRE_LOG, 1);
	assert_non_null(link_items_take(&items, &list));
	link_items_free(&items, &list);
	link_items_fini(&items);
}

/* What was lost while nobody was there is told as soon as somebody is. */
static void test_lost_lines_are_counted(void **state)
{
	struct fake *fake = *state;
	const struct wire_item line = item_of(WIRE_LOG, 1);

	for (int i = 0; i < LINK_ITEMS_LOOSE + 7; i++) {
		link_client_put(fake->client, &line);
	}
	fake_get_ready(fake, SESSION_A);
	assert_int_equal(fake_expect(fake, WIRE_UP)->item_count,
			 LINK_ITEMS_LOOSE);
	(void)fake_expect(fake, WIRE_POLL);
	fake_reply_to(fake, fake->id - 1,
		      &(const struct wire_reply){ .kind = WIRE_ACK, .n = 1 });
	const struct wire_request *request = fake_expect(fake, WIRE_UP);

	assert_int_equal(request->item_count, 1);
	assert_true(
	    slice_is(request->items[0].text, "7 lines of the log were lost"));
}

static void test_batches_by_count(void **state)
{
	struct link_items items;
	struct link_item *ready = NULL;
	struct link_item *batch = NULL;

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	for (uint32_t i = 0; i < LIMIT_LINK_ITEMS + 1; i++) {
		put(&items, WIRE_RETURN, i);
	}
	(void)link_items_take(&items, &ready);
	assert_int_equal(link_items_batch(&ready, &batch), LIMIT_LINK_ITEMS);
	assert_int_equal(length(ready), 1);
	link_items_free(&items, &batch);
	link_items_free(&items, &ready);
	link_items_fini(&items);
}

/* Two of these do not fit together, one always does. */
static void test_batches_by_size(void **state)
{
	const size_t size = LIMIT_OUTPUT;
	char *bytes = alloc_zeroed(1, size);
	struct wire_item big = {
		.kind = WIRE_DONE,
		.output = { bytes, size },
		.patch = { bytes, size },
	};
	struct link_items items;
	struct link_item *ready = NULL;
	struct link_item *batch = NULL;
	struct buf frame = { 0 };

	(void)state;
	assert_int_equal(link_items_init(&items, NULL), 0);
	link_items_put(&items, &big);
	link_items_put(&items, &big);
	put(&items, WIRE_RETURN, 1);
	(void)link_items_take(&items, &ready);
	assert_int_equal(link_items_batch(&ready, &batch), 1);
	const struct wire_request request = {
		.kind = WIRE_UP,
		.session = SLICE(SESSION_A),
		.n = 1,
		.items = &batch->item,
		.item_count = 1,
	};

	wire_put_request(&frame, &request);
	assert_true(frame.len < LIMIT_LINK_FRAME);
	buf_fini(&frame);
	link_items_free(&items, &batch);
	link_items_free(&items, &ready);
	link_items_fini(&items);
	free(bytes);
}

/* ---- threads ---- */

#define THREADS 4
#define EACH    500

struct putter {
	struct fake *fake;
	uint32_t from;
};

static void *put_many(void *arg)
{
	const struct putter *putter = arg;

	for (uint32_t i = 0; i < EACH; i++) {
		fake_done(putter->fake, putter->from + i);
	}
	return NULL;
}

static size_t note_all(const struct wire_request *request,
		       bool came[THREADS * EACH])
{
	for (size_t i = 0; i < request->item_count; i++) {
		uint32_t number = request->items[i].key.task;

		assert_true(number < THREADS * EACH);
		assert_false(came[number]);
		came[number] = true;
	}
	return request->item_count;
}

static void test_items_from_many_threads(void **state)
{
	struct fake *fake = *state;
	pthread_t threads[THREADS];
	struct putter putters[THREADS];
	bool came[THREADS * EACH] = { false };
	uint64_t n = 0;

	fake_go_live(fake, SESSION_A);
	for (uint32_t i = 0; i < THREADS; i++) {
		putters[i] = (struct putter){ fake, i * EACH };
		assert_int_equal(
		    pthread_create(&threads[i], NULL, put_many, &putters[i]),
		    0);
	}
	for (size_t count = 0; count < THREADS * EACH;) {
		const struct wire_request *request = fake_expect(fake, WIRE_UP);

		assert_int_equal(request->n, ++n);
		count += note_all(request, came);
		fake_ack(fake, n);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
	}
	fake_await_settled(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_whose_port_it_is),
		fake_test(test_the_bus_file),
		cmocka_unit_test(test_where_the_bus_file_is),
		cmocka_unit_test(
		    test_finished_deliveries_are_forgotten_in_order),
		cmocka_unit_test(test_another_attempt_is_another_delivery),
		cmocka_unit_test(test_items_are_copies),
		cmocka_unit_test(test_woken_once_for_what_is_expected),
		cmocka_unit_test(test_what_does_not_come_is_given_up),
		cmocka_unit_test(test_only_so_many_lines_wait),
		fake_test(test_lost_lines_are_counted),
		cmocka_unit_test(test_batches_by_count),
		cmocka_unit_test(test_batches_by_size),
		fake_test(test_items_from_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
