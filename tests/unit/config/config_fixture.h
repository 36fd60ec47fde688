/* Files that are right, for tests: in a folder of the test's own. */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "document/yaml_write.h"

static char folder[] = "/tmp/tutti_config_XXXXXX";

static void write_file(const char *name, struct slice text)
{
	FILE *file = fopen(name, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static struct config *load_file(const char *name)
{
	struct buf diagnostics = { 0 };
	struct config *config = NULL;

	if (config_load(name, &config, &diagnostics)) {
		fail_msg("%.*s", SLICE_ARG(buf_slice(&diagnostics)));
	}
	assert_int_equal(diagnostics.len, 0);
	buf_fini(&diagnostics);
	return config;
}

static struct config *load(const char *text)
{
	write_file("file.yaml", slice_of(text));
	return load_file("file.yaml");
}

/* Written out and loaded again elsewhere, the meaning is the same. */
static void assert_round_trip(const struct config *config)
{
	struct value document = config_to_value(config);
	struct buf text = { 0 };

	yaml_write(&text, &document);
	assert_int_equal(chdir("/tmp"), 0);
	char *copy_name = NULL;

	assert_true(asprintf(&copy_name, "%s/copy.yaml", folder) > 0);
	write_file(copy_name, buf_slice(&text));
	struct config *copy = load_file(copy_name);
	struct value again = config_to_value(copy);

	assert_true(value_equal(&document, &again));
	assert_int_equal(copy->workflow_count, config->workflow_count);
	for (size_t i = 0; i < config->workflow_count; i++) {
		assert_memory_equal(copy->workflows[i]->hash,
				    config->workflows[i]->hash,
				    DEFINITION_HASH_SIZE);
	}
	assert_int_equal(copy->module_count, config->module_count);
	assert_int_equal(unlink(copy_name), 0);
	assert_int_equal(chdir(folder), 0);
	free(copy_name);
	config_destroy(copy);
	value_clear(&document);
	value_clear(&again);
	buf_fini(&text);
}

static int enter(void **arg)
{
	(void)arg;
	return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **arg)
{
	(void)arg;
	(void)unlink("file.yaml");
	return chdir("/") || rmdir(folder);
}

#endif
