#include "document/pack.h"

#include <float.h>
#include <math.h>
#include <msgpack.h>
#include <stdlib.h>

#include "base/alloc.h"

static int from_object(const msgpack_object *object, struct value *ret_value);

static int from_array(const msgpack_object_array *objects,
		      struct value *ret_value)
{
	struct value array = value_array();
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < objects->size; i++) {
		struct value item;

		rc = from_object(&objects->ptr[i], &item);
		if (rc == 0) {
			rc = value_push_try(&array, item);
		}
	}
	if (rc < 0) {
		value_clear(&array);
		return rc;
	}
	*ret_value = array;
	return 0;
}

static int from_map(const msgpack_object_map *objects, struct value *ret_value)
{
	struct value map = value_map();
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < objects->size; i++) {
		const msgpack_object_kv *pair = &objects->ptr[i];
		struct slice key = { pair->key.via.str.ptr,
				     pair->key.via.str.size };
		struct value item;

		rc = from_object(&pair->val, &item);
		if (rc == 0) {
			rc = value_set_try(&map, key, item);
		}
	}
	if (rc < 0) {
		value_clear(&map);
		return rc;
	}
	*ret_value = map;
	return 0;
}

static int from_text(enum value_type type, const char *text, size_t len,
		     struct value *ret_value)
{
	return value_text_try(type, (struct slice){ text, len }, ret_value);
}

static int from_object(const msgpack_object *object, struct value *ret_value)
{
	switch (object->type) {
	case MSGPACK_OBJECT_BOOLEAN:
		*ret_value = value_bool(object->via.boolean);
		return 0;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		*ret_value = value_uint(object->via.u64);
		return 0;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		*ret_value = value_int(object->via.i64);
		return 0;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		*ret_value = value_double(object->via.f64);
		return 0;
	case MSGPACK_OBJECT_STR:
		return from_text(VALUE_STRING, object->via.str.ptr,
				 object->via.str.size, ret_value);
	case MSGPACK_OBJECT_BIN:
		return from_text(VALUE_BYTES, object->via.bin.ptr,
				 object->via.bin.size, ret_value);
	case MSGPACK_OBJECT_ARRAY:
		return from_array(&object->via.array, ret_value);
	case MSGPACK_OBJECT_MAP:
		return from_map(&object->via.map, ret_value);
	default: /* nil; extensions did not pass the scan */
		*ret_value = value_null();
		return 0;
	}
}

int pack_read(struct slice bytes, const struct document_limits *limits,
	      struct value *ret_value, struct err *reterr)
{
	int rc = pack_check(bytes, limits, reterr);

	if (rc < 0) {
		return rc;
	}
	msgpack_unpacked unpacked;
	size_t offset = 0;

	msgpack_unpacked_init(&unpacked);
	switch (msgpack_unpack_next(&unpacked, bytes.ptr, bytes.len, &offset)) {
	case MSGPACK_UNPACK_SUCCESS:
		rc = from_object(&unpacked.data, ret_value);
		break;
	case MSGPACK_UNPACK_NOMEM_ERROR:
		rc = E_NO_MEMORY;
		break;
	default:
		rc = E_INVALID;
		break;
	}
	msgpack_unpacked_destroy(&unpacked);
	return rc < 0 ? err_set(reterr, rc, "%s", err_text(rc)) : 0;
}

struct writer {
	msgpack_packer packer;
	enum { AS_IT_IS, CANONICAL } order;
};

static void write_value(struct writer *writer, const struct value *value);

static int append(void *out, const char *bytes, size_t len)
{
	buf_put(out, bytes, len);
	return 0;
}

static void write_text(struct writer *writer, struct slice text)
{
	(void)msgpack_pack_str_with_body(&writer->packer, text.ptr, text.len);
}

static void write_double(struct writer *writer, double number)
{
	/* Zero has two representations that are equal. */
	if (writer->order == CANONICAL && number == 0) {
		number = 0;
	}
	if (fabs(number) <= (double)FLT_MAX &&
	    (double)(float)number == number) {
		(void)msgpack_pack_float(&writer->packer, (float)number);
	} else {
		(void)msgpack_pack_double(&writer->packer, number);
	}
}

static void write_array(struct writer *writer, const struct value *array)
{
	(void)msgpack_pack_array(&writer->packer, value_len(array));
	for (size_t i = 0; i < value_len(array); i++) {
		write_value(writer, value_at(array, i));
	}
}

static int compare_entries(const void *a, const void *b)
{
	const struct value_entry *const *x = a;
	const struct value_entry *const *y = b;

	return slice_compare((*x)->key, (*y)->key);
}

static void write_entry(struct writer *writer, const struct value_entry *entry)
{
	write_text(writer, entry->key);
	write_value(writer, &entry->value);
}

static void write_sorted(struct writer *writer, const struct value *map)
{
	size_t len = value_len(map);
	size_t size = sizeof(const struct value_entry *);
	const struct value_entry **entries = alloc_zeroed(len, size);

	for (size_t i = 0; i < len; i++) {
		entries[i] = value_entry_at(map, i);
	}
	qsort(entries, len, size, compare_entries);
	for (size_t i = 0; i < len; i++) {
		write_entry(writer, entries[i]);
	}
	free(entries);
}

static void write_map(struct writer *writer, const struct value *map)
{
	(void)msgpack_pack_map(&writer->packer, value_len(map));
	if (writer->order == CANONICAL) {
		write_sorted(writer, map);
		return;
	}
	for (size_t i = 0; i < value_len(map); i++) {
		write_entry(writer, value_entry_at(map, i));
	}
}

static void write_value(struct writer *writer, const struct value *value)
{
	msgpack_packer *packer = &writer->packer;

	switch (value->type) {
	case VALUE_NULL:
		(void)msgpack_pack_nil(packer);
		break;
	case VALUE_BOOL:
		(void)(value->as.boolean ? msgpack_pack_true(packer)
					 : msgpack_pack_false(packer));
		break;
	case VALUE_INT:
		(void)msgpack_pack_int64(packer, value->as.integer);
		break;
	case VALUE_UINT:
		(void)msgpack_pack_uint64(packer, value->as.unsigned_integer);
		break;
	case VALUE_DOUBLE:
		write_double(writer, value->as.number);
		break;
	case VALUE_STRING:
		write_text(writer, value->as.text);
		break;
	case VALUE_BYTES:
		(void)msgpack_pack_bin_with_body(packer, value->as.text.ptr,
						 value->as.text.len);
		break;
	case VALUE_ARRAY:
		write_array(writer, value);
		break;
	case VALUE_MAP:
		write_map(writer, value);
		break;
	}
}

void pack_write(struct buf *out, const struct value *value)
{
	struct writer writer = { .order = AS_IT_IS };

	msgpack_packer_init(&writer.packer, out, append);
	write_value(&writer, value);
}

void pack_write_canonical(struct buf *out, const struct value *value)
{
	struct writer writer = { .order = CANONICAL };

	msgpack_packer_init(&writer.packer, out, append);
	write_value(&writer, value);
}

struct blob *pack_blob(const struct value *value)
{
	struct buf bytes = { 0 };

	pack_write(&bytes, value);
	struct blob *blob = blob_make(buf_slice(&bytes));

	buf_fini(&bytes);
	return blob;
}

int pack_blob_within(const struct value *value,
		     const struct document_limits *limits,
		     struct blob **ret_blob, struct err *reterr)
{
	struct blob *blob = pack_blob(value);
	int rc = pack_check(blob_slice(blob), limits, reterr);

	if (rc < 0) {
		blob_unref(blob);
		return rc;
	}
	*ret_blob = blob;
	return 0;
}
