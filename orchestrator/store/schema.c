#include "store/schema.h"

#include "base/buf.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"

_Static_assert(LIMIT_UID + 1 + LIMIT_NAME + 1 + LIMIT_NAME + ID_SIZE <=
		   KEY_SIZE,
	       "the longest key fits LMDB");

const char *table_name(enum table table)
{
	static const char *const names[] = {
#define X(number, name, since) [number] = name,
		TABLE_MAP(X)
#undef X
	};

	return names[table];
}

unsigned table_since(enum table table)
{
	static const unsigned char schemas[] = {
#define X(number, name, since) [number] = since,
		TABLE_MAP(X)
#undef X
	};

	return schemas[table];
}

struct slice key_slice(const struct key *key)
{
	return (struct slice){ (const char *)key->bytes, key->len };
}

void key_put(struct key *key, const void *bytes, size_t len)
{
	size_t room = KEY_SIZE - key->len;

	assert(len <= room);
	if (len > room) {
		len = room; /* wrong, but inside the key */
	}
	if (len) {
		memcpy(key->bytes + key->len, bytes, len);
		key->len += len;
	}
}

void key_put_byte(struct key *key, unsigned byte)
{
	unsigned char one = (unsigned char)byte;

	key_put(key, &one, 1);
}

void key_put_u32(struct key *key, uint32_t number)
{
	uint32_t be = htobe32(number);

	key_put(key, &be, sizeof(be));
}

void key_put_u64(struct key *key, uint64_t number)
{
	uint64_t be = htobe64(number);

	key_put(key, &be, sizeof(be));
}

void key_put_id(struct key *key, const struct id *id)
{
	key_put(key, id->bytes, ID_SIZE);
}

void key_put_name(struct key *key, struct slice name)
{
	key_put(key, name.ptr, name.len);
	key_put_byte(key, 0);
}

struct key key_text(struct slice text)
{
	struct key key;

	key.len = 0;
	key_put(&key, text.ptr, text.len);
	return key;
}

struct key key_run(const struct id *id)
{
	struct key key;

	key.len = 0;
	key_put_id(&key, id);
	return key;
}

struct key key_tree(const struct id *run, enum tree_kind kind, uint32_t number)
{
	struct key key = key_run(run);

	key_put_byte(&key, kind);
	key_put_u32(&key, number);
	return key;
}

struct key key_history(const struct id *run, uint64_t sequence)
{
	struct key key = key_run(run);

	key_put_byte(&key, TREE_HISTORY);
	key_put_u64(&key, sequence);
	return key;
}

bool key_sequence(struct slice key, uint64_t *ret_sequence)
{
	const size_t size = sizeof(*ret_sequence);
	bool old = key.len == ID_SIZE + size;

	if (!old && (key.len != ID_SIZE + 1 + size ||
		     key.ptr[ID_SIZE] != TREE_HISTORY)) {
		return false;
	}
	*ret_sequence = read_u64(key.ptr + key.len - size);
	return true;
}

struct key key_state(unsigned state, const struct id *run)
{
	struct key key;

	key.len = 0;
	key_put_byte(&key, state);
	key_put_id(&key, run);
	return key;
}

struct key key_ended(unsigned state, int64_t ended_us, const struct id *run)
{
	struct key key;

	key.len = 0;
	key_put_byte(&key, state);
	key_put_u64(&key, (uint64_t)ended_us);
	key_put_id(&key, run);
	return key;
}

struct key key_flow(struct slice tenant, struct slice workflow,
		    const struct id *run)
{
	struct key key;

	key.len = 0;
	key_put_name(&key, tenant);
	key_put_name(&key, workflow);
	key_put_id(&key, run);
	return key;
}

struct key key_uid(struct slice uid, struct slice tenant, struct slice workflow)
{
	struct key key;

	key.len = 0;
	key_put_name(&key, uid);
	key_put_name(&key, tenant);
	key_put(&key, workflow.ptr, workflow.len);
	return key;
}

/* No key of LMDB's is empty. */
struct key key_pause(struct slice workflow)
{
	struct key key;

	key.len = 0;
	key_put_name(&key, workflow);
	return key;
}

struct key key_message(const struct id *run, uint32_t task)
{
	struct key key = key_run(run);

	key_put_u32(&key, task);
	return key;
}

struct key key_part(const struct id *run,
		    const unsigned char hash[DEFINITION_HASH_SIZE])
{
	struct key key = key_run(run);

	key_put(&key, hash, DEFINITION_HASH_SIZE);
	return key;
}

int key_last_id(struct slice key, struct id *ret_id)
{
	if (key.len < ID_SIZE) {
		return E_CORRUPT;
	}
	memcpy(ret_id->bytes, key.ptr + key.len - ID_SIZE, ID_SIZE);
	return 0;
}
