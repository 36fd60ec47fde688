/*
 * A plugin that does nothing, and what is said to it and by it: MessagePack
 * both ways, maps of some 230 and 60 bytes without input and result. Both
 * sides build the whole object tree of what they read, in a zone that is kept.
 */
#ifndef FLOOR_PLUGIN_H
#define FLOOR_PLUGIN_H

#include <msgpack.h>
#include <stddef.h>
#include <stdint.h>

struct request {
	uint64_t run;
	uint32_t slot; /* in which the caller keeps the run */
	uint32_t phase;
	uint32_t payload; /* bytes of input */
};

struct reply {
	uint64_t run;
	uint32_t slot;
	uint32_t output; /* bytes */
};

/* What is read by stays here until the next message. */
struct reader {
	msgpack_zone *zone;
	msgpack_object object;
};

struct plugin {
	struct reader reader;
	char *output; /* of each reply */
	uint32_t output_len;
};

/* What a shared object would export. */
struct plugin_module {
	/* Reads one request, appends a reply, returns the bytes read. */
	size_t (*handle)(struct plugin *plugin, const char *request, size_t len,
			 msgpack_sbuffer *reply);
};

extern const struct plugin_module plugin_module;

void plugin_init(struct plugin *plugin, uint32_t output_len);
void plugin_fini(struct plugin *plugin);

void reader_init(struct reader *reader);
void reader_fini(struct reader *reader);

/* `input`: of request->payload bytes. */
void request_pack(const struct request *request, const char *input,
		  msgpack_sbuffer *ret_packed);

/* Where several plugins are reached: which one a request is for. */
void address_pack(uint32_t plugin, msgpack_sbuffer *ret_packed);

/* Returns the bytes read. */
size_t address_read(struct reader *reader, const char *packed, size_t len);
size_t reply_read(struct reader *reader, const char *packed, size_t len,
		  struct reply *ret_reply);

#endif
