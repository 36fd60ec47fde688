#include "daemon/rest.h"

#include <sys/resource.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/resident.h"
#include "daemon/commit.h"

/* With fewer page faults since the last time not enough can have come. One
 * brings a page of the heap, or sixteen of a file. */
#define FAULTS_OF_HEAP 256
#define FAULTS_OF_FILE 16

/* What is looked at again and again takes some of them, and to fetch it anew
 * every time would cost more than it is worth. */
#define PAGES_OF_FILE 256

/* At least so long from one time to the next. */
#define PAUSE_NS (1000 * INT64_C(1000000))

/* Pages of files that count as this process's memory; 0: not known. */
static long mapped_pages(void)
{
	return (long)resident_now().file_pages;
}

static void rest_heap(struct daemon *daemon, long faults)
{
	if (faults - daemon->rested.heap_faults >= FAULTS_OF_HEAP) {
		output_shrink(&daemon->output);
		output_shrink(&daemon->flight.output);
		output_shrink(&daemon->landed.output);
		store_shrink(daemon->store);
		heap_give_back();
		daemon->rested.heap_faults = faults;
	}
}

static void rest_file(struct daemon *daemon, long faults)
{
	if (faults - daemon->rested.file_faults < FAULTS_OF_FILE) {
		return;
	}
	daemon->rested.file_faults = faults;
	if (mapped_pages() - daemon->rested.pages >= PAGES_OF_FILE) {
		store_rest(daemon->store);
		daemon->rested.pages = mapped_pages();
	}
}

void rest_wanted(struct daemon *daemon)
{
	daemon->rested.wanted = true;
}

static bool is_idle(const struct daemon *daemon)
{
	return !daemon->awaited && !commit_outstanding(daemon);
}

int64_t rest_due_ns(const struct daemon *daemon)
{
	return daemon->rested.wanted && is_idle(daemon) ? daemon->rested.next_ns
							: 0;
}

void rest(struct daemon *daemon)
{
	struct rusage usage;

	if (!daemon->rested.wanted || !is_idle(daemon)) {
		return;
	}
	int64_t now_ns = clock_mono_ns();

	if (now_ns < daemon->rested.next_ns) {
		return;
	}
	daemon->rested.wanted = false;
	daemon->rested.next_ns = now_ns + PAUSE_NS;
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		rest_heap(daemon, usage.ru_minflt);
		rest_file(daemon, usage.ru_minflt);
	}
}
