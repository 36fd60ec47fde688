/*
 * Operations on an index, one a line:
 *
 *   +N JSON    compile the filter and add it under id N
 *   -N         remove the filter N
 *   ~N         begin a generation and retire the filter N in it
 *   ?JSON      match attributes, in this generation and in the one before
 *
 * N is one digit. Whatever comes, the index says what one filter after the
 * other says, of a value as of the same packed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "document/json.h"
#include "document/pack.h"
#include "filter/filter.h"

#define IDS 10

struct slot {
	struct filter *filter;
	uint64_t born;
	uint64_t retired; /* UINT64_MAX: not yet */
};

struct machine {
	struct filter_index *index;
	struct slot slots[IDS];
	uint64_t generation;
};

static void check(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void add(struct machine *machine, uint32_t id, struct slice text)
{
	struct slot *slot = &machine->slots[id];
	struct value document;

	if (slot->filter || json_read(text, NULL, &document, NULL)) {
		return;
	}
	if (filter_compile(&document, &slot->filter, NULL) == 0) {
		slot->born = machine->generation;
		slot->retired = UINT64_MAX;
		filter_index_add(machine->index, slot->filter, id, slot->born);
	}
	value_clear(&document);
}

static void take_away(struct machine *machine, uint32_t id)
{
	struct slot *slot = &machine->slots[id];
	int rc = filter_index_remove(machine->index, id);

	check(rc == (slot->filter ? 0 : E_NOT_FOUND));
	filter_destroy(slot->filter);
	slot->filter = NULL;
}

static void retire(struct machine *machine, uint32_t id)
{
	struct slot *slot = &machine->slots[id];
	bool live = slot->filter && slot->retired == UINT64_MAX;

	machine->generation++;
	check(filter_index_retire(machine->index, id, machine->generation) ==
	      (live ? 0 : E_NOT_FOUND));
	if (live) {
		slot->retired = machine->generation;
	}
}

static void compare(const struct machine *machine,
		    const struct value *attributes, uint64_t generation,
		    const uint32_t *ids, size_t len)
{
	size_t at = 0;

	for (uint32_t id = 0; id < IDS; id++) {
		const struct slot *slot = &machine->slots[id];
		bool expected = slot->filter && slot->born <= generation &&
				generation < slot->retired &&
				filter_match(slot->filter, attributes);

		check(expected == (at < len && ids[at] == id));
		at += expected;
	}
	check(at == len);
}

static void match_in(struct machine *machine, const struct value *attributes,
		     struct slice packed, uint64_t generation)
{
	const uint32_t *ids;
	size_t len =
	    filter_index_match(machine->index, attributes, generation, &ids);

	compare(machine, attributes, generation, ids, len);
	len =
	    filter_index_match_packed(machine->index, packed, generation, &ids);
	compare(machine, attributes, generation, ids, len);
}

static void match(struct machine *machine, struct slice text)
{
	struct value attributes;
	struct buf packed = { 0 };

	if (json_read(text, NULL, &attributes, NULL)) {
		return;
	}
	pack_write(&packed, &attributes);
	/* What could not be sent to an engine is not asked of the index. */
	if (pack_check(buf_slice(&packed), NULL, NULL) == 0) {
		match_in(machine, &attributes, buf_slice(&packed),
			 machine->generation);
		match_in(machine, &attributes, buf_slice(&packed),
			 machine->generation - 1);
	}
	buf_fini(&packed);
	value_clear(&attributes);
}

static void run_line(struct machine *machine, struct slice line)
{
	struct slice rest = { line.ptr + 1, line.len - 1 };
	uint32_t id = rest.len ? (uint32_t)(rest.ptr[0] - '0') : IDS;

	if (line.ptr[0] == '?') {
		match(machine, rest);
		return;
	}
	if (id >= IDS) {
		return;
	}
	if (line.ptr[0] == '+') {
		add(machine, id, (struct slice){ rest.ptr + 1, rest.len - 1 });
	} else if (line.ptr[0] == '-') {
		take_away(machine, id);
	} else if (line.ptr[0] == '~') {
		retire(machine, id);
	}
}

static void run(struct machine *machine, struct slice text)
{
	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) : text.len;

		if (len) {
			run_line(machine, (struct slice){ text.ptr, len });
		}
		len += end ? 1 : 0;
		text = (struct slice){ text.ptr + len, text.len - len };
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine machine = {
		.index = filter_index_create(0),
		.generation = 1,
	};

	run(&machine, (struct slice){ (const char *)data, size });
	filter_index_destroy(machine.index);
	for (size_t id = 0; id < IDS; id++) {
		filter_destroy(machine.slots[id].filter);
	}
	return 0;
}
