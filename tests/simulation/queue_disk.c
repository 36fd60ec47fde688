#include "queue_disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim.h"
#include "store/codec.h"
#include "store/read.h"
#include "store/view.h"

static struct sim *served;

void queue_disk_serve(struct sim *sim)
{
	served = sim;
}

/* ---- queues ---- */

static struct stored_queue *find_queue(struct disk *disk, struct slice name)
{
	for (size_t i = 0; i < disk->queue_count; i++) {
		if (slice_is(name, disk->queues[i].name)) {
			return &disk->queues[i];
		}
	}
	return NULL;
}

void queue_disk_put_queue(struct sim *sim, struct slice name,
			  struct slice value)
{
	struct disk *disk = &sim->disk;
	struct stored_queue *queue = find_queue(disk, name);

	if (!queue) {
		alloc_grow(disk->queues, disk->queue_count, disk->queue_cap);
		queue = &disk->queues[disk->queue_count++];
		*queue = (struct stored_queue){ .name = slice_dup(name) };
	}
	disk_bytes_set(&queue->bytes, value);
}

void queue_disk_delete_queue(struct sim *sim, struct slice name)
{
	struct stored_queue *queue = find_queue(&sim->disk, name);

	if (queue) {
		queue->bytes.there = false;
	}
}

static bool read_queue(struct sim *sim, const struct stored_queue *stored,
		       struct queue_record *ret_queue)
{
	if (!stored || !stored->bytes.there) {
		return false;
	}
	sim_check(sim,
		  queue_decode(disk_bytes(&stored->bytes),
			       slice_of(stored->name), ret_queue) == 0,
		  "records can be read", "queue %s", stored->name);
	return true;
}

bool queue_disk_queue(struct sim *sim, struct slice name,
		      struct queue_record *ret_queue)
{
	return read_queue(sim, find_queue(&sim->disk, name), ret_queue);
}

/* ---- messages ---- */

static struct bytes *message_row(struct sim *sim, struct slice key)
{
	sim_check(sim, key.len == ID_SIZE + 4, "keys are well-formed",
		  "a key of messages");
	struct sim_run *run = disk_run_of(sim, key.ptr);

	return disk_row_at(&run->image.message_rows,
			   read_u32(key.ptr + ID_SIZE));
}

void queue_disk_put_message(struct sim *sim, struct slice key,
			    struct slice value)
{
	disk_bytes_set(message_row(sim, key), value);
}

void queue_disk_delete_message(struct sim *sim, struct slice key)
{
	message_row(sim, key)->there = false;
}

bool queue_disk_message(struct sim *sim, const struct id *run, uint32_t task,
			struct message_record *ret_message)
{
	const struct byte_list *rows = &sim_run(sim, run)->image.message_rows;

	if (task >= rows->len || !rows->list[task].there) {
		return false;
	}
	sim_check(sim,
		  message_decode(disk_bytes(&rows->list[task]), run, task,
				 ret_message) == 0,
		  "records can be read", "the message of task %u", task);
	return true;
}

/* ---- parts ---- */

static struct stored_part *find_part(const struct image *image,
				     const unsigned char *hash)
{
	for (size_t i = 0; i < image->part_count; i++) {
		if (!memcmp(image->parts[i].hash, hash, DEFINITION_HASH_SIZE)) {
			return &image->parts[i];
		}
	}
	return NULL;
}

static struct image *image_of(struct sim *sim, struct slice key)
{
	sim_check(sim, key.len == ID_SIZE + DEFINITION_HASH_SIZE,
		  "keys are well-formed", "a key of parts");
	return &disk_run_of(sim, key.ptr)->image;
}

void queue_disk_put_part(struct sim *sim, struct slice key, struct slice value)
{
	struct image *image = image_of(sim, key);
	const unsigned char *hash = (const unsigned char *)key.ptr + ID_SIZE;
	unsigned char made[DEFINITION_HASH_SIZE];

	sim_check(sim, value.len > 1, "records can be read", "a part");
	definition_hash((struct slice){ value.ptr + 1, value.len - 1 }, made);
	sim_check(sim, !memcmp(made, hash, sizeof(made)),
		  "a part is named by its bytes", "another hash");
	if (!find_part(image, hash)) {
		alloc_grow(image->parts, image->part_count, image->part_cap);
		struct stored_part *part = &image->parts[image->part_count++];

		*part = (struct stored_part){ .bytes = { .there = false } };
		memcpy(part->hash, hash, sizeof(part->hash));
	}
	disk_bytes_set(&find_part(image, hash)->bytes, value);
}

