#include "report.h"

#include <signal.h>
#include <stdio.h>

#define MESSAGE_SIZE 1024

static void put_capture(struct text *text, const char *name,
			const struct capture *capture)
{
	size_t len = capture->head.len;

	if (capture->truncated) {
		len = text_whole(capture->head.ptr, len);
	}
	text_put_string(text, ", \"");
	text_put_string(text, name);
	text_put_string(text, "\": ");
	text_put_json(text, capture->head.ptr, len);
	text_put_string(text, ", \"");
	text_put_string(text, name);
	text_put_string(text, capture->truncated ? "_truncated\": true"
						 : "_truncated\": false");
}

static void put_status(struct text *text, const struct process *process)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", process->exit_code);
	text_put_string(text, "{\"exit_code\": ");
	text_put_string(text, process->exit_code >= 0 ? number : "null");
	text_put_string(text, ", \"signal\": ");
	if (process->signal) {
		const char *name = sigabbrev_np(process->signal);

		text_put_string(text, "\"SIG");
		text_put_string(text, name ? name : "UNKNOWN");
		text_put_string(text, "\"");
	} else {
		text_put_string(text, "null");
	}
}

enum with_json { WITHOUT_JSON, WITH_JSON };

static void put_output(struct text *text, const struct process *process,
		       enum with_json with_json)
{
	const struct text *out = &process->out.head;

	put_status(text, process);
	put_capture(text, "stdout", &process->out);
	put_capture(text, "stderr", &process->err);
	if (with_json == WITH_JSON) {
		text_put_string(text, ", \"json\": ");
		text_put(text, out->ptr, out->len);
	}
	text_put_string(text, "}");
	text->failed = text->failed || out->failed || process->err.head.failed;
}

static void put_end(struct text *message, const struct process *process)
{
	char text[64];

	if (process->signal) {
		const char *name = sigabbrev_np(process->signal);

		(void)snprintf(text, sizeof(text), "ended by signal SIG%s",
			       name ? name : "UNKNOWN");
	} else if (process->exit_code >= 0) {
		(void)snprintf(text, sizeof(text), "exit code %d",
			       process->exit_code);
	} else {
		(void)snprintf(text, sizeof(text), "ended, exit code unknown");
	}
	text_put_string(message, text);
}

/* "timed out: ended by signal SIGTERM: last line" */
static void put_message(struct text *message, const struct process *process,
			bool succeeded)
{
	struct tutti_slice line = capture_last_line(&process->err);

	if (process->cause == TUTTI_TIMED_OUT) {
		text_put_string(message, "timed out: ");
	} else if (process->cause == TUTTI_CANCELLED) {
		text_put_string(message, "cancelled: ");
	}
	put_end(message, process);
	if (!succeeded && line.len) {
		text_put_string(message, ": ");
		text_put(message, line.ptr, line.len);
	}
}

static bool is_success(const struct command *command,
		       const struct process *process)
{
	bool found = false;

	for (size_t i = 0; i < command->success_count; i++) {
		found =
		    found || command->success_codes[i] == process->exit_code;
	}
	return found && process->cause == TUTTI_NOT_CANCELLED;
}

static int32_t finish(const struct tutti_task *task, int32_t outcome,
		      const struct text *message, const struct text *output)
{
	struct tutti_result result;

	if (message->failed || output->failed) {
		return TUTTI_ENOMEM;
	}
	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	result.outcome = outcome;
	result.message.ptr = message->ptr;
	result.message.len = message->len;
	result.output.ptr = output->ptr;
	result.output.len = output->len;
	return tutti_finish(task, &result);
}

/* The output without what could not be taken, and a failure that says so. */
static int32_t finish_without_json(const struct tutti_task *task,
				   const struct process *process,
				   const char *why)
{
	struct text message = { 0 };
	struct text output = { 0 };

	put_end(&message, process);
	text_put_string(&message, ", but ");
	text_put_string(&message, why);
	put_output(&output, process, WITHOUT_JSON);
	int32_t rc = finish(task, TUTTI_FAILED, &message, &output);

	text_fini(&output);
	text_fini(&message);
	return rc;
}

static int32_t finish_json(const struct tutti_task *task,
			   const struct process *process,
			   const struct text *message)
{
	const struct capture *out = &process->out;
	struct text output = { 0 };
	int32_t rc = TUTTI_EINVAL;

	if (out->truncated) {
		return finish_without_json(
		    task, process,
		    "standard output is longer than `output_limit` and cannot "
		    "be read as JSON");
	}
	if (text_is_one_json(out->head.ptr, out->head.len)) {
		put_output(&output, process, WITH_JSON);
		rc = finish(task, TUTTI_SUCCEEDED, message, &output);
		text_fini(&output);
	}
	if (rc == TUTTI_EINVAL) {
		rc = finish_without_json(task, process,
					 "standard output is not JSON");
	}
	return rc;
}

int32_t report_finish(const struct tutti_task *task,
		      const struct command *command,
		      const struct process *process)
{
	bool succeeded = is_success(command, process);
	struct text message = { 0 };
	struct text output = { 0 };
	int32_t rc;

	put_message(&message, process, succeeded);
	if (succeeded && command->json) {
		rc = finish_json(task, process, &message);
	} else {
		put_output(&output, process, WITHOUT_JSON);
		rc = finish(task,
			    succeeded ? TUTTI_SUCCEEDED
			    : process->cause == TUTTI_CANCELLED
				? TUTTI_FAILED
				: TUTTI_RETRYABLE,
			    &message, &output);
	}
	if (rc == TUTTI_ETOOBIG) {
		rc = tutti_fail(task, TUTTI_FAILED,
				"the captured output is too big: lower "
				"`output_limit`");
	}
	text_fini(&output);
	text_fini(&message);
	return rc;
}
