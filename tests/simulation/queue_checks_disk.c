/* What the disk says of queues and their messages. See queues.h. */
#include <string.h>

#include "copies.h"
#include "queue_disk.h"
#include "sim.h"
#include "stored.h"

static void check_row(struct sim *sim, const struct sim_run *run,
		      const struct message_record *row,
		      const struct sim_message *message)
{
	bool leased = row->state == MESSAGE_LEASED;
	const char *field =
	    row->state != message->state                            ? "state"
	    : !slice_is(row->queue, queues_name(message->queue))    ? "queue"
	    : !slice_is(row->plugin, plugin_names[message->plugin]) ? "plugin"
	    : !slice_is(row->group, message->group)                 ? "group"
	    : row->priority != message->priority                    ? "priority"
	    : row->state == MESSAGE_WAITING &&
		    row->visible_us != message->visible_us
		? "when it can be had"
	    : leased && row->lease_until_us != message->written_us
		? "the end of its lease"
	    : row->deliveries != message->deliveries ? "deliveries"
						     : NULL;

	sim_check(sim, !field, "messages on the disk are what they must be",
		  "r%u/%u: %s", run->number, row->task, field);
}

static void check_part(struct sim *sim, const struct sim_run *run,
		       const struct message_record *row, int part,
		       const struct sim_message *message)
{
	static const unsigned char none[DEFINITION_HASH_SIZE];
	struct slice there = { NULL, 0 };

	if (memcmp(row->parts[part], none, sizeof(none)) != 0) {
		there = queue_disk_part(&run->image, row->parts[part]);
		sim_check(sim, there.len, "documents of messages are not lost",
			  "r%u/%u: part %d is not there", run->number,
			  row->task, part);
	}
	sim_check(sim, slice_equal(there, blob_slice(message->parts[part])),
		  "a message holds the documents of its entering",
		  "r%u/%u: part %d differs", run->number, row->task, part);
}

/* Does a message of the run need it? */
static bool is_used(struct sim *sim, const struct sim_run *run,
		    const unsigned char *hash)
{
	for (uint32_t t = 0; t < run->image.message_rows.len; t++) {
		struct message_record row;

		if (!queue_disk_message(sim, &run->id, t, &row)) {
			continue;
		}
		for (int p = 0; p < MESSAGE_PARTS; p++) {
			if (!memcmp(row.parts[p], hash, sizeof(row.parts[p]))) {
				return true;
			}
		}
	}
	return false;
}

static bool has_rows(const struct sim_run *run)
{
	for (uint32_t t = 0; t < run->image.message_rows.len; t++) {
		if (run->image.message_rows.list[t].there) {
			return true;
		}
	}
	return false;
}

static void check_left_over(struct sim *sim, const struct sim_run *run)
{
	if (!has_rows(run)) {
		sim_check(sim, run->image.part_count == 0,
			  "no documents are left over", "r%u: %zu", run->number,
			  run->image.part_count);
	}
	for (size_t i = 0; i < run->image.part_count; i++) {
		sim_check(sim, is_used(sim, run, run->image.parts[i].hash),
			  "no documents are left over", "r%u: one",
			  run->number);
	}
}

void queues_check_disk(struct sim *sim, struct sim_run *run)
{
	const struct stored *stored = stored_read(sim, run);

	if (run->leaves) {
		return;
	}
	for (uint32_t t = 0; t < stored->task_count; t++) {
		const struct sim_message *message =
		    queues_look(&run->image.messages, t);
		struct message_record row;
		bool there = queue_disk_message(sim, &run->id, t, &row);

		sim_check(sim, there == (message && message->there),
			  there ? "a message leaves with the end of its task"
				: "a task in a queue has its message",
			  "r%u/%u, on the disk", run->number, t);
		queues_check_pair(sim, run, &stored->tasks[t], message,
				  ", on the disk");
		if (!there || !message) {
			continue;
		}
		check_row(sim, run, &row, message);
		for (int p = 0; p < MESSAGE_PARTS; p++) {
			check_part(sim, run, &row, p, message);
		}
	}
	check_left_over(sim, run);
}

void queues_check_quiet(struct sim *sim)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		const struct sim_queue *queue = &sim->queues.list[i];
		struct queue_record row;
		bool there =
		    queue_disk_queue(sim, slice_of(queues_name(i)), &row);

		sim_check(sim, there == queue->there,
			  "queues on the disk are what they must be",
			  "%s is%s there", queues_name(i), there ? "" : " not");
		if (!there) {
			continue;
		}
		struct queue_policy policy =
		    queues_read_policy(sim, row.policy);
		bool same = queue_policy_equal(&policy, &queue->policy);

		queue_policy_fini(&policy);
		sim_check(
		    sim,
		    same && slice_is(row.plugin, plugin_names[queue->plugin]) &&
			(row.paused_by.len > 0) == queue->paused,
		    "queues on the disk are what they must be", "%s",
		    queues_name(i));
	}
}
