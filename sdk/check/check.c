#include "check/check.h"

#include <assert.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "check/child.h"
#include "check/elf_file.h"
#include "check/records.h"
#include "check/report.h"
#include "document/json.h"
#include "host/text.h"

#define TIMEOUT_MS   90000
#define SAID_MAX     300
#define RULE_OF_EXIT "manners.exit"

/* One file and what has been found out about it. */
struct session {
	const struct check_options *options;
	struct subject subject;
	struct finding *findings;
	regex_t only;
	uint64_t seed;
	struct err *reterr;
};

static bool is_chosen(const struct session *session, const struct rule *rule)
{
	if (session->options->reproduce) {
		return !strncmp(rule->name, "fuzz.", 5);
	}
	return !session->options->only ||
	       regexec(&session->only, rule->name, 0, NULL, 0) == 0;
}

/* The worse of two stays; the first of two alike. */
static void note(struct session *session, size_t index,
		 enum check_status status, const char *text)
{
	static const int weight[] = { [CHECK_NOT_RUN] = 0,
				      [CHECK_PASS] = 1,
				      [CHECK_SKIP] = 2,
				      [CHECK_WARN] = 3,
				      [CHECK_FAIL] = 4 };
	struct finding *finding = &session->findings[index];
	enum check_status worst = rule_at(index)->worst;

	if (status == CHECK_FAIL && worst == CHECK_WARN) {
		status = CHECK_WARN;
	}
	if (weight[status] > weight[finding->status]) {
		finding->status = status;
		free(finding->text);
		finding->text =
		    text ? host_text_clean(slice_of(text), RECORD_TEXT_MAX)
			 : NULL;
	}
	finding->shown |= status == CHECK_FAIL || status == CHECK_WARN;
}

/* What the records of a child say. True when it came to its end. */
static bool note_records(struct session *session, size_t index,
			 const struct child_end *end, struct buf *ret_hint)
{
	struct slice bytes = buf_slice(&end->records);
	struct record record;
	bool done = false;

	while (records_next(&bytes, &record)) {
		size_t blamed = rule_find(record.rule);

		if (!strcmp(record.rule, RECORD_DONE)) {
			done = true;
		} else if (record.status == CHECK_NOT_RUN) {
			buf_clear(ret_hint);
			buf_printf(ret_hint, " (--reproduce %s)", record.text);
		} else if (blamed < rule_count()) {
			note(session, blamed, record.status, record.text);
		}
		if (blamed < rule_count() && blamed != index) {
			struct buf text = { 0 };

			buf_printf(&text,
				   "another rule was broken while it "
				   "was tried: see %s",
				   record.rule);
			buf_put_byte(&text, '\0');
			note(session, index, CHECK_SKIP, text.data);
			buf_fini(&text);
		}
	}
	return done;
}

static void put_said(struct buf *out, const struct child_end *end)
{
	struct slice said = buf_slice(&end->output);

	while (said.len && said.ptr[said.len - 1] == '\n') {
		said.len--;
	}
	if (said.len) {
		said.len = utf8_floor(said, SAID_MAX);
		buf_printf(out, "; it printed: %.*s", SLICE_ARG(said));
	}
}

static bool sanitizer_spoke(const struct child_end *end)
{
	return end->output.len &&
	       (memmem(end->output.data, end->output.len, "Sanitizer", 9) ||
		memmem(end->output.data, end->output.len, "runtime error", 13));
}

/* A child that did not come to its end. */
static void note_death(struct session *session, size_t index,
		       const struct child_end *end, int64_t timeout_ms,
		       struct slice hint)
{
	struct buf text = { 0 };
	size_t blamed = index;

	if (end->timed_out) {
		buf_printf(&text, "timed out after %lld s",
			   (long long)(timeout_ms / 1000));
	} else if (end->signal) {
		buf_put_text(&text, "crashed: ");
		put_signal(&text, end->signal);
	} else if (sanitizer_spoke(end)) {
		buf_printf(&text, "ended by a sanitizer (exit code %d)",
			   end->exit_code);
	} else {
		buf_printf(&text,
			   "it ended the process with exit code %d while %s "
			   "was tried: return an error code, never call "
			   "exit()",
			   end->exit_code, rule_at(index)->name);
		blamed = rule_find(RULE_OF_EXIT);
	}
	buf_put_slice(&text, hint);
	put_said(&text, end);
	buf_put_byte(&text, '\0');
	note(session, blamed, CHECK_FAIL, text.data);
	if (blamed != index) {
		note(session, index, CHECK_SKIP, "see " RULE_OF_EXIT);
	}
	buf_fini(&text);
}

