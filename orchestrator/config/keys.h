/*
 * What may stand in a config file: one table per kind of mapping. The reader
 * works from these tables, and config/tutti.schema.json is held to them by a
 * test. Constant.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct reader;
struct yaml_node;

/* Reads a key's value into what the mapping fills; reports its mistakes. */
typedef void config_read(struct reader *reader, const struct yaml_node *node,
			 void *target);

struct config_key {
	const char *name;
	config_read *read;
	bool required;
	const char *help; /* the description in the schema */
};

struct config_mapping {
	const char *name;  /* under $defs in the schema; "file" is its root */
	const char *title; /* "an activity" */
	const struct config_key *keys;
	size_t len;
	/* Keys of the language that this version does not understand yet, up
	 * to a NULL; they are refused by a sentence of their own. */
	const char *const *later;
};

#define CONFIG_MAPPINGS 11

extern const struct config_mapping *const config_mappings[CONFIG_MAPPINGS];

extern const struct config_mapping config_file_mapping;
extern const struct config_mapping config_retain_mapping;
extern const struct config_mapping config_plugin_mapping;
extern const struct config_mapping config_override_mapping;
extern const struct config_mapping config_restart_mapping;
extern const struct config_mapping config_activity_mapping;
extern const struct config_mapping config_binding_mapping;
extern const struct config_mapping config_retry_mapping;
extern const struct config_mapping config_queue_mapping;
extern const struct config_mapping config_workflow_mapping;
extern const struct config_mapping config_step_mapping;

#endif
