#include "plugin.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "stopwatch.h"

#define ZONE_BYTES 8192
#define LEASE_NS   INT64_C(30000000000)

void reader_init(struct reader *reader)
{
	reader->zone = msgpack_zone_new(ZONE_BYTES);
	if (!reader->zone) {
		floor_fail_errno("reader");
	}
}

void reader_fini(struct reader *reader)
{
	msgpack_zone_free(reader->zone);
}

static size_t read_object(struct reader *reader, const char *packed, size_t len,
			  msgpack_object_type type)
{
	size_t read = 0;

	msgpack_zone_clear(reader->zone);
	msgpack_unpack_return rc =
	    msgpack_unpack(packed, len, &read, reader->zone, &reader->object);

	if ((rc != MSGPACK_UNPACK_SUCCESS &&
	     rc != MSGPACK_UNPACK_EXTRA_BYTES) ||
	    reader->object.type != type) {
		floor_fail("message", "not what was expected");
	}
	return read;
}

static const msgpack_object *find(const struct reader *reader, const char *name)
{
	const msgpack_object_map *map = &reader->object.via.map;
	size_t len = strlen(name);

	for (uint32_t i = 0; i < map->size; i++) {
		const msgpack_object_str *key = &map->ptr[i].key.via.str;

		if (key->size == len && memcmp(key->ptr, name, len) == 0) {
			return &map->ptr[i].val;
		}
	}
	floor_fail("message", name);
}

static uint64_t find_number(const struct reader *reader, const char *name)
{
	return find(reader, name)->via.u64;
}

static void pack_text(msgpack_packer *packer, const char *text)
{
	(void)msgpack_pack_str_with_body(packer, text, strlen(text));
}

static void pack_number(msgpack_packer *packer, const char *name,
			uint64_t number)
{
	pack_text(packer, name);
	(void)msgpack_pack_uint64(packer, number);
}

static void pack_named(msgpack_packer *packer, const char *name,
		       const char *text)
{
	pack_text(packer, name);
	pack_text(packer, text);
}

void request_pack(const struct request *request, const char *input,
		  msgpack_sbuffer *ret_packed)
{
	msgpack_packer packer;

	msgpack_packer_init(&packer, ret_packed, msgpack_sbuffer_write);
	(void)msgpack_pack_map(&packer, 10);
	pack_number(&packer, "version", 1);
	pack_number(&packer, "run", request->run);
	pack_number(&packer, "slot", request->slot);
	pack_number(&packer, "phase", request->phase);
	pack_number(&packer, "attempt", 1);
	pack_number(&packer, "deadline", (uint64_t)(wall_ns() + LEASE_NS));
	pack_named(&packer, "workflow", "floor");
	pack_named(&packer, "uid", "01890a5d-ac96-774b-bcce-b302099a8057");
	pack_named(&packer, "trace",
		   "00-4bf92f3577b34da6a3ce929d0e0e4736-"
		   "00f067aa0ba902b7-01");
	pack_text(&packer, "input");
	(void)msgpack_pack_bin_with_body(&packer, input, request->payload);
}

static void pack_reply(const struct plugin *plugin, msgpack_sbuffer *reply)
{
	msgpack_packer packer;

	msgpack_packer_init(&packer, reply, msgpack_sbuffer_write);
	(void)msgpack_pack_map(&packer, 5);
	pack_number(&packer, "version", 1);
	pack_number(&packer, "run", find_number(&plugin->reader, "run"));
	pack_number(&packer, "slot", find_number(&plugin->reader, "slot"));
	pack_named(&packer, "outcome", "succeeded");
	pack_text(&packer, "output");
	(void)msgpack_pack_bin_with_body(&packer, plugin->output,
					 plugin->output_len);
}

static size_t handle(struct plugin *plugin, const char *request, size_t len,
		     msgpack_sbuffer *reply)
{
	size_t read =
	    read_object(&plugin->reader, request, len, MSGPACK_OBJECT_MAP);

	if (find(&plugin->reader, "input")->type != MSGPACK_OBJECT_BIN) {
		floor_fail("request", "no input");
	}
	pack_reply(plugin, reply);
	return read;
}

const struct plugin_module plugin_module = { .handle = handle };

void plugin_init(struct plugin *plugin, uint32_t output_len)
{
	reader_init(&plugin->reader);
	plugin->output_len = output_len;
	plugin->output = calloc(1, (size_t)output_len + 1);
	if (!plugin->output) {
		floor_fail_errno("plugin");
	}
}

void plugin_fini(struct plugin *plugin)
{
	reader_fini(&plugin->reader);
	free(plugin->output);
}

size_t reply_read(struct reader *reader, const char *packed, size_t len,
		  struct reply *ret_reply)
{
	size_t read = read_object(reader, packed, len, MSGPACK_OBJECT_MAP);
	const msgpack_object *outcome = find(reader, "outcome");

	if (outcome->type != MSGPACK_OBJECT_STR || outcome->via.str.size != 9 ||
	    memcmp(outcome->via.str.ptr, "succeeded", 9) != 0) {
		floor_fail("reply", "not a success");
	}
	*ret_reply = (struct reply){
		.run = find_number(reader, "run"),
		.slot = (uint32_t)find_number(reader, "slot"),
		.output = find(reader, "output")->via.bin.size,
	};
	return read;
}

void address_pack(uint32_t plugin, msgpack_sbuffer *ret_packed)
{
	msgpack_packer packer;

	msgpack_packer_init(&packer, ret_packed, msgpack_sbuffer_write);
	(void)msgpack_pack_uint32(&packer, plugin);
}

size_t address_read(struct reader *reader, const char *packed, size_t len)
{
	return read_object(reader, packed, len,
			   MSGPACK_OBJECT_POSITIVE_INTEGER);
}
