#include "sample.h"

#include "base/buf.h"
#include "count.h"
#include "document/json.h"
#include "document/pack.h"

#define LINES 8

struct value sample_json(const char *text)
{
	struct value value;

	if (json_read(slice_of(text), NULL, &value, NULL) < 0) {
		count_fail("a sample is no JSON");
	}
	return value;
}

struct blob *sample_blob(const char *text)
{
	struct value value = sample_json(text);
	struct blob *blob = pack_blob(&value);

	value_clear(&value);
	return blob;
}

struct value sample_document(void)
{
	struct buf text = { 0 };

	buf_put_text(&text,
		     "{\"type\": \"order.placed\", \"region\": \"eu-north\", "
		     "\"total\": 129.5, \"gift\": false, \"lines\": [");
	for (int i = 0; i < LINES; i++) {
		buf_printf(&text,
			   "%s{\"article\": \"a part with number %d\", "
			   "\"pieces\": %d, \"price\": %d.25, \"note\": "
			   "\"to be wrapped in paper, and not in foil\"}",
			   i ? "," : "", 7000 + i, i, 3 * i);
	}
	buf_put_text(&text, "]}");
	buf_put_byte(&text, 0);

	struct value value = sample_json(text.data);

	buf_fini(&text);
	return value;
}
