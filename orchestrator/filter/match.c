#include "filter/look.h"

#include <stdlib.h>

#include "base/alloc.h"

/* Reaches of clauses that several conjunctions share are kept, for so many of
 * them at least. */
#define KEPT_MAX 256

struct judgement {
	const struct filter *filter;
	const struct value *attributes;
	/* Of the clauses that were looked at, one more than their reach. */
	uint8_t kept[KEPT_MAX];
	bool keeps;
};

static enum reach judge_clause(struct judgement *judgement, uint32_t index)
{
	const struct clause *clause = &judgement->filter->clauses[index];
	bool kept = judgement->keeps && index < KEPT_MAX;

	if (kept && judgement->kept[index]) {
		return (enum reach)(judgement->kept[index] - 1);
	}
	struct sight sight = clause_judge(clause, judgement->attributes);

	if (kept) {
		judgement->kept[index] = (uint8_t)(sight.reach + 1);
	}
	return sight.reach;
}

/* Those that hold only inside of lists must agree on the elements. */
static bool agree(struct judgement *judgement,
		  const struct conjunction *conjunction, size_t bound)
{
	const struct clause *few[8];
	const struct clause **clauses = few;
	size_t len = 0;

	if (bound > sizeof(few) / sizeof(few[0])) {
		clauses = alloc_zeroed(bound, sizeof(*clauses));
	}
	for (size_t i = 0; i < conjunction->len; i++) {
		uint32_t index = conjunction->clauses[i];

		if (judge_clause(judgement, index) == REACH_BOUND) {
			clauses[len++] = &judgement->filter->clauses[index];
		}
	}
	bool agreed = clauses_agree(clauses, len, judgement->attributes);

	if (clauses != few) {
		free(clauses);
	}
	return agreed;
}

static bool conjunction_matches(struct judgement *judgement,
				const struct conjunction *conjunction)
{
	size_t bound = 0;

	for (size_t i = 0; i < conjunction->len; i++) {
		enum reach reach =
		    judge_clause(judgement, conjunction->clauses[i]);

		if (reach == REACH_NONE) {
			return false;
		}
		bound += reach == REACH_BOUND;
	}
	return bound < 2 || agree(judgement, conjunction, bound);
}

bool filter_match(const struct filter *filter, const struct value *attributes)
{
	bool found = false;

	if (!filter) {
		return true;
	}
	struct judgement judgement = {
		.filter = filter,
		.attributes = look_at(attributes),
		.keeps = filter->conjunction_count > 1,
	};

	for (size_t i = 0; !found && i < filter->conjunction_count; i++) {
		found =
		    conjunction_matches(&judgement, &filter->conjunctions[i]);
	}
	return found;
}
