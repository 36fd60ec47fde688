/* Verbs that tell the daemon to do one thing, with a daemon that is a stub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bus/control.h"
#include "document/json.h"
#include "program.h"

#include "../folder.h"

static char folder[] = "/tmp/tutti-order-XXXXXX";
static char address[64];
static struct control_server *server;
static struct program program;

/* What the next requests are answered with, and what they were. The client
 * waits for the answer, so that nothing is read before it is written. */
struct answer {
	int code;
	const char *text; /* JSON, or the sentence of the error */
};

static struct answer answers[2];
static struct buf asked;
static size_t count;

static void answer(void *arg, struct control_request *request)
{
	const struct answer *next = &answers[count++ % 2];
	struct value result;
	struct err error = { 0 };

	(void)arg;
	buf_printf(&asked, "%s ", request->verb);
	json_write(&asked, &request->args, JSON_COMPACT);
	buf_put_byte(&asked, '\n');
	if (next->code) {
		(void)err_set(&error, next->code, "%s", next->text);
		control_refuse(server, request->session, request->id, &error);
	} else if (json_read(slice_of(next->text), NULL, &result, NULL) == 0) {
		control_answer(server, request->session, request->id, &result);
		value_clear(&result);
	}
	control_request_fini(request);
	free(request);
}

static void will_answer(int code, const char *text)
{
	buf_clear(&asked);
	count = 0;
	answers[0] = (struct answer){ code, text };
	answers[1] = (struct answer){ E_NOT_FOUND, "second" };
}

static void assert_asked(const char *expected)
{
	buf_put_byte(&asked, '\0');
	assert_string_equal(asked.data, expected);
}

static void removing(void **state)
{
	(void)state;
	will_answer(0, "{\"plugin\":\"ocr\",\"instances\":[\"ocr#1\","
		       "\"ocr#2\"],\"tasks_failed\":3}");
	assert_int_equal(program_run(&program, "plugins", "remove", "ocr",
				     "--to", address, NULL),
			 0);
	assert_asked("plugin_remove {\"plugin\":\"ocr\",\"dry_run\":false}\n");
	assert_string_equal(program.out,
			    "removed plugin 'ocr'; told to stop: ocr#1, "
			    "ocr#2; 3 tasks failed\n");
	assert_int_equal(program_run(&program, "plugins", "remove", "ocr",
				     "--to", address, NULL),
			 3);
	will_answer(0, "{\"plugin\":\"ocr\",\"instances\":[],"
		       "\"tasks_failed\":0}");
	assert_int_equal(program_run(&program, "plugins", "remove", "ocr",
				     "--dry-run", "--to", address, NULL),
			 0);
	assert_asked("plugin_remove {\"plugin\":\"ocr\",\"dry_run\":true}\n");
	assert_string_equal(program.out, "would remove plugin 'ocr'\n");
	will_answer(E_CONFLICT, "the config provides it");
	assert_int_equal(program_run(&program, "plugins", "remove", "ocr",
				     "--to", address, NULL),
			 6);
	program_expect(program.err, "the config provides it");
	assert_string_equal(program.out, "");
}

static int release(void)
{
	return program_run(&program, "plugins", "release", "ocr", "--to",
			   address, NULL);
}

static void releasing_a_plugin(void **state)
{
	(void)state;
	will_answer(0, "{\"plugin\":\"ocr\",\"released\":true}");
	assert_int_equal(release(), 0);
	assert_asked("plugin_release {\"plugin\":\"ocr\",\"dry_run\":false}\n");
	assert_string_equal(program.out, "released plugin 'ocr'\n");
}

