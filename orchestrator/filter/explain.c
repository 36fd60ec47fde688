#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "document/json.h"
#include "filter/look.h"
#include "filter/written.h"

/* Why a filter does not match: one clause failed, or several do not agree. */
struct failure {
	const struct filter *filter;
	const struct value *attributes;
	const struct conjunction *nearest;
	uint32_t *blamed; /* indexes of the clauses to show */
	size_t len;
	bool disagree;
};

/* A clause by itself. */
struct verdict {
	enum reach reach;
	bool present; /* something is at its path */
};

static struct verdict judge(const struct failure *failure, uint32_t index)
{
	const struct clause *clause = &failure->filter->clauses[index];

	return (struct verdict){
		.reach = clause_judge(clause, failure->attributes).reach,
		.present = clause_value(clause, failure->attributes) != NULL,
	};
}

static struct verdict *judge_all(const struct failure *failure)
{
	size_t count = failure->filter->clause_count;
	struct verdict *verdicts = alloc_zeroed(count, sizeof(*verdicts));

	for (uint32_t i = 0; i < count; i++) {
		verdicts[i] = judge(failure, i);
	}
	return verdicts;
}

/* More is nearer: clauses satisfied; of equals, the first of the others is
 * about something that is there. */
static size_t nearness(const struct conjunction *conjunction,
		       const struct verdict *verdicts)
{
	const struct verdict *failed = NULL;
	size_t count = 0;

	for (size_t i = 0; i < conjunction->len; i++) {
		const struct verdict *verdict =
		    &verdicts[conjunction->clauses[i]];

		if (verdict->reach != REACH_NONE) {
			count++;
		} else if (!failed) {
			failed = verdict;
		}
	}
	return 2 * count + (!failed || failed->present);
}

static const struct conjunction *find_nearest(const struct filter *filter,
					      const struct verdict *verdicts)
{
	const struct conjunction *nearest = filter->conjunctions;
	size_t most = nearness(nearest, verdicts);

	for (size_t i = 1; i < filter->conjunction_count; i++) {
		size_t near = nearness(&filter->conjunctions[i], verdicts);

		if (near > most) {
			most = near;
			nearest = &filter->conjunctions[i];
		}
	}
	return nearest;
}

static void blame(struct failure *failure, const struct verdict *verdicts)
{
	const struct conjunction *nearest = failure->nearest;

	for (size_t i = 0; i < nearest->len; i++) {
		uint32_t index = nearest->clauses[i];

		if (verdicts[index].reach == REACH_NONE) {
			failure->blamed[0] = index;
			failure->len = 1;
			return;
		}
		if (verdicts[index].reach == REACH_BOUND) {
			failure->blamed[failure->len++] = index;
		}
	}
	failure->disagree = true;
}

static struct failure failure_find(const struct filter *filter,
				   const struct value *attributes)
{
	struct failure failure = {
		.filter = filter,
		.attributes = look_at(attributes),
	};
	struct verdict *verdicts = judge_all(&failure);

	failure.nearest = find_nearest(filter, verdicts);
	failure.blamed =
	    alloc_zeroed(failure.nearest->len + 1, sizeof(uint32_t));
	blame(&failure, verdicts);
	free(verdicts);
	return failure;
}

