/*
 * Points on which SNS, EventBridge, event-ruler and Quamina differ, one by
 * one, and what is chosen here.
 */
#include "filter_test.h"

static void everything(void **arg)
{
	(void)arg;
	assert_true(matches("{}", "{\"a\":1}"));
	assert_true(matches("{}", "{}"));
	assert_true(matches("{}", "null"));
	assert_true(matches("null", "{\"a\":1}"));
	assert_true(filter_match(NULL, NULL));
}

static void existence(void **arg)
{
	static const struct match_case cases[] = {
		/* Absence holds without any attributes. */
		{ "{\"a\":[{\"exists\":false}]}", "{}", true },
		{ "{\"a\":[{\"exists\":false}]}", "null", true },
		/* Null and "" are leaves. */
		{ "{\"a\":[{\"exists\":true}]}", "{\"a\":null}", true },
		{ "{\"a\":[{\"exists\":true}]}", "{\"a\":\"\"}", true },
		{ "{\"a\":[{\"exists\":true}]}", "{\"a\":false}", true },
		{ "{\"a\":[{\"exists\":true}]}", "{\"a\":[]}", false },
		{ "{\"a\":[{\"exists\":true}]}", "{\"a\":{}}", false },
		/* Here both stand in one filter. */
		{ "{\"a\":[{\"exists\":true}],\"b\":[{\"exists\":false}]}",
		  "{\"a\":1}", true },
		{ "{\"a\":[{\"exists\":true}],\"b\":[{\"exists\":false}]}",
		  "{\"a\":1,\"b\":1}", false },
		/* And beside others in one list. */
		{ "{\"a\":[\"x\",{\"prefix\":\"y\"},{\"exists\":false}]}",
		  "{\"b\":1}", true },
		{ "{\"a\":[\"x\",{\"prefix\":\"y\"},{\"exists\":false}]}",
		  "{\"a\":\"z\"}", false },
	};

	(void)arg;
	assert_matches(cases, COUNT(cases));
}

static void addresses(void **arg)
{
	static const struct match_case cases[] = {
		{ "{\"a\":[{\"cidr\":\"10.0.0.1/32\"}]}",
		  "{\"a\":\"10.0.0.1\"}", true },
		{ "{\"a\":[{\"cidr\":\"2001:db8::1/128\"}]}",
		  "{\"a\":\"2001:db8:0::1\"}", true },
		{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":\"::1\"}",
		  false },
		{ "{\"a\":[{\"cidr\":\"::/0\"}]}", "{\"a\":\"8.8.8.8\"}",
		  false },
		{ "{\"a\":[{\"cidr\":\"10.0.0.0/8\"}]}",
		  "{\"a\":\"010.0.0.1\"}", false },
		{ "{\"a\":[{\"cidr\":\"8.0.0.0/8\"}]}", "{\"a\":\"010.0.0.1\"}",
		  false },
		{ "{\"a\":[{\"cidr\":\"::/0\"}]}", "{\"a\":\"::ffff:8.8.8.8\"}",
		  false },
		{ "{\"a\":[{\"cidr\":\"8.8.8.8/32\"}]}",
		  "{\"a\":\"::ffff:8.8.8.8\"}", false },
		/* A plain string is text, whatever it looks like. */
		{ "{\"a\":[\"::1\"]}", "{\"a\":\"0:0:0:0:0:0:0:1\"}", false },
		{ "{\"a\":[\"::1\"]}", "{\"a\":\"::1\"}", true },
		{ "{\"a\":[{\"anything-but\":\"::1\"}]}",
		  "{\"a\":\"0:0:0:0:0:0:0:1\"}", true },
	};

	(void)arg;
	assert_matches(cases, COUNT(cases));
	assert_refused("{\"a\":[{\"cidr\":\"::ffff:10.0.0.0/104\"}]}",
		       E_INVALID,
		       "filter.a[0].cidr: no IPv4 or IPv6 address stands "
		       "before the '/'");
	assert_refused("{\"a\":[{\"cidr\":\"010.0.0.0/8\"}]}", E_INVALID,
		       "filter.a[0].cidr: no IPv4 or IPv6 address stands "
		       "before the '/'");
}

