/*
 * The tables of queues on the simulated disk, and the store's functions that
 * read them: the driver is linked to these.
 */
#ifndef SIMULATION_QUEUE_DISK_H
#define SIMULATION_QUEUE_DISK_H

#include "base/slice.h"
#include "model/record.h"

struct disk;
struct image;
struct sim;

void queue_disk_put_queue(struct sim *sim, struct slice name,
			  struct slice value);
void queue_disk_delete_queue(struct sim *sim, struct slice name);
void queue_disk_put_message(struct sim *sim, struct slice key,
			    struct slice value);
void queue_disk_delete_message(struct sim *sim, struct slice key);
void queue_disk_put_part(struct sim *sim, struct slice key, struct slice value);
void queue_disk_delete_part(struct sim *sim, struct slice key);

/* Whose disk is read from now on. */
void queue_disk_serve(struct sim *sim);

/* False when there is none. Texts are the disk's. */
bool queue_disk_queue(struct sim *sim, struct slice name,
		      struct queue_record *ret_queue);
bool queue_disk_message(struct sim *sim, const struct id *run, uint32_t task,
			struct message_record *ret_message);
/* The document; empty when there is none. */
struct slice queue_disk_part(const struct image *image,
			     const unsigned char *hash);

void queue_disk_drop_run(struct image *image);
void queue_disk_fini(struct disk *disk);

#endif
