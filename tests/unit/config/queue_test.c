/* `queue` of a plugin's entry, and entries for plugins that come by
 * themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "config_fixture.h"

static void refuse(const char *text, const char *sentence)
{
	struct buf diagnostics = { 0 };
	struct config *config = NULL;

	write_file("file.yaml", slice_of(text));
	assert_int_equal(config_load("file.yaml", &config, &diagnostics),
			 E_INVALID);
	buf_put_byte(&diagnostics, '\0');
	if (!strstr(diagnostics.data, sentence)) {
		fail_msg("'%s' is not in\n%s", sentence, diagnostics.data);
	}
	buf_fini(&diagnostics);
}

static char *with_queue(const char *queue)
{
	struct buf text = { 0 };

	buf_printf(&text, "plugins:\n  - {path: a.so, queue: %s}\n", queue);
	return buf_take(&text);
}

/* Borrowed from the config, which the caller destroys. */
static struct config *load_queue(const char *queue,
				 const struct queue_policy **ret_policy)
{
	char *text = with_queue(queue);
	struct config *config = load(text);

	free(text);
	assert_round_trip(config);
	assert_true(config->modules[0].queue_given);
	*ret_policy = config->modules[0].queue;
	return config;
}

static void refuse_queue(const char *queue, const char *sentence)
{
	char *text = with_queue(queue);

	refuse(text, sentence);
	free(text);
}

static void forms(void **arg)
{
	const struct queue_policy *policy;
	struct config *config = load("plugins: [{path: a.so}, b.so]\n");

	(void)arg;
	assert_false(config->modules[0].queue_given);
	assert_null(config->modules[0].queue);
	assert_false(config->modules[1].queue_given);
	assert_round_trip(config);
	config_destroy(config);
	config = load_queue("true", &policy);
	assert_null(policy->name);
	assert_int_equal(policy->retry.attempts, QUEUE_ATTEMPTS);
	config_destroy(config);
	config = load_queue("{}", &policy);
	assert_int_equal(policy->retry.attempts, QUEUE_ATTEMPTS);
	config_destroy(config);
	config = load_queue("ocr", &policy);
	assert_string_equal(policy->name, "ocr");
	assert_int_equal(policy->retry.attempts, QUEUE_ATTEMPTS);
	config_destroy(config);
	config = load_queue("false", &policy);
	assert_null(policy);
	config_destroy(config);
}

static void every_key(void **arg)
{
	const struct queue_policy *policy;
	struct config *config = load_queue(
	    "{name: ocr, attempts: 7, backoff: 250ms, factor: 1.5, max: 30s,\n"
	    "   jitter: 0.25, visibility: 2m, delay: 1500ms, concurrency: 4,\n"
	    "   rate: 100/m, fifo_key: attributes.customer, priority: -3}",
	    &policy);

	(void)arg;
	assert_string_equal(policy->name, "ocr");
	assert_int_equal(policy->retry.attempts, 7);
	assert_int_equal(policy->retry.backoff_ms, 250);
	assert_true(policy->retry.factor == 1.5);
	assert_int_equal(policy->retry.max_ms, 30000);
	assert_true(policy->retry.jitter == 0.25);
	assert_int_equal(policy->visibility_ms, 120000);
	assert_int_equal(policy->delay_ms, 1500);
	assert_int_equal(policy->concurrency, 4);
	assert_int_equal(policy->rate, 100);
	assert_int_equal(policy->rate_per_ms, 60000);
	assert_string_equal(policy->fifo_key, "attributes.customer");
	assert_int_equal(policy->priority, -3);
	assert_null(policy->priority_key);
	config_destroy(config);
}

static void assert_rate(const char *text, uint32_t rate, int64_t per_ms)
{
	const struct queue_policy *policy;
	struct buf queue = { 0 };

	buf_printf(&queue, "{rate: %s}%c", text, '\0');
	struct config *config = load_queue(queue.data, &policy);

	assert_int_equal(policy->rate, rate);
	assert_int_equal(policy->rate_per_ms, per_ms);
	config_destroy(config);
	buf_fini(&queue);
}

static void refuse_rate(const char *text)
{
	struct buf queue = { 0 };

	buf_printf(&queue, "{rate: %s}%c", text, '\0');
	refuse_queue(queue.data, "expected a rate such as 10/s, 100/m, 5000/h, "
				 "1/d or 10/30s, of at most 1000000 in at most "
				 "366d");
	buf_fini(&queue);
}

