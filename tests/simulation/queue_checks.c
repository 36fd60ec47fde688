/* What must hold of queues and their messages. See queues.h. */
#include <string.h>

#include "copies.h"
#include "sim.h"

/* ---- what can be had ---- */

struct search {
	uint32_t queue;
	uint32_t leased; /* of the queue */
	struct sim_run *found_run;
	uint32_t found_task;
	struct sim_message *found; /* what comes first */
	int64_t due_us; /* when something can be had; 0: it is not known */
};

static bool shares_group(const struct sim_message *a,
			 const struct sim_message *b)
{
	return a->queue == b->queue && *a->group && !strcmp(a->group, b->group);
}

struct ahead {
	const struct sim_message *of;
	bool there;
};

static void look_ahead(struct sim *sim, struct sim_run *run, uint32_t task,
		       struct sim_message *message, void *arg)
{
	struct ahead *ahead = arg;

	(void)sim;
	(void)run;
	(void)task;
	ahead->there |= message->state != MESSAGE_DEAD &&
			message->place < ahead->of->place &&
			shares_group(message, ahead->of);
}

static bool is_first(struct sim *sim, const struct sim_message *message)
{
	struct ahead ahead = { .of = message };

	if (*message->group) {
		queues_each(sim, look_ahead, &ahead);
	}
	return !ahead.there;
}

static bool comes_before(const struct sim_message *a,
			 const struct sim_message *b)
{
	return a->priority != b->priority ? a->priority > b->priority
					  : a->place < b->place;
}

static void look(struct sim *sim, struct sim_run *run, uint32_t task,
		 struct sim_message *message, void *arg)
{
	struct search *search = arg;

	if (message->queue != search->queue || message->state == MESSAGE_DEAD) {
		return;
	}
	search->leased += message->state == MESSAGE_LEASED;
	if (message->state != MESSAGE_WAITING || !is_first(sim, message)) {
		return;
	}
	if (!message->came) {
		if (message->visible_us != QUEUE_ASIDE &&
		    (!search->due_us || message->visible_us < search->due_us)) {
			search->due_us = message->visible_us;
		}
		return;
	}
	if (!search->found || comes_before(message, search->found)) {
		search->found = message;
		search->found_run = run;
		search->found_task = task;
	}
}

static struct search search_queue(struct sim *sim, uint32_t queue)
{
	struct search search = { .queue = queue };

	queues_each(sim, look, &search);
	return search;
}

static void note_time(struct sim *sim, struct sim_run *run, uint32_t task,
		      struct sim_message *message, void *arg)
{
	(void)run;
	(void)task;
	(void)arg;
	if (message->state == MESSAGE_WAITING && !message->came &&
	    message->visible_us <= sim->now_us && is_first(sim, message)) {
		message->came = true;
	}
}

void queues_note_time(struct sim *sim)
{
	queues_each(sim, note_time, NULL);
}

/* ---- handing out ---- */

void queues_check_lease(struct sim *sim, const struct message_key *key)
{
	struct sim_run *run = sim_run(sim, &key->run);
	const struct sim_message *message =
	    queues_message(&run->messages, key->task);
	const struct sim_queue *queue = &sim->queues.list[message->queue];
	struct search search = search_queue(sim, message->queue);
	uint32_t number = run->number;

	sim_check(
	    sim, message->there && message->state == MESSAGE_WAITING,
	    "what is handed out was waiting", "r%u/%u is %s", number, key->task,
	    message->there ? message_state_name(message->state) : "nothing");
	sim_check(sim, message->came, "nothing is handed out before its time",
		  "r%u/%u: at %lld", number, key->task,
		  (long long)message->visible_us);
	sim_check(sim, !queue->paused,
		  "nothing is handed out of a paused queue", "r%u/%u of %s",
		  number, key->task, queues_name(message->queue));
	sim_check(sim,
		  !queue->policy.concurrency ||
		      search.leased < queue->policy.concurrency,
		  "no more are handed out at a time than the queue says",
		  "r%u/%u of %s: %u of %u are", number, key->task,
		  queues_name(message->queue), search.leased,
		  queue->policy.concurrency);
	sim_check(sim, sim->now_us >= queue->not_before_us,
		  "nothing is handed out faster than the rate",
		  "r%u/%u of %s: not before %lld", number, key->task,
		  queues_name(message->queue), (long long)queue->not_before_us);
	sim_check(sim, is_first(sim, message),
		  "a group is handed out in its order", "r%u/%u of '%s'",
		  number, key->task, message->group);
	sim_check(sim, search.found == message,
		  "what comes first is handed out first",
		  "r%u/%u (%d), not r%u/%u (%d)", number, key->task,
		  message->priority,
		  search.found ? search.found_run->number : 0,
		  search.found_task, search.found ? search.found->priority : 0);
}