static int compare_indexes(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static bool holds(const struct conjunction *conjunction, uint32_t index)
{
	return bsearch(&index, conjunction->clauses, conjunction->len,
		       sizeof(index), compare_indexes) != NULL;
}

/* What stands outside of all $or is in every conjunction. */
static bool stands_outside(const struct failure *failure)
{
	const struct filter *filter = failure->filter;

	for (size_t i = 0; i < filter->conjunction_count; i++) {
		for (size_t j = 0; j < failure->len; j++) {
			if (!holds(&filter->conjunctions[i],
				   failure->blamed[j])) {
				return false;
			}
		}
	}
	return true;
}

#define SHOWN_MAX 200 /* bytes of JSON in a sentence */

static void put_cut(struct buf *out, struct slice text)
{
	if (text.len > SHOWN_MAX) {
		text.len = utf8_floor(text, SHOWN_MAX);
		buf_put_slice(out, text);
		buf_put_text(out, "...");
	} else {
		buf_put_slice(out, text);
	}
}

static void put_json(struct buf *out, const struct value *value)
{
	struct buf json = { 0 };

	json_write(&json, value, JSON_COMPACT);
	put_cut(out, buf_slice(&json));
	buf_fini(&json);
}

static const struct clause *blamed_at(const struct failure *failure, size_t i)
{
	return &failure->filter->clauses[failure->blamed[i]];
}

/* Where there are no leaves. */
static const char *describe_none(const struct value *value)
{
	if (!value) {
		return "is absent";
	}
	if (value->type == VALUE_MAP) {
		return "is a map";
	}
	return value_len(value) ? "is a list without values"
				: "is an empty list";
}

static void explain_clause(const struct failure *failure,
			   const struct filter_explanation *explanation,
			   struct buf *out)
{
	const struct clause *clause = blamed_at(failure, 0);
	struct value wanted = written_alternatives(clause);
	size_t leaves = explanation->seen_count;

	buf_put_text(out, "attribute '");
	put_cut(out, clause->path);
	buf_put_text(out, "' ");
	if (leaves == 0) {
		buf_put_text(out, describe_none(clause_value(
				      clause, failure->attributes)));
	} else if (leaves == 1) {
		buf_put_text(out, "is ");
		put_json(out, value_at(&explanation->seen, 0));
	} else {
		buf_printf(out, "has %zu values, the first of them ", leaves);
		put_json(out, value_at(&explanation->seen, 0));
	}
	buf_put_text(out, leaves > 1 ? ", none of which matches "
				     : ", which does not match ");
	put_json(out, &wanted);
	value_clear(&wanted);
}

static void explain_lists(const struct failure *failure, struct buf *out)
{
	buf_put_text(out, "attributes ");
	for (size_t i = 0; i < failure->len; i++) {
		const char *before = i == 0                 ? "'"
				     : i + 1 < failure->len ? ", '"
							    : " and '";

		buf_put_text(out, before);
		put_cut(out, blamed_at(failure, i)->path);
		buf_put_byte(out, '\'');
	}
	buf_put_text(out, " match one by one, but not within the same element "
			  "of a list");
}

static char *explain(const struct failure *failure,
		     const struct filter_explanation *explanation)
{
	struct buf out = { 0 };

	if (!failure->attributes) {
		buf_put_text(&out, "the attributes are not a map");
		return buf_take(&out);
	}
	if (!stands_outside(failure)) {
		buf_put_text(&out, "no branch of '$or' matches; in the "
				   "nearest one, ");
	}
	if (failure->disagree) {
		explain_lists(failure, &out);
	} else {
		explain_clause(failure, explanation, &out);
	}
	return buf_take(&out);
}

/* One path with two clauses, inside and outside of $or, is shown once. */
static void put_blamed(const struct failure *failure,
		       struct filter_explanation *explanation)
{
	explanation->clause = value_map();
	explanation->seen = value_array();
	for (size_t i = 0; i < failure->len; i++) {
		const struct clause *clause = blamed_at(failure, i);

		if (value_get_slice(&explanation->clause, clause->path)) {
			continue;
		}
		value_set_slice(&explanation->clause, clause->path,
				written_alternatives(clause));
		explanation->seen_count +=
		    clause_leaves(clause, failure->attributes,
				  &explanation->seen, FILTER_SEEN_MAX);
	}
}

void filter_explain(const struct filter *filter, const struct value *attributes,
		    struct filter_explanation *ret_explanation)
{
	*ret_explanation = (struct filter_explanation){
		.matches = filter_match(filter, attributes),
		.seen = value_array(),
	};
	if (ret_explanation->matches) {
		ret_explanation->sentence = slice_dup(SLICE(""));
		return;
	}
	struct failure failure = failure_find(filter, attributes);

	put_blamed(&failure, ret_explanation);
	ret_explanation->sentence = explain(&failure, ret_explanation);
	free(failure.blamed);
}

void filter_explanation_fini(struct filter_explanation *explanation)
{
	value_clear(&explanation->clause);
	value_clear(&explanation->seen);
	free(explanation->sentence);
}
