/* Sentences about plugins that are lost, missing, or not to be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "cli/why.h"
#include "document/json.h"
#include "run_fixture.h"

static const char *const names[] = { "Step1", "Step2" };

struct scene {
	struct fixture fixture;
	struct registry registry;
	struct task_record *task;
};

/* One task `ocr` of plugin ocr, and what the daemon says of plugins. */
static void scene_init(struct scene *scene, enum task_state state,
		       enum reason reason, const char *answer)
{
	struct plugin_record record = { .name = SLICE("ocr") };
	struct plugin_list records = { .plugins = &record, .len = 1 };
	struct value value;

	fixture_init(&scene->fixture, names, 2);
	fixture_activity(&scene->fixture, 0, GROUP_RUNNING, 100);
	fixture_phase(&scene->fixture, 0, PHASE_PARALLEL, GROUP_RUNNING, 100);
	scene->task =
	    fixture_task(&scene->fixture, 0, PHASE_PARALLEL, "ocr", state);
	scene->task->reason = reason;
	assert_int_equal(json_read(slice_of(answer), NULL, &value, NULL), 0);
	registry_join(&scene->registry, &records, &value);
	value_clear(&value);
	(void)fixture_context(&scene->fixture);
	scene->fixture.context.registry = &scene->registry;
}

static void scene_fini(struct scene *scene)
{
	registry_fini(&scene->registry);
	fixture_fini(&scene->fixture);
}

static void assert_text(struct buf *sentence, const char *expected)
{
	buf_put_byte(sentence, '\0');
	assert_string_equal(sentence->data, expected);
	buf_fini(sentence);
}

static void assert_task(struct scene *scene, const char *expected)
{
	struct buf sentence = { 0 };

	reason_put_task(&sentence, &scene->fixture.context, scene->task);
	assert_text(&sentence, expected);
}

static void assert_absence(const char *answer, const char *expected)
{
	struct scene scene;

	scene_init(&scene, TASK_PENDING, REASON_NO_INSTANCE, answer);
	assert_task(&scene, expected);
	scene_fini(&scene);
}

static void no_instance(void **arg)
{
	(void)arg;
	assert_absence("null", "waits for plugin 'ocr', which has no live "
			       "instance");
	assert_absence(
	    "{\"plugins\":[]}",
	    "waits for plugin 'ocr', which has no live instance: no entry of "
	    "the config starts it, its program is started by hand");
	assert_absence(
	    "{\"processes\":[{\"entry\":\"ocr\",\"wanted\":2,\"actual\":1,"
	    "\"ready\":0}]}",
	    "waits for plugin 'ocr', which has no live instance: its program "
	    "is starting, 0 of 2 ready");
	assert_absence(
	    "{\"plugins\":[{\"name\":\"ocr\",\"entry\":\"reader\"}],"
	    "\"processes\":[{\"entry\":\"reader\",\"wanted\":1,"
	    "\"given_up\":true,\"deaths\":5,"
	    "\"last_exit\":\"killed by signal 11 (SIGSEGV)\"}]}",
	    "waits for plugin 'ocr', which has no live instance: its program "
	    "was given up after 5 deaths, the last: killed by signal 11 "
	    "(SIGSEGV); 'tutti plugins release reader' starts it again");
	assert_absence("{\"plugins\":[{\"name\":\"ocr\","
		       "\"message\":\"says goodbye\"}]}",
		       "waits for plugin 'ocr', which has no live instance: "
		       "says goodbye");
}

/* Without anything known of plugins the sentence is shorter, but true. */
static void no_registry(void **arg)
{
	struct scene scene;

	(void)arg;
	scene_init(&scene, TASK_PENDING, REASON_NO_INSTANCE, "null");
	scene.fixture.context.registry = NULL;
	assert_task(&scene,
		    "waits for plugin 'ocr', which has no live instance");
	scene_fini(&scene);
}

static void not_registered(void **arg)
{
	struct scene scene;

	(void)arg;
	scene_init(&scene, TASK_PENDING, REASON_NO_PLUGIN,
		   "{\"processes\":[{\"entry\":\"a\",\"wanted\":1,\"actual\":1,"
		   "\"ready\":1},{\"entry\":\"b\",\"wanted\":1,\"actual\":1,"
		   "\"ready\":0}]}");
	scene.task->plugin = SLICE("new");
	assert_task(&scene,
		    "waits for plugin 'new', which is not registered: entry "
		    "'b' is starting, 0 of 1 ready; 'plugin: new' in its entry "
		    "makes it known before it comes");
	scene_fini(&scene);
}

static void given_back(void **arg)
{
	struct scene scene;

	(void)arg;
	scene_init(&scene, TASK_PENDING, REASON_INSTANCE_LOST, "{}");
	scene.task->attempt = 2;
	scene.task->message =
	    SLICE("plugin 'ocr' (ocr#2): killed by signal 11 (SIGSEGV)");
	assert_task(&scene,
		    "waits to be given to plugin 'ocr' again: the instance "
		    "that had it was lost (attempt 2): plugin 'ocr' (ocr#2): "
		    "killed by signal 11 (SIGSEGV)");
	scene.task->reason = REASON_RETURNED;
	scene.task->message = (struct slice){ 0 };
	assert_task(&scene, "waits to be given to plugin 'ocr' again: given "
			    "back before it was begun (attempt 2)");
	scene_fini(&scene);
}

