/* What every attribute, input and output goes through. */
#include "count.h"
#include "document/pack.h"
#include "sample.h"

#define TIMES 50

static void pack(const struct value *value, struct buf *bytes, int times)
{
	for (int i = 0; i < times; i++) {
		buf_clear(bytes);
		pack_write(bytes, value);
	}
}

static void unpack(struct slice bytes, int times)
{
	for (int i = 0; i < times; i++) {
		struct value value;

		if (pack_read(bytes, NULL, &value, NULL) < 0) {
			count_fail("a document cannot be unpacked");
		}
		value_clear(&value);
	}
}

void count_document(void)
{
	struct value value = sample_document();
	struct buf bytes = { 0 };

	pack(&value, &bytes, 1);
	count_begin();
	pack(&value, &bytes, TIMES);
	count_end("document_pack", TIMES);

	unpack(buf_slice(&bytes), 1);
	count_begin();
	unpack(buf_slice(&bytes), TIMES);
	count_end("document_unpack", TIMES);

	buf_fini(&bytes);
	value_clear(&value);
}