static void try_rule(struct session *session, size_t index)
{
	const struct rule *rule = rule_at(index);
	int64_t timeout_ms =
	    (rule->timeout_ms ? rule->timeout_ms : TIMEOUT_MS) +
	    session->options->fuzz_ms;
	struct trial trial = {
		.options = session->options,
		.subject = &session->subject,
		.rule = rule,
		.seed = session->seed,
	};
	struct child_end end = { .exit_code = -1 };
	struct buf hint = { 0 };
	struct err err = { 0 };
	bool here = session->options->in_process || session->options->reproduce;
	int rc = here ? child_run_here(&trial, &end, &err)
		      : child_run(&trial, timeout_ms, &end, &err);

	if (rc < 0) {
		note(session, index, CHECK_FAIL, err.msg);
	} else if (note_records(session, index, &end, &hint)) {
		note(session, index, CHECK_PASS, NULL);
	} else {
		note_death(session, index, &end, timeout_ms, buf_slice(&hint));
	}
	buf_fini(&hint);
	child_end_fini(&end);
}

static bool is_good(const struct finding *finding)
{
	return finding->status == CHECK_PASS || finding->status == CHECK_WARN;
}

static void settle(struct session *session, size_t index);

/* What it needs first. False: that is not there, and told. */
static bool settle_needs(struct session *session, size_t index)
{
	const char *needs = rule_at(index)->needs;
	struct buf text = { 0 };
	size_t needed;

	while (rule_next(&needs, &needed)) {
		assert(needed < rule_count());
		settle(session, needed);
		if (!is_good(&session->findings[needed])) {
			buf_printf(&text, "pointless without %s",
				   rule_at(needed)->name);
			buf_put_byte(&text, '\0');
			note(session, index, CHECK_SKIP, text.data);
			buf_fini(&text);
			return false;
		}
	}
	return true;
}

static void settle(struct session *session, size_t index)
{
	if (session->findings[index].status == CHECK_NOT_RUN &&
	    settle_needs(session, index)) {
		try_rule(session, index);
	}
}

/* NAME.so -> NAME_plugin, when that is there. */
static char *program_beside(const char *real)
{
	struct slice name = slice_of(real);
	struct buf path = { 0 };

	if (slice_ends_with(name, SLICE(".so"))) {
		name.len -= 3;
	}
	buf_printf(&path, "%.*s_plugin", SLICE_ARG(name));
	char *program = buf_take(&path);

	if (access(program, X_OK) == 0) {
		return program;
	}
	free(program);
	return NULL;
}

/* A module unless it can be run; a script is a program too. */
static enum check_kind kind_of(const char *real)
{
	struct elf_file file;
	enum check_kind kind = CHECK_MODULE;

	if (elf_file_open(real, &file, NULL) < 0) {
		return access(real, X_OK) == 0 ? CHECK_PROGRAM : CHECK_MODULE;
	}
	if (!elf_file_is_module(&file) && access(real, X_OK) == 0) {
		kind = CHECK_PROGRAM;
	}
	elf_file_close(&file);
	return kind;
}

/* NAME_plugin for NAME.so, wherever the two are. */
static bool is_of(const char *program, const char *module)
{
	const char *base = strrchr(program, '/');
	const char *other = strrchr(module, '/');
	struct slice name = slice_of(base ? base + 1 : program);
	struct slice own = slice_of(other ? other + 1 : module);

	if (slice_ends_with(own, SLICE(".so"))) {
		own.len -= 3;
	}
	return name.len == own.len + 7 && slice_starts_with(name, own) &&
	       slice_ends_with(name, SLICE("_plugin"));
}

/* The program among the files that belongs to the module. When there are but
 * these two, whatever their names are. */
