/* config/tutti.schema.json and the tables of the reader say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/keys.h"
#include "document/json.h"

static struct value schema;

static int read_schema(void **arg)
{
	FILE *file = fopen(TEST_DATA "/../../config/tutti.schema.json", "rb");
	struct buf text = { 0 };
	struct err err;

	(void)arg;
	if (!file) {
		return -1;
	}
	for (;;) {
		size_t got = fread(buf_reserve(&text, 4096), 1, 4096, file);

		if (got == 0) {
			break;
		}
		text.len += got;
	}
	(void)fclose(file);
	int rc = json_read(buf_slice(&text), NULL, &schema, &err);

	buf_fini(&text);
	return rc;
}

static int clear_schema(void **arg)
{
	(void)arg;
	value_clear(&schema);
	return 0;
}

static const struct value *schema_of(const struct config_mapping *mapping)
{
	const struct value *found =
	    strcmp(mapping->name, "file") == 0
		? &schema
		: value_get(value_get(&schema, "$defs"), mapping->name);

	if (!found) {
		fail_msg("no schema of '%s'", mapping->name);
	}
	return found;
}

static bool is_required(const struct value *object, const char *key)
{
	const struct value *required = value_get(object, "required");

	for (size_t i = 0; required && i < value_len(required); i++) {
		if (slice_is(value_at(required, i)->as.text, key)) {
			return true;
		}
	}
	return false;
}

static void assert_in_step(const struct config_mapping *mapping)
{
	const struct value *object = schema_of(mapping);
	const struct value *properties = value_get(object, "properties");

	assert_false(value_get_bool(object, "additionalProperties", true));
	assert_int_equal(value_len(properties), mapping->len);
	for (size_t i = 0; i < mapping->len; i++) {
		const struct config_key *key = &mapping->keys[i];
		const struct value *property = value_get(properties, key->name);

		if (!property) {
			fail_msg("'%s' is not in the schema of '%s'", key->name,
				 mapping->name);
		}
		if (!slice_is(value_get_text(property, "description"),
			      key->help)) {
			fail_msg("'%s' is described in two ways in '%s'",
				 key->name, mapping->name);
		}
		assert_int_equal(is_required(object, key->name), key->required);
	}
}

static void every_table(void **arg)
{
	(void)arg;
	for (size_t i = 0; i < CONFIG_MAPPINGS; i++) {
		assert_in_step(config_mappings[i]);
	}
}

static bool is_table(struct slice name)
{
	for (size_t i = 0; i < CONFIG_MAPPINGS; i++) {
		if (slice_is(name, config_mappings[i]->name)) {
			return true;
		}
	}
	return false;
}

/* Objects with fixed keys other than tables: the operators of filters. */
static void no_other_objects(void **arg)
{
	const struct value *definitions = value_get(&schema, "$defs");

	(void)arg;
	for (size_t i = 0; i < value_len(definitions); i++) {
		const struct value_entry *entry =
		    value_entry_at(definitions, i);

		assert_int_equal(value_get(&entry->value, "properties") != NULL,
				 is_table(entry->key));
	}
}

static void later_keys_are_not_known_ones(void **arg)
{
	(void)arg;
	for (size_t i = 0; i < CONFIG_MAPPINGS; i++) {
		const struct config_mapping *mapping = config_mappings[i];

		for (size_t j = 0; mapping->later && mapping->later[j]; j++) {
			for (size_t k = 0; k < mapping->len; k++) {
				assert_string_not_equal(mapping->later[j],
							mapping->keys[k].name);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table),
		cmocka_unit_test(no_other_objects),
		cmocka_unit_test(later_keys_are_not_known_ones),
	};

	return cmocka_run_group_tests(tests, read_schema, clear_schema);
}
