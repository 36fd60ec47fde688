#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "bridge/embedded.h"

static bool same_part(const struct chain_node *node, const void *arg)
{
	const struct part *part = chains_entry(node, struct part, node);

	return !memcmp(&part->key, arg, sizeof(part->key));
}

/* One reference; of a new one that is the first. */
static struct part *part_ref(struct queue_backend *backend,
			     const struct part_key *key)
{
	uint32_t hash = (uint32_t)hash_bytes(key, sizeof(*key));
	struct chain_node *node =
	    chains_find(&backend->parts, hash, same_part, key);
	struct part *part;

	if (node) {
		part = chains_entry(node, struct part, node);
	} else {
		part = alloc_zeroed(1, sizeof(*part));
		part->key = *key;
		chains_add(&backend->parts, &part->node, hash);
	}
	part->references++;
	return part;
}

/* Members of a phase share documents: the last one is not hashed again. */
static const unsigned char *hash_of(struct hashed *last, struct blob *blob)
{
	if (last->blob != blob) {
		blob_unref(last->blob);
		last->blob = blob_ref(blob);
		definition_hash(blob_slice(blob), last->hash);
	}
	return last->hash;
}

struct part *part_put(struct queue_backend *backend, const struct id *run,
		      enum message_part kind, struct blob *blob)
{
	struct part_key key = { .run = *run };
	struct part *part;

	if (!blob) {
		return NULL;
	}
	memcpy(key.hash, hash_of(&backend->hashed[kind], blob),
	       sizeof(key.hash));
	part = part_ref(backend, &key);
	if (part->references == 1) {
		store_put_part(backend->options.store, run, key.hash,
			       blob_slice(blob));
	}
	return part;
}

struct part *part_load(struct queue_backend *backend, const struct id *run,
		       const unsigned char hash[DEFINITION_HASH_SIZE])
{
	static const unsigned char none[DEFINITION_HASH_SIZE];
	struct part_key key = { .run = *run };

	if (!memcmp(hash, none, sizeof(none))) {
		return NULL;
	}
	memcpy(key.hash, hash, sizeof(key.hash));
	return part_ref(backend, &key);
}

static void part_unref(struct queue_backend *backend, struct part *part)
{
	if (!part || --part->references) {
		return;
	}
	store_delete_part(backend->options.store, &part->key.run,
			  part->key.hash);
	chains_remove(&backend->parts, &part->node);
	free(part);
}

void parts_drop(struct queue_backend *backend, struct letter *letter)
{
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		part_unref(backend, letter->parts[i]);
		letter->parts[i] = NULL;
	}
}

void part_forget_hashed(struct queue_backend *backend)
{
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		blob_unref(backend->hashed[i].blob);
		backend->hashed[i].blob = NULL;
	}
}
