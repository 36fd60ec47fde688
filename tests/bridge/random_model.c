#include "random_model.h"

#include "base/clock.h"

const struct model_queue model_queues[MODEL_QUEUES] = {
	{ .name = "plain" },
	{ .name = "groups", .concurrency = 5, .groups = true },
	{ .name = "timed",
	  .delay_ms = 300,
	  .visibility_ms = 2000,
	  .groups = true },
	{ .name = "rated", .rate = 20 },
};

struct queue_policy model_policy(const struct model_queue *queue)
{
	struct queue_policy policy = queue_policy_default();

	policy.concurrency = queue->concurrency;
	policy.delay_ms = queue->delay_ms;
	policy.visibility_ms = queue->visibility_ms;
	policy.rate = queue->rate;
	policy.rate_per_ms = queue->rate ? 1000 : 0;
	return policy;
}

bool model_put(struct model *model, int number, struct model_message message,
	       int64_t now_us)
{
	struct model_message *at = &model->messages[number];
	int64_t delay_us = model_queues[message.queue].delay_ms * MS;

	if (at->state == MODEL_WAITING || at->state == MODEL_LEASED) {
		return false;
	}
	*at = message;
	at->state = MODEL_WAITING;
	at->place = ++model->place;
	if (delay_us && at->due_us != QUEUE_ASIDE) {
		at->due_us = (at->due_us ? at->due_us : now_us) + delay_us;
	}
	at->kept_us = at->due_us;
	return true;
}

static bool is_alive(const struct model_message *message)
{
	return message->state == MODEL_WAITING ||
	       message->state == MODEL_LEASED;
}

/* Nobody of its group is before it. */
static bool is_first(const struct model *model,
		     const struct model_message *message)
{
	for (int i = 0; i < MODEL_MESSAGES && message->group; i++) {
		const struct model_message *other = &model->messages[i];

		if (is_alive(other) && other->queue == message->queue &&
		    other->group == message->group &&
		    other->place < message->place) {
			return false;
		}
	}
	return true;
}

static bool is_better(const struct model_message *a,
		      const struct model_message *b)
{
	return a->priority != b->priority ? a->priority > b->priority
					  : a->place < b->place;
}

static int best(const struct model *model, int queue, int64_t now_us)
{
	int found = NONE;

	for (int i = 0; i < MODEL_MESSAGES; i++) {
		const struct model_message *message = &model->messages[i];

		if (message->state == MODEL_WAITING &&
		    message->queue == queue && message->due_us <= now_us &&
		    (found == NONE ||
		     is_better(message, &model->messages[found])) &&
		    is_first(model, message)) {
			found = i;
		}
	}
	return found;
}

int model_next(const struct model *model, int queue, int64_t now_us)
{
	uint32_t limit = model_queues[queue].concurrency;

	if (model->paused[queue] ||
	    (limit && model_count(model, queue, MODEL_LEASED) >= limit)) {
		return NONE;
	}
	return best(model, queue, now_us);
}

void model_lease(struct model *model, int number, int64_t now_us)
{
	struct model_message *message = &model->messages[number];
	int64_t visible_us = model_queues[message->queue].visibility_ms * MS;

	message->state = MODEL_LEASED;
	message->had = true;
	message->had_us = now_us;
	message->due_us = 0;
	message->until_us = visible_us ? now_us + visible_us : 0;
	model->leased_us[message->queue] = now_us;
}

void model_extend(struct model *model, int number, int64_t now_us)
{
	struct model_message *message = &model->messages[number];

	if (message->until_us) {
		message->until_us =
		    now_us + model_queues[message->queue].visibility_ms * MS;
	}
}

void model_nack(struct model *model, int number, int64_t due_us)
{
	struct model_message *message = &model->messages[number];

	if (is_alive(message)) {
		message->state = MODEL_WAITING;
		message->due_us = message->kept_us = due_us;
		message->until_us = 0;
	}
}

void model_refuse(struct model *model, int number, int64_t due_us,
		  const struct model *before)
{
	int queue = model->messages[number].queue;

	model->messages[number] = before->messages[number];
	model->leased_us[queue] = before->leased_us[queue];
	model_nack(model, number, due_us);
}

