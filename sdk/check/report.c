#include "check/report.h"

static const char *const words[] = {
	[CHECK_NOT_RUN] = "-", [CHECK_PASS] = "pass", [CHECK_WARN] = "warn",
	[CHECK_FAIL] = "FAIL", [CHECK_SKIP] = "skip",
};

static const char *const json_words[] = {
	[CHECK_NOT_RUN] = "skip", [CHECK_PASS] = "pass", [CHECK_WARN] = "warn",
	[CHECK_FAIL] = "fail",    [CHECK_SKIP] = "skip",
};

static bool is_shown(const struct finding *finding, bool only_failed)
{
	if (!finding->shown || finding->status == CHECK_NOT_RUN) {
		return false;
	}
	return !only_failed || finding->status == CHECK_FAIL ||
	       finding->status == CHECK_WARN;
}

void report_count(const struct finding *findings, struct totals *totals)
{
	size_t count = rule_count();

	for (size_t i = 0; i < count; i++) {
		if (!is_shown(&findings[i], false)) {
			continue;
		}
		totals->passed += findings[i].status == CHECK_PASS ||
				  findings[i].status == CHECK_WARN;
		totals->warned += findings[i].status == CHECK_WARN;
		totals->failed += findings[i].status == CHECK_FAIL;
		totals->skipped += findings[i].status == CHECK_SKIP;
	}
}

void report_text(FILE *out, const struct subject *subject,
		 const struct finding *findings, bool only_failed)
{
	size_t count = rule_count();

	(void)fprintf(out, "%s\n", subject->path);
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_at(i);

		if (!is_shown(&findings[i], only_failed)) {
			continue;
		}
		(void)fprintf(out, "  %s  %-22s %s\n",
			      words[findings[i].status], rule->name,
			      rule->says);
		if (findings[i].text) {
			(void)fprintf(out, "        %s\n", findings[i].text);
		}
	}
}

struct value report_json(const struct subject *subject,
			 const struct finding *findings, bool only_failed)
{
	struct value map = value_map();
	struct value list = value_array();
	size_t count = rule_count();

	for (size_t i = 0; i < count; i++) {
		struct value item = value_map();

		if (!is_shown(&findings[i], only_failed)) {
			continue;
		}
		value_set(&item, "rule", value_text(rule_at(i)->name));
		value_set(&item, "says", value_text(rule_at(i)->says));
		value_set(&item, "status",
			  value_text(json_words[findings[i].status]));
		value_set(&item, "message", value_text(findings[i].text));
		value_push(&list, item);
	}
	value_set(&map, "file", value_text(subject->path));
	value_set(
	    &map, "kind",
	    value_text(subject->kind == CHECK_PROGRAM ? "program" : "module"));
	value_set(&map, "rules", list);
	return map;
}

void report_totals(FILE *out, const struct totals *totals)
{
	if (totals->warned) {
		(void)fprintf(out, "%zu of them with a warning\n",
			      totals->warned);
	}
	(void)fprintf(out, "%zu passed, %zu failed, %zu skipped\n",
		      totals->passed, totals->failed, totals->skipped);
}
