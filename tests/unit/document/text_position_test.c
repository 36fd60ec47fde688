#include "document_test.h"

#include "document/text_position.h"

static void assert_position(struct slice text, size_t offset, unsigned line,
			    unsigned column)
{
	struct text_position position = text_position(text, offset);

	assert_int_equal(position.line, line);
	assert_int_equal(position.column, column);
}

static void test_positions(void **state)
{
	(void)state;
	struct slice text = SLICE("ab\n\xc3\xa4x\n\nz");

	assert_position(text, 0, 1, 1);
	assert_position(text, 2, 1, 3);
	assert_position(text, 3, 2, 1);
	assert_position(text, 5, 2, 2);
	assert_position(text, 7, 3, 1);
	assert_position(text, 8, 4, 1);
	assert_position(text, 9, 4, 2);
	assert_position(text, 100, 4, 2);
	assert_position((struct slice){ 0 }, 5, 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
