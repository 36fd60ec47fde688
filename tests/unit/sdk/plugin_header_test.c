/* The inline functions of the header against a host that writes all down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <tutti/plugin.h>

#define NUMBER UINT64_C(77)

static struct seen {
	const struct tutti_host *host;
	struct tutti_task_id id;
	struct tutti_result result;
	struct tutti_slice text;
	double fraction;
	int32_t level;
	uint64_t index;
} seen;

static int32_t finish(const struct tutti_host *host, struct tutti_task_id id,
		      const struct tutti_result *result)
{
	seen.host = host;
	seen.id = id;
	seen.result = *result;
	return TUTTI_ESTALE;
}

static int32_t progress(const struct tutti_host *host, struct tutti_task_id id,
			double fraction, struct tutti_slice note)
{
	seen.host = host;
	seen.id = id;
	seen.fraction = fraction;
	seen.text = note;
	return TUTTI_OK;
}

static int32_t log_line(const struct tutti_host *host, struct tutti_task_id id,
			int32_t level, struct tutti_slice text)
{
	seen.host = host;
	seen.id = id;
	seen.level = level;
	seen.text = text;
	return TUTTI_OK;
}

static int32_t cancelled(const struct tutti_host *host, struct tutti_task_id id)
{
	seen.host = host;
	seen.id = id;
	return TUTTI_TIMED_OUT;
}

static int32_t get(const struct tutti_host *host, struct tutti_task_id id,
		   struct tutti_slice path, struct tutti_value *ret_value)
{
	seen.host = host;
	seen.id = id;
	seen.text = path;
	ret_value->type = TUTTI_INT;
	ret_value->as.i = 5;
	return TUTTI_OK;
}

static int32_t json(const struct tutti_host *host, struct tutti_task_id id,
		    struct tutti_slice path, struct tutti_slice *ret_text)
{
	seen.host = host;
	seen.id = id;
	seen.text = path;
	*ret_text = tutti_text("[5]");
	return TUTTI_OK;
}

static int32_t param(const struct tutti_host *host, struct tutti_slice name,
		     struct tutti_value *ret_value)
{
	seen.host = host;
	seen.text = name;
	ret_value->type = TUTTI_DURATION;
	ret_value->as.i = 250;
	return TUTTI_OK;
}

static int64_t now_ns(const struct tutti_host *host)
{
	seen.host = host;
	return 123;
}

static int64_t wall_us(const struct tutti_host *host)
{
	seen.host = host;
	return 456;
}

static int32_t entry(const struct tutti_host *host, struct tutti_task_id id,
		     struct tutti_slice path, uint64_t index,
		     struct tutti_slice *ret_key, struct tutti_value *ret_value)
{
	seen.host = host;
	seen.id = id;
	seen.text = path;
	seen.index = index;
	*ret_key = tutti_text("key");
	ret_value->type = TUTTI_NULL;
	return TUTTI_OK;
}

static const struct tutti_host host = {
	.size = sizeof(host),
	.abi_major = TUTTI_ABI_MAJOR,
	.abi_minor = TUTTI_ABI_MINOR,
	.finish = finish,
	.progress = progress,
	.log = log_line,
	.cancelled = cancelled,
	.get = get,
	.json = json,
	.param = param,
	.now_ns = now_ns,
	.wall_us = wall_us,
	.entry = entry,
};

static const struct tutti_task task = {
	.size = sizeof(task),
	.id = { .run_high = 1, .run_low = 2, .number = NUMBER },
	.host = &host,
};

static int forget(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	return 0;
}

static void assert_slice(struct tutti_slice slice, const char *text)
{
	assert_int_equal(slice.len, strlen(text));
	assert_memory_equal(slice.ptr, text, slice.len);
}

static void assert_about_the_task(void)
{
	assert_ptr_equal(seen.host, &host);
	assert_int_equal(seen.id.run_high, 1);
	assert_int_equal(seen.id.run_low, 2);
	assert_int_equal(seen.id.number, NUMBER);
}

static void texts(void **state)
{
	(void)state;
	assert_slice(tutti_text("\xe2\x82\xac"), "\xe2\x82\xac");
	assert_int_equal(tutti_text("").len, 0);
	assert_int_equal(tutti_text(NULL).len, 0);
	assert_null(tutti_text(NULL).ptr);
}

static void success(void **state)
{
	(void)state;
	/* What the host says is passed on. */
	assert_int_equal(tutti_succeed(&task, "{}"), TUTTI_ESTALE);
	assert_about_the_task();
	assert_int_equal(seen.result.size, sizeof(seen.result));
	assert_int_equal(seen.result.outcome, TUTTI_SUCCEEDED);
	assert_int_equal(seen.result.encoding, TUTTI_JSON);
	assert_int_equal(seen.result.reserved, 0);
	assert_slice(seen.result.output, "{}");
	assert_int_equal(seen.result.message.len, 0);
	assert_int_equal(seen.result.patch.len, 0);
	(void)tutti_succeed(&task, NULL);
	assert_int_equal(seen.result.output.len, 0);
}

