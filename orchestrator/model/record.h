/*
 * What is remembered of a run, as plain data: the engine keeps these structs
 * up to date, the store writes and reads them, the command line shows them.
 * Texts are slices that somebody else owns; the struct that holds a record
 * says who. Times are wall clock microseconds, 0 when it has not happened.
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <stdint.h>

#include "base/id.h"
#include "base/slice.h"
#include "model/definition.h"
#include "model/state.h"

/*
 * Why something is in the state it is in: a machine's word for every state
 * that is not plain success. X(name, text).
 */
#define REASON_MAP(X)                                  \
	X(REASON_NONE, "")                             \
	X(REASON_EARLIER_PHASE, "earlier_phase")       \
	X(REASON_EARLIER_ACTIVITY, "earlier_activity") \
	X(REASON_EARLIER_TASK, "earlier_task")         \
	X(REASON_NO_FREE_SLOT, "no_free_slot")         \
	X(REASON_NO_PLUGIN, "plugin_not_registered")   \
	X(REASON_IN_PLUGIN, "in_plugin")               \
	X(REASON_TASKS_RUNNING, "tasks_running")       \
	X(REASON_DRAINING, "draining")                 \
	X(REASON_UNTIL_TIME, "until_time")             \
	X(REASON_CANCEL_REQUESTED, "cancel_requested") \
	X(REASON_DEADLINE, "deadline")                 \
	X(REASON_ABANDONED, "abandoned")               \
	X(REASON_PLUGIN_FAILED, "plugin_failed")       \
	X(REASON_MANDATORY_FAILED, "mandatory_failed") \
	X(REASON_OPTIONAL_FAILED, "optional_failed")   \
	X(REASON_EMPTY_PHASE, "empty_phase")           \
	X(REASON_OPERATOR, "operator")                 \
	X(REASON_SIBLING_FAILED, "sibling_failed")     \
	X(REASON_REDELIVERED, "redelivered")           \
	X(REASON_TEMPLATE, "template")                 \
	X(REASON_COMPLETED, "completed")               \
	X(REASON_STARTED, "started")                   \
	X(REASON_PARKED, "parked")                     \
	X(REASON_WOKEN, "woken")                       \
	X(REASON_NO_INSTANCE, "no_instance")           \
	X(REASON_INSTANCE_LOST, "instance_lost")       \
	X(REASON_RETURNED, "returned")                 \
	X(REASON_CRASHED, "plugin_crashed")            \
	X(REASON_REMOVED, "plugin_removed")            \
	X(REASON_QUARANTINED, "quarantined")           \
	X(REASON_REGISTER_WINDOW, "register_window")   \
	X(REASON_BACKOFF, "backoff")                   \
	X(REASON_RETRY, "retry")                       \
	X(REASON_ATTEMPTS, "attempts_used_up")         \
	X(REASON_PAUSED, "paused")                     \
	X(REASON_RESUMED, "resumed")                   \
	X(REASON_RETRIED, "retried")                   \
	X(REASON_RERUN, "run_again")                   \
	X(REASON_ALWAYS_RUN, "always_run")             \
	X(REASON_SUPERSEDED, "superseded")             \
	X(REASON_LATE, "late_completion")              \
	X(REASON_IN_QUEUE, "in_queue")                 \
	X(REASON_LEASE_EXPIRED, "lease_expired")       \
	X(REASON_DEAD_LETTER, "dead_letter")           \
	X(REASON_PURGED, "purged")

enum reason {
#define X(name, text) name,
	REASON_MAP(X)
#undef X
	    REASONS
};

/* "" for REASON_NONE, else the word. */
const char *reason_name(enum reason reason);

struct run_record {
	struct id id;
	struct slice tenant;
	struct slice uid;
	struct slice workflow;
	unsigned char version[DEFINITION_HASH_SIZE];
	enum group_state state;
	enum reason reason;
	struct slice message; /* for people; may be empty */
	bool cancel_requested;
	bool cancel_forced;  /* asked for twice: what runs always stops too */
	bool paused;         /* by an operator: this run alone */
	uint32_t resumes;    /* how often it went on after its end */
	uint32_t task_count; /* tasks created so far: numbers 0..n-1 */
	uint32_t activity_count;
	int64_t created_us;
	int64_t started_us;
	int64_t ended_us;
	int64_t deadline_us; /* 0: none */
};

/* In records of an old store: the phase's tasks follow those before it. */
#define UNKNOWN_FIRST UINT32_MAX

struct phase_record {
	enum group_state state;
	enum reason reason;
	bool opened; /* its membership is fixed */
	bool
	    curtailed; /* opened after a failure or cancel: not all took part */
	bool mandatory_done;
	uint32_t first; /* number of its first task */
	uint32_t expected;
	uint32_t finished;
	uint32_t filtered;
	int64_t started_us;
	int64_t ended_us;
};

struct activity_record {
	uint32_t index; /* in the definition */
	enum group_state state;
	enum reason reason;
	uint32_t visit;    /* 1, 2, ... */
	int64_t window_us; /* until when it waits for plugins to register, as
			      long as nothing of it has begun; 0: not at all */
	bool expired;      /* its deadline, or the run's, has passed */
	int64_t started_us;
	int64_t ended_us;
	int64_t deadline_us; /* 0: none */
	struct phase_record phases[PHASE_KINDS];
};

