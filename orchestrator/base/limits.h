/*
 * Every limit on what an outsider controls, in one place. Each is tested at
 * the limit and one beyond. Sizes are bytes.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Names of workflows, activities, plugins, tasks, tenants: SPEC 1..128. */
#define LIMIT_NAME 128

/* The caller's key of a run. */
#define LIMIT_UID 200

/* Documents: encoded size, nesting and number of nodes. */
#define LIMIT_DOCUMENT       (16u * 1024 * 1024)
#define LIMIT_DOCUMENT_DEPTH 32
#define LIMIT_DOCUMENT_NODES 1000000

/* Documents that are given (attributes, input, outputs, patches) leave room
 * for the documents they are put into. */
#define LIMIT_GIVEN_DEPTH 28

/* Documents in a config (with, filter, config) have a definition round them. */
#define LIMIT_CONFIG_DOCUMENT_DEPTH 24

/* Attributes are looked at by every filter, so they are kept smaller. */
#define LIMIT_ATTRIBUTES (1024u * 1024)
#define LIMIT_INPUT      (8u * 1024 * 1024)
#define LIMIT_STASH      (8u * 1024 * 1024)
#define LIMIT_OUTPUT     (8u * 1024 * 1024)

/* A task's message or progress note; longer ones are cut at a character. */
#define LIMIT_MESSAGE 1024
#define LIMIT_NOTE    256

/* Config files. */
#define LIMIT_CONFIG_FILE   (1024u * 1024)
#define LIMIT_CONFIG_DEPTH  64
#define LIMIT_CONFIG_NODES  100000
#define LIMIT_CONFIG_ERRORS 50

/* Definitions. */
#define LIMIT_ACTIVITIES 1000   /* in one workflow */
#define LIMIT_BINDINGS   100000 /* in one phase */
#define LIMIT_MODULES    1000   /* plugin modules in one config */

/* Control socket. */
#define LIMIT_CONTROL_FRAME    (32u * 1024 * 1024)
#define LIMIT_CONTROL_SESSIONS 256

/* Filters: see FILTER_* errors in filter/filter.h. */
#define LIMIT_FILTER_DEPTH        16
#define LIMIT_FILTER_ALTERNATIVES 10000

#endif
