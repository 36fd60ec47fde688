/*
 * The layout of the plugin ABI, number by number. What stands here is in
 * modules that others have built: lines are added, none is ever changed
 * within a major version.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <tutti/plugin.h>

#define SIZE(type, bytes) \
	static_assert(sizeof(struct type) == (bytes), "size of " #type)
#define AT(type, member, bytes)                                 \
	static_assert(offsetof(struct type, member) == (bytes), \
		      #member " of " #type)
#define IS(name, number) static_assert((name) == (number), #name)

static_assert(sizeof(void *) == 8, "the numbers are those of 64 bits");

IS(TUTTI_ABI_MAJOR, 1);
IS(TUTTI_ABI_MINOR, 1);
IS(TUTTI_MAGIC, 0x54555449);

IS(TUTTI_OK, 0);
IS(TUTTI_PENDING, 1);
IS(TUTTI_EINVAL, -1);
IS(TUTTI_ESTALE, -2);
IS(TUTTI_ENOTFOUND, -3);
IS(TUTTI_ETOOBIG, -4);
IS(TUTTI_ENOMEM, -5);
IS(TUTTI_EFAILED, -6);
IS(TUTTI_EAGAIN, -7);
IS(TUTTI_PRE, 0);
IS(TUTTI_PARALLEL, 1);
IS(TUTTI_POST, 2);
IS(TUTTI_MANDATORY, 0);
IS(TUTTI_OPTIONAL, 1);
IS(TUTTI_NULL, 0);
IS(TUTTI_BOOL, 1);
IS(TUTTI_INT, 2);
IS(TUTTI_UINT, 3);
IS(TUTTI_DOUBLE, 4);
IS(TUTTI_STRING, 5);
IS(TUTTI_BYTES, 6);
IS(TUTTI_ARRAY, 7);
IS(TUTTI_MAP, 8);
IS(TUTTI_DURATION, 9);
IS(TUTTI_SUCCEEDED, 0);
IS(TUTTI_FAILED, 1);
IS(TUTTI_RETRYABLE, 2);
IS(TUTTI_PARKED, 3);
IS(TUTTI_JSON, 0);
IS(TUTTI_MSGPACK, 1);
IS(TUTTI_ERROR, 0);
IS(TUTTI_WARN, 1);
IS(TUTTI_INFO, 2);
IS(TUTTI_DEBUG, 3);
IS(TUTTI_NOT_CANCELLED, 0);
IS(TUTTI_CANCELLED, 1);
IS(TUTTI_TIMED_OUT, 2);
IS(TUTTI_NOT_IDEMPOTENT, 1);
IS(TUTTI_ALWAYS_RUN, 2);
IS(TUTTI_QUICK, 4);

/* Frozen: by value, or elements of arrays. */
SIZE(tutti_slice, 16);
AT(tutti_slice, ptr, 0);
AT(tutti_slice, len, 8);

SIZE(tutti_task_id, 24);
AT(tutti_task_id, run_high, 0);
AT(tutti_task_id, run_low, 8);
AT(tutti_task_id, number, 16);

SIZE(tutti_subscription, 32);
AT(tutti_subscription, activity, 0);
AT(tutti_subscription, filter, 8);
AT(tutti_subscription, phase, 16);
AT(tutti_subscription, mandatory, 20);
AT(tutti_subscription, order, 24);
AT(tutti_subscription, reserved, 28);

SIZE(tutti_value, 24);
AT(tutti_value, type, 0);
AT(tutti_value, reserved, 4);
AT(tutti_value, as, 8);

SIZE(tutti_param, 32);
AT(tutti_param, name, 0);
AT(tutti_param, help, 8);
AT(tutti_param, fallback, 16);
AT(tutti_param, type, 24);
AT(tutti_param, reserved, 28);