bool queues_wait_for_idle(const struct sim *sim, const struct sim_run *of,
			  uint32_t task, uint32_t plugin)
{
	const struct run *run = engine_run(sim->engine, &of->id);

	if (!run->tasks[task]->record.deaths) {
		return false;
	}
	for (size_t i = 0; i < COPIES; i++) {
		const struct copy *copy = &sim->copies[i];

		if (copy->serial && copy->known && copy->plugin == plugin &&
		    !copy->draining && copy->held + copy->lost == 0) {
			return false;
		}
	}
	return true;
}

/* It has a message that can be had, and none of its limits is reached. */
static bool has_something(struct sim *sim, uint32_t index)
{
	const struct sim_queue *queue = &sim->queues.list[index];

	if (!queue->there || queue->paused || sim->now_us < queue->surely_us) {
		return false;
	}
	struct search search = search_queue(sim, index);

	return search.found &&
	       !queues_wait_for_idle(sim, search.found_run, search.found_task,
				     queue->plugin) &&
	       (!queue->policy.concurrency ||
		search.leased < queue->policy.concurrency);
}

void queues_check_fair(struct sim *sim, uint32_t leased)
{
	struct sim_queue *list = sim->queues.list;

	list[leased].passed_over = 0;
	for (uint32_t i = 0; i < QUEUES; i++) {
		if (i == leased || list[i].plugin != list[leased].plugin) {
			continue;
		}
		list[i].passed_over =
		    has_something(sim, i) ? list[i].passed_over + 1 : 0;
		sim_check(sim, list[i].passed_over < QUEUES,
			  "queues of a plugin have their turns",
			  "%s was passed over %u times", queues_name(i),
			  list[i].passed_over);
	}
}

/* ---- the end of a turn ---- */

static uint32_t free_slots(const struct sim *sim, uint32_t plugin)
{
	uint32_t count = 0;

	if (!sim->plugins[plugin].registered ||
	    sim->plugins[plugin].quarantined) {
		return 0;
	}
	for (size_t i = 0; i < COPIES; i++) {
		const struct copy *copy = &sim->copies[i];
		uint32_t used = copy->held + copy->lost;

		if (copy->serial && copy->known && copy->plugin == plugin &&
		    !copy->draining && used < copy->max_tasks &&
		    (!used || !copy->suspect)) {
			count += copy->max_tasks - used;
		}
	}
	return count;
}

static void check_due(struct sim *sim, uint32_t index, int64_t due_us)
{
	int64_t said_us = bridge_next_due(sim->queues.bridge);

	sim_check(sim, said_us && said_us <= due_us,
		  "the bridge says when it wants to be asked",
		  "%s has something at %lld, the bridge says %lld",
		  queues_name(index), (long long)due_us, (long long)said_us);
}

static void check_queue(struct sim *sim, uint32_t index)
{
	const struct sim_queue *queue = &sim->queues.list[index];

	if (!queue->there || queue->paused || !free_slots(sim, queue->plugin)) {
		return;
	}
	struct search search = search_queue(sim, index);

	if (queue->policy.concurrency &&
	    search.leased >= queue->policy.concurrency) {
		return;
	}
	if (search.found &&
	    queues_wait_for_idle(sim, search.found_run, search.found_task,
				 queue->plugin)) {
		return;
	}
	if (search.found && sim->now_us >= queue->surely_us) {
		sim_fail(sim, "no free slot and message stand side by side",
			 "r%u/%u of %s waits for p%u", search.found_run->number,
			 search.found_task, queues_name(index), queue->plugin);
	}
	if (search.found) {
		check_due(sim, index, queue->surely_us);
	} else if (search.due_us) {
		check_due(sim, index,
			  search.due_us > queue->surely_us ? search.due_us
							   : queue->surely_us);
	}
}

static void check_expiry(struct sim *sim, struct sim_run *run, uint32_t task,
			 struct sim_message *message, void *arg)
{
	(void)arg;
	if (message->state != MESSAGE_LEASED || !message->until_us ||
	    message->expired) {
		return;
	}
	sim_check(sim, message->until_us > sim->now_us,
		  "the end of a lease is said in time",
		  "r%u/%u: it was over at %lld", run->number, task,
		  (long long)message->until_us);
	check_due(sim, message->queue, message->until_us);
}

