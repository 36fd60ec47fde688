/*
 * The bridge between the embedded driver and an engine that only says who has
 * how many free slots.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "bridge/bridge.h"

#include "../folder.h"

#define PLUGINS 3
#define S       INT64_C(1000000)

/* In the place of the real one. */
struct engine {
	struct {
		const char *name;
		uint32_t slots;
		bool hungry;
	} plugins[PLUGINS];
};

uint32_t engine_free_slots(const struct engine *engine, struct slice plugin)
{
	for (int i = 0; i < PLUGINS; i++) {
		if (slice_is(plugin, engine->plugins[i].name)) {
			return engine->plugins[i].slots;
		}
	}
	return 0;
}

const char *engine_next_hungry(struct engine *engine)
{
	for (int i = 0; i < PLUGINS; i++) {
		if (engine->plugins[i].hungry) {
			engine->plugins[i].hungry = false;
			return engine->plugins[i].name;
		}
	}
	return NULL;
}

struct scene {
	struct engine engine;
	char *folder;
	struct store *store;
	struct bridge *bridge;
	struct output output;
	int64_t now_us;
	int woken;
	/* What the last spy driver was opened with. */
	struct queue_backend_options spied;
};

static struct scene *scene_of(void **state)
{
	return *state;
}

static void wake(void *arg)
{
	((struct scene *)arg)->woken++;
}

static void open_bridge(struct scene *scene, const struct queue_driver *driver)
{
	struct bridge_options options = {
		.driver = driver,
		.store = scene->store,
		.wake = wake,
		.arg = scene,
	};

	assert_int_equal(
	    bridge_open(&options, scene->now_us, &scene->bridge, NULL), 0);
}

static int set_up(void **state)
{
	struct scene *scene = alloc_zeroed(1, sizeof(*scene));

	scene->now_us = INT64_C(1772323200000000);
	scene->engine.plugins[0].name = "ocr";
	scene->engine.plugins[1].name = "scan";
	scene->engine.plugins[2].name = "mail";
	scene->folder = folder_make("/tmp/tutti-bridge-XXXXXX");
	assert_int_equal(store_open(scene->folder, &scene->store, NULL), 0);
	open_bridge(scene, &embedded_driver);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	bridge_close(scene->bridge);
	store_close(scene->store);
	output_fini(&scene->output);
	folder_remove(scene->folder);
	free(scene->folder);
	free(scene);
	return 0;
}

static void restart(struct scene *scene)
{
	assert_int_equal(store_commit(scene->store, NULL), 0);
	bridge_close(scene->bridge);
	open_bridge(scene, &embedded_driver);
}

static int set_plugin(struct scene *scene, const char *plugin,
		      const char *queue, struct queue_policy policy)
{
	int rc;

	policy.name = alloc_string(queue);
	rc = bridge_set_plugin(scene->bridge, slice_of(plugin), &policy,
			       scene->now_us, NULL);
	queue_policy_fini(&policy);
	return rc;
}

static int set_default(struct scene *scene, const char *plugin,
		       const char *queue)
{
	return set_plugin(scene, plugin, queue, queue_policy_default());
}

static void give_slots(struct scene *scene, int plugin, uint32_t slots)
{
	scene->engine.plugins[plugin].slots = slots;
	scene->engine.plugins[plugin].hungry = slots > 0;
}

static void order(struct scene *scene, struct queue_order order)
{
	output_order(&scene->output, &order);
	bridge_obey(scene->bridge, &scene->output, scene->now_us);
	output_clear(&scene->output);
	assert_int_equal(scene->output.order_count, 0);
}

static void put(struct scene *scene, const char *plugin, const char *queue,
		uint32_t task)
{
	order(scene, (struct queue_order){
			 .kind = QUEUE_PUT,
			 .task = task,
			 .queue = slice_of(queue),
			 .plugin = slice_of(plugin),
		     });
}

static void about(struct scene *scene, enum queue_order_kind kind,
		  uint32_t task)
{
	order(scene, (struct queue_order){ .kind = kind, .task = task });
}

static enum bridge_kind next(struct scene *scene, struct message_key *ret_key)
{
	return bridge_next(scene->bridge, &scene->engine, scene->now_us,
			   ret_key);
}

static void expect(struct scene *scene, enum bridge_kind kind, uint32_t task)
{
	struct message_key key;

	assert_int_equal(next(scene, &key), kind);
	assert_int_equal(key.task, task);
}