/* May grow at the end: then the size changes here, and nothing else. */
SIZE(tutti_task, 248);
AT(tutti_task, size, 0);
AT(tutti_task, attempt, 4);
AT(tutti_task, wakes, 8);
AT(tutti_task, phase, 12);
AT(tutti_task, id, 16);
AT(tutti_task, host, 40);
AT(tutti_task, run, 48);
AT(tutti_task, uid, 64);
AT(tutti_task, tenant, 80);
AT(tutti_task, workflow, 96);
AT(tutti_task, activity, 112);
AT(tutti_task, plugin, 128);
AT(tutti_task, name, 144);
AT(tutti_task, attributes, 160);
AT(tutti_task, input, 176);
AT(tutti_task, stash, 192);
AT(tutti_task, outputs, 208);
AT(tutti_task, with, 224);
AT(tutti_task, deadline_ns, 240);

SIZE(tutti_result, 72);
AT(tutti_result, size, 0);
AT(tutti_result, outcome, 4);
AT(tutti_result, encoding, 8);
AT(tutti_result, reserved, 12);
AT(tutti_result, message, 16);
AT(tutti_result, output, 32);
AT(tutti_result, patch, 48);
AT(tutti_result, until_us, 64);

SIZE(tutti_host, 96);
AT(tutti_host, size, 0);
AT(tutti_host, abi_major, 4);
AT(tutti_host, abi_minor, 6);
AT(tutti_host, ctx, 8);
AT(tutti_host, finish, 16);
AT(tutti_host, progress, 24);
AT(tutti_host, log, 32);
AT(tutti_host, cancelled, 40);
AT(tutti_host, get, 48);
AT(tutti_host, json, 56);
AT(tutti_host, param, 64);
AT(tutti_host, now_ns, 72);
AT(tutti_host, wall_us, 80);
AT(tutti_host, entry, 88);

SIZE(tutti_plugin, 112); /* 104 before minor 1 */
AT(tutti_plugin, size, 0);
AT(tutti_plugin, flags, 4);
AT(tutti_plugin, name, 8);
AT(tutti_plugin, version, 16);
AT(tutti_plugin, help, 24);
AT(tutti_plugin, subscriptions, 32);
AT(tutti_plugin, params, 40);
AT(tutti_plugin, subscription_count, 48);
AT(tutti_plugin, param_count, 52);
AT(tutti_plugin, max_tasks, 56);
AT(tutti_plugin, reserved, 60);
AT(tutti_plugin, init, 64);
AT(tutti_plugin, handle, 72);
AT(tutti_plugin, cancel, 80);
AT(tutti_plugin, stop, 88);
AT(tutti_plugin, fini, 96);
AT(tutti_plugin, queue, 104);

SIZE(tutti_queue, 104);
AT(tutti_queue, size, 0);
AT(tutti_queue, attempts, 4);
AT(tutti_queue, name, 8);
AT(tutti_queue, backoff_ms, 16);
AT(tutti_queue, max_ms, 24);
AT(tutti_queue, factor, 32);
AT(tutti_queue, jitter, 40);
AT(tutti_queue, visibility_ms, 48);
AT(tutti_queue, delay_ms, 56);
AT(tutti_queue, concurrency, 64);
AT(tutti_queue, rate, 68);
AT(tutti_queue, rate_per_ms, 72);
AT(tutti_queue, fifo_key, 80);
AT(tutti_queue, priority_key, 88);
AT(tutti_queue, priority, 96);
AT(tutti_queue, reserved, 100);

SIZE(tutti_module, 24);
AT(tutti_module, magic, 0);
AT(tutti_module, size, 4);
AT(tutti_module, abi_major, 8);
AT(tutti_module, abi_minor, 10);
AT(tutti_module, plugin_count, 12);
AT(tutti_module, plugins, 16);

/* That this compiles is the test; the union's members all start at one place.
 */
static void values_share_their_place(void **state)
{
	struct tutti_value value;
	const void *place = &value.as;

	(void)state;
	assert_ptr_equal(&value.as.boolean, place);
	assert_ptr_equal(&value.as.i, place);
	assert_ptr_equal(&value.as.u, place);
	assert_ptr_equal(&value.as.d, place);
	assert_ptr_equal(&value.as.length, place);
	assert_ptr_equal(&value.as.text, place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_share_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