void model_expose(struct model *model, int number)
{
	struct model_message *message = &model->messages[number];

	if (message->state == MODEL_WAITING && message->due_us == QUEUE_ASIDE) {
		message->due_us = message->kept_us = 0;
	}
}

void model_bury(struct model *model, int number)
{
	struct model_message *message = &model->messages[number];

	if (is_alive(message)) {
		message->state = MODEL_DEAD;
		message->until_us = 0;
	}
}

int model_expired(const struct model *model, int64_t now_us)
{
	int found = NONE;

	for (int i = 0; i < MODEL_MESSAGES; i++) {
		int64_t until_us = model->messages[i].until_us;

		if (until_us && until_us <= now_us &&
		    (found == NONE ||
		     until_us < model->messages[found].until_us)) {
			found = i;
		}
	}
	return found;
}

static bool is_delayed(const struct model_message *message, int64_t due_us)
{
	return message->state == MODEL_WAITING && !message->had && due_us &&
	       due_us != QUEUE_ASIDE;
}

static void step_message(struct model *model, struct model_message *message,
			 int64_t now_us, int64_t step_us)
{
	if (message->until_us) {
		message->until_us += step_us;
	}
	if (is_delayed(message, message->kept_us)) {
		message->kept_us += step_us;
	}
	if (message->state == MODEL_WAITING && message->due_us <= now_us &&
	    is_first(model, message)) {
		/* What could be had once can be had. */
		message->due_us = 0;
	} else if (is_delayed(message, message->due_us)) {
		message->due_us += step_us;
	}
}

void model_clock_step(struct model *model, int64_t now_us, int64_t step_us)
{
	for (int i = 0; i < MODEL_MESSAGES; i++) {
		step_message(model, &model->messages[i], now_us, step_us);
	}
	for (int i = 0; i < MODEL_QUEUES; i++) {
		if (model->leased_us[i]) {
			model->leased_us[i] += step_us;
		}
	}
}

/* As far as what is still there tells. */
static int64_t last_had(const struct model *model, int queue, int64_t now_us)
{
	int64_t last_us = 0;

	for (int i = 0; i < MODEL_MESSAGES; i++) {
		const struct model_message *message = &model->messages[i];

		if (message->state != MODEL_NONE && message->queue == queue &&
		    message->had_us > last_us) {
			last_us = message->had_us;
		}
	}
	return last_us < now_us ? last_us : now_us;
}

void model_restart(struct model *model, int64_t now_us)
{
	for (int i = 0; i < MODEL_MESSAGES; i++) {
		if (model->messages[i].state == MODEL_LEASED) {
			model_nack(model, i, 0);
		}
		model->messages[i].due_us = model->messages[i].kept_us;
	}
	for (int i = 0; i < MODEL_QUEUES; i++) {
		model->leased_us[i] = last_had(model, i, now_us);
	}
	memset(model->retired, 0, sizeof(model->retired));
}

size_t model_count(const struct model *model, int queue, enum model_state state)
{
	size_t count = 0;

	for (int i = 0; i < MODEL_MESSAGES; i++) {
		count += model->messages[i].queue == queue &&
			 model->messages[i].state == state;
	}
	return count;
}

bool model_empty(const struct model *model, int queue)
{
	return !model_count(model, queue, MODEL_WAITING) &&
	       !model_count(model, queue, MODEL_LEASED) &&
	       !model_count(model, queue, MODEL_DEAD);
}

int64_t model_due(const struct model *model, int64_t now_us)
{
	int64_t due_us = 0;

	for (int i = 0; i < MODEL_MESSAGES; i++) {
		const struct model_message *message = &model->messages[i];

		due_us = clock_earlier(due_us, message->until_us);
		if (message->state == MODEL_WAITING &&
		    message->due_us > now_us &&
		    message->due_us != QUEUE_ASIDE &&
		    is_first(model, message)) {
			due_us = clock_earlier(due_us, message->due_us);
		}
	}
	return due_us;
}
