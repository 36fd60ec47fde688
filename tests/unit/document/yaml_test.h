/*
 * What the tests of the YAML reader share.
 */
#ifndef YAML_TEST_H
#define YAML_TEST_H

#include "base/utf8.h"
#include "document/yaml_tree.h"
#include "document_test.h"

static inline struct yaml_tree *read_yaml(struct slice text)
{
	struct yaml_tree *tree = NULL;
	struct yaml_error error;

	if (yaml_tree_read(text, NULL, &tree, &error) < 0) {
		fail_msg("%.*s\n%u:%u: %s", SLICE_ARG(text), error.mark.line,
			 error.mark.column, error.msg);
	}
	return tree;
}

static inline void assert_yaml(const char *yaml, const char *json)
{
	struct yaml_tree *tree = read_yaml(slice_of(yaml));
	struct value value = yaml_to_value(yaml_tree_root(tree));

	yaml_tree_destroy(tree);
	assert_value(&value, json);
	value_clear(&value);
}

static inline struct yaml_error
assert_refused_within(struct slice text, const struct document_limits *limits,
		      int code, unsigned line, unsigned column,
		      const char *sentence)
{
	struct yaml_tree *tree = NULL;
	struct yaml_error error = { 0 };
	int rc = yaml_tree_read(text, limits, &tree, &error);

	if (rc != code || error.mark.line != line ||
	    error.mark.column != column || !strstr(error.msg, sentence)) {
		fail_msg("%.*s\n%d, %u:%u: %s", SLICE_ARG(text), rc,
			 error.mark.line, error.mark.column, error.msg);
	}
	assert_null(tree);
	assert_true(utf8_valid(slice_of(error.msg)));
	assert_int_equal(yaml_tree_read(text, limits, &tree, NULL), code);
	return error;
}

static inline struct yaml_error assert_refused(const char *yaml, unsigned line,
					       unsigned column,
					       const char *sentence)
{
	return assert_refused_within(slice_of(yaml), NULL, E_INVALID, line,
				     column, sentence);
}

static inline void assert_mark(struct yaml_mark mark, unsigned line,
			       unsigned column)
{
	assert_int_equal(mark.line, line);
	assert_int_equal(mark.column, column);
}

#endif