void queues_check_turn(struct sim *sim)
{
	int64_t due_us = bridge_next_due(sim->queues.bridge);

	if (!sim->temper.queues) {
		return;
	}

	sim_check(sim, !due_us || due_us > sim->now_us,
		  "a turn leaves nothing to do", "due at %lld",
		  (long long)due_us);
	for (uint32_t plugin = 0; plugin < PLUGINS; plugin++) {
		uint32_t said = engine_free_slots(
		    sim->engine, slice_of(plugin_names[plugin]));

		sim_check(sim, said == free_slots(sim, plugin),
			  "the engine knows what an instance has",
			  "p%u has %u free, the engine says %u", plugin,
			  free_slots(sim, plugin), said);
	}
	for (size_t i = 0; i < sim->run_count; i++) {
		queues_check_run(sim, sim->runs[i]);
	}
	for (uint32_t i = 0; i < QUEUES; i++) {
		check_queue(sim, i);
	}
	queues_each(sim, check_expiry, NULL);
	if (sim->step % 8 == 0) {
		queues_check_waiting(sim);
	}
}

/* ---- tasks and messages ---- */

static bool wants_message(const struct task_record *task)
{
	return task->queue.len > 0 && !task->superseded &&
	       !task_state_final(task->state);
}

/* A dead letter whose task is to be done again stays until that enters. */
static bool is_dead_letter(const struct task_record *task)
{
	return task->state == TASK_FAILED &&
	       task->reason == REASON_DEAD_LETTER && task->queue.len > 0;
}

void queues_check_pair(struct sim *sim, const struct sim_run *run,
		       const struct task_record *task,
		       const struct sim_message *message, const char *where)
{
	bool there = message && message->there;
	bool alive = there && message->state != MESSAGE_DEAD;
	bool leased = there && message->state == MESSAGE_LEASED;

	sim_check(sim, alive == wants_message(task),
		  alive ? "a message leaves with the end of its task"
			: "a task in a queue has its message",
		  "r%u/%u is %s, queue '%.*s'%s", run->number, task->number,
		  task_state_name(task->state), SLICE_ARG(task->queue), where);
	sim_check(sim, !there || alive || is_dead_letter(task),
		  "dead letters are those of failed tasks",
		  "r%u/%u is %s (%s)%s", run->number, task->number,
		  task_state_name(task->state), reason_name(task->reason),
		  where);
	sim_check(sim,
		  (there && !alive) || !is_dead_letter(task) ||
		      (message && message->dropped) || task->superseded,
		  "failed tasks have their dead letters", "r%u/%u%s",
		  run->number, task->number, where);
	sim_check(sim, task->state != TASK_QUEUED || wants_message(task),
		  "a task in a queue has its message", "r%u/%u%s", run->number,
		  task->number, where);
	if (!alive) {
		return;
	}
	sim_check(sim, leased == (task->state == TASK_RUNNING),
		  "leased messages are those of running tasks",
		  "r%u/%u is %s, its message %s%s", run->number, task->number,
		  task_state_name(task->state),
		  message_state_name(message->state), where);
	sim_check(sim,
		  !task->wake_us || leased ||
		      message->visible_us == task->wake_us ||
		      (message->came && !message->visible_us) ||
		      message->visible_us == QUEUE_ASIDE,
		  "a message comes back when its task wakes",
		  "r%u/%u wakes at %lld, its message at %lld%s", run->number,
		  task->number, (long long)task->wake_us,
		  (long long)message->visible_us, where);
	sim_check(sim,
		  slice_is(task->queue, queues_name(message->queue)) &&
		      slice_is(task->plugin, plugin_names[message->plugin]),
		  "a message is in its task's queue",
		  "r%u/%u: %.*s, the message in %s%s", run->number,
		  task->number, SLICE_ARG(task->queue),
		  queues_name(message->queue), where);
}

void queues_check_run(struct sim *sim, struct sim_run *run)
{
	const struct run *at = engine_run(sim->engine, &run->id);

	for (uint32_t t = 0; at && t < at->record.task_count; t++) {
		const struct task *task = at->tasks[t];

		queues_check_pair(sim, run, &task->record,
				  queues_look(&run->messages, t), "");
		sim_check(sim,
			  task->record.state != TASK_QUEUED || !task->instance,
			  "what is in a queue is in no hands", "r%u/%u",
			  run->number, t);
	}
}
