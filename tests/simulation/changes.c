/* What makes a life smaller: see report.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "temper.h"

static bool read_without(struct changes *changes, const char *text)
{
	char list[512];
	char *rest = NULL;

	(void)snprintf(list, sizeof(list), "%s", text);
	for (char *word = strtok_r(list, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest)) {
		enum action action = action_find(word);

		if (action == ACTIONS) {
			return false;
		}
		changes->without |= UINT64_C(1) << action;
	}
	return true;
}

static bool read_skip(struct changes *changes, const char *text)
{
	while (*text && changes->skip_count < RANGES_MAX) {
		char *end = NULL;
		struct range range = { .from = 0 };

		range.from = (uint32_t)strtoul(text, &end, 10);
		range.to = range.from;
		if (*end == '-') {
			range.to = (uint32_t)strtoul(end + 1, &end, 10);
		}
		changes->skips[changes->skip_count++] = range;
		text = *end == ',' ? end + 1 : end;
		if (*end && *end != ',') {
			return false;
		}
	}
	return *text == 0;
}

bool changes_read(struct changes *changes, const char *option)
{
	if (!strncmp(option, "--without=", 10)) {
		return read_without(changes, option + 10);
	}
	if (!strncmp(option, "--skip=", 7)) {
		return read_skip(changes, option + 7);
	}
	if (!strncmp(option, "--break=", 8)) {
		changes->break_at = (uint32_t)strtoul(option + 8, NULL, 10);
		return true;
	}
	return false;
}

static size_t add(char *text, size_t used, const char *before, const char *what)
{
	int len = snprintf(text + used, CHANGES_TEXT_SIZE - used, "%s%s",
			   before, what);

	return len > 0 && used + (size_t)len < CHANGES_TEXT_SIZE
		   ? used + (size_t)len
		   : used;
}

void changes_write(const struct changes *changes, char text[CHANGES_TEXT_SIZE])
{
	size_t used = 0;
	const char *before = " --without=";
	char range[32];

	text[0] = 0;
	for (int i = 0; i < ACTIONS; i++) {
		if (changes->without >> i & 1) {
			used = add(text, used, before,
				   action_name((enum action)i));
			before = ",";
		}
	}
	before = " --skip=";
	for (size_t i = 0; i < changes->skip_count; i++) {
		(void)snprintf(range, sizeof(range), "%u-%u",
			       changes->skips[i].from, changes->skips[i].to);
		used = add(text, used, before, range);
		before = ",";
	}
	if (changes->break_at) {
		(void)snprintf(range, sizeof(range), "%u", changes->break_at);
		(void)add(text, used, " --break=", range);
	}
}

bool changes_skip(const struct changes *changes, uint32_t step)
{
	for (size_t i = 0; i < changes->skip_count; i++) {
		if (step >= changes->skips[i].from &&
		    step <= changes->skips[i].to) {
			return true;
		}
	}
	return false;
}