static void numbers(void **arg)
{
	static const struct match_case cases[] = {
		/* All of 64 bits are exact, also against doubles. */
		{ "{\"n\":[9007199254740993]}", "{\"n\":9007199254740992.0}",
		  false },
		{ "{\"n\":[9007199254740992]}", "{\"n\":9007199254740992.0}",
		  true },
		{ "{\"n\":[9007199254740992.0]}", "{\"n\":9007199254740993}",
		  false },
		{ "{\"n\":[{\"numeric\":[\">\",9007199254740992.0]}]}",
		  "{\"n\":9007199254740993}", true },
		{ "{\"n\":[{\"numeric\":[\"=\",18446744073709551615]}]}",
		  "{\"n\":18446744073709551614}", false },
		{ "{\"n\":[{\"numeric\":[\"<\",18446744073709551616]}]}",
		  "{\"n\":18446744073709551615}", true },
		{ "{\"n\":[18446744073709551616]}",
		  "{\"n\":18446744073709551615}", false },
		{ "{\"n\":[-9223372036854775809]}",
		  "{\"n\":-9223372036854775808}", true },
		/* Beyond them numbers are doubles. */
		{ "{\"n\":[18446744073709551616]}",
		  "{\"n\":18446744073709551617}", true },
		{ "{\"n\":[100000000000000000000]}", "{\"n\":1e20}", true },
		{ "{\"n\":[100000000000000000000]}",
		  "{\"n\":100000000000000100000}", false },
		{ "{\"n\":[0.1]}", "{\"n\":0.1000000000000000055}", true },
		{ "{\"n\":[0.3]}", "{\"n\":0.30000000000000004}", false },
		/* Zero has no sign. */
		{ "{\"n\":[0]}", "{\"n\":-0.0}", true },
		{ "{\"n\":[-0]}", "{\"n\":0}", true },
		{ "{\"n\":[-0.0]}", "{\"n\":0}", true },
		{ "{\"n\":[{\"numeric\":[\"<\",0]}]}", "{\"n\":-0.0}", false },
		{ "{\"n\":[{\"anything-but\":0}]}", "{\"n\":-0.0}", false },
		/* No bounds of ten to the ninth, nor five decimals. */
		{ "{\"n\":[{\"numeric\":[\">\",5e9]}]}", "{\"n\":6000000000}",
		  true },
		{ "{\"n\":[{\"numeric\":[\">\",1.1234567]}]}",
		  "{\"n\":1.1234568}", true },
		{ "{\"n\":[1e300]}", "{\"n\":1e300}", true },
	};
	struct value value;

	(void)arg;
	assert_matches(cases, COUNT(cases));
	/* Beyond a double there is no number. */
	assert_int_equal(
	    json_read(SLICE("{\"n\":[1e400]}"), NULL, &value, NULL), E_INVALID);
}

static void keys_twice(void **arg)
{
	struct value value;

	(void)arg;
	assert_int_equal(
	    json_read(SLICE("{\"a\":[1],\"a\":[2]}"), NULL, &value, NULL),
	    E_INVALID);
	/* Outside and inside of $or both must hold. */
	assert_true(matches("{\"a\":[1,2],\"$or\":[{\"a\":[2]},{\"b\":[1]}]}",
			    "{\"a\":2}"));
	assert_false(matches("{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[1]}]}",
			     "{\"a\":2}"));
	assert_false(matches("{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[1]}]}",
			     "{\"a\":1}"));
}

static void refused(void **arg)
{
	struct value value;

	(void)arg;
	assert_refused("{\"$or\":[1,2]}", E_INVALID,
		       "filter.$or[0]: expected a map, found number");
	assert_refused("{\"k\":[{\"exactly\":\"x\"}]}", E_INVALID,
		       "filter.k[0].exactly: unknown operator 'exactly'; known "
		       "are prefix, suffix, equals-ignore-case, wildcard, "
		       "anything-but, numeric, exists and cidr");
	assert_refused(
	    "{\"k\":[{\"anything-but\":{\"prefix\":[]}}]}", E_INVALID,
	    "filter.k[0].anything-but.prefix: an empty list excludes "
	    "nothing");
	assert_refused("{\"k\":[{\"anything-but\":{\"prefix\":"
		       "{\"equals-ignore-case\":\"x\"}}}]}",
		       E_INVALID,
		       "filter.k[0].anything-but.prefix: expected a string, "
		       "found map");
	assert_int_equal(json_read(SLICE("{\"a\":[1]} x"), NULL, &value, NULL),
			 E_INVALID);
}

