#include "cli/queue_look.h"

/* Who waits for whom in its group can be told only of what is kept. */
static void keep_groups(struct queue_book *book)
{
	for (size_t i = 0; i < book->len; i++) {
		if (book->sheets[i].policy.fifo_key) {
			book->sheets[i].keeps = QUEUE_KEEPS_OPEN;
		}
	}
}

static int find_sheet(struct queue_look *look, const char *name, unsigned keeps,
		      struct err *reterr)
{
	if (!name) {
		keep_groups(&look->book);
		return 0;
	}
	look->sheet = queue_book_find(&look->book, slice_of(name));
	if (!look->sheet) {
		return queue_book_no_queue(&look->book, slice_of(name), reterr);
	}
	look->sheet->keeps = keeps;
	return 0;
}

static int read_all(struct queue_look *look, const char *name, unsigned keeps,
		    struct err *reterr)
{
	struct view *view = look->looking.view;
	int rc = queue_book_read_queues(&look->book, view, reterr);

	rc = rc ? rc : find_sheet(look, name, keeps, reterr);
	rc = rc ? rc
		: queue_book_read_messages(&look->book, view,
					   look->looking.now_us, reterr);
	rc = rc ? rc : view_pauses(view, &look->pauses, reterr);
	rc = rc ? rc : registry_read(&look->registry, &look->looking, reterr);
	if (rc == 0 && name) {
		/* What has come to be meanwhile has moved it. */
		look->sheet = queue_book_find(&look->book, slice_of(name));
	}
	return rc;
}

int queue_look_open(const struct cli *cli, const char *name, unsigned keeps,
		    struct queue_look *look)
{
	struct err error = { 0 };

	*look = (struct queue_look){ 0 };
	if (cli_tenant(cli).len) {
		return cli_usage_error(cli, "a queue is of all tenants, "
					    "looking takes no --tenant");
	}
	int code = looking_open(cli, &look->looking);

	if (code) {
		return code;
	}
	if (read_all(look, name, keeps, &error)) {
		queue_look_close(look);
		return cli_fail(cli, &error);
	}
	return EXIT_DONE;
}

void queue_look_close(struct queue_look *look)
{
	registry_fini(&look->registry);
	pause_list_fini(&look->pauses);
	queue_book_fini(&look->book);
	looking_close(&look->looking);
}

struct queue_scene queue_look_scene(const struct queue_look *look,
				    const struct queue_sheet *sheet)
{
	return (struct queue_scene){
		.sheet = sheet,
		.registry = &look->registry,
		.daemon_alive = look->looking.owner.alive,
		.now_us = look->looking.now_us,
	};
}

struct queue_reader queue_look_reader(const struct queue_look *look)
{
	return (struct queue_reader){
		.view = look->looking.view,
		.pauses = &look->pauses,
		.now_us = look->looking.now_us,
	};
}
