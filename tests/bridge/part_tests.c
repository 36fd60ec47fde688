#include "conformance.h"

#include "base/limits.h"

static struct blob *bytes_of(const char *text)
{
	return blob_make(slice_of(text));
}

static void expect_part(const struct blob *part, const struct blob *wanted)
{
	if (!wanted) {
		assert_null(part);
		return;
	}
	assert_non_null(part);
	assert_int_equal(part->len, wanted->len);
	assert_memory_equal(part->data, wanted->data, wanted->len);
}

/* It is leased, and that is committed. */
static void expect_parts(struct rig *rig, int number,
			 struct blob *const wanted[MESSAGE_PARTS])
{
	struct message_key key = rig_key(number);
	struct blob *parts[MESSAGE_PARTS];

	rig_commit(rig);
	assert_int_equal(rig->driver->parts(rig->backend, &key, parts, NULL),
			 0);
	for (int i = 0; i < MESSAGE_PARTS; i++) {
		expect_part(parts[i], wanted[i]);
		blob_unref(parts[i]);
	}
}

static int no_parts(struct rig *rig, int number)
{
	struct message_key key = rig_key(number);
	struct blob *parts[MESSAGE_PARTS];

	return rig->driver->parts(rig->backend, &key, parts, NULL);
}

static void documents_are_byte_for_byte(struct rig *rig)
{
	struct blob *parts[MESSAGE_PARTS] = {
		blob_make(SLICE("\x81\xa1n\x00 any bytes \xff")),
		NULL,
		blob_make(SLICE("\x80")),
	};

	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, parts[0], parts[1], parts[2]);
	assert_int_equal(no_parts(rig, 1), E_NOT_FOUND);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_parts(rig, 1, parts);
	rig_crash(rig);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_parts(rig, 1, parts);
	rig_nack(rig, 1, 0);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_parts(rig, 1, parts);
	rig_ack(rig, 1);
	assert_int_equal(no_parts(rig, 1), E_NOT_FOUND);
	blob_unref(parts[0]);
	blob_unref(parts[2]);
}

static void documents_may_be_large(struct rig *rig)
{
	struct blob *parts[MESSAGE_PARTS] = { NULL };
	char *bytes = alloc_bytes(LIMIT_STASH);

	for (size_t i = 0; i < LIMIT_STASH; i++) {
		bytes[i] = (char)(i * 7 + i / 251);
	}
	parts[MESSAGE_STASH] = blob_make((struct slice){ bytes, LIMIT_STASH });
	free(bytes);
	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, parts[0], NULL, NULL);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_parts(rig, 1, parts);
	blob_unref(parts[0]);
}

/* Messages of a run may hold the same bytes, also in different parts. */
static void documents_may_be_shared(struct rig *rig)
{
	struct blob *same = bytes_of("same");
	struct blob *other = bytes_of("other");
	struct blob *all[MESSAGE_PARTS] = { same, same, other };

	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, same, same, other);
	rig_put_parts(rig, "q", 2, same, same, other);
	rig_put_parts(rig, "q", 3, same, same, other);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(rig_lease(rig, "q"), i);
		expect_parts(rig, i, all);
		rig_ack(rig, i);
	}
	blob_unref(same);
	blob_unref(other);
}

static void a_dead_one_leaves_what_others_hold(struct rig *rig)
{
	struct blob *same = bytes_of("same");
	struct blob *all[MESSAGE_PARTS] = { same, NULL, NULL };

	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, same, NULL, NULL);
	rig_put_parts(rig, "q", 2, same, NULL, NULL);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_bury(rig, 1);
	rig_commit(rig);
	rig_crash(rig);
	rig_drop_dead(rig, 1);
	assert_int_equal(rig_lease(rig, "q"), 2);
	expect_parts(rig, 2, all);
	blob_unref(same);
}

static void the_new_one_has_new_documents(struct rig *rig)
{
	struct blob *old = bytes_of("old");
	struct blob *both = bytes_of("both");
	struct blob *fresh = bytes_of("fresh");
	struct blob *all[MESSAGE_PARTS] = { fresh, both, NULL };

	rig_set_default(rig, "q");
	rig_put_parts(rig, "q", 1, old, both, old);
	assert_int_equal(rig_lease(rig, "q"), 1);
	rig_bury(rig, 1);
	rig_put_parts(rig, "q", 1, fresh, both, NULL);
	assert_int_equal(rig_lease(rig, "q"), 1);
	expect_parts(rig, 1, all);
	blob_unref(old);
	blob_unref(both);
	blob_unref(fresh);
}

const struct conformance_test part_tests[] = {
	TEST(documents_are_byte_for_byte),
	TEST(documents_may_be_large),
	TEST(documents_may_be_shared),
	TEST(a_dead_one_leaves_what_others_hold),
	TEST(the_new_one_has_new_documents),
	{ 0 },
};
