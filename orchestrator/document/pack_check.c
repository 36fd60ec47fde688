#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "document/key_index.h"
#include "document/pack.h"

/* One array or map that is open. */
struct level {
	size_t left;      /* values still to come, keys included */
	size_t first_key; /* in checker.keys */
	bool is_map;
};

struct checker {
	struct slice bytes;
	size_t at;
	size_t nodes;
	size_t depth;
	struct document_limits limits;
	struct level levels[PACK_DEPTH];
	/* The keys of all open maps, the innermost map's last. */
	struct slice *keys;
	size_t keys_len;
	size_t keys_cap;
	struct key_index index;
	struct err *reterr;
};

enum kind { NONE, SCALAR, TEXT, BYTES, FLOAT, ARRAY, MAP };

/* What a first byte announces. */
struct header {
	enum kind kind;
	size_t size;  /* of the length or number behind the first byte */
	size_t count; /* when it is in the first byte itself */
};

static int fail(const struct checker *c, const char *what)
{
	return err_set(c->reterr, E_INVALID, "byte %zu: %s", c->at, what);
}

static int too_big(const struct checker *c, const char *what, size_t limit)
{
	return err_set(c->reterr, E_TOO_BIG, "byte %zu: more than %zu %s",
		       c->at, limit, what);
}

static int no_memory(const struct checker *c)
{
	return err_set(c->reterr, E_NO_MEMORY, "out of memory");
}

static struct header header_of(unsigned char byte)
{
	/* Extensions and 0xc1 stay NONE. */
	static const struct header table[0x20] = {
		[0x00] = { SCALAR, 0, 0 }, [0x02] = { SCALAR, 0, 0 },
		[0x03] = { SCALAR, 0, 0 }, [0x04] = { BYTES, 1, 0 },
		[0x05] = { BYTES, 2, 0 },  [0x06] = { BYTES, 4, 0 },
		[0x0a] = { FLOAT, 4, 0 },  [0x0b] = { FLOAT, 8, 0 },
		[0x0c] = { SCALAR, 1, 0 }, [0x0d] = { SCALAR, 2, 0 },
		[0x0e] = { SCALAR, 4, 0 }, [0x0f] = { SCALAR, 8, 0 },
		[0x10] = { SCALAR, 1, 0 }, [0x11] = { SCALAR, 2, 0 },
		[0x12] = { SCALAR, 4, 0 }, [0x13] = { SCALAR, 8, 0 },
		[0x19] = { TEXT, 1, 0 },   [0x1a] = { TEXT, 2, 0 },
		[0x1b] = { TEXT, 4, 0 },   [0x1c] = { ARRAY, 2, 0 },
		[0x1d] = { ARRAY, 4, 0 },  [0x1e] = { MAP, 2, 0 },
		[0x1f] = { MAP, 4, 0 },
	};

	if (byte < 0x80 || byte >= 0xe0) {
		return (struct header){ SCALAR, 0, 0 };
	}
	if (byte < 0x90) {
		return (struct header){ MAP, 0, byte & 15u };
	}
	if (byte < 0xa0) {
		return (struct header){ ARRAY, 0, byte & 15u };
	}
	if (byte < 0xc0) {
		return (struct header){ TEXT, 0, byte & 31u };
	}
	return table[byte - 0xc0u];
}

static size_t read_count(const char *at, struct header header)
{
	switch (header.size) {
	case 0:
		return header.count;
	case 1:
		return (unsigned char)*at;
	case 2:
		return read_u16(at);
	default:
		return read_u32(at);
	}
}

static int check_float(const struct checker *c, const char *at, size_t size)
{
	double number;

	if (size == 4) {
		uint32_t bits = read_u32(at);
		float small;

		memcpy(&small, &bits, sizeof(small));
		number = (double)small;
	} else {
		uint64_t bits = read_u64(at);

		memcpy(&number, &bits, sizeof(number));
	}
	if (!isfinite(number)) {
		return fail(c, "a number that is infinite or none");
	}
	return 0;
}

static int remember_key(struct checker *c, struct slice key)
{
	if (c->keys_len == c->keys_cap) {
		size_t cap = c->keys_cap ? c->keys_cap * 2 : 16;
		void *keys = alloc_try_resize(c->keys, cap * sizeof(*c->keys));

		if (!keys) {
			return no_memory(c);
		}
		c->keys = keys;
		c->keys_cap = cap;
	}
	c->keys[c->keys_len++] = key;
	return 0;
}

static bool at_key(const struct checker *c)
{
	return c->depth && c->levels[c->depth - 1].is_map &&
	       c->levels[c->depth - 1].left % 2 == 0;
}

static int check_text(struct checker *c, struct header header, size_t len,
		      struct slice *ret_text)
{
	const char *start = c->bytes.ptr + c->at + 1 + header.size;
	struct slice text = { start, len };

	if (len > c->bytes.len - c->at - 1 - header.size) {
		return fail(c, "longer than what is left");
	}
	if (header.kind == TEXT && !utf8_valid(text)) {
		return fail(c, "text that is not UTF-8");
	}
	c->at += 1 + header.size + len;
	*ret_text = text;
	return 0;
}