static void expect_nothing(struct scene *scene)
{
	struct message_key key;

	assert_int_equal(next(scene, &key), BRIDGE_NOTHING);
	/* So that the loop sleeps. */
	assert_true(bridge_next_due(scene->bridge) == 0 ||
		    bridge_next_due(scene->bridge) > scene->now_us);
}

static void nothing_is_leased_without_a_slot(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	put(scene, "ocr", "q", 1);
	put(scene, "ocr", "q", 2);
	assert_true(bridge_next_due(scene->bridge) > 0);
	expect_nothing(scene);
	give_slots(scene, 0, 1);
	expect(scene, BRIDGE_LEASED, 1);
	scene->engine.plugins[0].slots = 0;
	expect_nothing(scene);
	about(scene, QUEUE_ACK, 1);
	expect_nothing(scene);
	give_slots(scene, 0, 1);
	expect(scene, BRIDGE_LEASED, 2);
	expect_nothing(scene);
	assert_int_equal(scene->woken, 0);
}

static void queues_take_turns(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(set_default(scene, "ocr", "a"), 0);
	assert_int_equal(set_default(scene, "scan", "b"), 0);
	for (uint32_t i = 0; i < 3; i++) {
		put(scene, "ocr", "a", i);
		put(scene, "scan", "b", 10 + i);
	}
	give_slots(scene, 0, 9);
	give_slots(scene, 1, 9);
	for (uint32_t i = 0; i < 3; i++) {
		struct message_key one, other;

		assert_int_equal(next(scene, &one), BRIDGE_LEASED);
		assert_int_equal(next(scene, &other), BRIDGE_LEASED);
		assert_int_equal(one.task % 10, i);
		assert_int_equal(other.task % 10, i);
		assert_true(one.task != other.task);
	}
	expect_nothing(scene);
}

/* One whose plugin is busy, or that has a limit, is not waited for. */
static void a_full_queue_delays_no_other(void **state)
{
	struct scene *scene = scene_of(state);
	struct queue_policy narrow = queue_policy_default();

	narrow.concurrency = 1;
	assert_int_equal(set_default(scene, "ocr", "a"), 0);
	assert_int_equal(set_plugin(scene, "scan", "b", narrow), 0);
	assert_int_equal(set_default(scene, "mail", "c"), 0);
	give_slots(scene, 1, 9);
	give_slots(scene, 2, 9);
	for (uint32_t i = 1; i <= 3; i++) {
		put(scene, "ocr", "a", i);
	}
	put(scene, "scan", "b", 10);
	put(scene, "scan", "b", 11);
	put(scene, "mail", "c", 20);
	expect(scene, BRIDGE_LEASED, 10);
	expect(scene, BRIDGE_LEASED, 20);
	expect_nothing(scene);
	about(scene, QUEUE_ACK, 10);
	expect(scene, BRIDGE_LEASED, 11);
	expect_nothing(scene);
}

static void expired_ones_come_first(void **state)
{
	struct scene *scene = scene_of(state);
	struct queue_policy policy = queue_policy_default();

	policy.visibility_ms = 1000;
	assert_int_equal(set_plugin(scene, "ocr", "q", policy), 0);
	give_slots(scene, 0, 9);
	put(scene, "ocr", "q", 1);
	expect(scene, BRIDGE_LEASED, 1);
	expect_nothing(scene);
	assert_int_equal(bridge_next_due(scene->bridge), scene->now_us + S);
	put(scene, "ocr", "q", 2);
	scene->now_us += S;
	expect(scene, BRIDGE_EXPIRED, 1);
	expect(scene, BRIDGE_LEASED, 2);
	about(scene, QUEUE_EXTEND, 2);
	order(scene, (struct queue_order){
			 .kind = QUEUE_NACK,
			 .task = 1,
			 .visible_us = scene->now_us + S / 2,
			 .error = SLICE("too slow"),
		     });
	expect_nothing(scene);
	scene->now_us += S / 2;
	expect(scene, BRIDGE_LEASED, 1);
}

