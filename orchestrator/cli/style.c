#include "cli/style.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct look {
	const char *utf8;
	const char *ascii;
	enum tone tone;
};

static const struct look task_looks[TASK_STATES] = {
	[TASK_PENDING] = { "○", ".", TONE_FAINT },
	[TASK_QUEUED] = { "◔", "q", TONE_FAINT },
	[TASK_RUNNING] = { "●", "*", TONE_ACTIVE },
	[TASK_WAITING] = { "◷", "w", TONE_WARN },
	[TASK_RETRYING] = { "↻", "r", TONE_WARN },
	[TASK_SUCCEEDED] = { "✔", "+", TONE_GOOD },
	[TASK_FAILED] = { "✖", "x", TONE_BAD },
	[TASK_SKIPPED] = { "↷", "s", TONE_FAINT },
	[TASK_CANCELLED] = { "⊘", "c", TONE_WARN },
};

static const struct look group_looks[GROUP_STATES] = {
	[GROUP_PENDING] = { "○", ".", TONE_FAINT },
	[GROUP_RUNNING] = { "●", "*", TONE_ACTIVE },
	[GROUP_WAITING] = { "◷", "w", TONE_WARN },
	[GROUP_CANCELLING] = { "◌", "!", TONE_WARN },
	[GROUP_SUCCEEDED] = { "✔", "+", TONE_GOOD },
	[GROUP_DEGRADED] = { "◐", "~", TONE_WARN },
	[GROUP_FAILED] = { "✖", "x", TONE_BAD },
	[GROUP_CANCELLED] = { "⊘", "c", TONE_WARN },
	[GROUP_SKIPPED] = { "↷", "s", TONE_FAINT },
};

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value) {
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
		}
	}
	return false;
}

static bool colour_wanted(void)
{
	const char *refused = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return !(refused && *refused) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

struct style style_detect(int fd, bool ascii)
{
	if (!isatty(fd)) {
		return (struct style){ 0 };
	}
	return (struct style){
		.colour = colour_wanted(),
		.utf8 = !ascii && locale_is_utf8(),
	};
}

void style_put(struct buf *out, struct style style, enum tone tone,
	       struct slice text)
{
	static const char *const codes[TONES] = {
		[TONE_STRONG] = "\033[1m", [TONE_FAINT] = "\033[2m",
		[TONE_GOOD] = "\033[32m",  [TONE_BAD] = "\033[31m",
		[TONE_WARN] = "\033[33m",  [TONE_ACTIVE] = "\033[36m",
	};
	bool coloured = style.colour && codes[tone] && text.len > 0;

	if (coloured) {
		buf_put_text(out, codes[tone]);
	}
	buf_put_slice(out, text);
	if (coloured) {
		buf_put_text(out, "\033[0m");
	}
}

enum tone style_task_tone(enum task_state state)
{
	assert(state < TASK_STATES);
	return task_looks[state].tone;
}

enum tone style_group_tone(enum group_state state)
{
	assert(state < GROUP_STATES);
	return group_looks[state].tone;
}

const char *style_task_glyph(struct style style, enum task_state state)
{
	assert(state < TASK_STATES);
	return style.utf8 ? task_looks[state].utf8 : task_looks[state].ascii;
}

const char *style_group_glyph(struct style style, enum group_state state)
{
	assert(state < GROUP_STATES);
	return style.utf8 ? group_looks[state].utf8 : group_looks[state].ascii;
}