static int check_key(struct checker *c, struct header header)
{
	const char *behind = c->bytes.ptr + c->at + 1;
	struct slice key;

	if (header.kind != TEXT) {
		return fail(c, "a key that is not a string");
	}
	int rc = check_text(c, header, read_count(behind, header), &key);

	return rc < 0 ? rc : remember_key(c, key);
}

static int open_level(struct checker *c, struct header header, size_t count)
{
	size_t values = header.kind == MAP ? 2 * count : count;

	if (values > c->bytes.len - c->at - 1 - header.size) {
		return fail(c, "more elements than there are bytes left");
	}
	if (c->depth == c->limits.depth) {
		return too_big(c, "levels of nesting", c->limits.depth);
	}
	c->levels[c->depth++] = (struct level){
		.left = values,
		.first_key = c->keys_len,
		.is_map = header.kind == MAP,
	};
	c->at += 1 + header.size;
	return 0;
}

static int check_body(struct checker *c, struct header header)
{
	const char *behind = c->bytes.ptr + c->at + 1;
	struct slice text;

	switch (header.kind) {
	case TEXT:
	case BYTES:
		return check_text(c, header, read_count(behind, header), &text);
	case ARRAY:
	case MAP:
		return open_level(c, header, read_count(behind, header));
	case FLOAT:
		if (check_float(c, behind, header.size) < 0) {
			return E_INVALID;
		}
		break;
	default:
		break;
	}
	c->at += 1 + header.size;
	return 0;
}

static int check_value(struct checker *c)
{
	if (c->at >= c->bytes.len) {
		return fail(c, "the end comes too early");
	}
	struct header header = header_of((unsigned char)c->bytes.ptr[c->at]);

	if (header.kind == NONE) {
		return fail(c, "an extension or a type that does not exist");
	}
	if (header.size > c->bytes.len - c->at - 1) {
		return fail(c, "the end comes too early");
	}
	if (at_key(c)) {
		return check_key(c, header);
	}
	if (c->nodes == c->limits.nodes) {
		return too_big(c, "values", c->limits.nodes);
	}
	c->nodes++;
	return check_body(c, header);
}

static int duplicate(const struct checker *c, struct slice key)
{
	size_t shown = utf8_floor(key, 60);

	return err_set(c->reterr, E_INVALID, "the key '%.*s' is here twice",
		       (int)shown, key.ptr);
}

static bool is_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || (*a.ptr == *b.ptr &&
						 !memcmp(a.ptr, b.ptr, a.len)));
}

static int compare_few(const struct checker *c, const struct slice *keys,
		       size_t len)
{
	for (size_t i = 1; i < len; i++) {
		for (size_t j = 0; j < i; j++) {
			if (is_same(keys[i], keys[j])) {
				return duplicate(c, keys[i]);
			}
		}
	}
	return 0;
}

static int compare_many(struct checker *c, const struct slice *keys, size_t len)
{
	key_index_clear(&c->index);
	for (size_t i = 0; i < len; i++) {
		uint32_t hash = key_hash(keys[i]);
		struct key_probe probe = key_index_probe(&c->index, hash);
		size_t place;

		while (key_index_next(&c->index, &probe, &place)) {
			if (slice_equal(keys[place], keys[i])) {
				return duplicate(c, keys[i]);
			}
		}
		if (!key_index_add(&c->index, hash, i, alloc_try_resize)) {
			return no_memory(c);
		}
	}
	return 0;
}

static int check_keys(struct checker *c, size_t first)
{
	const struct slice *keys = c->keys + first;
	size_t len = c->keys_len - first;

	c->keys_len = first;
	return len < KEY_INDEX_FROM ? compare_few(c, keys, len)
				    : compare_many(c, keys, len);
}

static int close_levels(struct checker *c)
{
	int rc = 0;

	while (rc == 0 && c->depth && c->levels[c->depth - 1].left == 0) {
		const struct level *level = &c->levels[--c->depth];

		if (level->is_map && c->keys_len > level->first_key) {
			rc = check_keys(c, level->first_key);
		}
	}
	return rc;
}

static int check_all(struct checker *c)
{
	int rc;

	do {
		struct level *level =
		    c->depth ? &c->levels[c->depth - 1] : NULL;

		rc = check_value(c);
		if (level) {
			level->left--;
		}
		if (rc == 0) {
			rc = close_levels(c);
		}
	} while (rc == 0 && c->depth);
	if (rc == 0 && c->at < c->bytes.len) {
		return fail(c, "bytes behind the value");
	}
	return rc;
}

int pack_check(struct slice bytes, const struct document_limits *limits,
	       struct err *reterr)
{
	struct checker checker = {
		.bytes = bytes,
		.limits = limits ? *limits : document_limits_default,
		.reterr = reterr,
	};

	if (bytes.len > checker.limits.size) {
		return err_set(reterr, E_TOO_BIG,
			       "%zu bytes are more than the limit of %zu",
			       bytes.len, checker.limits.size);
	}
	if (checker.limits.depth > PACK_DEPTH) {
		checker.limits.depth = PACK_DEPTH;
	}
	int rc = check_all(&checker);

	free(checker.keys);
	key_index_fini(&checker.index);
	return rc;
}
