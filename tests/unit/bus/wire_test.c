/*
 * What decoding refuses and mends. The messages as they are meant to be are in
 * docs/protocol.md and replayed by wire_protocol_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "bus/wire.h"
#include "document/json.h"
#include "document/pack.h"

static struct err err;

#define NONCE   "'nonce':'00112233445566778899aabbccddeeff'"
#define HELLO   "'kind':'hello','protocols':[1],'token':'t'," NONCE
#define SESSION "'session':'s'"
#define RUN     "'run':'01kakn4v0z7x9gq2m5t8w3c6rd'"

static void pack(struct buf *out, const char *json)
{
	struct buf text = { 0 };
	struct value value;

	for (; *json; json++) {
		buf_put_byte(&text, *json == '\'' ? '"' : (uint8_t)*json);
	}
	assert_int_equal(json_read(buf_slice(&text), NULL, &value, &err), 0);
	pack_write(out, &value);
	value_clear(&value);
	buf_fini(&text);
}

static void request(const char *json, int code, const char *why)
{
	struct buf body = { 0 };
	struct wire_request read = { .kind = WIRE_BYE };

	err.msg[0] = '\0';
	pack(&body, json);
	assert_int_equal(wire_get_request(buf_slice(&body), &read, &err), code);
	assert_string_equal(err.msg, why);
	if (code == 0) {
		wire_request_fini(&read);
	}
	buf_fini(&body);
}

static void reply(const char *json, int code, const char *why)
{
	struct buf body = { 0 };
	struct wire_reply read;

	err.msg[0] = '\0';
	pack(&body, json);
	assert_int_equal(wire_get_reply(buf_slice(&body), &read, &err), code);
	assert_string_equal(err.msg, why);
	if (code == 0) {
		wire_reply_fini(&read);
	}
	buf_fini(&body);
}

static void test_keys(void **state)
{
	(void)state;
	request("7", E_INVALID, "a map is wanted, not a number");
	request("{}", E_INVALID, "'kind' is missing");
	request("{'kind':null}", E_INVALID, "'kind' is missing");
	request("{'kind':'bye'}", E_INVALID, "'session' is missing");
	request("{'kind':'bye','session':''}", E_INVALID, "'session' is empty");
	request("{'kind':'bye'," SESSION ",'more':[1]}", 0, "");
	request("{'kind':'bye','session':"
		"'0123456789012345678901234567890123'}",
		E_TOO_BIG, "'session' has more than 32 bytes");
	request("{'kind':'ready'," SESSION ",'synced':1}", E_INVALID,
		"'synced' is not true or false");
	request("{'kind':'ready'," SESSION ",'synced':true,'error':null}", 0,
		"");
}

static void test_numbers(void **state)
{
	(void)state;
	request("{'kind':'poll'," SESSION ",'seen':18446744073709551615}", 0,
		"");
	request("{'kind':'poll'," SESSION ",'seen':-1}", E_INVALID,
		"'seen' is not an integer from 0");
	request("{'kind':'poll'," SESSION ",'seen':1.5}", E_INVALID,
		"'seen' is not an integer from 0");
	request("{'kind':'up'," SESSION ",'n':1,'items':[{'is':'accept'," RUN
		",'task':4294967295,'attempt':1}]}",
		0, "");
	request("{'kind':'up'," SESSION ",'n':1,'items':[{'is':'accept'," RUN
		",'task':4294967296,'attempt':1}]}",
		E_INVALID,
		"items[0]: 'task' is not an integer from 0 of 32 bits");
	request("{" HELLO ",'pid':18446744073709551615,'plugins':[]}",
		E_INVALID, "'pid' is not an integer");
	request("{" HELLO ",'plugins':[{'name':'p','subscriptions':"
		"[{'activity':'A','phase':'pre','order':2147483648}]}]}",
		E_INVALID,
		"plugins[0]: subscriptions[0]: 'order' is not an integer of "
		"32 bits");
}

static void test_words(void **state)
{
	(void)state;
	request("{'kind':'up'," SESSION ",'n':1,'items':[{'is':'nap'}]}",
		E_INVALID, "items[0]: 'is' is 'nap', which is unknown");
	request("{'kind':'up'," SESSION ",'n':1,'items':[{'is':'return',"
		"'run':'x','task':1,'attempt':1}]}",
		E_INVALID, "items[0]: 'run' is not the id of a run");
	request("{'kind':'hello','protocols':[1],'token':'t',"
		"'nonce':'0011','plugins':[]}",
		E_INVALID, "'nonce' is not 32 lower-case hex digits");
	request("{'kind':'hello','protocols':[2]}", E_VERSION,
		"only version 1 of the protocol is understood");
	request("{'kind':'hello','protocols':1}", E_VERSION,
		"only version 1 of the protocol is understood");
}

static void test_replies(void **state)
{
	(void)state;
	reply("{'kind':'mail','items':[{'do':'cancel','seq':1," RUN
	      ",'task':1,'attempt':1,'cause':'boredom'}]}",
	      E_INVALID, "items[0]: 'cause' is 'boredom', which is unknown");
	reply("{'kind':'mail','items':[{'do':'work','seq':1,'work':3}]}",
	      E_INVALID, "items[0]: work: a map is wanted, not a number");
	reply("{'kind':'mail','items':{}}", E_INVALID,
	      "'items' is not an array");
	reply("{'kind':'refused','code':'E_NEW','error':'x'}", 0, "");
	reply("{'kind':'welcome','protocol':2}", E_VERSION,
	      "only version 1 of the protocol is understood");
}

static void hello_with(const char *list, const char *element, size_t count,
		       int code)
{
	struct buf text = { 0 };
	struct buf body = { 0 };
	struct wire_request read;

	buf_printf(&text, "{" HELLO ",%s", list);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&text, "%s%s", i ? "," : "", element);
	}
	buf_put_text(&text, strchr(list, '{') ? "]}]}" : "]}");
	char *json = buf_take(&text);

	pack(&body, json);
	assert_int_equal(wire_get_request(buf_slice(&body), &read, &err), code);
	if (code == 0) {
		wire_request_fini(&read);
	}
	free(json);
	buf_fini(&body);
}

static void test_counts_of_a_hello(void **state)
{
	(void)state;
	hello_with("'plugins':[", "{'name':'p'}", LIMIT_LINK_PLUGINS, 0);
	hello_with("'plugins':[", "{'name':'p'}", LIMIT_LINK_PLUGINS + 1,
		   E_TOO_BIG);
	hello_with("'plugins':[{'name':'p','subscriptions':[",
		   "{'activity':'A','phase':'pre'}", LIMIT_SUBSCRIPTIONS, 0);
	hello_with("'plugins':[{'name':'p','subscriptions':[",
		   "{'activity':'A','phase':'pre'}", LIMIT_SUBSCRIPTIONS + 1,
		   E_TOO_BIG);
	hello_with("'plugins':[{'name':'p','params':[",
		   "{'name':'a','type':'int'}", LIMIT_PARAMS, 0);
	hello_with("'plugins':[{'name':'p','params':[",
		   "{'name':'a','type':'int'}", LIMIT_PARAMS + 1, E_TOO_BIG);
}

static void items(size_t count, int code)
{
	struct wire_item *list = alloc_zeroed(count, sizeof(*list));
	struct wire_request up = {
		.kind = WIRE_UP,
		.session = SLICE("s"),
		.n = 1,
		.items = list,
		.item_count = count,
	};
	struct buf body = { 0 };
	struct wire_request read;

	for (size_t i = 0; i < count; i++) {
		list[i].kind = WIRE_ACCEPT;
	}
	wire_put_request(&body, &up);
	assert_int_equal(wire_get_request(buf_slice(&body), &read, &err), code);
	if (code == 0) {
		assert_int_equal(read.item_count, count);
		wire_request_fini(&read);
	}
	free(list);
	buf_fini(&body);
}

static void test_count_of_items(void **state)
{
	(void)state;
	items(LIMIT_LINK_ITEMS, 0);
	items(LIMIT_LINK_ITEMS + 1, E_TOO_BIG);
}

static struct wire_item read_back(struct wire_item item, struct buf *kept)
{
	struct buf body = { 0 };
	struct wire_request read;

	wire_put_request(&body, &(struct wire_request){
				    .kind = WIRE_UP,
				    .session = SLICE("s"),
				    .n = 1,
				    .items = &item,
				    .item_count = 1,
				});
	assert_int_equal(wire_get_request(buf_slice(&body), &read, &err), 0);
	item = read.items[0];
	buf_put_slice(kept, item.kind == WIRE_LOG ? item.text : item.message);
	wire_request_fini(&read);
	buf_fini(&body);
	return item;
}

static void test_texts_are_cut_and_mended(void **state)
{
	char longer[LIMIT_MESSAGE + 2];
	struct buf kept = { 0 };

	(void)state;
	memset(longer, 'x', sizeof(longer));
	memcpy(longer + LIMIT_MESSAGE - 1, "\xc3\xa4", 2);
	(void)read_back(
	    (struct wire_item){ .kind = WIRE_DONE,
				.message = { longer, sizeof(longer) } },
	    &kept);
	assert_int_equal(kept.len, LIMIT_MESSAGE - 1);
	buf_clear(&kept);
	(void)read_back((struct wire_item){ .kind = WIRE_LOG,
					    .text = SLICE("a\xff"
							  "b") },
			&kept);
	assert_int_equal(kept.len, 5);
	assert_memory_equal(kept.data,
			    "a\xef\xbf\xbd"
			    "b",
			    5);
	buf_fini(&kept);
}

static void test_fallbacks(void **state)
{
	struct wire_param params[] = {
		{ .name = SLICE("a"), .type = SLICE("int") },
		{ .name = SLICE("b"),
		  .type = SLICE("int"),
		  .fallback = SLICE("") },
	};
	struct wire_plugin plugin = {
		.name = SLICE("p"),
		.params = params,
		.param_count = 2,
	};
	struct wire_request hello = {
		.kind = WIRE_HELLO,
		.hello = { .token = SLICE("t"),
			   .nonce = SLICE("00112233445566778899aabbccddeeff"),
			   .plugins = &plugin,
			   .plugin_count = 1 },
	};
	struct buf body = { 0 };
	struct wire_request read;

	(void)state;
	wire_put_request(&body, &hello);
	assert_int_equal(wire_get_request(buf_slice(&body), &read, &err), 0);
	assert_null(read.hello.plugins[0].params[0].fallback.ptr);
	assert_non_null(read.hello.plugins[0].params[1].fallback.ptr);
	assert_int_equal(read.hello.plugins[0].params[1].fallback.len, 0);
	wire_request_fini(&read);
	buf_fini(&body);
}

static void test_topics(void **state)
{
	char bytes[WIRE_TOPIC_MAX + 20];
	struct wire_publication read;
	size_t len = WIRE_TOPIC_MAX;
	const char *body = "\x81\xa4kind\xa4sync";

	(void)state;
	memset(bytes, 't', sizeof(bytes));
	bytes[len] = '\0';
	memcpy(bytes + len + 1, body, 11);
	assert_int_equal(wire_get_publication((struct slice){ bytes, len + 12 },
					      &read, &err),
			 0);
	assert_int_equal(read.topic.len, len);
	wire_publication_fini(&read);
	bytes[len] = 't';
	bytes[len + 1] = '\0';
	memcpy(bytes + len + 2, body, 11);
	assert_int_equal(wire_get_publication((struct slice){ bytes, len + 13 },
					      &read, &err),
			 E_INVALID);
	assert_int_equal(wire_get_publication(SLICE("\xff\0\x80"), &read, &err),
			 E_INVALID);
	assert_int_equal(
	    wire_get_publication((struct slice){ NULL, 0 }, &read, &err),
	    E_INVALID);
}

/* ---- what is for one receiver ---- */

