/*
 * Do both forms of a plugin make the same of the same tasks?
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "check/inside.h"
#include "check/server.h"
#include "check/stage.h"

#define QUOTE_MAX 160

/* Each form twice: in what two runs of one form differ (times, process ids),
 * the forms may differ too. */
#define TIMES 2

struct both {
	struct trial *trial;
	struct script script;
	struct value params;
	struct transcript *inside[TIMES];
	struct transcript *program[TIMES];
};

static bool run_inside(struct both *both, struct transcript *transcripts)
{
	struct inside inside;

	if (!inside_open(both->trial, &both->params, &inside)) {
		return false;
	}
	struct form form = inside_form(&inside);

	for (size_t i = 0; i < both->script.len; i++) {
		form_run(&form, &both->script.tasks[i], STAGE_PATIENCE_MS,
			 &transcripts[i]);
	}
	inside_close(&inside);
	return true;
}

/* What ends by itself in the module is waited for here. */
static bool run_program(struct both *both, struct server *server,
			struct transcript *transcripts)
{
	struct form form = server_form(server);

	for (size_t i = 0; i < both->script.len; i++) {
		const struct script_task *task = &both->script.tasks[i];
		bool tired = both->inside[0][i].end == TRANSCRIPT_TIRED;

		form_run(&form, task,
			 tired ? STAGE_PATIENCE_MS : STAGE_GRACE_MS,
			 &transcripts[i]);
		if (transcripts[i].end == TRANSCRIPT_STUCK) {
			server_fail(server,
				    "%s: the module ends it, the program does "
				    "not",
				    task->label);
			return false;
		}
	}
	return true;
}

static bool is_steady(const struct both *both, size_t i,
		      enum transcript_field field)
{
	return !transcript_differs(&both->inside[0][i], &both->inside[1][i],
				   field) &&
	       !transcript_differs(&both->program[0][i], &both->program[1][i],
				   field);
}

/* Of a task that was stopped, how far it came is a matter of luck. */
static bool is_compared(const struct both *both, size_t i,
			enum transcript_field field)
{
	bool by_itself = both->script.tasks[i].kind == SCRIPT_PLAIN;

	for (int k = 0; k < TIMES; k++) {
		by_itself = by_itself &&
			    both->inside[k][i].end == TRANSCRIPT_BY_ITSELF &&
			    both->program[k][i].end == TRANSCRIPT_BY_ITSELF;
	}
	return by_itself || field == TRANSCRIPT_OUTCOME;
}

static void put_quoted(struct buf *out, struct slice text)
{
	size_t len = utf8_floor(text, QUOTE_MAX);

	if (!text.len) {
		buf_put_text(out, "nothing");
		return;
	}
	buf_printf(out, "'%.*s%s'", (int)len, text.ptr,
		   len < text.len ? "..." : "");
}

static void tell(const struct both *both, size_t i, enum transcript_field field)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s: another %s, module ",
		   both->script.tasks[i].label, transcript_field_name(field));
	put_quoted(&text, transcript_field_text(&both->inside[0][i], field));
	buf_put_text(&text, ", program ");
	put_quoted(&text, transcript_field_text(&both->program[0][i], field));
	buf_put_text(&text, ": build both from the same objects, and keep to "
			    "what the task and the host give");
	trial_fail(both->trial, "%.*s", SLICE_ARG(buf_slice(&text)));
	buf_fini(&text);
}

static void compare(const struct both *both)
{
	for (size_t i = 0; i < both->script.len; i++) {
		for (int field = 0; field < TRANSCRIPT_FIELDS; field++) {
			enum transcript_field which =
			    (enum transcript_field)field;

			if (is_compared(both, i, which) &&
			    is_steady(both, i, which) &&
			    transcript_differs(&both->inside[0][i],
					       &both->program[0][i], which)) {
				tell(both, i, which);
				return;
			}
		}
	}
}

static void run_both(struct both *both, struct server *server)
{
	struct server again;

	for (int k = 0; k < TIMES; k++) {
		if (!run_inside(both, both->inside[k])) {
			return;
		}
	}
	if (!run_program(both, server, both->program[0]) ||
	    !server_begin(both->trial, both->trial->subject->program, &again)) {
		return;
	}
	if (run_program(both, &again, both->program[1])) {
		compare(both);
	}
	server_close(&again);
}

static void both_init(struct both *both)
{
	for (int k = 0; k < TIMES; k++) {
		both->inside[k] = alloc_zeroed(both->script.len + 1,
					       sizeof(struct transcript));
		both->program[k] = alloc_zeroed(both->script.len + 1,
						sizeof(struct transcript));
	}
}

static void both_fini(struct both *both)
{
	for (int k = 0; k < TIMES; k++) {
		for (size_t i = 0; i < both->script.len; i++) {
			transcript_fini(&both->inside[k][i]);
			transcript_fini(&both->program[k][i]);
		}
		free(both->inside[k]);
		free(both->program[k]);
	}
	value_clear(&both->params);
	script_fini(&both->script);
}

static void run_results(struct trial *trial)
{
	struct both both = { .trial = trial };
	struct server server;

	if (!trial->subject->program) {
		trial_skip(trial, "there is no program NAME_plugin beside it");
		return;
	}
	if (!server_begin(trial, trial->subject->program, &server)) {
		return;
	}
	if (script_make(trial, &server.plugins,
			SCRIPT_OF_PLAIN | SCRIPT_OF_ODD | SCRIPT_OF_ENDS,
			&both.script)) {
		both.params = script_params(trial, &server.plugins);
		both_init(&both);
		run_both(&both, &server);
		both_fini(&both);
	}
	server_close(&server);
}

static const struct rule results_rules[] = {
	{
	    .name = "forms.results",
	    .says = "module and program make the same of tasks",
	    .needs = "forms.same tasks.plain tasks.odd cancel.during "
		     "time.deadline_during completion.ends",
	    .kinds = CHECK_MODULE,
	    .fresh = true,
	    .run = run_results,
	},
};

const struct rule_group rules_results = RULE_GROUP(results_rules);
