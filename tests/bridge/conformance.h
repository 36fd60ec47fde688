/*
 * The suite that every driver of queues must pass. Messages are numbers here,
 * 0 to RIG_MESSAGES - 1; queues and groups are texts.
 */
#ifndef TESTS_BRIDGE_CONFORMANCE_H
#define TESTS_BRIDGE_CONFORMANCE_H

#include "rig.h"

struct conformance_test {
	const char *name; /* NULL ends a list */
	void (*run)(struct rig *rig);
};

#define TEST(function)                              \
	{                                           \
		.name = #function, .run = function, \
	}

extern const struct conformance_test order_tests[];
extern const struct conformance_test group_tests[];
extern const struct conformance_test time_tests[];
extern const struct conformance_test limit_tests[];
extern const struct conformance_test dead_tests[];
extern const struct conformance_test part_tests[];
extern const struct conformance_test crash_tests[];
extern const struct conformance_test random_tests[];

/* All of them with this driver, each with a fresh rig, and those of `more`,
 * which may be NULL. Returns what main() is to return. */
int conformance_run(const struct driver_under_test *driver,
		    const struct conformance_test *more);

#endif