#define OTHER "ffeeddccbbaa99887766554433221100"
#define MEMBER(instance, number)                              \
	"{'instance':'" instance "','plugin':'p','name':'n'," \
	"'task':" number ",'attempt':1}"
#define WORK(members)                                                \
	"{" RUN ",'workflow':'w','activity':'A','phase':'parallel'," \
	"'members':[" members "]}"
#define ACKS "'acks':[{'nonce':'" OTHER "','n':7},{" NONCE ",'n':8}]"

static int get_own(const char *json, struct wire_publication *ret_read,
		   struct buf *body)
{
	buf_clear(body);
	buf_put(body, "work/A/", 8);
	pack(body, json);
	err.msg[0] = '\0';
	return wire_get_own(buf_slice(body), SLICE("me"),
			    SLICE("00112233445566778899aabbccddeeff"), ret_read,
			    &err);
}

static void own_is(const char *json, int code, const char *why)
{
	struct buf body = { 0 };
	struct wire_publication read;

	assert_int_equal(get_own(json, &read, &body), code);
	assert_string_equal(err.msg, why);
	if (code == 0) {
		wire_publication_fini(&read);
	}
	buf_fini(&body);
}

static void test_own(void **state)
{
	struct buf body = { 0 };
	struct wire_publication read;

	(void)state;
	assert_int_equal(
	    get_own("{'kind':'work'," ACKS ",'work':[" WORK(
			MEMBER("you", "1") "," MEMBER("me", "2") "," MEMBER(
			    "you", "3")) "," WORK(MEMBER("you", "4")) "]}",
		    &read, &body),
	    0);
	assert_true(slice_is(read.topic, "work/A/"));
	assert_int_equal(read.ack_count, 1);
	assert_int_equal(read.acks[0].n, 8);
	assert_int_equal(read.work_count, 2);
	assert_true(slice_is(read.work[0].workflow, "w"));
	assert_int_equal(read.work[0].member_count, 1);
	assert_int_equal(read.work[0].members[0].task, 2);
	assert_int_equal(read.work[1].member_count, 0);
	wire_publication_fini(&read);
	assert_int_equal(get_own("{'kind':'sync'}", &read, &body), 0);
	assert_int_equal(read.kind, WIRE_SYNC);
	wire_publication_fini(&read);
	buf_fini(&body);
}

