/* Plans are shared by runs, and kept a while when none uses them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "document/json.h"
#include "engine/plan.h"

/* Definition `number`, whose phase has so many bindings. */
static struct definition *make(unsigned number, size_t bindings)
{
	struct buf text = { 0 };
	struct value document;
	struct definition *definition = NULL;
	struct err err = { 0 };

	buf_printf(&text,
		   "{\"workflow\":\"w%u\",\"activities\":[{\"name\":\"S\","
		   "\"parallel\":[",
		   number);
	for (size_t i = 0; i < bindings; i++) {
		buf_printf(&text, "%s{\"plugin\":\"p\",\"as\":\"t%zu\"}",
			   i ? "," : "", i);
	}
	buf_put_text(&text, "]}]}");
	assert_int_equal(json_read(buf_slice(&text), NULL, &document, &err), 0);
	if (definition_from_value(&document, &definition, &err) < 0) {
		fail_msg("%s", err.msg);
	}
	value_clear(&document);
	buf_fini(&text);
	return definition;
}

static struct plan *acquire(struct plans *plans, unsigned number,
			    size_t bindings)
{
	struct definition *definition = make(number, bindings);
	struct plan *plan = NULL;

	assert_int_equal(plan_acquire(plans, definition, &plan, NULL), 0);
	definition_unref(definition);
	return plan;
}

static void idle_plans_are_used_again(void **arg)
{
	struct plans plans = { 0 };
	struct plan *first = acquire(&plans, 1, 1);

	(void)arg;
	assert_ptr_equal(acquire(&plans, 1, 1), first);
	plan_release(&plans, first);
	assert_int_equal(plans.idle_count, 0);
	plan_release(&plans, first);
	assert_int_equal(plans.idle_count, 1);
	assert_ptr_equal(acquire(&plans, 1, 1), first);
	assert_int_equal(plans.idle_count, 0);
	assert_int_equal(plans.idle_bindings, 0);
	plan_release(&plans, first);
	plan_release(&plans, NULL);
	plans_fini(&plans);
}

static void only_so_many_are_kept(void **arg)
{
	struct plans plans = { 0 };
	struct plan *last = NULL;

	(void)arg;
	for (unsigned i = 0; i < PLANS_IDLE_MAX; i++) {
		plan_release(&plans, acquire(&plans, i, 1));
	}
	assert_int_equal(plans.idle_count, PLANS_IDLE_MAX);
	last = acquire(&plans, 1000, 1);
	plan_release(&plans, last);
	assert_int_equal(plans.idle_count, PLANS_IDLE_MAX);
	assert_int_equal(HASH_CNT(by_hash, plans.by_hash), PLANS_IDLE_MAX);
	assert_ptr_equal(acquire(&plans, 1000, 1), last);
	plan_release(&plans, last);
	plans_fini(&plans);
}

static void large_ones_drive_others_out(void **arg)
{
	struct plans plans = { 0 };
	struct plan *large;

	(void)arg;
	plan_release(&plans, acquire(&plans, 1, 10));
	large = acquire(&plans, 2, 30000);
	for (unsigned i = 0; i < 8; i++) {
		plan_release(&plans, acquire(&plans, 10 + i, 30000));
	}
	assert_int_equal(plans.idle_count, 9); /* 240,010 bindings */
	plan_release(&plans, large);
	assert_int_equal(plans.idle_count, 8);
	assert_true(plans.idle_bindings <= BINDINGS_IDLE_MAX);
	plans_fini(&plans);
	assert_null(plans.by_hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_plans_are_used_again),
		cmocka_unit_test(only_so_many_are_kept),
		cmocka_unit_test(large_ones_drive_others_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
