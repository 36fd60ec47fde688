/*
 * Random tasks: documents made of a seed, random cancels and deadlines. The
 * same seed makes the same tasks; what threads make of them may differ.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "check/stage.h"
#include "document/json.h"

#define CHUNK      40
#define MOMENT_MS  300
#define DEPTH      4
#define TEXT_MAX   24
#define MEMBER_MAX 5

/* SplitMix64: https://prng.di.unimi.it/splitmix64.c describes it. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
	return (size_t)(next(state) % limit);
}

static struct value random_text(uint64_t *state)
{
	static const char *const pieces[] = {
		"a",        "Z",  " ",
		"0",        "/",  "\"",
		"\\",       "\n", "%s",
		"\xc3\xa4", "..", "\xe4\xb8\x96",
		"$",        "{",  "\xf0\x9f\x98\x80",
	};
	struct buf text = { 0 };
	size_t count = below(state, TEXT_MAX);

	for (size_t i = 0; i < count; i++) {
		buf_put_text(
		    &text,
		    pieces[below(state, sizeof(pieces) / sizeof(*pieces))]);
	}
	struct value value = value_string(buf_slice(&text));

	buf_fini(&text);
	return value;
}

static struct value random_number(uint64_t *state)
{
	static const int64_t numbers[] = {
		0, 1, -1, 255, 256, INT32_MAX, INT64_MIN, INT64_MAX
	};

	switch (below(state, 3)) {
	case 0:
		return value_int(numbers[below(state, 8)]);
	case 1:
		return value_uint(next(state));
	default:
		return value_double((double)(int64_t)next(state) / 3);
	}
}

static struct value random_value(uint64_t *state, int depth);

static struct value random_map(uint64_t *state, int depth)
{
	static const char *const keys[] = { "a",    "name",  "value", "path",
					    "text", "count", "",      "items" };
	struct value map = value_map();
	size_t count = below(state, MEMBER_MAX);

	for (size_t i = 0; i < count; i++) {
		value_set(&map, keys[below(state, 8)],
			  random_value(state, depth - 1));
	}
	return map;
}

static struct value random_array(uint64_t *state, int depth)
{
	struct value array = value_array();
	size_t count = below(state, MEMBER_MAX);

	for (size_t i = 0; i < count; i++) {
		value_push(&array, random_value(state, depth - 1));
	}
	return array;
}

static struct value random_value(uint64_t *state, int depth)
{
	switch (below(state, depth > 0 ? 7 : 4)) {
	case 0:
		return value_null();
	case 1:
		return value_bool(below(state, 2));
	case 2:
		return random_number(state);
	case 3:
		return random_text(state);
	case 4:
		return random_array(state, depth);
	default:
		return random_map(state, depth);
	}
}

/* `base` (a map as JSON, or NULL) with some members changed. */
static char *mutated(uint64_t *state, const char *base)
{
	struct value map = value_null();
	struct buf text = { 0 };

	if (!base || json_read(slice_of(base), NULL, &map, NULL) < 0) {
		map = random_map(state, DEPTH);
	}
	for (size_t i = 0; i < value_len(&map); i++) {
		if (below(state, 3) == 0) {
			value_set_slice(&map, value_entry_at(&map, i)->key,
					random_value(state, DEPTH));
		}
	}
	json_write(&text, &map, JSON_COMPACT);
	value_clear(&map);
	return buf_take(&text);
}

static char *random_document(uint64_t *state)
{
	struct value value = random_value(state, DEPTH);
	struct buf text = { 0 };

	json_write(&text, &value, JSON_COMPACT);
	value_clear(&value);
	return buf_take(&text);
}

/* The end of it: by itself, cancelled once or twice, or late. */
static void go_on(struct stage *stage, struct tutti_fake_task *task,
		  uint64_t *state)
{
	switch (below(state, 4)) {
	case 0:
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		break;
	case 1:
		tutti_fake_host_advance(stage->host,
					(int64_t)below(state, 2000));
		break;
	case 2:
		(void)tutti_fake_task_wait(task, (int64_t)below(state, 3));
		tutti_fake_task_cancel(task, TUTTI_CANCELLED);
		tutti_fake_task_cancel(task, TUTTI_TIMED_OUT);
		break;
	default:
		break;
	}
	(void)stage_wait(stage, task, 20);
}

static void random_task(struct stage *stage, const struct tutti_fake_work *work,
			void *arg)
{
	uint64_t *state = arg;
	char *attributes = mutated(state, work->attributes);
	char *with = mutated(state, work->with);
	char *stash = mutated(state, work->stash);
	char *input = random_document(state);
	struct tutti_fake_work random = *work;

	random.attributes = attributes;
	random.with = with;
	random.stash = stash;
	random.input = input;
	random.phase = (int32_t)below(state, 3);
	random.attempt = (uint32_t)below(state, 4);
	random.deadline_ms = below(state, 2) ? (int64_t)below(state, 1500) : 0;
	struct tutti_fake_task *task = stage_task(stage, &random);

	if (task) {
		go_on(stage, task, state);
	}
	free(attributes);
	free(with);
	free(stash);
	free(input);
}

/* False: a rule was broken. */
static bool run_chunk(struct trial *trial, struct stage *stage, uint64_t seed)
{
	uint64_t state = seed;

	for (int i = 0; i < CHUNK; i++) {
		stage_plain(stage, random_task, &state);
	}
	for (size_t i = 0; i < stage->host->mistake_len; i++) {
		if (strcmp(stage->host->mistakes[i].rule, "tasks.text") != 0) {
			trial_report(trial, CHECK_FAIL,
				     stage->host->mistakes[i].rule,
				     "%s (--reproduce %llu)",
				     stage->host->mistakes[i].text,
				     (unsigned long long)seed);
			return false;
		}
	}
	return true;
}

static void forget_tasks(struct tutti_fake_host *host)
{
	while (host->tasks && fake_task_done(host->tasks)) {
		struct tutti_fake_task *next = host->tasks->next;

		fake_task_destroy(host->tasks);
		host->tasks = next;
	}
}

static void run_fuzz(struct trial *trial)
{
	const struct check_options *options = trial->options;
	int64_t ms = options->fuzz_ms ? options->fuzz_ms : MOMENT_MS;
	int64_t until = clock_mono_ns() + ms * 1000000;
	uint64_t seed = options->reproduce ? options->reproduce : trial->seed;
	struct stage stage;

	if (!stage_begin(trial, &stage)) {
		return;
	}
	do {
		/* Said before, because afterwards may be too late. */
		trial_report(trial, CHECK_NOT_RUN, NULL, "%llu",
			     (unsigned long long)seed);
		if (!run_chunk(trial, &stage, seed)) {
			break;
		}
		forget_tasks(stage.host);
		seed = next(&seed);
	} while (!options->reproduce && clock_mono_ns() < until);
	(void)stage_end(&stage);
}

static const struct rule fuzz_rules[] = {
	{
	    .name = "fuzz.tasks",
	    .says = "random tasks do no harm",
	    .needs = EVERYTHING,
	    .kinds = CHECK_MODULE,
	    .run = run_fuzz,
	},
};

const struct rule_group rules_fuzz = RULE_GROUP(fuzz_rules);