static void refused_ones_go_where_they_belong(void **state)
{
	struct scene *scene = scene_of(state);
	struct message_key key;

	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	give_slots(scene, 0, 9);
	for (uint32_t i = 1; i <= 4; i++) {
		put(scene, "ocr", "q", i);
	}
	assert_int_equal(next(scene, &key), BRIDGE_LEASED);
	bridge_refused(scene->bridge, &key, E_NOT_FOUND, scene->now_us);
	assert_int_equal(next(scene, &key), BRIDGE_LEASED);
	assert_int_equal(key.task, 2);
	bridge_refused(scene->bridge, &key, E_UNCHANGED, scene->now_us);
	assert_int_equal(next(scene, &key), BRIDGE_LEASED);
	assert_int_equal(key.task, 3);
	bridge_refused(scene->bridge, &key, E_CONFLICT, scene->now_us);
	assert_int_equal(next(scene, &key), BRIDGE_LEASED);
	assert_int_equal(key.task, 4);
	bridge_refused(scene->bridge, &key, E_BUSY, scene->now_us);
	/* Until it is hungry again. */
	expect_nothing(scene);
	give_slots(scene, 0, 9);
	expect(scene, BRIDGE_LEASED, 4);
	expect_nothing(scene);
	about(scene, QUEUE_EXPOSE, 2);
	expect(scene, BRIDGE_LEASED, 2);
	expect_nothing(scene);
	assert_int_equal(bridge_waiting(scene->bridge, SLICE("q"), &key, 1), 0);
}

/* The plugin goes to another queue: what is in the old one is still for it. */
static void an_old_queue_is_emptied(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(set_default(scene, "ocr", "old"), 0);
	put(scene, "ocr", "old", 1);
	assert_int_equal(set_default(scene, "ocr", "new"), 0);
	put(scene, "ocr", "new", 2);
	give_slots(scene, 0, 9);
	expect(scene, BRIDGE_LEASED, 1);
	expect(scene, BRIDGE_LEASED, 2);
	expect_nothing(scene);
	assert_true(bridge_has_queue(scene->bridge, SLICE("old")));
	assert_int_equal(set_default(scene, "scan", "old"), E_CONFLICT);
	about(scene, QUEUE_ACK, 1);
	assert_false(bridge_has_queue(scene->bridge, SLICE("old")));
	assert_true(bridge_has_queue(scene->bridge, SLICE("new")));
	assert_int_equal(set_default(scene, "scan", "old"), 0);
	assert_int_equal(set_default(scene, "scan", "new"), E_CONFLICT);
}

static void an_old_queue_is_emptied_after_a_restart(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(set_default(scene, "ocr", "old"), 0);
	assert_int_equal(set_default(scene, "scan", "empty"), 0);
	put(scene, "ocr", "old", 1);
	restart(scene);
	assert_true(bridge_has_queue(scene->bridge, SLICE("old")));
	assert_true(bridge_has_queue(scene->bridge, SLICE("empty")));
	assert_int_equal(set_default(scene, "ocr", "new"), 0);
	give_slots(scene, 0, 9);
	expect(scene, BRIDGE_LEASED, 1);
	about(scene, QUEUE_ACK, 1);
	expect_nothing(scene);
	assert_false(bridge_has_queue(scene->bridge, SLICE("old")));
	/* One that is empty may become another plugin's. */
	assert_int_equal(set_default(scene, "mail", "empty"), 0);
	assert_int_equal(set_default(scene, "scan", "empty"), E_CONFLICT);
}

static void a_plugin_may_give_its_queue_up(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(set_default(scene, "ocr", NULL), 0);
	assert_true(bridge_has_queue(scene->bridge, SLICE("ocr")));
	put(scene, "ocr", "ocr", 1);
	assert_int_equal(bridge_set_plugin(scene->bridge, SLICE("ocr"), NULL,
					   scene->now_us, NULL),
			 0);
	give_slots(scene, 0, 1);
	expect(scene, BRIDGE_LEASED, 1);
	about(scene, QUEUE_BURY, 1);
	assert_true(bridge_has_queue(scene->bridge, SLICE("ocr")));
	bridge_drop_dead(scene->bridge, &(struct message_key){ .task = 1 });
	assert_false(bridge_has_queue(scene->bridge, SLICE("ocr")));
	/* A task of before that is tried again. */
	put(scene, "ocr", "ocr", 2);
	expect(scene, BRIDGE_LEASED, 2);
}

static void a_paused_queue_goes_on(void **state)
{
	struct scene *scene = scene_of(state);

	assert_int_equal(bridge_pause(scene->bridge, SLICE("q"),
				      SLICE("operator"), scene->now_us, NULL),
			 E_NOT_FOUND);
	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	give_slots(scene, 0, 9);
	assert_int_equal(bridge_pause(scene->bridge, SLICE("q"),
				      SLICE("operator"), scene->now_us, NULL),
			 0);
	put(scene, "ocr", "q", 1);
	expect_nothing(scene);
	assert_int_equal(bridge_pause(scene->bridge, SLICE("q"), SLICE(""),
				      scene->now_us, NULL),
			 0);
	expect(scene, BRIDGE_LEASED, 1);
}