static void rates(void **arg)
{
	(void)arg;
	assert_rate("10/s", 10, 1000);
	assert_rate("100/m", 100, 60000);
	assert_rate("5000/h", 5000, 3600000);
	assert_rate("1/d", 1, 86400000);
	assert_rate("10/30s", 10, 30000);
	assert_rate("3/1.5h", 3, 5400000);
	assert_rate("1/ms", 1, 1);
	assert_rate("1000000/366d", 1000000, QUEUE_TIME_MAX_MS);
	refuse_rate("1000001/s");
	refuse_rate("1/367d");
	refuse_rate("0/s");
	refuse_rate("1/0s");
	refuse_rate("10");
	refuse_rate("'10'");
	refuse_rate("10/");
	refuse_rate("/s");
	refuse_rate("-1/s");
	refuse_rate("1.5/s");
	refuse_rate("10 /s");
	refuse_rate("10/w");
	refuse_rate("10/s/s");
	refuse_rate("99999999999999999999999/s");
	refuse_rate("[10/s]");
}

static void numbers(void **arg)
{
	const struct queue_policy *policy;
	struct config *config =
	    load_queue("{attempts: 1000000, concurrency: 1000000,\n"
		       "    priority: 1000, visibility: 366d, delay: 366d}",
		       &policy);

	(void)arg;
	assert_int_equal(policy->retry.attempts, RETRY_ATTEMPTS_MAX);
	assert_int_equal(policy->concurrency, QUEUE_CONCURRENCY_MAX);
	assert_int_equal(policy->priority, QUEUE_PRIORITY_MAX);
	assert_int_equal(policy->visibility_ms, QUEUE_TIME_MAX_MS);
	assert_int_equal(policy->delay_ms, QUEUE_TIME_MAX_MS);
	config_destroy(config);
	refuse_queue("{attempts: 0}", "a whole number from 1 to 1000000");
	refuse_queue("{attempts: 1000001}", "a whole number from 1 to 1000000");
	refuse_queue("{concurrency: 0}", "a whole number from 1 to 1000000");
	refuse_queue("{concurrency: 1000001}",
		     "a whole number from 1 to 1000000");
	refuse_queue("{priority: 1001}",
		     "a whole number from -1000 to 1000 or an expression");
	refuse_queue("{priority: -1001}",
		     "a whole number from -1000 to 1000 or an expression");
	refuse_queue("{priority: 1.5}",
		     "a whole number from -1000 to 1000 or an expression");
	refuse_queue("{visibility: 367d}", "a duration of at most 366d");
	refuse_queue("{delay: 367d}", "a duration of at most 366d");
	refuse_queue("{backoff: 367d}", "a duration of at most 366d");
	refuse_queue("{max: 367d}", "a duration of at most 366d");
	refuse_queue("{backoff: 2s, max: 1s}",
		     "'max' is shorter than 'backoff'");
	refuse_queue("{factor: 0.5}", "a number from 1 to 1000");
	refuse_queue("{jitter: 2}", "a number from 0 to 1");
	refuse_queue("{name: \"ocr \"}", "does not begin or end with a blank");
	refuse_queue("\" \"", "does not begin or end with a blank");
}

/* Of two waits the one that is not given moves along. */
static void waits(void **arg)
{
	const struct queue_policy *policy;
	struct config *config = load_queue("{backoff: 5m}", &policy);

	(void)arg;
	assert_int_equal(policy->retry.max_ms, 300000);
	config_destroy(config);
	config = load_queue("{max: 10ms}", &policy);
	assert_int_equal(policy->retry.backoff_ms, 10);
	config_destroy(config);
}

/* With the place in the text, where there is one. */
static void expressions(void **arg)
{
	const struct queue_policy *policy;
	struct config *config = load_queue(
	    "{fifo_key: run.uid, priority: 'input.pages[0]'}", &policy);

	(void)arg;
	assert_string_equal(policy->fifo_key, "run.uid");
	assert_string_equal(policy->priority_key, "input.pages[0]");
	config_destroy(config);
	refuse_queue("{fifo_key: atributes.x}",
		     "file.yaml:2:36: error: expressions know input, "
		     "attributes, stash, outputs and run, but not 'atributes'; "
		     "did you mean 'attributes'?");
	refuse_queue("{fifo_key: 'run.[0]'}", "file.yaml:2:41: error: ");
	refuse_queue("{priority: \"a\\u0062\"}", "file.yaml:2:36: error: "
						 "expressions know");
	refuse_queue("{fifo_key: '${{ run.uid }}'}",
		     "this is an expression already: write it without ${{ and "
		     "}}");
	refuse_queue("{fifo_key: 1}",
		     "expected an expression such as attributes.customer");
	refuse_queue("{fifo_key: ''}", "found an empty text");
}

