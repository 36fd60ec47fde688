/*
 * Any bytes as YAML: refused with a sentence and a place, or a tree that is
 * written and read back the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "document/yaml_tree.h"
#include "document/yaml_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void check_error(const struct yaml_error *error)
{
	require(error->mark.line >= 1 && error->mark.column >= 1);
	require(error->msg[0] != '\0');
	require(utf8_valid(slice_of(error->msg)));
	require(utf8_valid(slice_of(error->hint)));
}

/* What aliases repeat is written out, so it may be longer than a file. */
static void check_written(const struct value *value)
{
	static const struct document_limits wide = { SIZE_MAX, 64, 1000000 };
	struct buf out = { 0 };
	struct yaml_tree *tree;

	yaml_write(&out, value);
	require(yaml_tree_read(buf_slice(&out), &wide, &tree, NULL) == 0);
	struct value again = yaml_to_value(yaml_tree_root(tree));

	require(value_equal(value, &again));
	value_clear(&again);
	yaml_tree_destroy(tree);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct yaml_tree *tree;
	struct yaml_error error;

	if (yaml_tree_read(text, NULL, &tree, &error) < 0) {
		check_error(&error);
		return 0;
	}
	struct value value = yaml_to_value(yaml_tree_root(tree));

	yaml_tree_destroy(tree);
	check_written(&value);
	value_clear(&value);
	return 0;
}
