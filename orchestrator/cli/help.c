#include "cli/help.h"

#include "cli/table.h"

static const struct style plain = { 0 };

static void put_option(struct table *table, const struct option_spec *option)
{
	struct buf left = { 0 };

	if (option->letter) {
		buf_printf(&left, "  -%c, --%s", option->letter, option->name);
	} else {
		buf_printf(&left, "      --%s", option->name);
	}
	if (option->argument) {
		buf_printf(&left,
			   option->kind == OPTION_MAYBE ? "[=%s]" : " %s",
			   option->argument);
	}
	table_put(table, TONE_PLAIN, buf_slice(&left));
	table_put(table, TONE_PLAIN, slice_of(option->help));
	buf_fini(&left);
}

static void put_options(struct buf *out, const char *title,
			const struct option_spec *options)
{
	struct table table;

	if (!options) {
		return;
	}
	table_init(&table, plain, 2);
	for (; options->name; options++) {
		put_option(&table, options);
	}
	buf_printf(out, "\n%s:\n", title);
	table_write(&table, out);
	table_fini(&table);
}

static void put_forms(struct buf *out, const struct verb *verb)
{
	const char *before = "\nForms of output (-o): ";

	for (unsigned i = 0; i < FORMS; i++) {
		if (verb->forms & FORM_BIT(i)) {
			buf_printf(out, "%s%s", before,
				   form_name((enum form)i));
			before = ", ";
		}
	}
	if (verb->forms) {
		buf_put_byte(out, '\n');
	}
}

static void put_group(struct table *table, enum verb_group group)
{
	static const char *const titles[VERB_GROUPS] = {
#define X(name, text) [name] = (text),
		VERB_GROUP_MAP(X)
#undef X
	};
	struct buf line = { 0 };

	buf_printf(&line, "\n%s:", titles[group]);
	table_span(table, &line);
	for (size_t i = 0; i < verb_count; i++) {
		if (verbs[i]->group == group) {
			buf_printf(&line, "  %s", verbs[i]->name);
			table_put(table, TONE_PLAIN, buf_slice(&line));
			table_put(table, TONE_PLAIN,
				  slice_of(verbs[i]->summary));
			buf_clear(&line);
		}
	}
	buf_fini(&line);
}

void help_put_overview(struct buf *out)
{
	struct table table;

	buf_put_text(out, "usage: tutti VERB [options] [arguments]\n");
	table_init(&table, plain, 2);
	for (unsigned i = 0; i < VERB_GROUPS; i++) {
		put_group(&table, (enum verb_group)i);
	}
	table_write(&table, out);
	table_fini(&table);
	put_options(out, "Options of every verb", verb_common_options);
	buf_put_text(out,
		     "\nA RUN is named by its id, a unique beginning or end of "
		     "it, its uid, @latest or\n@failed. 'tutti help VERB' says "
		     "more; the manual page is tutti(1).\n");
}

void help_put_usage(struct buf *out, const struct verb *verb)
{
	buf_printf(out, "usage: tutti %s [options]%s%s\n", verb->name,
		   *verb->usage ? " " : "", verb->usage);
}

void help_put_verb(struct buf *out, const struct verb *verb)
{
	buf_printf(out, "tutti %s: %s\n\n", verb->name, verb->summary);
	help_put_usage(out, verb);
	if (verb->text) {
		buf_printf(out, "\n%s", verb->text);
	}
	put_options(out, "Options", verb->options);
	put_options(out, "Options of every verb", verb_common_options);
	put_forms(out, verb);
}

static size_t count_beginning(struct slice word, const struct verb **ret_last)
{
	size_t count = 0;

	for (size_t i = 0; i < verb_count; i++) {
		if (verbs[i]->group != VERB_HIDDEN &&
		    verb_words(verbs[i]) == 2 &&
		    verb_has_first_word(verbs[i], word)) {
			*ret_last = verbs[i];
			count++;
		}
	}
	return count;
}

static void put_beginning(struct buf *out, struct slice word)
{
	struct table table;

	buf_printf(out, "usage: tutti %.*s VERB [options] [arguments]\n\n",
		   SLICE_ARG(word));
	table_init(&table, plain, 2);
	for (size_t i = 0; i < verb_count; i++) {
		struct buf line = { 0 };

		if (verbs[i]->group == VERB_HIDDEN ||
		    !verb_has_first_word(verbs[i], word)) {
			continue;
		}
		buf_printf(&line, "  %s", verbs[i]->name);
		table_put(&table, TONE_PLAIN, buf_slice(&line));
		table_put(&table, TONE_PLAIN, slice_of(verbs[i]->summary));
		buf_fini(&line);
	}
	table_write(&table, out);
	table_fini(&table);
	buf_printf(out, "\n'tutti help %.*s VERB' says more.\n",
		   SLICE_ARG(word));
}

bool help_put_first_word(struct buf *out, struct slice word)
{
	const struct verb *last = NULL;
	size_t count = count_beginning(word, &last);

	if (count == 1) {
		help_put_verb(out, last);
	} else if (count > 1) {
		put_beginning(out, word);
	}
	return count > 0;
}
