#include "cli/live.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/text.h"
#include "cli/tree.h"

#define INTERVAL_NS  INT64_C(100000000)
#define CLOCK_NS     INT64_C(1000000000) /* running times move on */
#define COST_FACTOR  10
#define FOLD         8
#define DEFAULT_ROWS 24

void live_init(struct live *live, FILE *stream, struct style style,
	       bool terminal)
{
	*live = (struct live){
		.stream = stream,
		.style = style,
		.terminal = terminal,
	};
	pthread_mutex_init(&live->lock, NULL);
	pthread_cond_init(&live->changed, NULL);
}

static size_t terminal_rows(const struct live *live)
{
	struct winsize size = { 0 };

	if (ioctl(fileno(live->stream), TIOCGWINSZ, &size) || !size.ws_row) {
		return DEFAULT_ROWS;
	}
	return size.ws_row;
}

/* Up to the first line of the frame, and everything from there away. */
static void erase(struct live *live)
{
	if (live->drawn) {
		(void)fprintf(live->stream, "\033[%zuA\r\033[J", live->drawn);
		live->drawn = 0;
	}
}

/* Long lines are cut by the terminal, so that lines stay lines. */
static void draw(struct live *live, struct slice tree)
{
	size_t rows = terminal_rows(live);
	size_t room = rows > 2 ? rows - 2 : 1;
	size_t more = 0;
	struct slice line;

	erase(live);
	(void)fputs("\033[?7l", live->stream);
	while (text_next_line(&tree, &line)) {
		if (live->drawn < room) {
			(void)fprintf(live->stream, "%.*s\n", SLICE_ARG(line));
			live->drawn++;
		} else {
			more++;
		}
	}
	if (more) {
		(void)fprintf(live->stream, "and %zu more lines\n", more);
		live->drawn++;
	}
	(void)fputs("\033[?7h", live->stream);
}

static void show_tree(struct live *live, const struct picture *picture)
{
	struct buf tree = { 0 };
	struct tree_options options = {
		.style = live->style,
		.fold = FOLD,
	};

	tree_write(&tree, &picture->context, &options);
	pthread_mutex_lock(&live->lock);
	draw(live, buf_slice(&tree));
	(void)fflush(live->stream);
	pthread_mutex_unlock(&live->lock);
	buf_fini(&tree);
}

static void put_end(struct buf *out, const struct picture *picture,
		    const struct task_record *task)
{
	text_put_clean(
	    out, slice_of(run_activity_name(picture->run, task->activity)));
	buf_printf(out, "/%s/", phase_kind_name(task->phase));
	text_put_clean(out, task->name);
	buf_printf(out, ": %s", task_state_name(task->state));
	if (task->started_us && task->ended_us) {
		buf_put_text(out, " after ");
		text_put_duration(out, task->ended_us - task->started_us);
	}
	if (task->state != TASK_SUCCEEDED) {
		struct buf words = { 0 };

		buf_put_slice(&words, task->message);
		if (!words.len) {
			reason_put_task(&words, &picture->context, task);
		}
		buf_put_text(out, ": ");
		text_put_clean(out, buf_slice(&words));
		buf_fini(&words);
	}
	buf_put_byte(out, '\n');
}

static void tell_ends(struct live *live, const struct picture *picture)
{
	const struct run_view *run = picture->run;
	struct buf lines = { 0 };

	if (run->task_count > live->told_len) {
		live->told = alloc_resize(live->told, run->task_count,
					  sizeof(*live->told));
		memset(live->told + live->told_len, 0,
		       run->task_count - live->told_len);
		live->told_len = run->task_count;
	}
	for (size_t i = 0; i < run->task_count; i++) {
		if (live->told[i] || !task_state_final(run->tasks[i].state)) {
			continue;
		}
		live->told[i] = true;
		if (!run->tasks[i].superseded) {
			put_end(&lines, picture, &run->tasks[i]);
		}
	}
	pthread_mutex_lock(&live->lock);
	text_emit(live->stream, &lines);
	(void)fflush(live->stream);
	pthread_mutex_unlock(&live->lock);
	buf_fini(&lines);
}

int live_look(struct live *live, struct view *view, struct err *reterr)
{
	int64_t start_ns = clock_mono_ns();
	struct picture picture;
	int rc = picture_take(&picture, view, &live->run, PICTURE_RUN, reterr);

	if (rc) {
		return rc;
	}
	live->state = picture.run->run.state;
	if (live->terminal) {
		show_tree(live, &picture);
	} else {
		tell_ends(live, &picture);
	}
	picture_fini(&picture);
	pthread_mutex_lock(&live->lock);
	live->looked_ns = clock_mono_ns();
	live->cost_ns = live->looked_ns - start_ns;
	live->dirty = false;
	pthread_mutex_unlock(&live->lock);
	return 0;
}

/* With the lock held. */
static bool is_due(const struct live *live)
{
	int64_t pause_ns = live->cost_ns * COST_FACTOR;
	int64_t passed_ns = clock_mono_ns() - live->looked_ns;

	return passed_ns >= (pause_ns > INTERVAL_NS ? pause_ns : INTERVAL_NS);
}

/* With the lock held. */
static bool must_look(const struct live *live)
{
	bool moves =
	    live->terminal && clock_mono_ns() - live->looked_ns >= CLOCK_NS;

	return (live->dirty || moves) && is_due(live);
}

void live_observe(void *arg, struct view *view, const struct id *run)
{
	struct live *live = arg;

	if (!live->watching || !id_equal(run, &live->run)) {
		return;
	}
	pthread_mutex_lock(&live->lock);
	live->dirty = true;
	bool due = is_due(live);

	pthread_mutex_unlock(&live->lock);
	if (due) {
		(void)live_look(live, view, NULL);
	}
}

static void put_above(struct live *live, const char *label, struct slice line)
{
	pthread_mutex_lock(&live->lock);
	erase(live);
	(void)fprintf(live->stream, "%s: %.*s\n", label, SLICE_ARG(line));
	(void)fflush(live->stream);
	live->dirty = true;
	pthread_mutex_unlock(&live->lock);
}

void live_say(struct live *live, const char *note)
{
	put_above(live, "tutti", slice_of(note));
}

void live_log(void *arg, enum log_level level, struct slice line)
{
	put_above(arg, log_level_name(level), line);
}

static void *watch(void *arg)
{
	struct live *live = arg;
	struct timespec until;

	pthread_mutex_lock(&live->lock);
	while (!live->ending) {
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += INTERVAL_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&live->changed, &live->lock,
					     &until);
		if (!live->ending && must_look(live)) {
			daemon_stop(live->daemon);
		}
	}
	pthread_mutex_unlock(&live->lock);
	return NULL;
}

void live_watch(struct live *live, struct daemon *daemon, const struct id *run)
{
	live->run = *run;
	live->daemon = daemon;
	live->watching = pthread_create(&live->thread, NULL, watch, live) == 0;
}

void live_end(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	live->ending = true;
	erase(live);
	(void)fflush(live->stream);
	pthread_cond_signal(&live->changed);
	pthread_mutex_unlock(&live->lock);
	if (live->watching) {
		pthread_join(live->thread, NULL);
		live->watching = false;
	}
	live->terminal = false;
	free(live->told);
	live->told = NULL;
	live->told_len = 0;
}
