#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OUTPUT_LIMIT     65536
#define OUTPUT_LIMIT_MAX 4194304

struct reader {
	const struct tutti_task *task;
	struct command *command;
	char *complaint;
};

static int32_t complain(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int32_t complain(struct reader *reader, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(reader->complaint, COMPLAINT_SIZE, format, args);
	va_end(args);
	return TUTTI_EINVAL;
}

/* The shortest of the usual spellings that reads back the same. */
static void write_double(double number, char *text, size_t size)
{
	for (int precision = 15; precision <= 17; precision++) {
		(void)snprintf(text, size, "%.*g", precision, number);
		if (!(strtod(text, NULL) < number) &&
		    !(strtod(text, NULL) > number)) {
			return;
		}
	}
}

/* A text, number or boolean as text; `scratch` may hold it. */
static bool as_text(const struct tutti_value *value, char scratch[64],
		    struct tutti_slice *ret_text)
{
	switch (value->type) {
	case TUTTI_STRING:
		*ret_text = value->as.text;
		return !memchr(value->as.text.ptr, 0, value->as.text.len);
	case TUTTI_BOOL:
		*ret_text = tutti_text(value->as.boolean ? "true" : "false");
		return true;
	case TUTTI_INT:
		(void)snprintf(scratch, 64, "%lld", (long long)value->as.i);
		break;
	case TUTTI_UINT:
		(void)snprintf(scratch, 64, "%llu",
			       (unsigned long long)value->as.u);
		break;
	case TUTTI_DOUBLE:
		write_double(value->as.d, scratch, 64);
		break;
	default:
		return false;
	}
	*ret_text = tutti_text(scratch);
	return true;
}

static int32_t check_keys(struct reader *reader)
{
	static const char *const known[] = {
		"argv",        "env",          "cwd",           "stdin",
		"inherit_env", "output_limit", "success_codes", "json",
	};
	struct tutti_slice key;
	struct tutti_value value;

	for (uint64_t i = 0;
	     tutti_entry(reader->task, "with", i, &key, &value) == TUTTI_OK;
	     i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
			found = found || strcmp(key.ptr, known[k]) == 0;
		}
		if (!found) {
			return complain(
			    reader,
			    "there is no `%.64s` in `with`: argv, env, cwd, "
			    "stdin, inherit_env, output_limit, success_codes "
			    "and json are there",
			    key.ptr);
		}
	}
	return TUTTI_OK;
}

static int32_t read_argv(struct reader *reader)
{
	struct command *command = reader->command;
	struct tutti_value value;
	struct tutti_slice key;
	struct tutti_slice text;
	char scratch[64];

	if (tutti_get(reader->task, "with.argv", &value) != TUTTI_OK ||
	    value.type != TUTTI_ARRAY || value.as.length == 0) {
		return complain(reader,
				"`argv` must be a list: the program and its "
				"arguments, as in [ls, -l]");
	}
	for (uint64_t i = 0; tutti_entry(reader->task, "with.argv", i, &key,
					 &value) == TUTTI_OK;
	     i++) {
		if (!as_text(&value, scratch, &text)) {
			return complain(reader,
					"`argv[%llu]` must be a text or a "
					"number, without NUL characters",
					(unsigned long long)i);
		}
		list_add(&command->argv, text, tutti_text(NULL));
	}
	if (command->argv.len && !command->argv.items[0][0]) {
		return complain(reader, "`argv[0]`, the program, is empty");
	}
	return TUTTI_OK;
}

/* Does `item` ("KEY=value") set `key`? */
static bool sets(const char *item, struct tutti_slice key)
{
	return strncmp(item, key.ptr, key.len) == 0 && item[key.len] == '=';
}

static void env_remove(struct list *env, struct tutti_slice key)
{
	for (size_t i = 0; i < env->len; i++) {
		if (sets(env->items[i], key)) {
			free(env->items[i]);
			env->items[i] = env->items[--env->len];
			env->items[env->len] = NULL;
			return;
		}
	}
}

static void env_set(struct list *env, struct tutti_slice key,
		    struct tutti_slice value)
{
	struct text item = { 0 };
	struct tutti_slice whole;

	env_remove(env, key);
	text_put(&item, key.ptr, key.len);
	text_put_string(&item, "=");
	whole.ptr = item.ptr;
	whole.len = item.failed ? 0 : item.len;
	list_add(env, whole, value);
	env->failed = env->failed || item.failed;
	text_fini(&item);
}

static void add_inherited(struct list *env)
{
	for (char **item = environ; item && *item; item++) {
		list_add(env, tutti_text(*item), tutti_text(NULL));
	}
}

static void add_task(struct list *env, const struct tutti_task *task)
{
	char attempt[16];

	(void)snprintf(attempt, sizeof(attempt), "%u", task->attempt);
	env_set(env, tutti_text("TUTTI_RUN"), task->run);
	env_set(env, tutti_text("TUTTI_UID"), task->uid);
	env_set(env, tutti_text("TUTTI_WORKFLOW"), task->workflow);
	env_set(env, tutti_text("TUTTI_ACTIVITY"), task->activity);
	env_set(env, tutti_text("TUTTI_TASK"), task->name);
	env_set(env, tutti_text("TUTTI_ATTEMPT"), tutti_text(attempt));
}