static void letters(void **arg)
{
	static const struct match_case cases[] = {
		{ "{\"a\":[{\"equals-ignore-case\":\"straße\"}]}",
		  "{\"a\":\"STRAẞE\"}", true },
		{ "{\"a\":[{\"equals-ignore-case\":\"straße\"}]}",
		  "{\"a\":\"STRASSE\"}", false },
		{ "{\"a\":[{\"equals-ignore-case\":\"ΟΔΟΣ\"}]}",
		  "{\"a\":\"οδος\"}", true },
		{ "{\"a\":[{\"equals-ignore-case\":\"οδος\"}]}",
		  "{\"a\":\"οδοσ\"}", true },
		{ "{\"a\":[{\"equals-ignore-case\":\"İ\"}]}", "{\"a\":\"i\"}",
		  false },
		{ "{\"a\":[{\"equals-ignore-case\":\"K\"}]}",
		  "{\"a\":\"\\u212a\"}", true },
		{ "{\"a\":[{\"equals-ignore-case\":\"\\ud801\\udc00\"}]}",
		  "{\"a\":\"\\ud801\\udc28\"}", true },
		{ "{\"a\":[{\"equals-ignore-case\":\"a@b\"}]}",
		  "{\"a\":\"A`B\"}", false },
		{ "{\"a\":[{\"equals-ignore-case\":\"a[b\"}]}",
		  "{\"a\":\"A{B\"}", false },
		{ "{\"a\":[{\"prefix\":{\"equals-ignore-case\":\"kel\"}}]}",
		  "{\"a\":\"\\u212aELVIN\"}", true },
		{ "{\"a\":[{\"suffix\":{\"equals-ignore-case\":\"\\u023a\"}}]}",
		  "{\"a\":\"x\\u2c65\"}", true },
		{ "{\"a\":[{\"prefix\":{\"equals-ignore-case\":\"\"}}]}",
		  "{\"a\":\"x\"}", true },
		{ "{\"a\":[{\"suffix\":{\"equals-ignore-case\":\"É\"}}]}",
		  "{\"a\":5}", false },
		{ "{\"a\":[{\"anything-but\":{\"equals-ignore-case\":"
		  "[\"ß\",\"K\"]}}]}",
		  "{\"a\":\"\\u212a\"}", false },
		{ "{\"a\":[{\"anything-but\":{\"equals-ignore-case\":"
		  "[\"ß\",\"K\"]}}]}",
		  "{\"a\":\"SS\"}", true },
		/* Everything else looks at case. */
		{ "{\"a\":[\"x\"]}", "{\"a\":\"X\"}", false },
		{ "{\"a\":[{\"suffix\":\"x\"}]}", "{\"a\":\"X\"}", false },
		{ "{\"a\":[{\"equals-ignore-case\":\"x\"}]}", "{\"A\":\"x\"}",
		  false },
	};

	(void)arg;
	assert_matches(cases, COUNT(cases));
}

/* One element that is not excluded is enough. */
static void lists(void **arg)
{
	static const struct match_case cases[] = {
		{ "{\"a\":[{\"anything-but\":\"rugby\"}]}",
		  "{\"a\":[\"rugby\",\"baseball\"]}", true },
		{ "{\"a\":[{\"anything-but\":\"rugby\"}]}",
		  "{\"a\":[\"rugby\"]}", false },
		{ "{\"a\":[{\"anything-but\":[\"x\",\"y\"]}]}",
		  "{\"a\":[\"x\",\"y\"]}", false },
		{ "{\"a\":[{\"anything-but\":[\"x\",\"y\"]}]}", "{\"a\":[]}",
		  false },
		{ "{\"a\":[{\"anything-but\":\"x\"}]}", "{\"a\":[null]}",
		  true },
		{ "{\"a\":[{\"anything-but\":{\"suffix\":\"y\"}}]}",
		  "{\"a\":[\"xy\",7]}", true },
	};

	(void)arg;
	assert_matches(cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything), cmocka_unit_test(existence),
		cmocka_unit_test(addresses),  cmocka_unit_test(numbers),
		cmocka_unit_test(keys_twice), cmocka_unit_test(refused),
		cmocka_unit_test(letters),    cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