struct task_record {
	uint32_t number;   /* in its run; the order of creation */
	uint32_t activity; /* index */
	enum phase_kind phase;
	enum task_state state;
	enum reason reason;
	bool mandatory;
	bool cancel_requested;
	/* Of a visit that was taken back: kept for the history, and in no
	 * phase any more. */
	bool superseded;
	uint32_t attempt;  /* deliveries so far */
	uint32_t deaths;   /* instances that died with it in their hands */
	uint32_t failures; /* attempts that count against its `retry` */
	uint32_t wakes;
	uint32_t binding; /* index in the phase's definition; or NO_BINDING */
	struct slice name;
	struct slice plugin;
	struct slice queue;    /* through which it is delivered; or empty */
	struct slice instance; /* who has or had it; may be empty */
	struct slice message;
	struct slice note; /* progress */
	double progress;   /* 0..1; negative: none reported */
	int64_t timeout_ms;
	int64_t created_us;
	int64_t started_us;
	int64_t ended_us;
	int64_t wake_us;     /* waiting, retrying: when it goes on */
	int64_t deadline_us; /* running: when this attempt must be done */
	int64_t expires_us;  /* when all attempts must be; 0: never */
	/* Its output where the record is stored or was read, MessagePack of at
	 * most RECORD_OUTPUT_MAX bytes; empty: it has none, or lies beside the
	 * record. */
	struct slice output;
};

/* An output of its own costs more than its bytes: it is a row of the store. */
#define RECORD_OUTPUT_MAX 256

/* The task comes from the plugin's own subscription. */
#define NO_BINDING UINT32_MAX

enum object_kind { OBJECT_RUN, OBJECT_ACTIVITY, OBJECT_PHASE, OBJECT_TASK };

const char *object_kind_name(enum object_kind kind);

/* One transition in the history. */
struct transition_record {
	uint64_t sequence; /* rises over the whole store */
	int64_t time_us;
	enum object_kind kind;
	uint32_t activity;     /* index; for all but runs */
	enum phase_kind phase; /* phases and tasks */
	uint32_t task;         /* number; tasks only */
	uint32_t attempt;      /* tasks only */
	int from; /* task_state or group_state by kind; -1: it came to be */
	int to;
	enum reason reason;
	struct slice actor;   /* "engine", "plugin NAME", "operator uid 0" */
	struct slice message; /* may be empty */
};

/* Documents of a run that are kept beside its record. */
enum document_kind {
	DOCUMENT_ATTRIBUTES,
	DOCUMENT_INPUT,
	DOCUMENT_STASH,
	DOCUMENT_SKIPS, /* marks of an operator: array of texts */
};

/* A plugin as registered: known again after a restart, and for looking at
 * without a daemon. */
struct plugin_record {
	struct slice name;
	struct slice version;
	struct slice help;
	struct slice module;  /* file, command line, or "registers itself" */
	struct slice entry;   /* of the config, for processes; or empty */
	struct slice hash;    /* of the code: 64 hex digits, or empty */
	struct slice form;    /* "in-process", "isolated", "process" */
	struct slice state;   /* "ready", "starting", "down", "gave up",
				 "quarantined": as of the last write */
	struct slice message; /* why it is so; may be empty */
	uint32_t max_tasks;   /* of one instance */
	uint32_t crashes;     /* of the orchestrator, through this plugin */
	bool quarantined;
	bool ephemeral;             /* ends with its connection */
	bool always_run;            /* also when a run is run again */
	struct slice subscriptions; /* JSON: [{activity, phase, order,
				       mandatory, filter}] */
	struct slice params;        /* JSON: [{name, type, fallback, help}] */
	struct slice queue;    /* JSON, as queue_policy_to_value(): what holds;
				  empty: it has none */
	struct slice declared; /* ... and what it declares itself */
};

/* An operator holds back the runs of a workflow, or all there are. */
struct pause_record {
	struct slice workflow; /* empty: all */
	struct slice actor;
	int64_t since_us;
};

/* A queue, known as long as its plugin has it or messages are in it. */
struct queue_record {
	struct slice name;
	struct slice plugin;    /* whose messages it holds */
	struct slice policy;    /* JSON, as queue_policy_to_value() */
	struct slice paused_by; /* an operator; empty: nobody has */
	int64_t paused_us;
};

enum message_state {
	MESSAGE_WAITING, /* can be had from visible_us on */
	MESSAGE_LEASED,  /* in a consumer's hands */
	MESSAGE_DEAD,    /* its attempts are used up; nobody gets it */
	MESSAGE_STATES,
};

const char *message_state_name(enum message_state state);

/* The documents that a message holds; attributes and input are its run's. */
enum message_part {
	MESSAGE_STASH,
	MESSAGE_OUTPUTS,
	MESSAGE_WITH,
	MESSAGE_PARTS,
};

/* A task in a queue. A task has at most one message. */
struct message_record {
	struct id run;
	uint32_t task;
	struct slice queue;
	struct slice plugin;
	struct slice group; /* messages of one keep their order; or empty */
	enum message_state state;
	int priority;
	uint64_t place;      /* rises with each that enters any queue */
	uint32_t deliveries; /* leases so far */
	int64_t entered_us;
	/* Waiting: not to be had before; 0: at once; QUEUE_ASIDE: not as long
	 * as its run is paused. */
	int64_t visible_us;
	int64_t leased_us;      /* last */
	int64_t lease_until_us; /* 0: as long as its consumer lives */
	int64_t dead_us;
	struct slice error; /* of the last attempt; may be empty */
	/* SHA-256 of its documents, by which they are found; zeros: none. */
	unsigned char parts[MESSAGE_PARTS][DEFINITION_HASH_SIZE];
};

#endif