void queue_disk_delete_part(struct sim *sim, struct slice key)
{
	struct image *image = image_of(sim, key);
	struct stored_part *part =
	    find_part(image, (const unsigned char *)key.ptr + ID_SIZE);

	if (part) {
		free(part->bytes.data);
		*part = image->parts[--image->part_count];
	}
}

struct slice queue_disk_part(const struct image *image,
			     const unsigned char *hash)
{
	const struct stored_part *part = find_part(image, hash);

	if (!part) {
		return (struct slice){ NULL, 0 };
	}
	return (struct slice){ part->bytes.data + 1, part->bytes.len - 1 };
}

void queue_disk_drop_run(struct image *image)
{
	for (uint32_t i = 0; i < image->message_rows.len; i++) {
		free(image->message_rows.list[i].data);
	}
	free(image->message_rows.list);
	image->message_rows = (struct byte_list){ 0 };
	for (size_t i = 0; i < image->part_count; i++) {
		free(image->parts[i].bytes.data);
	}
	free(image->parts);
	image->parts = NULL;
	image->part_count = 0;
	image->part_cap = 0;
	queues_messages_fini(&image->messages);
}

void queue_disk_fini(struct disk *disk)
{
	for (size_t i = 0; i < disk->queue_count; i++) {
		free(disk->queues[i].name);
		free(disk->queues[i].bytes.data);
	}
	free(disk->queues);
}

/* ---- in place of the store's ---- */

int __wrap_view_each_queue(struct view *view,
			   int (*each)(void *arg,
				       const struct queue_record *queue),
			   void *arg, struct err *reterr);
int __wrap_view_each_message(struct view *view, const struct id *run,
			     int (*each)(void *arg,
					 const struct message_record *message),
			     void *arg, struct err *reterr);
int __wrap_view_part(struct view *view, const struct id *run,
		     const unsigned char hash[DEFINITION_HASH_SIZE],
		     struct blob **ret_part, struct err *reterr);

int __wrap_view_each_queue(struct view *view,
			   int (*each)(void *arg,
				       const struct queue_record *queue),
			   void *arg, struct err *reterr)
{
	int rc = 0;

	(void)view;
	(void)reterr;
	for (size_t i = 0; rc == 0 && i < served->disk.queue_count; i++) {
		struct queue_record record;

		if (read_queue(served, &served->disk.queues[i], &record)) {
			rc = each(arg, &record);
		}
	}
	return rc;
}

static int each_of(const struct sim_run *run,
		   int (*each)(void *arg, const struct message_record *message),
		   void *arg)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < run->image.message_rows.len; i++) {
		struct message_record record;

		if (queue_disk_message(served, &run->id, i, &record)) {
			rc = each(arg, &record);
		}
	}
	return rc;
}

int __wrap_view_each_message(struct view *view, const struct id *run,
			     int (*each)(void *arg,
					 const struct message_record *message),
			     void *arg, struct err *reterr)
{
	int rc = 0;

	(void)view;
	(void)reterr;
	/* In the order of their ids, which rise. */
	for (uint32_t number = 1; rc == 0 && number <= served->runs_made;
	     number++) {
		for (size_t i = 0; i < served->run_count; i++) {
			const struct sim_run *at = served->runs[i];

			if (at->number == number &&
			    (!run || id_equal(&at->id, run))) {
				rc = each_of(at, each, arg);
				break;
			}
		}
	}
	return rc;
}

int __wrap_view_part(struct view *view, const struct id *run,
		     const unsigned char hash[DEFINITION_HASH_SIZE],
		     struct blob **ret_part, struct err *reterr)
{
	const struct sim_run *at = sim_run(served, run);
	struct slice bytes =
	    at ? queue_disk_part(&at->image, hash) : (struct slice){ NULL, 0 };

	(void)view;
	if (!bytes.len) {
		return err_set(reterr, E_NOT_FOUND, "there is no such part");
	}
	*ret_part = blob_make(bytes);
	return 0;
}
