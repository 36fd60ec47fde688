#include "host/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/crash_inside.h"

static _Atomic(struct host_blame *) blames;

/* Reachable without a call to the dynamic linker, which may be what died. */
static __attribute__((tls_model("initial-exec"))) _Thread_local struct {
	struct host_scene scene;
	bool ours;
} here;

static struct host_blame *find_free(void)
{
	struct host_blame *blame = atomic_load(&blames);

	while (blame && atomic_load(&blame->used)) {
		blame = blame->next;
	}
	return blame;
}

static struct host_blame *append(void)
{
	struct host_blame *blame = alloc_zeroed(1, sizeof(*blame));

	blame->next = atomic_load(&blames);
	while (!atomic_compare_exchange_weak(&blames, &blame->next, blame)) {
	}
	return blame;
}

struct host_blame *host_blame_take(const char *plugin, struct host_range range)
{
	struct host_blame *blame = find_free();

	if (!blame) {
		blame = append();
	}
	(void)snprintf(blame->plugin, sizeof(blame->plugin), "%s", plugin);
	blame->range = range;
	atomic_store(&blame->tasks, 0);
	atomic_store(&blame->used, true);
	return blame;
}

void host_blame_give(struct host_blame *blame)
{
	if (blame) {
		atomic_store(&blame->used, false);
	}
}

void host_blame_count(struct host_blame *blame, int change)
{
	atomic_fetch_add(&blame->tasks, change);
}

void host_scene_enter(struct host_blame *blame, const struct host_key *key,
		      struct host_scene *ret_before)
{
	struct host_scene scene = {
		.blame = blame,
		.has_task = key != NULL,
	};

	if (key) {
		scene.key = *key;
	}
	*ret_before = here.scene;
	here.scene = scene;
	atomic_signal_fence(memory_order_seq_cst);
}

void host_scene_leave(const struct host_scene *before)
{
	atomic_signal_fence(memory_order_seq_cst);
	here.scene = *before;
}

const struct host_scene *host_scene_here(void)
{
	return here.scene.blame ? &here.scene : NULL;
}

bool host_thread_is_ours(void)
{
	return here.ours;
}

static bool covers(const struct host_blame *blame, uintptr_t address)
{
	return atomic_load(&blame->used) && address >= blame->range.low &&
	       address < blame->range.high;
}

/* Several plugins may share a module: then the only one that has work. */
const char *host_blame_find(uintptr_t address, bool *ret_found)
{
	const struct host_blame *first = NULL;
	const struct host_blame *busy = NULL;
	size_t count = 0;
	size_t busy_count = 0;

	for (const struct host_blame *blame = atomic_load(&blames); blame;
	     blame = blame->next) {
		if (!covers(blame, address)) {
			continue;
		}
		first = blame;
		count++;
		if (atomic_load(&blame->tasks) > 0) {
			busy = blame;
			busy_count++;
		}
	}
	*ret_found = count > 0;
	if (count == 1) {
		return first->plugin;
	}
	return busy_count == 1 ? busy->plugin : "";
}

void host_stack_init(struct host_stack *ret_stack)
{
	long wanted = sysconf(_SC_SIGSTKSZ);
	size_t size = wanted > 65536 ? (size_t)wanted : 65536;
	stack_t before;

	here.ours = true;
	*ret_stack = (struct host_stack){ 0 };
	/* A sanitizer brings its own, and takes it off itself. */
	if (sigaltstack(NULL, &before) < 0 || !(before.ss_flags & SS_DISABLE)) {
		return;
	}
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED) {
		return;
	}
	stack_t stack = { .ss_sp = memory, .ss_size = size };

	if (sigaltstack(&stack, NULL) < 0) {
		(void)munmap(memory, size);
		return;
	}
	*ret_stack = (struct host_stack){ memory, size };
}

void host_stack_fini(struct host_stack *stack)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	here.ours = false;
	if (stack->memory) {
		(void)sigaltstack(&none, NULL);
		(void)munmap(stack->memory, stack->size);
		stack->memory = NULL;
	}
}
