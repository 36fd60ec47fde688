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
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