static char *program_given(const struct check_options *options,
			   const char *module)
{
	for (size_t i = 0; i < options->file_count; i++) {
		char *real = realpath(options->files[i], NULL);

		if (real && kind_of(real) == CHECK_PROGRAM &&
		    (options->file_count == 2 || is_of(real, module))) {
			return real;
		}
		free(real);
	}
	return NULL;
}

static void subject_init(struct subject *subject, const char *path,
			 const struct check_options *options)
{
	char *real = realpath(path, NULL);

	*subject = (struct subject){
		.path = path,
		.real = real ? real : alloc_string(path),
		.kind = CHECK_MODULE,
	};
	if (real) {
		subject->kind = kind_of(real);
	}
	if (real && subject->kind == CHECK_MODULE) {
		subject->program = program_given(options, real);
		if (!subject->program) {
			subject->program = program_beside(real);
		}
	}
}

static void check_rules(struct session *session)
{
	size_t count = rule_count();

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_at(i);

		if ((rule->kinds & session->subject.kind) &&
		    is_chosen(session, rule)) {
			session->findings[i].shown = true;
			settle(session, i);
		}
	}
}

static void check_file(struct session *session, const char *path,
		       struct totals *totals, struct value *files)
{
	const struct check_options *options = session->options;
	size_t count = rule_count();

	subject_init(&session->subject, path, options);
	session->findings = alloc_zeroed(count, sizeof(*session->findings));
	check_rules(session);
	report_count(session->findings, totals);
	if (options->json) {
		value_push(files,
			   report_json(&session->subject, session->findings,
				       options->only_failed));
	} else {
		report_text(options->out, &session->subject, session->findings,
			    options->only_failed);
		(void)fflush(options->out);
	}
	for (size_t i = 0; i < count; i++) {
		free(session->findings[i].text);
	}
	free(session->findings);
	free(session->subject.real);
	free(session->subject.program);
}

static void print_json(const struct session *session, struct value *files,
		       const struct totals *totals)
{
	struct value report = value_map();
	struct buf text = { 0 };

	value_set(&report, "files", *files);
	value_set(&report, "passed", value_int((int64_t)totals->passed));
	value_set(&report, "warned", value_int((int64_t)totals->warned));
	value_set(&report, "failed", value_int((int64_t)totals->failed));
	value_set(&report, "skipped", value_int((int64_t)totals->skipped));
	value_set(&report, "seed", value_uint(session->seed));
	json_write(&text, &report, JSON_PRETTY);
	(void)fprintf(session->options->out, "%.*s\n",
		      SLICE_ARG(buf_slice(&text)));
	buf_fini(&text);
	value_clear(&report);
}

static int open_session(struct session *session, struct err *reterr)
{
	const struct check_options *options = session->options;
	struct value params = value_null();
	int rc = 0;

	if (options->only && regcomp(&session->only, options->only,
				     REG_EXTENDED | REG_NOSUB) != 0) {
		return err_set(reterr, E_INVALID,
			       "'%s' is no regular expression", options->only);
	}
	if (options->params) {
		rc =
		    json_read(slice_of(options->params), NULL, &params, reterr);
		if (rc == 0 && params.type != VALUE_MAP) {
			rc = err_set(reterr, E_INVALID, "it is no map");
		}
		value_clear(&params);
	}
	session->seed =
	    options->seed ? options->seed : (uint64_t)clock_wall_us();
	return rc < 0 ? err_wrap(reterr, "--params") : 0;
}

int check_run(const struct check_options *options, bool *ret_failed,
	      struct err *reterr)
{
	struct session session = { .options = options };
	struct totals totals = { 0 };
	struct value files = value_array();
	int rc = open_session(&session, reterr);

	if (rc < 0) {
		return rc;
	}
	for (size_t i = 0; i < options->file_count; i++) {
		check_file(&session, options->files[i], &totals, &files);
	}
	if (options->json) {
		print_json(&session, &files, &totals);
	} else {
		(void)fprintf(options->out, "seed %llu\n",
			      (unsigned long long)session.seed);
		report_totals(options->out, &totals);
		value_clear(&files);
	}
	if (options->only) {
		regfree(&session.only);
	}
	*ret_failed = totals.failed > 0;
	return 0;
}
