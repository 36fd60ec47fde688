/*
 * The tasks that both forms of a plugin are tried with, made before either
 * runs, and one form at work on one of them.
 */
#ifndef CHECK_SCRIPT_H
#define CHECK_SCRIPT_H

#include "base/blob.h"
#include "base/id.h"
#include "check/rules.h"
#include "check/transcript.h"
#include "host/delivery.h"

enum script_kind {
	SCRIPT_PLAIN,
	SCRIPT_CANCEL, /* cancelled while it runs */
	SCRIPT_LATE,   /* its deadline passes while it runs */
};

struct script_task {
	enum script_kind kind;
	struct id run;
	uint32_t number;
	uint32_t attempt;
	uint32_t wakes;
	int32_t phase;
	char *uid;
	char *tenant;
	char *workflow;
	char *activity;
	char *plugin;
	char *name;
	struct blob *documents[HOST_DOCUMENTS]; /* msgpack or NULL */
	char *label;                            /* for people */
};

struct script {
	struct script_task *tasks;
	size_t len;
	size_t cap;
};

/* Bits: which tasks. */
enum {
	SCRIPT_OF_PLAIN = 1, /* ordinary ones */
	SCRIPT_OF_ENDS = 2,  /* cancelled, late */
	SCRIPT_OF_ODD = 4,   /* unexpected documents */
	SCRIPT_OF_HEAVY = 8, /* deep and large ones */
};

/* `plugins` is what a program says of itself. False: reported. */
bool script_make(struct trial *trial, const struct value *plugins,
		 unsigned which, struct script *ret_script);
void script_fini(struct script *script);

/* Parameters for these plugins: --params, and those that are missing made up.
 * A map. */
struct value script_params(const struct trial *trial,
			   const struct value *plugins);

/* One form of a plugin. One task at a time. */
struct form {
	void *self;
	/* What becomes of it goes into `transcript` until the next. */
	void (*deliver)(void *self, const struct script_task *task,
			int64_t deadline_us, struct transcript *transcript);
	void (*cancel)(void *self, const struct script_task *task,
		       bool timed_out);
	/* Is it over, or will it never be? Waits `ms` for that. */
	bool (*wait)(void *self, int64_t ms);
	/* Will it never be? */
	bool (*is_dead)(void *self);
};

/* The task from its delivery to its end, which is noted. */
void form_run(const struct form *form, const struct script_task *task,
	      int64_t patience_ms, struct transcript *transcript);

#endif
