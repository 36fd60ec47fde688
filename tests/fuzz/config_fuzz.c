/*
 * A config file. Either it is refused with a reason, or its effective form is
 * read back to the same definitions.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>

#include "config/config.h"
#include "document/yaml_write.h"

static int load(struct slice text, struct config **ret_config)
{
	char name[32];
	struct buf diagnostics = { 0 };
	int file = memfd_create("config", 0);

	if (file < 0 || write(file, text.ptr, text.len) != (ssize_t)text.len) {
		abort();
	}
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	int rc = config_load(name, ret_config, &diagnostics);

	if ((rc == 0) != (diagnostics.len == 0)) {
		abort();
	}
	buf_fini(&diagnostics);
	(void)close(file);
	return rc;
}

static void check_same(const struct config *a, const struct config *b)
{
	if (a->workflow_count != b->workflow_count) {
		abort();
	}
	for (size_t i = 0; i < a->workflow_count; i++) {
		if (memcmp(a->workflows[i]->hash, b->workflows[i]->hash,
			   DEFINITION_HASH_SIZE) != 0) {
			abort();
		}
	}
}

static void check_again(const struct config *config)
{
	struct value document = config_to_value(config);
	struct buf text = { 0 };
	struct config *again;

	yaml_write(&text, &document);
	/* With every default written down, it may have grown too big. */
	if (text.len < 65536) {
		if (load(buf_slice(&text), &again)) {
			abort();
		}
		check_same(config, again);
		config_destroy(again);
	}
	buf_fini(&text);
	value_clear(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;

	if (load((struct slice){ (const char *)data, size }, &config) == 0) {
		check_again(config);
		config_destroy(config);
	}
	return 0;
}