static void note_depth(void *arg, struct slice queue, struct slice plugin,
		       const struct queue_depth *depth)
{
	struct buf *text = arg;

	buf_printf(text, "%.*s of %.*s: %zu %zu %zu %d\n", SLICE_ARG(queue),
		   SLICE_ARG(plugin), depth->waiting, depth->leased,
		   depth->dead, depth->paused);
}

static void queues_say_what_is_in_them(void **state)
{
	struct scene *scene = scene_of(state);
	struct buf text = { 0 };

	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	put(scene, "ocr", "q", 1);
	put(scene, "ocr", "q", 2);
	put(scene, "ocr", "q", 3);
	put(scene, "ocr", "q", 4);
	give_slots(scene, 0, 2);
	expect(scene, BRIDGE_LEASED, 1);
	about(scene, QUEUE_BURY, 1);
	expect(scene, BRIDGE_LEASED, 2);
	assert_int_equal(bridge_pause(scene->bridge, SLICE("q"),
				      SLICE("operator"), scene->now_us, NULL),
			 0);
	bridge_each_depth(scene->bridge, note_depth, &text);
	buf_put_byte(&text, '\0');
	assert_string_equal(text.data, "q of ocr: 2 1 1 1\n");
	buf_fini(&text);
}

static void documents_come_with_it(void **state)
{
	struct scene *scene = scene_of(state);
	struct blob *stash = blob_make(SLICE("stash"));
	struct blob *with = blob_make(SLICE("with"));
	struct blob *parts[MESSAGE_PARTS];
	struct message_key key;

	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	give_slots(scene, 0, 9);
	order(scene, (struct queue_order){
			 .kind = QUEUE_PUT,
			 .task = 1,
			 .queue = SLICE("q"),
			 .plugin = SLICE("ocr"),
			 .stash = blob_ref(stash),
			 .with = blob_ref(with),
		     });
	/* Its own reference was one more. */
	blob_unref(stash);
	blob_unref(with);
	assert_int_equal(next(scene, &key), BRIDGE_LEASED);
	assert_int_equal(store_commit(scene->store, NULL), 0);
	bridge_committing(scene->bridge);
	bridge_committed(scene->bridge);
	assert_int_equal(bridge_parts(scene->bridge, &key, parts, NULL), 0);
	assert_true(slice_is(blob_slice(parts[MESSAGE_STASH]), "stash"));
	assert_true(slice_is(blob_slice(parts[MESSAGE_WITH]), "with"));
	assert_null(parts[MESSAGE_OUTPUTS]);
	blob_unref(parts[MESSAGE_STASH]);
	blob_unref(parts[MESSAGE_WITH]);
	blob_unref(stash);
	blob_unref(with);
}

/* ---- a driver with a thread ---- */

static struct scene *spied_by;

static int spy_open(const struct queue_backend_options *options, int64_t now_us,
		    struct queue_backend **ret_backend, struct err *reterr)
{
	spied_by->spied = *options;
	return embedded_driver.open(options, now_us, ret_backend, reterr);
}

static void *say_ready(void *arg)
{
	struct scene *scene = arg;

	scene->spied.ready(scene->spied.arg, SLICE("q"));
	scene->spied.ready(scene->spied.arg, SLICE("never heard of"));
	return NULL;
}

static void a_thread_wakes_the_loop(void **state)
{
	struct scene *scene = scene_of(state);
	struct queue_driver spy = embedded_driver;
	pthread_t thread;

	spied_by = scene;
	spy.open = spy_open;
	bridge_close(scene->bridge);
	open_bridge(scene, &spy);
	assert_int_equal(set_default(scene, "ocr", "q"), 0);
	put(scene, "ocr", "q", 1);
	expect_nothing(scene);
	scene->engine.plugins[0].slots = 1;
	expect_nothing(scene);
	assert_int_equal(pthread_create(&thread, NULL, say_ready, scene), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(scene->woken, 2);
	expect(scene, BRIDGE_LEASED, 1);
	/* What is not read is not lost memory. */
	assert_int_equal(pthread_create(&thread, NULL, say_ready, scene), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	bridge_close(scene->bridge);
	open_bridge(scene, &embedded_driver);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_leased_without_a_slot),
		TEST(queues_take_turns),
		TEST(a_full_queue_delays_no_other),
		TEST(expired_ones_come_first),
		TEST(refused_ones_go_where_they_belong),
		TEST(an_old_queue_is_emptied),
		TEST(an_old_queue_is_emptied_after_a_restart),
		TEST(a_plugin_may_give_its_queue_up),
		TEST(a_paused_queue_goes_on),
		TEST(queues_say_what_is_in_them),
		TEST(documents_come_with_it),
		TEST(a_thread_wakes_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
