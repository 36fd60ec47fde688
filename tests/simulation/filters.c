#include "filters.h"

#include "document/json.h"
#include "document/pack.h"

static const char *const texts[] = {
	"null",
	"{}",
	"{\"k\": [1]}",
	"{\"k\": [2, 1]}",
	"{\"k\": [{\"anything-but\": [1]}]}",
	"{\"k\": [{\"exists\": false}]}",
	"{\"k\": [{\"numeric\": [\">=\", 1]}]}",
	"{\"$or\": [{\"k\": [0]}, {\"k\": [2]}]}",
};

uint32_t filters_count(void)
{
	return sizeof(texts) / sizeof(*texts);
}

const char *filters_text(uint32_t filter)
{
	return texts[filter];
}

struct value filters_make(uint32_t filter)
{
	struct value value = value_null();

	(void)json_read(slice_of(texts[filter]), NULL, &value, NULL);
	return value;
}

struct blob *filters_attributes(uint32_t which)
{
	struct value map = value_map();

	if (which) {
		value_set(&map, "k", value_int(which - 1));
	}
	struct blob *blob = pack_blob(&map);

	value_clear(&map);
	return blob;
}
