/*
 * The records of model/record.h to and from bytes. What a record's key says
 * (run id, number, sequence, plugin name) is not repeated in the value: the
 * caller fills it in. Decoded texts are slices of `bytes`. Decoders return 0
 * or E_CORRUPT and touch *ret_ only on success. Pure.
 *
 * States, reasons and kinds are stored as the numbers of their enums: a new
 * one goes to the end.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include "base/buf.h"
#include "model/record.h"
#include "store/record.h"

void run_encode(struct buf *out, const struct run_record *run);
int run_decode(struct slice bytes, const struct id *id,
	       struct run_record *ret_run);

void activity_encode(struct buf *out, const struct activity_record *activity);
int activity_decode(struct slice bytes, uint32_t index,
		    struct activity_record *ret_activity);

void task_encode(struct buf *out, const struct task_record *task);
int task_decode(struct slice bytes, uint32_t number,
		struct task_record *ret_task);

/* In a row of the history (history_row.h), after another one: a zeroed one
 * before the first. A text may be the other's. */
void transition_put(struct buf *out, const struct transition_record *transition,
		    const struct transition_record *before);
struct transition_record transition_get(struct record_reader *in,
					const struct transition_record *before);

/* As it was written before schema 6. */
int transition_decode(struct slice bytes, uint64_t sequence,
		      struct transition_record *ret_transition);

void plugin_encode(struct buf *out, const struct plugin_record *plugin);
int plugin_decode(struct slice bytes, struct slice name,
		  struct plugin_record *ret_plugin);

void pause_encode(struct buf *out, const struct pause_record *pause);
int pause_decode(struct slice bytes, struct slice workflow,
		 struct pause_record *ret_pause);

/* Decoders take no text that is longer than its limit. */
void queue_encode(struct buf *out, const struct queue_record *queue);
int queue_decode(struct slice bytes, struct slice name,
		 struct queue_record *ret_queue);

/* The group is cut at LIMIT_QUEUE_GROUP, the error at LIMIT_MESSAGE. */
void message_encode(struct buf *out, const struct message_record *message);
int message_decode(struct slice bytes, const struct id *run, uint32_t task,
		   struct message_record *ret_message);

/* The value of ix_uid. */
void uid_encode(struct buf *out, const struct id *run);
int uid_decode(struct slice bytes, struct id *ret_run);

#endif