static void parked_and_alone(void **arg)
{
	struct scene scene;

	(void)arg;
	scene_init(&scene, TASK_WAITING, REASON_NO_INSTANCE,
		   "{\"processes\":[{\"entry\":\"ocr\",\"wanted\":0}]}");
	assert_task(&scene,
		    "waits to go on, its time has come: plugin 'ocr' has no "
		    "live instance: its program is wanted by nobody; 'tutti "
		    "plugins scale ocr 1' starts one");
	scene_fini(&scene);
}

static void failed(void **arg)
{
	struct scene scene;

	(void)arg;
	scene_init(&scene, TASK_FAILED, REASON_CRASHED, "{}");
	scene.task->deaths = 5;
	scene.task->message = SLICE("killed by signal 11 (SIGSEGV)");
	assert_task(&scene, "plugin 'ocr' died 5 times with it in its hands: "
			    "killed by signal 11 (SIGSEGV)");
	scene.task->reason = REASON_QUARANTINED;
	scene.task->message = SLICE("2 crashes of the orchestrator");
	assert_task(&scene,
		    "plugin 'ocr' is quarantined: 2 crashes of the "
		    "orchestrator; 'tutti plugins release ocr' lets it be "
		    "used again");
	scene.task->reason = REASON_REMOVED;
	scene.task->message = (struct slice){ 0 };
	assert_task(&scene, "plugin 'ocr' was removed before it was done");
	scene_fini(&scene);
}

/* ---- activities that wait for registrations ---- */

static void assert_activity(const struct reason_context *context,
			    const char *expected)
{
	struct buf sentence = { 0 };

	reason_put_activity(&sentence, context, 0);
	assert_text(&sentence, expected);
}

static void set_waiting(struct fixture *fixture, enum reason reason)
{
	fixture_activity(fixture, 0, GROUP_WAITING, 100);
	fixture->view.activities[0].reason = reason;
	fixture->view.run.state = GROUP_WAITING;
	fixture->view.run.reason = reason;
	(void)fixture_context(fixture);
}

static void required(void **arg)
{
	struct plugin_record record = { .name = SLICE("scan") };
	struct plugin_list records = { .plugins = &record, .len = 1 };
	struct value nothing = value_null();
	struct fixture fixture;
	struct registry registry;

	(void)arg;
	fixture_init(&fixture, names, 2);
	struct activity_definition *activity =
	    &fixture.view.definition->activities[0];

	activity->require_len = 2;
	activity->require = alloc_zeroed(2, sizeof(*activity->require));
	activity->require[0] = alloc_string("scan");
	activity->require[1] = alloc_string("ocr");
	set_waiting(&fixture, REASON_NO_PLUGIN);
	assert_activity(&fixture.context, "waits for required plugins: 'scan', "
					  "'ocr' are not registered");
	registry_join(&registry, &records, &nothing);
	fixture.context.registry = &registry;
	assert_activity(&fixture.context, "waits for required plugins: 'ocr' "
					  "is not registered");
	registry_fini(&registry);
	fixture_fini(&fixture);
}

static void windows(void **arg)
{
	struct fixture fixture;
	struct buf sentence = { 0 };

	(void)arg;
	fixture_init(&fixture, names, 2);
	fixture.view.definition->activities[0].register_window_ms = 5100;
	set_waiting(&fixture, REASON_REGISTER_WINDOW);
	assert_activity(&fixture.context,
			"waits for plugins that are about to register, until "
			"2026-03-01T10:20:35.123456Z (in 5s)");
	reason_put_run(&sentence, &fixture.context);
	assert_text(&sentence,
		    "activity 'Step1', waits for plugins that are about to "
		    "register, until 2026-03-01T10:20:35.123456Z (in 5s)");
	fixture.view.definition->activities[0].register_window_ms = 0;
	assert_activity(&fixture.context,
			"waits for plugins that are about to register");
	fixture_fini(&fixture);
}

/* `why` says it where it belongs: at the activity. */
static void why_of_a_waiting_activity(void **arg)
{
	struct fixture fixture;
	struct why why;

	(void)arg;
	fixture_init(&fixture, names, 2);
	set_waiting(&fixture, REASON_REGISTER_WINDOW);
	/* A phase that has ended already does not speak for it. */
	fixture_phase(&fixture, 0, PHASE_PRE, GROUP_DEGRADED, 100);
	why_explain(&why, &fixture.context);
	assert_true(why.len >= 2);
	assert_int_equal(why.items[1].kind, OBJECT_ACTIVITY);
	assert_string_equal(why.items[1].sentence,
			    "waits for plugins that are about to register");
	why_fini(&why);
	fixture_fini(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_instance),
		cmocka_unit_test(no_registry),
		cmocka_unit_test(not_registered),
		cmocka_unit_test(given_back),
		cmocka_unit_test(parked_and_alone),
		cmocka_unit_test(failed),
		cmocka_unit_test(required),
		cmocka_unit_test(windows),
		cmocka_unit_test(why_of_a_waiting_activity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