/* What the environment gives is read like what stands there. */
static void variables(void **arg)
{
	const struct queue_policy *policy;
	struct config *config;

	(void)arg;
	assert_int_equal(setenv("QUEUE_TEST", "tenant", 1), 0);
	config = load_queue("{name: 'q-${QUEUE_TEST}',\n"
			    "    fifo_key: 'run.${QUEUE_TEST}'}",
			    &policy);
	assert_string_equal(policy->name, "q-tenant");
	assert_string_equal(policy->fifo_key, "run.tenant");
	config_destroy(config);
	refuse_queue("{fifo_key: '${QUEUE_TEST}'}", "but not 'tenant'");
	assert_int_equal(unsetenv("QUEUE_TEST"), 0);
}

static void not_a_queue(void **arg)
{
	static const char expected[] =
	    "expected true, false, the name of the queue or a map";

	(void)arg;
	refuse_queue("[ocr]", expected);
	refuse_queue("7", expected);
	refuse_queue("", expected);
	refuse_queue("a/b", "a name has 1 to 128 bytes");
	refuse_queue("{name: 7}", "expected a name for the queue");
	refuse_queue("{visibilty: 3s}",
		     "unknown key 'visibilty'; did you mean 'visibility'?");
}

/* ---- plugins that somebody else starts ---- */

static void announced(void **arg)
{
	struct config *config = load("plugins:\n"
				     "  - a.so\n"
				     "  - {plugin: ocr, max_tasks: 3,\n"
				     "     overrides: {a: {order: 7}},\n"
				     "     queue: {concurrency: 2}}\n"
				     "  - plugin: thumb\n"
				     "activities: [a]\n");
	const struct config_module *ocr =
	    config_announced(config, SLICE("ocr"));
	const struct config_module *thumb =
	    config_announced(config, SLICE("thumb"));

	(void)arg;
	assert_int_equal(config->module_count, 1);
	assert_int_equal(config->announced_count, 2);
	assert_null(config_announced(config, SLICE("a")));
	assert_string_equal(ocr->name, "ocr");
	assert_int_equal(ocr->form, FORM_PROCESS);
	assert_int_equal(ocr->max_tasks, 3);
	assert_int_equal(ocr->override_count, 1);
	assert_int_equal(ocr->overrides[0].order, 7);
	assert_int_equal(ocr->queue->concurrency, 2);
	assert_false(thumb->queue_given);
	assert_int_equal(thumb->max_tasks, 0);
	assert_int_equal(thumb->place.line, 6);
	assert_round_trip(config);
	config_destroy(config);
}

static void refuse_announced(const char *key, const char *sentence)
{
	struct buf text = { 0 };

	buf_printf(&text, "plugins:\n  - plugin: ocr\n    %s\n%c", key, '\0');
	refuse(text.data, sentence);
	buf_fini(&text);
}

static void keys_of_others(void **arg)
{
	static const char others[] =
	    "is for what the orchestrator starts itself: 'plugin' without "
	    "'exec' is for a plugin that somebody else starts, and has queue, "
	    "overrides and max_tasks";

	(void)arg;
	refuse_announced("path: a.so",
			 "an entry has either 'plugin', for one that somebody "
			 "else starts or that the program of 'exec' registers, "
			 "or 'path': a module says itself what its plugins are "
			 "called");
	refuse_announced("form: isolated", others);
	refuse_announced("instances: 2", others);
	refuse_announced("env: {A: b}", others);
	refuse_announced("restart: {max: 1m}", others);
	refuse_announced("register_window: 1s", others);
	refuse_announced("config: {a: 1}", others);
	refuse_announced("name: other", "leave 'name' out");
	refuse("plugins: [{name: other, plugin: ocr}]\n", "leave 'name' out");
	refuse("plugins: [{plugin: a/b}]\n", "a name has 1 to 128 bytes");
	refuse("plugins: [{plugin: [a]}]\n", "expected the name of a plugin");
	refuse("plugins: [{queue: ocr}]\n",
	       "the key 'path', 'exec' or 'plugin' is missing");
}

