#include "filter/written.h"

#include "filter/wildcard.h"

static struct value written_map(const char *name, struct value operand)
{
	struct value map = value_map();

	value_set(&map, name, operand);
	return map;
}

static struct value written_folded(struct slice text)
{
	return written_map("equals-ignore-case", value_string(text));
}

static struct value written_pieces(const struct pieces *pieces)
{
	struct buf pattern = { 0 };
	struct value value;

	wildcard_write(&pattern, pieces);
	value = value_string(buf_slice(&pattern));
	buf_fini(&pattern);
	return value;
}

static void put_bound(struct value *list, const char *exclusive,
		      const char *inclusive, const struct bound *bound)
{
	if (bound->number.type != VALUE_NULL) {
		value_push(
		    list, value_text(bound->inclusive ? inclusive : exclusive));
		value_push(list, value_copy(&bound->number));
	}
}

/* Equal bounds come from '=' alone: of a range they must differ. */
static struct value written_range(const struct range *range)
{
	struct value list = value_array();

	if (range->lower.number.type != VALUE_NULL &&
	    value_equal(&range->lower.number, &range->upper.number)) {
		put_bound(&list, "=", "=", &range->lower);
	} else {
		put_bound(&list, ">", ">=", &range->lower);
		put_bound(&list, "<", "<=", &range->upper);
	}
	return written_map("numeric", list);
}

/* The operator's name; NULL for a plain value, which has none. */
static const char *operator_name(enum alternative_kind kind)
{
	switch (kind) {
	case ALTERNATIVE_PREFIX:
	case ALTERNATIVE_FOLDED_PREFIX:
		return "prefix";
	case ALTERNATIVE_SUFFIX:
	case ALTERNATIVE_FOLDED_SUFFIX:
		return "suffix";
	case ALTERNATIVE_FOLDED:
		return "equals-ignore-case";
	case ALTERNATIVE_WILDCARD:
		return "wildcard";
	default:
		return NULL;
	}
}

/* What stands right of the operator's name. */
static struct value written_operand(const struct alternative *alternative)
{
	switch (alternative->kind) {
	case ALTERNATIVE_EQUAL:
		return value_copy(&alternative->as.operand);
	case ALTERNATIVE_WILDCARD:
		return written_pieces(&alternative->as.pieces);
	case ALTERNATIVE_FOLDED_PREFIX:
	case ALTERNATIVE_FOLDED_SUFFIX:
		return written_folded(alternative->as.text);
	default:
		return value_string(alternative->as.text);
	}
}

static struct value written_but(const struct alternative *but)
{
	const struct alternative *excluded = but->as.excluded.list;
	const char *name = operator_name(excluded[0].kind);
	struct value operand;

	if (but->as.excluded.listed) {
		operand = value_array();
		for (size_t i = 0; i < but->as.excluded.len; i++) {
			value_push(&operand, written_operand(&excluded[i]));
		}
	} else {
		operand = written_operand(&excluded[0]);
	}
	return written_map("anything-but",
			   name ? written_map(name, operand) : operand);
}

static struct value written(const struct alternative *alternative)
{
	switch (alternative->kind) {
	case ALTERNATIVE_EQUAL:
		return written_operand(alternative);
	case ALTERNATIVE_RANGE:
		return written_range(alternative->as.range);
	case ALTERNATIVE_CIDR:
		return written_map("cidr",
				   value_string(alternative->as.network->text));
	case ALTERNATIVE_EXISTS:
		return written_map("exists", value_bool(true));
	case ALTERNATIVE_ABSENT:
		return written_map("exists", value_bool(false));
	case ALTERNATIVE_BUT:
		return written_but(alternative);
	default:
		return written_map(operator_name(alternative->kind),
				   written_operand(alternative));
	}
}

struct value written_alternatives(const struct clause *clause)
{
	struct value list = value_array();

	for (uint32_t i = 0; i < clause->len; i++) {
		value_push(&list, written(&clause->alternatives[i]));
	}
	return list;
}
