#include "cli/picture.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/selector.h"

/* Who asked for the cancellation: the engine only carries it out. */
static struct slice find_canceller(const struct history_list *history)
{
	for (size_t i = 0; i < history->len; i++) {
		const struct transition_record *it = &history->transitions[i];

		if (it->reason == REASON_CANCEL_REQUESTED && it->actor.len &&
		    !slice_is(it->actor, "engine")) {
			return it->actor;
		}
	}
	return (struct slice){ 0 };
}

/* Has any of its tasks ever gone through a queue? */
static bool has_queued(const struct run_view *run)
{
	for (size_t i = 0; i < run->task_count; i++) {
		if (run->tasks[i].queue.len) {
			return true;
		}
	}
	return false;
}

static int add_letter(void *arg, const struct message_record *message)
{
	struct dead_letters *letters = arg;

	if (message->state == MESSAGE_DEAD) {
		alloc_grow(letters->tasks, letters->len, letters->cap);
		letters->tasks[letters->len++] = message->task;
	}
	return 0;
}

/* What queues have of it. */
static int take_queues(struct picture *picture, struct view *view,
		       const struct id *run, struct err *reterr)
{
	if (!has_queued(picture->run)) {
		return 0;
	}
	int rc = queue_book_read_queues(&picture->queues, view, reterr);

	return rc ? rc
		  : view_each_message(view, run, add_letter, &picture->letters,
				      reterr);
}

int picture_take(struct picture *picture, struct view *view,
		 const struct id *run, enum picture_depth depth,
		 struct err *reterr)
{
	*picture = (struct picture){ 0 };
	int rc = view_run(view, run, &picture->run, reterr);

	if (!rc && depth >= PICTURE_HISTORY) {
		rc = view_history(view, run, &picture->history, reterr);
	}
	if (!rc) {
		rc = view_pauses(view, &picture->pauses, reterr);
	}
	rc = rc ? rc : take_queues(picture, view, run, reterr);
	if (rc) {
		free(picture->letters.tasks);
		queue_book_fini(&picture->queues);
		pause_list_fini(&picture->pauses);
		history_list_fini(&picture->history);
		run_view_destroy(picture->run);
		return rc;
	}
	run_index_init(&picture->index, picture->run);
	picture->context = (struct reason_context){
		.run = picture->run,
		.index = &picture->index,
		.daemon_alive = true,
		.now_us = clock_wall_us(),
		.cancelled_by = find_canceller(&picture->history),
		.paused = paused_of(&picture->run->run, &picture->pauses,
				    &picture->history),
		.queues = &picture->queues,
		.letters = &picture->letters,
	};
	return 0;
}

void picture_fini(struct picture *picture)
{
	run_index_fini(&picture->index);
	history_list_fini(&picture->history);
	pause_list_fini(&picture->pauses);
	queue_book_fini(&picture->queues);
	free(picture->letters.tasks);
	run_view_destroy(picture->run);
	*picture = (struct picture){ 0 };
}

/* What holds back a queue may be that its plugin is not there. */
static bool task_waits_in_queue(const struct task_record *task)
{
	return task->queue.len && !task_state_final(task->state) &&
	       task->state != TASK_RUNNING && !task->superseded;
}

static bool task_waits_for_plugin(const struct task_record *task)
{
	return !task_state_final(task->state) && !task->superseded &&
	       (task->reason == REASON_NO_PLUGIN ||
		task->reason == REASON_NO_INSTANCE);
}

bool picture_waits_for_plugin(const struct picture *picture)
{
	const struct run_view *run = picture->run;

	for (size_t i = 0; i < run->activity_count; i++) {
		if (reason_awaits_registration(&run->activities[i])) {
			return true;
		}
	}
	for (size_t i = 0; i < run->task_count; i++) {
		if (task_waits_for_plugin(&run->tasks[i])) {
			return true;
		}
	}
	return false;
}

/* What is known of plugins makes better sentences; without it they are true
 * all the same. */
static void add_registry(struct subject *subject, bool queued)
{
	if ((queued || picture_waits_for_plugin(&subject->picture)) &&
	    registry_read(&subject->registry, &subject->looking, NULL) == 0) {
		subject->picture.context.registry = &subject->registry;
	}
}

/* The messages of the queues that tasks of the run wait in; is there any? */
static bool add_messages(struct subject *subject, enum picture_depth depth)
{
	const struct run_view *run = subject->picture.run;
	struct queue_book *book = &subject->picture.queues;
	bool any = false;

	for (size_t i = 0; i < run->task_count; i++) {
		const struct task_record *task = &run->tasks[i];
		struct queue_sheet *sheet =
		    task_waits_in_queue(task)
			? queue_book_find(book, task->queue)
			: NULL;

		if (sheet) {
			sheet->keeps = QUEUE_KEEPS_OPEN;
			any = true;
		}
	}
	if (any && depth >= PICTURE_QUEUES &&
	    queue_book_read_messages(book, subject->looking.view,
				     subject->looking.now_us, NULL) == 0) {
		queue_book_read_heads(book, subject->looking.view, run);
	}
	return any;
}

int subject_open(const struct cli *cli, const char *selector,
		 enum picture_depth depth, struct subject *subject)
{
	struct err error = { 0 };
	struct id run;
	int code = looking_open(cli, &subject->looking);

	if (code) {
		return code;
	}
	struct view *view = subject->looking.view;

	if (selector_find(view, cli_tenant(cli), slice_of(selector), &run,
			  &error) ||
	    picture_take(&subject->picture, view, &run, depth, &error)) {
		looking_close(&subject->looking);
		return cli_fail(cli, &error);
	}
	subject->picture.context.daemon_alive = subject->looking.owner.alive;
	subject->picture.context.now_us = subject->looking.now_us;
	subject->registry = (struct registry){ 0 };
	add_registry(subject, add_messages(subject, depth));
	return EXIT_DONE;
}

void subject_close(struct subject *subject)
{
	registry_fini(&subject->registry);
	picture_fini(&subject->picture);
	looking_close(&subject->looking);
}