static int32_t add_given(struct reader *reader)
{
	struct tutti_slice key;
	struct tutti_slice text;
	struct tutti_value value;
	char scratch[64];
	int32_t rc;

	for (uint64_t i = 0; (rc = tutti_entry(reader->task, "with.env", i,
					       &key, &value)) == TUTTI_OK;
	     i++) {
		if (!key.len || memchr(key.ptr, '=', key.len) ||
		    memchr(key.ptr, 0, key.len)) {
			return complain(reader,
					"`env`: '%.64s' cannot be the name of "
					"a variable",
					key.ptr);
		}
		if (value.type == TUTTI_NULL) {
			env_remove(&reader->command->env, key);
		} else if (as_text(&value, scratch, &text)) {
			env_set(&reader->command->env, key, text);
		} else {
			return complain(reader,
					"`env.%.64s` must be a text or a "
					"number, without NUL characters",
					key.ptr);
		}
	}
	return rc == TUTTI_EINVAL
		   ? complain(reader, "`env` must be a map of variables")
		   : TUTTI_OK;
}

/* true or false; `other` when it is not given. */
static int32_t read_bool(struct reader *reader, const char *path, bool other,
			 bool *ret_bool)
{
	struct tutti_value value;

	*ret_bool = other;
	if (tutti_get(reader->task, path, &value) != TUTTI_OK) {
		return TUTTI_OK;
	}
	if (value.type != TUTTI_BOOL) {
		return complain(reader, "`%s` must be true or false",
				path + strlen("with."));
	}
	*ret_bool = value.as.boolean;
	return TUTTI_OK;
}

static int32_t read_env(struct reader *reader)
{
	struct list *env = &reader->command->env;
	struct tutti_value value;
	bool inherit;
	int32_t rc = read_bool(reader, "with.inherit_env", true, &inherit);

	if (rc < 0) {
		return rc;
	}
	if (inherit) {
		add_inherited(env);
	}
	add_task(env, reader->task);
	if (tutti_get(reader->task, "with.env", &value) == TUTTI_OK &&
	    value.type != TUTTI_MAP) {
		return complain(reader, "`env` must be a map of variables");
	}
	return add_given(reader);
}

static int32_t read_texts(struct reader *reader)
{
	struct command *command = reader->command;
	struct tutti_value value;
	struct tutti_slice cwd;
	char scratch[64];

	if (tutti_get(reader->task, "with.cwd", &value) == TUTTI_OK) {
		if (value.type != TUTTI_STRING || !value.as.text.len ||
		    !as_text(&value, scratch, &cwd)) {
			return complain(reader,
					"`cwd` must be the path of a folder");
		}
		list_add(&command->cwd, cwd, tutti_text(NULL));
	}
	if (tutti_get(reader->task, "with.stdin", &value) == TUTTI_OK) {
		if (value.type != TUTTI_STRING && value.type != TUTTI_BYTES) {
			return complain(reader, "`stdin` must be a text");
		}
		command->input = value.as.text;
	}
	return TUTTI_OK;
}

static int32_t read_codes(struct reader *reader)
{
	struct command *command = reader->command;
	struct tutti_value value;
	struct tutti_slice key;
	uint64_t i = 0;

	if (tutti_get(reader->task, "with.success_codes", &value) != TUTTI_OK) {
		command->success_codes[command->success_count++] = 0;
		return TUTTI_OK;
	}
	if (value.type != TUTTI_ARRAY || value.as.length < 1 ||
	    value.as.length > CODES_MAX) {
		return complain(reader,
				"`success_codes` must be a list of 1 to %d "
				"exit codes, as in [0, 1]",
				CODES_MAX);
	}
	for (; tutti_entry(reader->task, "with.success_codes", i, &key,
			   &value) == TUTTI_OK;
	     i++) {
		if (value.type != TUTTI_INT || value.as.i < 0 ||
		    value.as.i > 255) {
			return complain(reader,
					"`success_codes[%llu]` must be a "
					"number from 0 to 255",
					(unsigned long long)i);
		}
		command->success_codes[command->success_count++] = value.as.i;
	}
	return TUTTI_OK;
}

static int32_t read_limit(struct reader *reader)
{
	struct tutti_value value;

	reader->command->output_limit = OUTPUT_LIMIT;
	if (tutti_get(reader->task, "with.output_limit", &value) != TUTTI_OK) {
		return TUTTI_OK;
	}
	if (value.type != TUTTI_INT || value.as.i < 0 ||
	    value.as.i > OUTPUT_LIMIT_MAX) {
		return complain(reader,
				"`output_limit` must be a number of bytes "
				"from 0 to %d",
				OUTPUT_LIMIT_MAX);
	}
	reader->command->output_limit = (size_t)value.as.i;
	return TUTTI_OK;
}

static int32_t read_json(struct reader *reader)
{
	return read_bool(reader, "with.json", false, &reader->command->json);
}

int32_t command_read(const struct tutti_task *task, struct command *command,
		     char complaint[COMPLAINT_SIZE])
{
	static int32_t (*const parts[])(struct reader *) = {
		check_keys, read_argv,  read_env,  read_texts,
		read_codes, read_limit, read_json,
	};
	struct reader reader = { task, command, complaint };
	int32_t rc = TUTTI_OK;

	memset(command, 0, sizeof(*command));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		rc = parts[i](&reader);
		if (rc < 0) {
			return rc;
		}
	}
	if (command->argv.failed || command->env.failed ||
	    command->cwd.failed) {
		return TUTTI_ENOMEM;
	}
	return TUTTI_OK;
}

void command_fini(struct command *command)
{
	list_fini(&command->argv);
	list_fini(&command->env);
	list_fini(&command->cwd);
}