/* What is wrong in what others get is theirs to find. */
static void test_own_alone_is_checked(void **state)
{
	(void)state;
	own_is("{'kind':'work','work':[" WORK("{'instance':'you'}") "]}", 0,
	       "");
	own_is("{'kind':'work','work':[" WORK("{'instance':'me'}") "]}",
	       E_INVALID, "work[0]: members[0]: 'plugin' is missing");
	own_is("{'kind':'work','work':[" WORK("{'plugin':'p'}") "]}", E_INVALID,
	       "work[0]: members[0]: 'instance' is missing");
	own_is("{'kind':'work','work':[" WORK("{'instance':7}") "]}", E_INVALID,
	       "work[0]: members[0]: 'instance' is not a text");
	own_is("{'kind':'work','work':[" WORK("8") "]}", E_INVALID,
	       "work[0]: members[0]: a map is wanted, not a number");
	/* Wherever the key stands. */
	own_is("{'kind':'work','work':[" WORK(
		   "{'task':'x','instance':'you'}") "]}",
	       0, "");
	own_is("{'kind':'work','work':[],'acks':[{'n':'x','nonce':'" OTHER
	       "'}]}",
	       0, "");
	own_is("{'kind':'work','work':[{" RUN "}]}", E_INVALID,
	       "work[0]: 'workflow' is missing");
}

