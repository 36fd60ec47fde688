#include "document_test.h"

#include "base/limits.h"
#include "document/limits.h"

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(document_limits_default.size, LIMIT_DOCUMENT);
	assert_int_equal(document_limits_default.depth, LIMIT_DOCUMENT_DEPTH);
	assert_int_equal(document_limits_default.nodes, LIMIT_DOCUMENT_NODES);
	assert_int_equal(document_limits_config.size, LIMIT_CONFIG_FILE);
	assert_int_equal(document_limits_config.depth, LIMIT_CONFIG_DEPTH);
	assert_int_equal(document_limits_config.nodes, LIMIT_CONFIG_NODES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
