/*
 * A driver with a store in a folder of its own, what ready() was called for,
 * and the time. Each function checks what the interface promises whatever is
 * being tested: that nothing is handed out that was not said to be ready, and
 * that time that passes is waited for by next_due() alone.
 */
#ifndef TESTS_BRIDGE_RIG_H
#define TESTS_BRIDGE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "bridge/driver.h"
#include "store/view.h"

/* What a driver adds to be tested. */
struct driver_under_test {
	const char *name;
	const struct queue_driver *driver;
	/* A server that lives on when the rig crashes, empty; NULL: none. */
	void *(*start)(void);
	void (*stop)(void *server);
	/* Returns when nothing is under way to the server or back; NULL: never
	 * is. */
	void (*settle)(void *server);
	/* The server has clocks of its own: returns the wall clock's time when
	 * that is `until_us`; NULL: time is what the caller says. */
	int64_t (*wait)(void *server, int64_t until_us);
	/* A message can be had once its put is committed, not before. */
	bool told_at_commit;
};

#define RIG_MESSAGES 2048
#define RIG_PER_RUN  16
#define RIG_QUEUES   8

/* No message. */
#define NONE (-1)

#define MS INT64_C(1000)
#define S  (1000 * MS)

struct rig {
	const struct driver_under_test *under_test;
	const struct queue_driver *driver;
	void *server;
	char *folder;
	struct store *store;
	struct view *view; /* of it */
	struct queue_backend *backend;
	int64_t now_us;
	struct asked {
		char *queue;
		bool said_no; /* and so must say ready() before it says yes */
		bool ready;
	} asked[RIG_QUEUES];
	/* When rig_commit() has committed; may be NULL. */
	void (*committed)(void *arg);
	void *arg;
};

struct rig *rig_create(const struct driver_under_test *under_test);
void rig_destroy(struct rig *rig);

/* The process dies: what is not committed is gone. */
void rig_crash(struct rig *rig);
void rig_commit(struct rig *rig);
/* Without a word when it fails. */
int rig_try_commit(struct rig *rig);

/* So much later, by way of next_due(). */
void rig_pass(struct rig *rig, int64_t us);

/* The message with this number. */
struct message_key rig_key(int number);
int rig_number(const struct message_key *key);

/* A policy with the defaults, named after nobody. */
void rig_set(struct rig *rig, const char *queue,
	     const struct queue_policy *policy);
void rig_set_default(struct rig *rig, const char *queue);

void rig_put(struct rig *rig, const char *queue, int number);
void rig_put_priority(struct rig *rig, const char *queue, int number,
		      int priority);
void rig_put_group(struct rig *rig, const char *queue, int number,
		   const char *group);
void rig_put_parts(struct rig *rig, const char *queue, int number,
		   struct blob *stash, struct blob *outputs, struct blob *with);
void rig_put_message(struct rig *rig, int number, struct queue_message message);
/* The number, or NONE. */
int rig_lease(struct rig *rig, const char *queue);
void rig_ack(struct rig *rig, int number);
void rig_nack(struct rig *rig, int number, int64_t visible_us);
void rig_refuse(struct rig *rig, int number, int64_t visible_us);
void rig_expose(struct rig *rig, int number);
void rig_extend(struct rig *rig, int number);
void rig_bury(struct rig *rig, int number);
void rig_drop_dead(struct rig *rig, int number);
int rig_expired(struct rig *rig); /* the number, or NONE */
int rig_pause(struct rig *rig, const char *queue, const char *by);
int64_t rig_due(const struct rig *rig);
size_t rig_waiting(const struct rig *rig, const char *queue);
/* Zeroes when it is not there. */
struct queue_depth rig_depth(const struct rig *rig, const char *queue);
bool rig_empty(const struct rig *rig, const char *queue);
bool rig_has_queue(const struct rig *rig, const char *queue);

/* The next leases give these, then none. `count` numbers follow. */
void rig_expect(struct rig *rig, const char *queue, int count, ...);

#endif
