/*
 * The documents of a delivery as expressions see them: {attributes, input,
 * stash, outputs, with, run}. Each is decoded when it is first asked for, and
 * what has been found stays, because the plugin holds its texts. Not
 * thread-safe: the delivery's lock guards it.
 */
#ifndef HOST_SCOPE_H
#define HOST_SCOPE_H

#include <stdbool.h>
#include <stdint.h>
#include <tutti/plugin.h>

#include "base/blob.h"
#include "document/value.h"

/* Which of a delivery's documents; `run` is made of its texts. */
enum host_document {
	DOCUMENT_ATTRIBUTES,
	DOCUMENT_INPUT,
	DOCUMENT_STASH,
	DOCUMENT_OUTPUTS,
	DOCUMENT_WITH,
	HOST_DOCUMENTS,
};

struct host_scope {
	bool decoded[HOST_DOCUMENTS];
	struct value root;  /* what expressions are evaluated over */
	struct value found; /* path: value */
	struct value texts; /* path: JSON text */
};

void host_scope_fini(struct host_scope *scope);

struct delivery;

/* The functions of struct tutti_host. The caller holds the lock. */
int32_t host_scope_get(struct delivery *delivery, struct slice path,
		       struct tutti_value *ret_value);
int32_t host_scope_json(struct delivery *delivery, struct slice path,
			struct tutti_slice *ret_text);
int32_t host_scope_entry(struct delivery *delivery, struct slice path,
			 uint64_t index, struct tutti_slice *ret_key,
			 struct tutti_value *ret_value);

#endif
