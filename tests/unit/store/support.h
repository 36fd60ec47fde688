/*
 * What the tests of the store share: folders, ids, records, definitions.
 */
#ifndef TEST_STORE_SUPPORT_H
#define TEST_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "document/pack.h"
#include "store/store.h"
#include "store/view.h"

#include "../folder.h"

/* Where the calls under test put their sentence. */
static struct err test_err __attribute__((unused));

#define assert_ok(call)                                               \
	do {                                                          \
		int ok_rc = (call);                                   \
		if (ok_rc) {                                          \
			fail_msg("%s: %s %s", #call, err_name(ok_rc), \
				 test_err.msg);                       \
		}                                                     \
	} while (0)

#define assert_slice(value, text)                                           \
	do {                                                                \
		struct slice actual_ = (value);                             \
		assert_int_equal(actual_.len, strlen(text));                \
		assert_memory_equal(actual_.len ? actual_.ptr : "", (text), \
				    actual_.len);                           \
	} while (0)

/* 2026-03-01 or so, in milliseconds. */
#define TEST_MS INT64_C(1772323200000)

static inline char *test_folder(void)
{
	return folder_make("/tmp/tutti-store-XXXXXX");
}

static inline void test_remove(char *folder)
{
	folder_remove(folder);
	free(folder);
}

/* Made in millisecond n of the test's time. */
static inline struct id test_id(unsigned n)
{
	unsigned char random[10] = { 0x11, 0x22, 0x33, 0x44, 0x55 };

	random[8] = (unsigned char)(n >> 8);
	random[9] = (unsigned char)n;
	return id_make((TEST_MS + n) * 1000, random);
}

static inline struct run_record test_run(unsigned n)
{
	return (struct run_record){
		.id = test_id(n),
		.tenant = SLICE("default"),
		.uid = SLICE(""),
		.workflow = SLICE("flow"),
		.state = GROUP_PENDING,
		.created_us = (TEST_MS + n) * 1000,
	};
}

static inline struct transition_record test_transition(void)
{
	return (struct transition_record){
		.time_us = TEST_MS * 1000,
		.kind = OBJECT_RUN,
		.from = -1,
		.to = GROUP_PENDING,
		.actor = SLICE("engine"),
	};
}

static inline struct task_record test_task(uint32_t number)
{
	return (struct task_record){
		.number = number,
		.attempt = 1,
		.progress = -1,
		.name = SLICE("scan"),
		.plugin = SLICE("scanner"),
	};
}

/* A workflow "flow" of `len` activities named Step1, Step2, ... */
static inline struct definition *test_definition(size_t len)
{
	struct activity_definition *activities =
	    alloc_zeroed(len, sizeof(*activities));

	for (size_t i = 0; i < len; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "Step%zu", i + 1);
		activities[i].name = alloc_string(name);
	}
	return definition_make("flow", activities, len, 0);
}

/* {"n": number} */
static inline void test_document(struct buf *out, int64_t number)
{
	struct value map = value_map();

	value_set(&map, "n", value_int(number));
	pack_write(out, &map);
	value_clear(&map);
}

#endif
