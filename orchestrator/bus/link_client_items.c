#include "bus/link_client_items.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/log.h"

/* Keys and numbers of an item, generously. */
#define OVERHEAD 256

#define FRAME_SIZE (LIMIT_LINK_FRAME / 2)

int link_items_init(struct link_items *items, struct err *reterr)
{
	memset(items, 0, sizeof(*items));
	items->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (items->wake < 0) {
		return err_set(reterr, E_IO, "cannot make an eventfd: %s",
			       strerror(errno));
	}
	(void)pthread_mutex_init(&items->lock, NULL);
	return 0;
}

void link_items_fini(struct link_items *items)
{
	if (items->wake < 0) {
		return;
	}
	link_items_free(items, &items->queue);
	(void)close(items->wake);
	items->wake = -1;
	(void)pthread_mutex_destroy(&items->lock);
}

/* The slices of an item that are copied. */
#define TEXTS 6
static void texts_of(struct wire_item *item, struct slice *texts[TEXTS])
{
	texts[0] = &item->message;
	texts[1] = &item->output;
	texts[2] = &item->patch;
	texts[3] = &item->note;
	texts[4] = &item->plugin;
	texts[5] = &item->text;
}

static struct link_item *copy(const struct wire_item *given)
{
	struct wire_item item = *given;
	struct slice *texts[TEXTS];
	size_t len = item.task.len;

	texts_of(&item, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		len += texts[i]->len;
	}
	struct link_item *made = alloc_bytes(sizeof(*made) + len);
	char *end = made->bytes;

	for (size_t i = 0; i <= TEXTS; i++) {
		struct slice *text = i < TEXTS ? texts[i] : &item.task;

		if (text->len) {
			memcpy(end, text->ptr, text->len);
		}
		text->ptr = text->len ? end : NULL;
		end += text->len;
	}
	made->item = item;
	made->size = len + OVERHEAD;
	return made;
}

static bool is_loose(const struct wire_item *item)
{
	return item->kind == WIRE_PROGRESS || item->kind == WIRE_LOG;
}

static bool ends_task(const struct wire_item *item)
{
	return item->kind == WIRE_DONE || item->kind == WIRE_RETURN;
}

static void discard(struct link_items *items, struct link_item *item)
{
	if (is_loose(&item->item)) {
		atomic_fetch_sub(&items->loose, 1);
	}
	atomic_fetch_sub(&items->total, 1);
	free(item);
}

void link_items_put(struct link_items *items, const struct wire_item *item)
{
	const uint64_t one = 1;

	if (is_loose(item) &&
	    atomic_fetch_add(&items->loose, 1) >= LINK_ITEMS_LOOSE) {
		atomic_fetch_sub(&items->loose, 1);
		atomic_fetch_add(&items->lost, item->kind == WIRE_LOG);
		return;
	}
	struct link_item *made = copy(item);

	atomic_fetch_add(&items->total, 1);
	(void)pthread_mutex_lock(&items->lock);
	DL_APPEND(items->queue, made);
	if (ends_task(item) && items->expected) {
		items->expected--;
	}
	bool wake = items->asleep && !items->expected;

	items->asleep &= !wake;
	(void)pthread_mutex_unlock(&items->lock);
	if (wake) {
		(void)!write(items->wake, &one, sizeof(one));
	}
}

void link_items_expect(struct link_items *items, size_t count)
{
	(void)pthread_mutex_lock(&items->lock);
	items->expected += count;
	(void)pthread_mutex_unlock(&items->lock);
}

void link_items_expect_none(struct link_items *items)
{
	(void)pthread_mutex_lock(&items->lock);
	items->expected = 0;
	(void)pthread_mutex_unlock(&items->lock);
}

bool link_items_expects(struct link_items *items)
{
	(void)pthread_mutex_lock(&items->lock);
	bool expects = items->expected > 0;

	(void)pthread_mutex_unlock(&items->lock);
	return expects;
}

void link_items_awake(struct link_items *items, bool woken)
{
	uint64_t count;

	(void)pthread_mutex_lock(&items->lock);
	items->asleep = false;
	(void)pthread_mutex_unlock(&items->lock);
	if (woken) {
		(void)!read(items->wake, &count, sizeof(count));
	}
}

bool link_items_sleep(struct link_items *items)
{
	(void)pthread_mutex_lock(&items->lock);
	items->asleep = !items->queue || items->expected;
	bool asleep = items->asleep;

	(void)pthread_mutex_unlock(&items->lock);
	return asleep;
}

void link_items_report(struct link_items *items, struct slice plugin)
{
	uint64_t lost = atomic_load(&items->lost);
	char text[64];

	if (!lost || atomic_load(&items->loose) >= LINK_ITEMS_LOOSE) {
		return;
	}
	(void)snprintf(text, sizeof(text), "%llu lines of the log were lost",
		       (unsigned long long)lost);
	const struct wire_item item = {
		.kind = WIRE_LOG,
		.plugin = plugin,
		.level = LOG_WARN,
		.text = slice_of(text),
	};

	link_items_put(items, &item);
	atomic_fetch_sub(&items->lost, lost);
}

bool link_items_settled(const struct link_items *items)
{
	return atomic_load(&items->total) == 0;
}

struct link_item *link_items_take(struct link_items *items,
				  struct link_item **list)
{
	(void)pthread_mutex_lock(&items->lock);
	struct link_item *taken = items->expected ? NULL : items->queue;

	if (taken) {
		items->queue = NULL;
	}
	(void)pthread_mutex_unlock(&items->lock);
	if (taken) {
		DL_CONCAT(*list, taken);
	}
	return taken;
}

size_t link_items_batch(struct link_item **from, struct link_item **to)
{
	size_t size = 0;
	size_t count = 0;

	while (*from && count < LIMIT_LINK_ITEMS) {
		struct link_item *item = *from;

		if (count && size + item->size > FRAME_SIZE) {
			break;
		}
		DL_DELETE(*from, item);
		DL_APPEND(*to, item);
		size += item->size;
		count++;
	}
	return count;
}

void link_items_free(struct link_items *items, struct link_item **list)
{
	while (*list) {
		struct link_item *item = *list;

		DL_DELETE(*list, item);
		discard(items, item);
	}
}

void link_items_prune(struct link_items *items, struct link_item **list)
{
	struct link_item *item;
	struct link_item *after;

	DL_FOREACH_SAFE(*list, item, after)
	{
		if (item->item.kind != WIRE_DONE &&
		    item->item.kind != WIRE_LOG) {
			DL_DELETE(*list, item);
			discard(items, item);
		}
	}
}
