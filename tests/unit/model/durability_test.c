/* The names of the levels are those of the config. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/durability.h"

static void names(void **state)
{
	(void)state;
	assert_int_equal(DURABILITIES, 3);
	assert_string_equal(durability_name(DURABILITY_STRICT), "strict");
	assert_string_equal(durability_name(DURABILITY_PIPELINED), "pipelined");
	assert_string_equal(durability_name(DURABILITY_RELAXED), "relaxed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