/* What is no plugin, or none to be released, may be an entry. */
static void releasing_an_entry(void **state)
{
	(void)state;
	will_answer(E_NOT_FOUND, "first");
	answers[1] = (struct answer){ 0, "{\"entry\":\"ocr\","
					 "\"released\":true}" };
	assert_int_equal(release(), 0);
	assert_asked("plugin_release {\"plugin\":\"ocr\",\"dry_run\":false}\n"
		     "plugin_release {\"entry\":\"ocr\",\"dry_run\":false}\n");
	assert_string_equal(program.out, "released entry 'ocr'\n");
	will_answer(E_UNCHANGED, "first");
	answers[1] = (struct answer){ 0, "{\"entry\":\"ocr\"}" };
	assert_int_equal(release(), 0);
}

static void releasing_nothing(void **state)
{
	(void)state;
	will_answer(E_UNCHANGED, "first");
	assert_int_equal(release(), 6);
	program_expect(program.err, "first");
	will_answer(E_NOT_FOUND, "first");
	assert_int_equal(release(), 3);
	program_expect(program.err, "first");
	will_answer(E_NOT_FOUND, "first");
	answers[1] = (struct answer){ E_UNCHANGED, "is running" };
	assert_int_equal(release(), 6);
	program_expect(program.err, "is running");
}

static int scale(const char *instances)
{
	return program_run(&program, "plugins", "scale", "ocr", instances,
			   "--to", address, NULL);
}

static void scaling(void **state)
{
	static const char *const wrong[] = { "1025", "x",   "",
					     "+1",   "1.5", "99999999999999" };

	(void)state;
	will_answer(0, "{\"entry\":\"ocr\",\"before\":1,\"after\":4}");
	assert_int_equal(scale("4"), 0);
	assert_asked("scale {\"entry\":\"ocr\",\"instances\":4,"
		     "\"dry_run\":false}\n");
	assert_string_equal(program.out, "entry 'ocr': 1 -> 4 instances\n");
	will_answer(E_UNCHANGED, "it has 4 already");
	assert_int_equal(scale("1024"), 6);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(scale(wrong[i]), 2);
		program_expect(program.err, "a whole number from 0 to 1024");
	}
}

static void reloading(void **state)
{
	(void)state;
	will_answer(0, "{\"changed\":[{\"entry\":\"ocr\","
		       "\"what\":\"replaced\"}],\"workflows\":[\"w\",\"x\"]}");
	assert_int_equal(program_run(&program, "reload", "--to", address, NULL),
			 0);
	assert_asked("reload {\"dry_run\":false}\n");
	assert_string_equal(program.out, "ocr: replaced\n"
					 "workflows now: w, x\n");
	will_answer(0, "{\"changed\":[],\"workflows\":[]}");
	assert_int_equal(
	    program_run(&program, "reload", "--dry-run", "--to", address, NULL),
	    0);
	assert_string_equal(program.out, "would reload\n");
	will_answer(E_INVALID, "tutti.yaml:1:1: error: x");
	assert_int_equal(program_run(&program, "reload", "--to", address, NULL),
			 2);
	program_expect(program.err, "tutti.yaml:1:1: error: x");
	will_answer(0, "{\"changed\":[],\"workflows\":[]}");
	assert_int_equal(program_run(&program, "reload", "-o", "json", "--to",
				     address, NULL),
			 0);
	program_expect(program.out, "\"workflows\": []");
}

static int set_up(void **state)
{
	struct err error = { 0 };

	(void)state;
	(void)unsetenv("TUTTI_CONFIG");
	if (!mkdtemp(folder) || setenv("TUTTI_STORE", folder, 1)) {
		return -1;
	}
	(void)snprintf(address, sizeof(address), "%s/c.sock", folder);
	return control_server_create(address, answer, NULL, &server, &error);
}

static int tear_down(void **state)
{
	(void)state;
	control_server_stop(server);
	folder_remove(folder);
	program_fini(&program);
	buf_fini(&asked);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removing),
		cmocka_unit_test(releasing_a_plugin),
		cmocka_unit_test(releasing_an_entry),
		cmocka_unit_test(releasing_nothing),
		cmocka_unit_test(scaling),
		cmocka_unit_test(reloading),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