/* With `exec` it is the program's, which is all that it is else. */
static void announced_programs(void **arg)
{
	struct config *config =
	    load("plugins:\n"
		 "  - {plugin: self}\n"
		 "  - exec: [a]\n"
		 "  - {exec: [b, -v], plugin: ocr, name: x,\n"
		 "     instances: 0, env: {A: c},\n"
		 "     queue: {concurrency: 2}}\n"
		 "  - {exec: [c], queue: true}\n");
	const struct config_module *ocr =
	    config_announced(config, SLICE("ocr"));
	size_t cursor = 0;

	(void)arg;
	assert_int_equal(config->module_count, 3);
	assert_int_equal(config->announced_count, 1);
	assert_ptr_equal(ocr, &config->modules[1]);
	assert_string_equal(ocr->name, "x");
	assert_string_equal(ocr->plugin, "ocr");
	assert_int_equal(ocr->instances, 0);
	assert_int_equal(ocr->queue->concurrency, 2);
	assert_true(config_is_started(ocr));
	assert_false(config_is_started(&config->announced[0]));
	assert_null(config_announced(config, SLICE("x")));
	assert_null(config_announced(config, SLICE("a")));
	assert_ptr_equal(config_next_announced(config, &cursor), ocr);
	assert_ptr_equal(config_next_announced(config, &cursor),
			 &config->announced[0]);
	assert_null(config_next_announced(config, &cursor));
	assert_null(config_next_announced(config, &cursor));
	assert_false(config_lacks_plugin(&config->modules[0]));
	assert_false(config_lacks_plugin(ocr));
	assert_true(config_lacks_plugin(&config->modules[2]));
	assert_round_trip(config);
	config_destroy(config);
	refuse("plugins: [{exec: [a], plugin: a/b}]\n",
	       "a name has 1 to 128 bytes");
	refuse("plugins: [{exec: [a], path: b.so, plugin: c}]\n",
	       "an entry has either 'path' or 'exec'");
	refuse("plugins: [{exec: [], plugin: c}]\n",
	       "expected a program and at most");
}

static void entries_for_one_plugin(void **arg)
{
	(void)arg;
	refuse("plugins:\n"
	       "  - {exec: [a], plugin: ocr}\n"
	       "  - {exec: [b], plugin: ocr}\n",
	       "file.yaml:3:25: error: the plugin 'ocr' has an entry already\n"
	       "  3 |   - {exec: [b], plugin: ocr}\n"
	       "    |                         ^~~\n"
	       "file.yaml:2:25: note: the first one is here\n");
	refuse("plugins: [{plugin: ocr}, {exec: [a], plugin: ocr}]\n",
	       "the plugin 'ocr' has an entry already");
	refuse("plugins:\n"
	       "  - plugin: ocr\n"
	       "  - plugin: ocr\n",
	       "file.yaml:3:13: error: the plugin 'ocr' has an entry already\n"
	       "  3 |   - plugin: ocr\n"
	       "    |             ^~~\n"
	       "file.yaml:2:13: note: the first one is here\n");
}

/* ---- a queue belongs to one plugin ---- */

static void queues_of_several(void **arg)
{
	static const char sentence[] =
	    "the queue 'q' is another plugin's already; a queue belongs to one "
	    "plugin";
	/* Each has its own, however many there are in the modules. */
	struct config *config = load("plugins:\n"
				     "  - {path: a.so, queue: true}\n"
				     "  - {path: b.so, queue: true}\n"
				     "  - {path: c.so, queue: false}\n"
				     "  - {plugin: q, queue: other}\n"
				     "  - {plugin: r, queue: q}\n");

	(void)arg;
	config_destroy(config);
	refuse("plugins:\n"
	       "  - {path: a.so, queue: q}\n"
	       "  - path: b.so\n"
	       "    queue:\n"
	       "      name: q\n",
	       "file.yaml:5:13: error: the queue 'q' is another plugin's "
	       "already; a queue belongs to one plugin\n"
	       "  5 |       name: q\n"
	       "    |             ^\n"
	       "file.yaml:2:25: note: the first one is here\n");
	refuse("plugins: [{plugin: q, queue: true}, {plugin: r, queue: q}]\n",
	       sentence);
	refuse("plugins: [{exec: [r], queue: q}, {plugin: q, queue: true}]\n",
	       sentence);
	refuse("plugins: [{exec: [r], queue: q},\n"
	       "          {exec: [s], plugin: q, queue: true}]\n",
	       sentence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(every_key),
		cmocka_unit_test(rates),
		cmocka_unit_test(numbers),
		cmocka_unit_test(waits),
		cmocka_unit_test(expressions),
		cmocka_unit_test(variables),
		cmocka_unit_test(not_a_queue),
		cmocka_unit_test(announced),
		cmocka_unit_test(keys_of_others),
		cmocka_unit_test(announced_programs),
		cmocka_unit_test(entries_for_one_plugin),
		cmocka_unit_test(queues_of_several),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
