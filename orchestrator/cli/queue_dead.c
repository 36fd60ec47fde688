#include "cli/queue_dead.h"

#include <stdlib.h>

#include "base/alloc.h"

static int compare_runs(const void *a, const void *b)
{
	const struct dead_run *first = a;
	const struct dead_run *second = b;
	int side = id_compare(&first->run, &second->run);

	return side ? side
		    : (first->dead_us > second->dead_us) -
			  (first->dead_us < second->dead_us);
}

static int compare_times(const void *a, const void *b)
{
	const struct dead_run *first = a;
	const struct dead_run *second = b;
	int side = (first->dead_us > second->dead_us) -
		   (first->dead_us < second->dead_us);

	return side ? side : id_compare(&first->run, &second->run);
}

static int compare_ids(const void *a, const void *b)
{
	return id_compare(a, b);
}

void dead_runs_find(struct dead_runs *runs, const struct queue_sheet *sheet)
{
	size_t len = 0;

	*runs = (struct dead_runs){
		.runs = alloc_zeroed(sheet->dead + 1, sizeof(*runs->runs)),
	};
	for (size_t i = 0; i < sheet->len; i++) {
		if (sheet->messages[i].state == MESSAGE_DEAD) {
			runs->runs[len++] = (struct dead_run){
				.run = sheet->messages[i].run,
				.dead_us = sheet->messages[i].dead_us,
			};
		}
	}
	qsort(runs->runs, len, sizeof(*runs->runs), compare_runs);
	for (size_t i = 0; i < len; i++) {
		struct dead_run *last =
		    runs->len ? &runs->runs[runs->len - 1] : NULL;

		if (!last || !id_equal(&last->run, &runs->runs[i].run)) {
			runs->runs[runs->len++] = runs->runs[i];
		}
	}
	qsort(runs->runs, runs->len, sizeof(*runs->runs), compare_times);
}

void dead_runs_fini(struct dead_runs *runs)
{
	free(runs->runs);
	*runs = (struct dead_runs){ 0 };
}

void dead_runs_keep(struct dead_runs *runs, const struct id *ids, size_t len)
{
	struct id *sorted = alloc_zeroed(len + 1, sizeof(*sorted));
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		sorted[i] = ids[i];
	}
	qsort(sorted, len, sizeof(*sorted), compare_ids);
	for (size_t i = 0; i < runs->len; i++) {
		if (bsearch(&runs->runs[i].run, sorted, len, sizeof(*sorted),
			    compare_ids)) {
			runs->runs[kept++] = runs->runs[i];
		}
	}
	runs->len = kept;
	free(sorted);
}

int dead_runs_filter(struct dead_runs *runs, struct view *view,
		     struct slice tenant, struct slice workflow,
		     struct err *reterr)
{
	struct view_query query = { .tenant = tenant, .workflow = workflow };
	struct run_list list;
	int rc;

	if (!tenant.len && !workflow.len) {
		return 0;
	}
	rc = view_list(view, &query, &list, reterr);
	if (rc) {
		return rc;
	}
	struct id *ids = alloc_zeroed(list.len + 1, sizeof(*ids));

	for (size_t i = 0; i < list.len; i++) {
		ids[i] = list.runs[i].id;
	}
	dead_runs_keep(runs, ids, list.len);
	free(ids);
	run_list_fini(&list);
	return 0;
}
