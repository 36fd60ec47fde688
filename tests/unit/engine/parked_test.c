/*
 * What a run costs while it is parked: nothing that can be made again, and no
 * text of its own that another has.
 */
#include "engine/run.h"
#include "engine/shared_text.h"

#include "world.h"

#define FLOW                                                        \
	"{\"workflow\": \"w\", \"activities\": [{\"name\": \"A\", " \
	"\"pre\": [{\"plugin\": \"p\"}], "                          \
	"\"parallel\": ["                                           \
	"{\"plugin\": \"p\", \"as\": \"x\", "                       \
	"\"with\": {\"k\": \"${{ attributes.k }}\"}}, "             \
	"{\"plugin\": \"p\", \"as\": \"y\", "                       \
	"\"with\": {\"o\": \"${{ outputs.A.p.n }}\"}}]}]}"
#define ATTRIBUTES "{\"k\": 5}"

static struct id start(struct world *world)
{
	world_plugin(world, "p", 8, "[]");
	struct id run = world_start(world, FLOW, ATTRIBUTES);

	complete_delivery(world, world_delivery(world, "p"),
			  COMPLETION_SUCCEEDED, NULL, "{\"n\": 7}", NULL, 0);
	return run;
}

static void park(struct world *world, const char *name, int64_t ms)
{
	complete_delivery(world, world_delivery(world, name), COMPLETION_PARKED,
			  NULL, NULL, NULL, world->now_us + ms * 1000);
}

static bool has_documents(const struct world *world, struct id id)
{
	const struct run *run = engine_run(world->engine, &id);

	return run->scope.type != VALUE_NULL || run->outputs;
}

static void documents_are_made_again(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	assert_true(has_documents(world, run));
	park(world, "x", 1000);
	/* y may still need them. */
	assert_true(has_documents(world, run));
	park(world, "y", 2000);
	assert_false(has_documents(world, run));
	world_pass(world, 1000);
	assert_int_equal(world_count(world, "x"), 2);
	assert_string_equal(world_delivery(world, "x")->with, "{\"k\":5}");
	assert_string_equal(world_delivery(world, "x")->outputs,
			    "{\"A\":{\"p\":{\"n\":7}}}");
	world_succeed(world, "x");
	assert_false(has_documents(world, run));
	world_pass(world, 1000);
	assert_string_equal(world_delivery(world, "y")->with, "{\"o\":7}");
	world_succeed(world, "y");
	assert_string_equal(run_state(world, run), "succeeded");
}

static void who_ends_last_parks_the_run(void **state)
{
	struct world *world = *state;
	struct id run = start(world);

	park(world, "x", 1000);
	assert_true(has_documents(world, run));
	world_succeed(world, "y");
	assert_false(has_documents(world, run));
}

static const char *instance_text(const struct world *world, struct id run,
				 const char *name)
{
	return task_of(world, run, name)->instance.ptr;
}

static void texts_are_shared(void **state)
{
	struct world *world = *state;
	struct id run = start(world);
	struct id other = world_start(world, FLOW, ATTRIBUTES);
	const struct task_record *p = task_of(world, run, "p");

	park(world, "x", 1000);
	park(world, "y", 1000);
	assert_ptr_equal(p->name.ptr, p->plugin.ptr);
	assert_ptr_equal(p->plugin.ptr, task_of(world, run, "x")->plugin.ptr);
	assert_string_equal(task_of(world, run, "x")->name.ptr, "x");
	assert_ptr_equal(instance_text(world, run, "x"),
			 instance_text(world, other, "p"));
	world_succeed(world, "p");
	world_gone(world, "p", "here", NULL);
	assert_string_equal(instance_text(world, run, "x"), "here");
	assert_string_equal(instance_text(world, other, "p"), "here");
}

static void like_the_last_one(void **state)
{
	struct slice last = { NULL, 0 };

	(void)state;
	struct slice a = shared_text_like(&last, SLICE("a"));
	struct slice same = shared_text_like(&last, SLICE("a"));
	struct slice b = shared_text_like(&last, SLICE("b"));
	struct slice none = shared_text_like(&last, SLICE(""));

	assert_ptr_equal(a.ptr, same.ptr);
	assert_ptr_equal(b.ptr, last.ptr);
	assert_ptr_not_equal(a.ptr, b.ptr);
	assert_null(none.ptr);
	assert_null(shared_text_ref(none).ptr);
	shared_text_unref(&a);
	assert_string_equal(same.ptr, "a");
	shared_text_unref(&same);
	shared_text_unref(&last);
	assert_string_equal(b.ptr, "b");
	shared_text_unref(&b);
	shared_text_unref(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(documents_are_made_again,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(who_ends_last_parks_the_run,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(texts_are_shared, world_setup,
						world_teardown),
		cmocka_unit_test(like_the_last_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
