#include "document_test.h"

#include "document/yaml_scalar.h"

static void assert_resolves(const char *text, const char *json)
{
	struct value value;
	const char *problem = "none";

	if (yaml_scalar_resolve(slice_of(text), &value, &problem) < 0) {
		fail_msg("%s %s", text, problem);
	}
	assert_value(&value, json);
	assert_int_equal(yaml_scalar_is_string(slice_of(text)),
			 value.type == VALUE_STRING);
	if (value.type == VALUE_STRING) {
		assert_ptr_equal(value.as.text.ptr, text);
	}
}

static void test_core_schema(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "", "null" },
		{ "~", "null" },
		{ "null", "null" },
		{ "Null", "null" },
		{ "NULL", "null" },
		{ "true", "true" },
		{ "True", "true" },
		{ "TRUE", "true" },
		{ "false", "false" },
		{ "False", "false" },
		{ "FALSE", "false" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "+12", "12" },
		{ "-12", "-12" },
		{ "0o17", "15" },
		{ "0x1f", "31" },
		{ "0xFFFFFFFFFFFFFFFF", "18446744073709551615" },
		{ "0o1777777777777777777777", "18446744073709551615" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "1.0", "1.0" },
		{ "1.", "1.0" },
		{ ".5", "0.5" },
		{ "-.5", "-0.5" },
		{ "+1.5e3", "1500.0" },
		{ "1e3", "1000.0" },
		{ "1E-2", "0.01" },
		{ "1.e+2", "100.0" },
		{ "0.0", "0.0" },
		{ "0e0", "0.0" },
		{ "1e-999", "0.0" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_resolves(cases[i][0], cases[i][1]);
	}
}

static const char *const strings[] = {
	"yes",
	"no",
	"on",
	"off",
	"y",
	"n",
	"Yes",
	"NO",
	"tRUE",
	"nULL",
	"010",
	"00",
	"-010",
	"+00",
	"007.5",
	"00e1",
	"0o18",
	"0o",
	"0x",
	"0xg",
	"-0x1f",
	"+0o7",
	"0X1f",
	"0O17",
	"0b1",
	"1_000",
	"1,5",
	"2026-03-01",
	"2026-03-01T10:20:30Z",
	"12:30",
	"1.2.3",
	"1e",
	"1e+",
	"e3",
	".",
	"-",
	"+",
	"-.",
	"+.e1",
	".e1",
	"1e1.5",
	"inf",
	"nan",
	"NaN",
	"..inf",
	"-.nan",
	"+.NaN",
	"1 2",
	"--1",
	"1-",
	"0x1f ",
	".5.",
	"\xc3\xa4",
};

static void test_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		struct value value;
		const char *problem;

		assert_int_equal(
		    yaml_scalar_resolve(slice_of(strings[i]), &value, &problem),
		    0);
		if (value.type != VALUE_STRING ||
		    !yaml_scalar_is_string(slice_of(strings[i]))) {
			fail_msg("%s is no string", strings[i]);
		}
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const refused[] = {
		".inf",
		".Inf",
		".INF",
		"-.inf",
		"+.INF",
		".nan",
		".NaN",
		".NAN",
		"18446744073709551616",
		"-9223372036854775809",
		"0x10000000000000000",
		"0o2000000000000000000000",
		"1e309",
		"-1e309",
	};

	for (size_t i = 0; i < COUNT(refused); i++) {
		struct value value = value_int(42);
		const char *problem = NULL;

		assert_int_equal(
		    yaml_scalar_resolve(slice_of(refused[i]), &value, &problem),
		    E_INVALID);
		assert_non_null(problem);
		assert_int_equal(value.as.integer, 42);
		assert_false(yaml_scalar_is_string(slice_of(refused[i])));
	}
}

static void test_nul_is_no_digit(void **state)
{
	(void)state;
	assert_true(yaml_scalar_is_string(SLICE("0x1\0")));
	assert_true(yaml_scalar_is_string(SLICE("1\0")));
	assert_true(yaml_scalar_is_string(SLICE("true\0")));
}

static void test_tags(void **state)
{
	(void)state;
	static const struct {
		const char *tag;
		const char *text;
		int code;
		const char *json;
	} cases[] = {
		{ "!", "1", 0, "\"1\"" },
		{ "tag:yaml.org,2002:str", "", 0, "\"\"" },
		{ "tag:yaml.org,2002:int", "0x10", 0, "16" },
		{ "tag:yaml.org,2002:int", "1.0", E_INVALID, NULL },
		{ "tag:yaml.org,2002:int", "99999999999999999999", E_INVALID,
		  NULL },
		{ "tag:yaml.org,2002:float", "1", 0, "1.0" },
		{ "tag:yaml.org,2002:float", "1.5", 0, "1.5" },
		{ "tag:yaml.org,2002:float", "x", E_INVALID, NULL },
		{ "tag:yaml.org,2002:bool", "true", 0, "true" },
		{ "tag:yaml.org,2002:bool", "yes", E_INVALID, NULL },
		{ "tag:yaml.org,2002:null", "", 0, "null" },
		{ "tag:yaml.org,2002:null", "0", E_INVALID, NULL },
		{ "tag:yaml.org,2002:binary", "aGk=", 0, "\"aGk=\"" },
		{ "tag:yaml.org,2002:binary", "aGk", E_INVALID, NULL },
		{ "tag:yaml.org,2002:", "x", E_UNSUPPORTED, NULL },
		{ "tag:yaml.org,2002:seq", "x", E_UNSUPPORTED, NULL },
		{ "!int", "1", E_UNSUPPORTED, NULL },
		{ "", "1", E_UNSUPPORTED, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value value;
		const char *problem = NULL;
		int rc = yaml_scalar_resolve_tagged(
		    slice_of(cases[i].text), cases[i].tag, &value, &problem);

		assert_int_equal(rc, cases[i].code);
		assert_int_equal(rc == E_INVALID, problem != NULL);
		if (rc == 0) {
			assert_value(&value, cases[i].json);
		}
		if (rc == 0 && value.type == VALUE_BYTES) {
			value_clear(&value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core_schema),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul_is_no_digit),
		cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
