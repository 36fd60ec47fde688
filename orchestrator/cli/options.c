#include "cli/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/near.h"

/* The words being read. */
struct reader {
	struct options *options;
	char *const *words;
	int count;
	int at;
};

static const struct option_spec *find_name(const struct options *options,
					   struct slice name)
{
	for (size_t i = 0; i < OPTION_TABLES; i++) {
		const struct option_spec *spec = options->tables[i];

		for (; spec && spec->name; spec++) {
			if (slice_is(name, spec->name)) {
				return spec;
			}
		}
	}
	return NULL;
}

static const struct option_spec *find_letter(const struct options *options,
					     char letter)
{
	for (size_t i = 0; i < OPTION_TABLES; i++) {
		const struct option_spec *spec = options->tables[i];

		for (; spec && spec->name; spec++) {
			if (spec->letter && spec->letter == letter) {
				return spec;
			}
		}
	}
	return NULL;
}

static int unknown_name(const struct options *options, struct slice name,
			struct err *reterr)
{
	struct near near = { 0 };

	for (size_t i = 0; i < OPTION_TABLES; i++) {
		const struct option_spec *spec = options->tables[i];

		for (; spec && spec->name; spec++) {
			near_try(&near, name, spec->name);
		}
	}
	if (near.best) {
		return err_set(reterr, E_INVALID,
			       "unknown option '--%.*s'; did you mean '--%s'?",
			       SLICE_ARG(name), near.best);
	}
	return err_set(reterr, E_INVALID, "unknown option '--%.*s'",
		       SLICE_ARG(name));
}

static void add_given(struct options *options, const struct option_spec *spec,
		      const char *value)
{
	alloc_grow(options->given, options->given_len, options->given_cap);
	options->given[options->given_len++] = (struct option_given){
		.spec = spec,
		.value = value,
	};
}

static void add_arg(struct options *options, const char *word)
{
	alloc_grow(options->args, options->arg_len, options->arg_cap);
	options->args[options->arg_len++] = word;
}

/* The option's value is not in its own word: look at the next one. */
static int take_next(struct reader *reader, const struct option_spec *spec,
		     struct err *reterr)
{
	const char *next =
	    reader->at < reader->count ? reader->words[reader->at] : NULL;
	const char *value = NULL;

	if (spec->kind == OPTION_MAYBE) {
		if (next && spec->accepts && spec->accepts(slice_of(next))) {
			value = next;
		}
	} else if (spec->kind != OPTION_FLAG) {
		if (!next) {
			return err_set(reterr, E_INVALID,
				       "option '--%s' needs a value: --%s %s",
				       spec->name, spec->name, spec->argument);
		}
		value = next;
	}
	reader->at += value != NULL;
	add_given(reader->options, spec, value);
	return 0;
}

/* "--name", "--name=value"; `word` is what comes after the dashes. */
static int read_long(struct reader *reader, const char *word,
		     struct err *reterr)
{
	const char *equals = strchr(word, '=');
	struct slice name = {
		.ptr = word,
		.len = equals ? (size_t)(equals - word) : strlen(word),
	};
	const struct option_spec *spec = find_name(reader->options, name);

	if (!spec) {
		return unknown_name(reader->options, name, reterr);
	}
	if (!equals) {
		return take_next(reader, spec, reterr);
	}
	if (spec->kind == OPTION_FLAG) {
		return err_set(reterr, E_INVALID,
			       "option '--%s' takes no value", spec->name);
	}
	add_given(reader->options, spec, equals + 1);
	return 0;
}

/* "-c FILE", "-cFILE", several flags in one word; `word` after the dash. */
static int read_short(struct reader *reader, const char *word,
		      struct err *reterr)
{
	for (; *word; word++) {
		const struct option_spec *spec =
		    find_letter(reader->options, *word);

		if (!spec) {
			return err_set(reterr, E_INVALID,
				       "unknown option '-%.*s'",
				       (int)strcspn(word, "="), word);
		}
		if (spec->kind != OPTION_FLAG && word[1]) {
			add_given(reader->options, spec, word + 1);
			return 0;
		}
		int rc = take_next(reader, spec, reterr);

		if (rc) {
			return rc;
		}
	}
	return 0;
}

static int read_rest(struct reader *reader)
{
	for (; reader->at < reader->count; reader->at++) {
		add_arg(reader->options, reader->words[reader->at]);
	}
	return reader->at;
}

int options_parse(struct options *options, int count, char *const *words,
		  enum options_stop stop, struct err *reterr)
{
	struct reader reader = {
		.options = options,
		.words = words,
		.count = count,
	};

	while (reader.at < count) {
		const char *word = words[reader.at];
		bool plain = word[0] != '-' || !word[1];
		int rc = 0;

		if (plain && stop == OPTIONS_TO_WORD) {
			break;
		}
		reader.at++;
		if (plain) {
			add_arg(options, word);
		} else if (word[1] != '-') {
			rc = read_short(&reader, word + 1, reterr);
		} else if (word[2]) {
			rc = read_long(&reader, word + 2, reterr);
		} else {
			return stop == OPTIONS_TO_WORD ? reader.at
						       : read_rest(&reader);
		}
		if (rc) {
			return rc;
		}
	}
	return reader.at;
}

void options_fini(struct options *options)
{
	if (options) {
		free(options->given);
		free(options->args);
		*options = (struct options){ 0 };
	}
}

static const struct option_given *find_last(const struct options *options,
					    const char *name)
{
	assert(find_name(options, slice_of(name)));
	for (size_t i = options->given_len; i > 0; i--) {
		if (!strcmp(options->given[i - 1].spec->name, name)) {
			return &options->given[i - 1];
		}
	}
	return NULL;
}

bool options_has(const struct options *options, const char *name)
{
	return find_last(options, name) != NULL;
}

const char *options_value(const struct options *options, const char *name)
{
	const struct option_given *given = find_last(options, name);

	return given ? given->value : NULL;
}

const char *options_next(const struct options *options, const char *name,
			 size_t *at)
{
	assert(find_name(options, slice_of(name)));
	for (; *at < options->given_len; (*at)++) {
		if (!strcmp(options->given[*at].spec->name, name)) {
			return options->given[(*at)++].value;
		}
	}
	return NULL;
}
