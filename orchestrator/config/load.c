#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/reader.h"

#define CHUNK 65536

/* One byte more than allowed is enough to know that it is too much. */
static int read_stream(FILE *stream, struct buf *out)
{
	while (out->len <= LIMIT_CONFIG_FILE) {
		size_t got = fread(buf_reserve(out, CHUNK), 1, CHUNK, stream);

		if (got == 0) {
			return ferror(stream) ? errno : 0;
		}
		out->len += got;
	}
	return 0;
}

static int read_source(struct report *report, struct buf *out)
{
	struct span whole = { 0 };
	FILE *stream = fopen(report->file, "rbe");
	int problem = stream ? read_stream(stream, out) : errno;

	if (stream) {
		(void)fclose(stream);
	}
	if (problem) {
		report_error(report, whole, "cannot be read: %s",
			     strerror(problem));
		return E_IO;
	}
	if (out->len > LIMIT_CONFIG_FILE) {
		report_error(report, whole, "larger than %u bytes",
			     LIMIT_CONFIG_FILE);
		return E_INVALID;
	}
	return 0;
}

static char *folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len = slash ? (size_t)(slash - file) : 0;

	/* The root's own name ends where it begins. */
	if (slash && len == 0) {
		len = 1;
	}
	return slice_dup((struct slice){ file, len });
}

static void report_yaml(struct report *report, const struct yaml_error *error)
{
	report_error(report, source_word(report->source, error->mark), "%s%s%s",
		     error->msg, error->hint[0] ? "; " : "", error->hint);
	if (error->other.line) {
		report_note(report, source_word(report->source, error->other),
			    "the other place is here");
	}
}

static struct definition *make_workflow(const struct config *config,
					const struct workflow_draft *draft)
{
	struct activity_definition *activities =
	    alloc_zeroed(draft->len, sizeof(*activities));

	for (size_t i = 0; i < draft->len; i++) {
		activities[i] = activity_definition_copy(
		    &config->activities[draft->activities[i]]);
		if (!activities[i].register_window_ms) {
			activities[i].register_window_ms =
			    draft->register_window_ms;
		}
	}
	return definition_make(draft->name, activities, draft->len,
			       draft->deadline_ms);
}

static void make_workflows(struct reader *reader)
{
	struct config *config = reader->config;

	config->workflows =
	    alloc_zeroed(reader->workflow_len, sizeof(struct definition *));
	for (size_t i = 0; i < reader->workflow_len; i++) {
		config->workflows[config->workflow_count++] =
		    make_workflow(config, &reader->workflow_drafts[i]);
	}
}

static void set_control(struct config *config)
{
	struct buf path = { 0 };

	if (!config->control) {
		buf_printf(&path, "%s/control.sock", config->store);
		config->control = buf_take(&path);
	}
}

struct config *config_default(void)
{
	struct config *config = alloc_zeroed(1, sizeof(*config));

	config->store = alloc_string("./.tutti");
	config->grace_ms = 5000;
	config->lease_ms = 10000;
	config->crash_limit = 2;
	set_control(config);
	return config;
}

/* Everything after the text is there. */
static void read_config(struct reader *reader)
{
	struct yaml_tree *tree;
	struct yaml_error error;

	if (yaml_tree_read(reader->report.source, NULL, &tree, &error)) {
		report_yaml(&reader->report, &error);
		return;
	}
	reader_run(reader, yaml_tree_root(tree));
	yaml_tree_destroy(tree);
	if (reader->report.errors == 0) {
		set_control(reader->config);
		make_workflows(reader);
	}
}

int config_load(const char *file, struct config **ret_config,
		struct buf *diagnostics)
{
	struct buf source = { 0 };
	struct reader reader = {
		.report = { .file = file },
		.config = config_default(),
		.folder = folder_of(file),
		.activity_index = value_map(),
		.module_index = value_map(),
		.process_index = value_map(),
		.announced_index = value_map(),
		.queue_index = value_map(),
	};
	int rc = read_source(&reader.report, &source);

	/* Only known once the store is. */
	free(reader.config->control);
	reader.config->control = NULL;
	if (rc == 0) {
		reader.report.source = source_text(buf_slice(&source));
		read_config(&reader);
	}
	if (rc == 0 && reader.report.errors) {
		rc = E_INVALID;
	}
	report_print(&reader.report, diagnostics);
	reader_fini(&reader);
	reader.config->file = alloc_string(file);
	reader.config->source = buf_take(&source);
	if (rc) {
		config_destroy(reader.config);
	} else {
		*ret_config = reader.config;
	}
	return rc;
}
