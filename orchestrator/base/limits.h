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
#define LIMIT_CONFIG_FILE   (64u * 1024 * 1024)
#define LIMIT_CONFIG_DEPTH  64
#define LIMIT_CONFIG_NODES  4000000
#define LIMIT_CONFIG_ERRORS 50

/* A file to import: all of it is read into memory. */
#define LIMIT_IMPORT (1024u * 1024 * 1024)

/* What `store check` finds and tells; others are only counted. */
#define LIMIT_FINDINGS 1000

/* Definitions. */
#define LIMIT_ACTIVITIES 1000   /* in one workflow */
#define LIMIT_BINDINGS   100000 /* in one phase */
#define LIMIT_MODULES    1000   /* plugin modules in one config */
#define LIMIT_REQUIRE    1000   /* plugins that one activity requires */

/* Queues: what a message's fifo_key gives. */
#define LIMIT_QUEUE_GROUP 256

/* Metrics: plugins with a latency of their own; the others share one. */
#define LIMIT_METRICS_PLUGINS 500

/* Control socket. */
#define LIMIT_CONTROL_FRAME    (32u * 1024 * 1024)
#define LIMIT_CONTROL_NODES    4000000 /* in an answer; requests: a document */
#define LIMIT_CONTROL_SESSIONS 256
/* Of one request about a queue, so that the loop does other things between two:
 * runs that go on again, messages that are thrown away. */
#define LIMIT_QUEUE_RUNS     200
#define LIMIT_QUEUE_MESSAGES 500

/* Plugin protocol: frames of peers, and what may stand in one. */
#define LIMIT_LINK_FRAME     (32u * 1024 * 1024)
#define LIMIT_LINK_NODES     1000000
#define LIMIT_LINK_INSTANCES 4096  /* instances at a time */
#define LIMIT_LINK_PLUGINS   4096  /* in one hello */
#define LIMIT_LINK_ITEMS     16384 /* in one `up`; and members in one frame */
#define LIMIT_LINK_UNREAD    4096  /* frames that wait for the loop */
#define LIMIT_SUBSCRIPTIONS  1000  /* of one plugin in a hello */
#define LIMIT_PARAMS         256   /* of one plugin in a hello */
#define LIMIT_INSTANCES      1024  /* `instances:` of one entry */
#define LIMIT_ARGUMENTS      1000  /* of `exec:` */
#define LIMIT_LOG_LINE       8192  /* of a plugin; longer ones are split */

/* Filters. The sum of all alternatives, operands of anything-but included;
 * conjunctions are what $or expands to. */
#define LIMIT_FILTER_DEPTH          16 /* maps; branches of $or among them */
#define LIMIT_FILTER_ALTERNATIVES   10000
#define LIMIT_FILTER_CONJUNCTIONS   1024
#define LIMIT_FILTER_CLAUSES        100000 /* of all conjunctions together */
#define LIMIT_FILTER_PATH           1024   /* keys of one, with their dots */
#define LIMIT_FILTER_WILDCARD       1024   /* bytes of a pattern */
#define LIMIT_FILTER_WILDCARD_STARS 8
#define LIMIT_FILTER_TEXT           65536 /* bytes of any other operand */

/* A line of `tutti filter match`. */
#define LIMIT_FILTER_LINE (4u * 1024 * 1024)

/* Candidates of a phase that `explain` gives reasons for; others that take no
 * part are counted. */
#define LIMIT_EXPLAINED 10000

/* Activities of a plugin's subscriptions that no workflow has and the log says
 * so of. */
#define LIMIT_UNKNOWN_LOGGED 10

/* Subscriptions that are no more, kept for runs that still look at them. */
#define LIMIT_FILTERS_RETIRED 100000

#endif
