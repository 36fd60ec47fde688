/*
 * What was found out about one file, and how it is told.
 */
#ifndef CHECK_REPORT_H
#define CHECK_REPORT_H

#include "check/rules.h"

struct finding {
	enum check_status status;
	bool shown; /* chosen by --only, or broken */
	char *text; /* owned; NULL: nothing to say */
};

struct totals {
	size_t passed; /* with those warned about */
	size_t warned;
	size_t failed;
	size_t skipped;
};

/* `findings` has rule_count() elements. */
void report_count(const struct finding *findings, struct totals *totals);
void report_text(FILE *out, const struct subject *subject,
		 const struct finding *findings, bool only_failed);
struct value report_json(const struct subject *subject,
			 const struct finding *findings, bool only_failed);

/* The last line. */
void report_totals(FILE *out, const struct totals *totals);

#endif
