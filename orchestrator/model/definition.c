#include "model/definition.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "document/pack.h"

static void binding_fini(struct binding *binding)
{
	free(binding->plugin);
	free(binding->name);
	value_clear(&binding->filter);
	value_clear(&binding->with);
}

static struct binding binding_copy(const struct binding *binding)
{
	struct binding copy = *binding;

	copy.plugin = alloc_string(binding->plugin);
	copy.name = alloc_string(binding->name);
	copy.filter = value_copy(&binding->filter);
	copy.with = value_copy(&binding->with);
	return copy;
}

static void phase_fini(struct phase_definition *phase)
{
	for (size_t i = 0; i < phase->len; i++) {
		binding_fini(&phase->bindings[i]);
	}
	free(phase->bindings);
}

static struct phase_definition phase_copy(const struct phase_definition *phase)
{
	struct phase_definition copy = { .len = phase->len };

	if (phase->len) {
		copy.bindings =
		    alloc_zeroed(phase->len, sizeof(struct binding));
	}
	for (size_t i = 0; i < phase->len; i++) {
		copy.bindings[i] = binding_copy(&phase->bindings[i]);
	}
	return copy;
}

void activity_definition_fini(struct activity_definition *activity)
{
	free(activity->name);
	for (size_t i = 0; i < PHASE_KINDS; i++) {
		phase_fini(&activity->phases[i]);
	}
	for (size_t i = 0; i < activity->require_len; i++) {
		free(activity->require[i]);
	}
	free(activity->require);
	*activity = (struct activity_definition){ 0 };
}

struct activity_definition
activity_definition_copy(const struct activity_definition *activity)
{
	struct activity_definition copy = *activity;

	copy.name = alloc_string(activity->name);
	for (size_t i = 0; i < PHASE_KINDS; i++) {
		copy.phases[i] = phase_copy(&activity->phases[i]);
	}
	if (activity->require_len) {
		copy.require =
		    alloc_zeroed(activity->require_len, sizeof(char *));
	}
	for (size_t i = 0; i < activity->require_len; i++) {
		copy.require[i] = alloc_string(activity->require[i]);
	}
	return copy;
}

static void hash_document(struct definition *definition)
{
	struct value document = definition_to_value(definition);
	struct buf bytes = { 0 };

	pack_write_canonical(&bytes, &document);
	definition_hash(buf_slice(&bytes), definition->hash);
	buf_fini(&bytes);
	value_clear(&document);
}

struct definition *definition_make(const char *workflow,
				   struct activity_definition *activities,
				   size_t len, int64_t deadline_ms)
{
	struct definition *definition = alloc_zeroed(1, sizeof(*definition));

	definition->references = 1;
	definition->workflow = alloc_string(workflow);
	definition->activities = activities;
	definition->len = len;
	definition->deadline_ms = deadline_ms;
	hash_document(definition);
	return definition;
}

struct definition *definition_ref(struct definition *definition)
{
	definition->references++;
	return definition;
}

void definition_unref(struct definition *definition)
{
	if (!definition || --definition->references > 0) {
		return;
	}
	for (size_t i = 0; i < definition->len; i++) {
		activity_definition_fini(&definition->activities[i]);
	}
	free(definition->activities);
	free(definition->workflow);
	free(definition);
}

void definition_version(const unsigned char hash[DEFINITION_HASH_SIZE],
			char text[DEFINITION_VERSION_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *out = text;

	memcpy(out, "sha256:", 7);
	out += 7;
	for (size_t i = 0; i < DEFINITION_HASH_SIZE; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
}

void definition_hash(struct slice bytes,
		     unsigned char hash[DEFINITION_HASH_SIZE])
{
	SHA2_CTX context;

	SHA256Init(&context);
	if (bytes.len) {
		SHA256Update(&context, (const uint8_t *)bytes.ptr, bytes.len);
	}
	SHA256Final(hash, &context);
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

bool name_valid(struct slice name)
{
	if (name.len == 0 || name.len > LIMIT_NAME || !utf8_valid(name)) {
		return false;
	}
	while (name.len) {
		size_t size;
		uint32_t point = utf8_decode(name, &size);

		if (is_control(point) || point == '/') {
			return false;
		}
		name.ptr += size;
		name.len -= size;
	}
	return true;
}
