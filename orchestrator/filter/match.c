#include "filter/clause.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "document/json.h"

static const struct value no_attributes;

/* What a filter needs to know after one look at each of its clauses. */
struct verdict {
	const struct clause *failed; /* NULL: none alone */
	struct sight sight;          /* of the one that failed */
	const struct clause **bound; /* met only inside lists */
	size_t len;
	size_t cap;
	bool agreed; /* those inside lists, with one another */
};

static struct sight look_at(const struct clause *clause,
			    const struct value *attributes)
{
	struct rest whole = { .at = 0 };
	struct sight sight = clause_look(clause, attributes, whole);

	if (sight.leaves == 0 && clause->absent) {
		sight.reach = REACH_FREE;
	}
	return sight;
}

static struct verdict judge(const struct filter *filter,
			    const struct value *attributes)
{
	struct verdict verdict = { 0 };

	for (size_t i = 0; i < filter->len; i++) {
		const struct clause *clause = &filter->clauses[i];
		struct sight sight = look_at(clause, attributes);

		if (sight.reach == REACH_NONE) {
			verdict.failed = clause;
			verdict.sight = sight;
			return verdict;
		}
		if (sight.reach == REACH_BOUND) {
			alloc_grow(verdict.bound, verdict.len, verdict.cap);
			verdict.bound[verdict.len++] = clause;
		}
	}
	verdict.agreed = verdict.len < 2 ||
			 clauses_agree(verdict.bound, verdict.len, attributes);
	return verdict;
}

bool filter_match(const struct filter *filter, const struct value *attributes)
{
	if (!filter) {
		return true;
	}
	struct verdict verdict =
	    judge(filter, attributes ? attributes : &no_attributes);
	bool matches = !verdict.failed && verdict.agreed;

	free(verdict.bound);
	return matches;
}

#define SHOWN_MAX 200 /* bytes of JSON in a sentence */

static void put_json(struct buf *out, const struct value *value)
{
	struct buf json = { 0 };

	json_write(&json, value, JSON_COMPACT);
	struct slice text = buf_slice(&json);

	if (text.len > SHOWN_MAX) {
		text.len = utf8_floor(text, SHOWN_MAX);
		buf_put_slice(out, text);
		buf_put_text(out, "...");
	} else {
		buf_put_slice(out, text);
	}
	buf_fini(&json);
}

static void explain_clause(const struct clause *clause,
			   const struct sight *sight, struct buf *out)
{
	buf_printf(out, "attribute '%s' ", clause->path);
	if (sight->leaves == 0) {
		buf_put_text(out, "is absent");
	} else if (sight->leaves == 1) {
		buf_put_text(out, "is ");
		put_json(out, sight->first);
	} else {
		buf_printf(out, "has %zu values, the first of them ",
			   sight->leaves);
		put_json(out, sight->first);
	}
	buf_put_text(out, sight->leaves > 1 ? ", none of which matches "
					    : ", which does not match ");
	put_json(out, &clause->wanted);
}

static void explain_lists(const struct verdict *verdict, struct buf *out)
{
	buf_put_text(out, "attributes ");
	for (size_t i = 0; i < verdict->len; i++) {
		const char *before = i == 0                 ? ""
				     : i + 1 < verdict->len ? ", "
							    : " and ";

		assert(verdict->bound[i]);
		buf_printf(out, "%s'%s'", before, verdict->bound[i]->path);
	}
	buf_put_text(out, " match one by one, but not within the same element "
			  "of a list");
}

void filter_explain(const struct filter *filter, const struct value *attributes,
		    struct filter_explanation *ret_explanation)
{
	struct buf out = { 0 };

	*ret_explanation = (struct filter_explanation){
		.matches = filter_match(filter, attributes),
	};
	if (!ret_explanation->matches) {
		struct verdict verdict =
		    judge(filter, attributes ? attributes : &no_attributes);

		if (verdict.failed) {
			explain_clause(verdict.failed, &verdict.sight, &out);
		} else {
			explain_lists(&verdict, &out);
		}
		free(verdict.bound);
	}
	ret_explanation->sentence = slice_dup(buf_slice(&out));
	buf_fini(&out);
}

void filter_explanation_fini(struct filter_explanation *explanation)
{
	value_clear(&explanation->clause);
	value_clear(&explanation->seen);
	free(explanation->sentence);
}