static void test_own_of_strange_bytes(void **state)
{
	struct wire_publication read;
	const struct slice me = SLICE("me");
	/* A key that is an array, one twice, and a kind that is no UTF-8. */
	const struct slice keys = SLICE("t\0\x83\x92\x01\x02\x03\xa4kind\xc0"
					"\xa4kind\xa4sync");
	const struct slice text = SLICE("t\0\x81\xa4kind\xa4syn\xff");
	const struct slice work = SLICE("t\0\x82\xa4kind\xa4work\xa4work"
					"\x91\x81\xa3uid\xa1\xff");

	(void)state;
	assert_int_equal(wire_get_own(keys, me, me, &read, &err), 0);
	assert_int_equal(read.kind, WIRE_SYNC);
	wire_publication_fini(&read);
	assert_int_equal(wire_get_own(text, me, me, &read, &err), E_INVALID);
	assert_int_equal(wire_get_own(work, me, me, &read, &err), E_INVALID);
	for (size_t len = 0; len < keys.len; len++) {
		assert_int_equal(wire_get_own((struct slice){ keys.ptr, len },
					      me, me, &read, &err),
				 E_INVALID);
	}
}

static void test_depth(void **state)
{
	char nested[40];
	struct buf body = { 0 };
	struct wire_request read;

	(void)state;
	for (size_t depth = 31; depth <= 32; depth++) {
		buf_clear(&body);
		buf_put_slice(&body, SLICE("\x83\xa4kind\xa3"
					   "bye\xa7session\xa1s\xa1x"));
		memset(nested, 0x91, depth);
		nested[depth - 1] = (char)0x90;
		buf_put(&body, nested, depth);
		assert_int_equal(
		    wire_get_request(buf_slice(&body), &read, &err),
		    depth == 31 ? 0 : E_TOO_BIG);
		if (depth == 31) {
			wire_request_fini(&read);
		}
	}
	buf_fini(&body);
}

static void test_no_memory(void **state)
{
	struct buf body = { 0 };
	struct wire_request read;
	int rc = E_NO_MEMORY;

	(void)state;
	pack(&body, "{" HELLO ",'plugins':[{'name':'p','params':["
		    "{'name':'a','type':'int'}]}]}");
	for (size_t calls = 1; rc; calls++) {
		assert_int_equal(rc, E_NO_MEMORY);
		alloc_fail_after(calls);
		rc = wire_get_request(buf_slice(&body), &read, &err);
		alloc_fail_after(0);
	}
	wire_request_fini(&read);
	buf_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_counts_of_a_hello),
		cmocka_unit_test(test_count_of_items),
		cmocka_unit_test(test_texts_are_cut_and_mended),
		cmocka_unit_test(test_fallbacks),
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_own_alone_is_checked),
		cmocka_unit_test(test_own_of_strange_bytes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
