#include "cli/documents.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "document/json.h"

int documents_check_text(struct slice text, const char *what,
			 struct err *reterr)
{
	if (!utf8_valid(text)) {
		return err_set(reterr, E_INVALID, "%s is not UTF-8", what);
	}
	return 0;
}

int documents_add_attribute(struct value *map, const char *text,
			    struct err *reterr)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		return err_set(reterr, E_INVALID,
			       "'%s' is no attribute: it is written K=V", text);
	}
	struct slice key = { text, (size_t)(equals - text) };
	struct slice given = slice_of(equals + 1);
	struct value value;
	int rc = documents_check_text(slice_of(text), "an attribute", reterr);

	if (rc) {
		return rc;
	}
	if (json_read_last(given, NULL, &value, NULL)) {
		value = value_string(given);
	}
	value_set_slice(map, key, value);
	return 0;
}

const char *documents_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

static int read_stream(FILE *stream, const char *name, struct buf *out,
		       struct err *reterr)
{
	const unsigned limit = LIMIT_DOCUMENT;
	size_t got;

	do {
		got = fread(buf_reserve(out, BUFSIZ), 1, BUFSIZ, stream);
		out->len += got;
		if (out->len > limit) {
			return err_set(reterr, E_TOO_BIG,
				       "'%s' has more than %u bytes", name,
				       limit);
		}
	} while (got > 0);
	if (ferror(stream)) {
		return err_set(reterr, E_IO, "cannot read '%s': %s", name,
			       strerror(errno));
	}
	return 0;
}

int documents_read_file(const char *path, struct buf *out, struct err *reterr)
{
	if (!strcmp(path, "-")) {
		return read_stream(stdin, documents_name(path), out, reterr);
	}
	FILE *stream = fopen(path, "re");

	if (!stream) {
		return err_set(reterr, E_INVALID, "cannot read '%s': %s", path,
			       strerror(errno));
	}
	int rc = read_stream(stream, path, out, reterr);

	(void)fclose(stream);
	return rc;
}

/* An option whose value is a document. */
struct given {
	const char *option;
	const char *text; /* JSON itself, a file, or - */
	int (*read)(struct slice text, const struct document_limits *limits,
		    struct value *ret_value, struct err *reterr);
};

static bool looks_like_json(const char *text)
{
	return *text && strchr("{[\"", *text);
}

static int read_given_file(const struct given *given, struct value *ret_value,
			   struct err *reterr)
{
	struct buf text = { 0 };
	int rc = documents_read_file(given->text, &text, reterr);

	if (rc == 0) {
		rc = given->read(buf_slice(&text), NULL, ret_value, reterr);
		if (rc) {
			(void)err_wrap(reterr, "%s",
				       documents_name(given->text));
		}
	}
	buf_fini(&text);
	return rc;
}

static int read_given(const struct given *given, struct value *ret_value,
		      struct err *reterr)
{
	struct err error = { 0 };
	int rc = given->read(slice_of(given->text), NULL, ret_value, &error);

	if (!rc) {
		return 0;
	}
	if (looks_like_json(given->text)) {
		return err_set(reterr, rc, "%s: %s", given->option, error.msg);
	}
	return read_given_file(given, ret_value, reterr);
}

static int read_map(const char *text, struct value *ret_map, struct err *reterr)
{
	struct given given = { "--attrs", text, json_read_last };
	int rc = read_given(&given, ret_map, reterr);

	if (rc == 0 && ret_map->type != VALUE_MAP) {
		rc = err_set(
		    reterr, E_INVALID, "%s: attributes are a map, found %s",
		    looks_like_json(text) ? "--attrs" : documents_name(text),
		    value_type_name(ret_map));
		value_clear(ret_map);
	}
	return rc;
}

int documents_read_attributes(const struct options *options,
			      struct value *ret_attributes, struct err *reterr)
{
	const char *file = options_value(options, "attrs");
	struct value map = value_map();
	int rc = 0;

	if (file) {
		value_clear(&map);
		rc = read_map(file, &map, reterr);
	}
	const char *text;
	size_t at = 0;

	while (!rc && (text = options_next(options, "attr", &at))) {
		rc = documents_add_attribute(&map, text, reterr);
	}
	if (rc) {
		value_clear(&map);
		return rc;
	}
	*ret_attributes = map;
	return 0;
}

int documents_check_stdin(const char *one, const char *other,
			  struct err *reterr)
{
	if (one && other && !strcmp(one, "-") && !strcmp(other, "-")) {
		return err_set(reterr, E_INVALID,
			       "standard input holds one document, not two");
	}
	return 0;
}

/* They are about a run that exists, and only a uid can name one. */
static int check_uid_given(const struct documents *documents,
			   struct err *reterr)
{
	if (documents->has_uid || !(documents->resume || documents->override)) {
		return 0;
	}
	return err_set(reterr, E_INVALID, "%s needs --uid",
		       documents->resume ? "--resume" : "--override");
}

int documents_read(const struct options *options, struct documents *ret,
		   struct err *reterr)
{
	const char *input = options_value(options, "input");
	struct documents documents = {
		.uid = slice_of(options_value(options, "uid")),
		.has_uid = options_has(options, "uid"),
		.resume = options_has(options, "resume"),
		.override = options_has(options, "override"),
	};
	int rc = documents_check_text(documents.uid, "the uid", reterr);

	if (!rc) {
		rc = check_uid_given(&documents, reterr);
	}
	if (!rc) {
		rc = documents_check_stdin(options_value(options, "attrs"),
					   input, reterr);
	}
	if (!rc) {
		rc = documents_read_attributes(options, &documents.attributes,
					       reterr);
	}
	if (!rc && input) {
		struct given given = { "--input", input, json_read };

		rc = read_given(&given, &documents.input, reterr);
	}
	if (rc) {
		documents_fini(&documents);
		return rc;
	}
	*ret = documents;
	return 0;
}

void documents_fini(struct documents *documents)
{
	value_clear(&documents->attributes);
	value_clear(&documents->input);
}
