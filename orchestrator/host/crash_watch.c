/*
 * The handler of faults. It may only make system calls and look at what is
 * never freed. The note is written into a file that was opened before, in one
 * write; a file of size 0 is no note.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/crash_inside.h"
#include "host/inside.h"

/* How much of a plugin's own thread's stack is searched, and in which steps. */
#define SEARCH_BYTES 65536
#define SEARCH_STEP  4096

static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

enum note_state { NOTE_NONE, NOTE_BEING_WRITTEN, NOTE_WRITTEN };

static struct {
	struct host *host; /* whose it is; NULL: nobody watches */
	char *file;
	int fd;
	struct sigaction before[FAULTS];
	struct host_stack stack; /* of the loop thread */
	atomic_int note;         /* enum note_state */
} watch = { .fd = -1 };

struct text {
	char bytes[512];
	size_t len;
};

static void put(struct text *text, const char *bytes, size_t len)
{
	size_t room = sizeof(text->bytes) - text->len;

	len = len < room ? len : room;
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
}

static void put_text(struct text *text, const char *more)
{
	put(text, more, strlen(more));
}

static void put_number(struct text *text, uint32_t number)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put(text, digits + at, sizeof(digits) - at);
}

static void put_id(struct text *text, const struct id *id)
{
	for (size_t i = 0; i < sizeof(id->bytes); i++) {
		put(text, &"0123456789abcdef"[id->bytes[i] >> 4], 1);
		put(text, &"0123456789abcdef"[id->bytes[i] & 15], 1);
	}
}

struct place {
	uintptr_t code;
	uintptr_t stack;
};

static struct place place_of(const void *context)
{
	const ucontext_t *there = context;
	struct place place = { 0 };

#if defined(__x86_64__)
	place.code = (uintptr_t)there->uc_mcontext.gregs[REG_RIP];
	place.stack = (uintptr_t)there->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
	place.code = there->uc_mcontext.pc;
	place.stack = there->uc_mcontext.sp;
#else
	(void)there;
#endif
	return place;
}

/* The plugin that calls what died: the nearest address of code on the stack.
 * The kernel reads it for us, because it may end anywhere. */
static const char *search_stack(uintptr_t stack, bool *ret_found)
{
	static uintptr_t words[SEARCH_STEP / sizeof(uintptr_t)];

	for (size_t done = 0; stack && done < SEARCH_BYTES;
	     done += SEARCH_STEP) {
		struct iovec to = { words, sizeof(words) };
		struct iovec from = { (char *)(stack / 8 * 8) + done,
				      sizeof(words) };
		ssize_t len = process_vm_readv(getpid(), &to, 1, &from, 1, 0);

		for (ssize_t i = 0; i < len / (ssize_t)sizeof(words[0]); i++) {
			const char *plugin =
			    host_blame_find(words[i], ret_found);

			if (*ret_found) {
				return plugin;
			}
		}
		if (len < (ssize_t)sizeof(words)) {
			break;
		}
	}
	return "";
}

/* On a thread of the host nothing but its scene counts: what lies on its stack
 * may be old. */
static const char *guess_plugin(const siginfo_t *info, const void *context)
{
	struct place place = place_of(context);
	bool found;
	const char *plugin = host_blame_find(place.code, &found);

	if (!found && info->si_code > 0) {
		plugin = host_blame_find((uintptr_t)info->si_addr, &found);
	}
	if (!found && !host_thread_is_ours()) {
		plugin = search_stack(place.stack, &found);
	}
	return plugin;
}

/* Somebody's kill(1) is not the doing of who happens to be on the stage. */
static bool comes_from_outside(const siginfo_t *info)
{
	return (info->si_code == SI_USER || info->si_code == SI_QUEUE ||
		info->si_code == SI_TKILL) &&
	       info->si_pid != getpid();
}

static void write_note(int number, const siginfo_t *info, const void *context)
{
	static struct text text;
	const struct host_scene *scene = host_scene_here();
	const char *plugin = "";

	put_text(&text, CRASH_NOTE_HEAD "\nsignal ");
	put_number(&text, (uint32_t)number);
	if (comes_from_outside(info)) {
		scene = NULL;
	} else {
		plugin =
		    scene ? scene->blame->plugin : guess_plugin(info, context);
	}
	if (scene && scene->has_task) {
		put_text(&text, "\ntask ");
		put_id(&text, &scene->key.run);
		put_text(&text, " ");
		put_number(&text, scene->key.number);
		put_text(&text, " ");
		put_number(&text, scene->key.attempt);
	}
	put_text(&text, "\nplugin ");
	put_text(&text, plugin);
	put_text(&text, "\nend\n");
	/* Nothing can be done about a failure. */
	(void)!write(watch.fd, text.bytes, text.len);
}

/* The first of several threads writes; the others let it come to its end. */
static void note(int number, const siginfo_t *info, const void *context)
{
	int state = NOTE_NONE;

	if (atomic_compare_exchange_strong(&watch.note, &state,
					   NOTE_BEING_WRITTEN)) {
		write_note(number, info, context);
		atomic_store(&watch.note, NOTE_WRITTEN);
	}
	while (atomic_load(&watch.note) == NOTE_BEING_WRITTEN) {
		const struct timespec pause = { .tv_nsec = 1000000 };

		(void)nanosleep(&pause, NULL);
	}
}

/*
 * Then die as without us. A fault happens again when the handler returns; what
 * was sent has to be sent again, and comes when this handler has returned.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
	int before = errno;

	note(number, info, context);
	for (size_t i = 0; i < FAULTS; i++) {
		if (faults[i] == number) {
			(void)sigaction(number, &watch.before[i], NULL);
		}
	}
	if (info->si_code <= 0 && syscall(SYS_rt_tgsigqueueinfo, getpid(),
					  gettid(), number, info) < 0) {
		(void)tgkill(getpid(), gettid(), number);
	}
	errno = before;
}

static void install(void)
{
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	(void)sigfillset(&action.sa_mask);
	for (size_t i = 0; i < FAULTS; i++) {
		(void)sigaction(faults[i], &action, &watch.before[i]);
	}
}

int host_watch_crashes(struct host *host, const char *file, struct err *reterr)
{
	if (watch.host) {
		return err_set(reterr, E_BUSY,
			       "crashes of this process are watched already");
	}
	int fd = open(file,
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW |
			  O_APPEND,
		      0600);

	if (fd < 0) {
		return err_set(reterr, E_IO, "cannot write '%.200s': %s", file,
			       strerror(errno));
	}
	watch.host = host;
	watch.file = alloc_string(file);
	watch.fd = fd;
	atomic_store(&watch.note, NOTE_NONE);
	host_stack_init(&watch.stack);
	install();
	host->watches = true;
	return 0;
}

void host_unwatch_crashes(void)
{
	for (size_t i = 0; i < FAULTS; i++) {
		(void)sigaction(faults[i], &watch.before[i], NULL);
	}
	host_stack_fini(&watch.stack);
	(void)close(watch.fd);
	if (atomic_load(&watch.note) == NOTE_NONE) {
		(void)unlink(watch.file);
	}
	free(watch.file);
	watch.file = NULL;
	watch.fd = -1;
	watch.host = NULL;
}