static void failure_and_parking(void **state)
{
	(void)state;
	(void)tutti_fail(&task, TUTTI_RETRYABLE, "no luck");
	assert_about_the_task();
	assert_int_equal(seen.result.outcome, TUTTI_RETRYABLE);
	assert_slice(seen.result.message, "no luck");
	assert_int_equal(seen.result.until_us, 0);
	(void)tutti_park(&task, 99, NULL);
	assert_int_equal(seen.result.outcome, TUTTI_PARKED);
	assert_int_equal(seen.result.until_us, 99);
	assert_int_equal(seen.result.message.len, 0);
}

static void finishing_by_id(void **state)
{
	struct tutti_result result = { .size = sizeof(result), .outcome = 1 };

	(void)state;
	(void)tutti_finish_id(&host, task.id, &result);
	assert_about_the_task();
	assert_int_equal(seen.result.outcome, 1);
	(void)forget(NULL);
	(void)tutti_finish(&task, &result);
	assert_about_the_task();
}

static void talking(void **state)
{
	(void)state;
	(void)tutti_progress(&task, 0.25, "a quarter");
	assert_about_the_task();
	assert_float_equal(seen.fraction, 0.25, 0);
	assert_slice(seen.text, "a quarter");
	(void)tutti_progress(&task, -1, NULL);
	assert_int_equal(seen.text.len, 0);
	(void)tutti_log(&task, TUTTI_WARN, "beware");
	assert_about_the_task();
	assert_int_equal(seen.level, TUTTI_WARN);
	assert_slice(seen.text, "beware");
	(void)tutti_say(&host, TUTTI_ERROR, "alone");
	assert_int_equal(seen.id.run_high, 0);
	assert_int_equal(seen.id.run_low, 0);
	assert_int_equal(seen.id.number, 0);
	assert_slice(seen.text, "alone");
}

static void asking(void **state)
{
	struct tutti_value value;
	struct tutti_slice text;

	(void)state;
	assert_int_equal(tutti_cancelled(&task), TUTTI_TIMED_OUT);
	assert_about_the_task();
	(void)forget(NULL);
	assert_int_equal(tutti_get(&task, "with.a", &value), TUTTI_OK);
	assert_about_the_task();
	assert_slice(seen.text, "with.a");
	assert_int_equal(value.as.i, 5);
	(void)forget(NULL);
	assert_int_equal(tutti_json(&task, "input", &text), TUTTI_OK);
	assert_about_the_task();
	assert_slice(text, "[5]");
	(void)forget(NULL);
	assert_int_equal(tutti_entry(&task, "with", 3, &text, &value),
			 TUTTI_OK);
	assert_about_the_task();
	assert_int_equal(seen.index, 3);
	assert_slice(text, "key");
	assert_int_equal(tutti_get_param(&host, "pause", &value), TUTTI_OK);
	assert_slice(seen.text, "pause");
	assert_int_equal(value.as.i, 250);
	assert_int_equal(tutti_now_ns(&host), 123);
	assert_int_equal(tutti_wall_us(&host), 456);
}

static void members_of_later_versions(void **state)
{
	struct tutti_host older = host;

	(void)state;
	assert_true(TUTTI_HOST_HAS(&host, entry));
	older.size = offsetof(struct tutti_host, entry);
	assert_false(TUTTI_HOST_HAS(&older, entry));
	assert_true(TUTTI_HOST_HAS(&older, wall_us));
	older.size += 1;
	assert_false(TUTTI_HOST_HAS(&older, entry));
}

static int32_t handle(void *self, const struct tutti_task *given)
{
	(void)self;
	return tutti_succeed(given, NULL);
}

static const struct tutti_plugin one = {
	.size = sizeof(one),
	.name = "one",
	.max_tasks = 1,
	.handle = handle,
};

static const struct tutti_plugin two = {
	.size = sizeof(two),
	.name = "two",
	.max_tasks = 1,
	.handle = handle,
};

TUTTI_MODULE(&one, &two);

static void the_module_is_described(void **state)
{
	const struct tutti_module *module = tutti_plugin_v1();

	(void)state;
	assert_int_equal(module->magic, TUTTI_MAGIC);
	assert_memory_equal(&module->magic, "ITUT", 4); /* little-endian */
	assert_int_equal(module->size, sizeof(*module));
	assert_int_equal(module->abi_major, TUTTI_ABI_MAJOR);
	assert_int_equal(module->abi_minor, TUTTI_ABI_MINOR);
	assert_int_equal(module->plugin_count, 2);
	assert_ptr_equal(module->plugins[0], &one);
	assert_ptr_equal(module->plugins[1], &two);
	assert_ptr_equal(tutti_plugin_v1(), module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(texts, forget),
		cmocka_unit_test_setup(success, forget),
		cmocka_unit_test_setup(failure_and_parking, forget),
		cmocka_unit_test_setup(finishing_by_id, forget),
		cmocka_unit_test_setup(talking, forget),
		cmocka_unit_test_setup(asking, forget),
		cmocka_unit_test_setup(members_of_later_versions, forget),
		cmocka_unit_test_setup(the_module_is_described, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
