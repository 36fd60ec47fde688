/*
 * Pauses of workflows, and of all of them.
 */
#include "looking.h"

static struct pause_list pauses(void)
{
	struct pause_list list;

	commit();
	assert_ok(view_pauses(view, &list, &test_err));
	return list;
}

static void come_and_go(void **state)
{
	(void)state;
	store_put_pause(store, SLICE("ship"), SLICE("operator uid 1"), 5);
	store_put_pause(store, SLICE(""), SLICE("operator uid 2"), 6);
	struct pause_list list = pauses();

	assert_int_equal(list.len, 2);
	assert_slice(list.pauses[0].workflow, "");
	assert_slice(list.pauses[0].actor, "operator uid 2");
	assert_int_equal(list.pauses[0].since_us, 6);
	assert_slice(list.pauses[1].workflow, "ship");
	assert_slice(list.pauses[1].actor, "operator uid 1");
	pause_list_fini(&list);
	store_delete_pause(store, SLICE(""));
	store_delete_pause(store, SLICE("never paused"));
	list = pauses();
	assert_int_equal(list.len, 1);
	assert_slice(list.pauses[0].workflow, "ship");
	pause_list_fini(&list);
	store_put_pause(store, SLICE("ship"), SLICE("operator uid 3"), 7);
	list = pauses();
	assert_int_equal(list.len, 1);
	assert_slice(list.pauses[0].actor, "operator uid 3");
	assert_int_equal(list.pauses[0].since_us, 7);
	pause_list_fini(&list);
	store_delete_pause(store, SLICE("ship"));
	list = pauses();
	assert_int_equal(list.len, 0);
	pause_list_fini(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(come_and_go, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
