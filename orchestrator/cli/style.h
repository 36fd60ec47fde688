/*
 * Colour and glyphs, used only where a person looks: on a terminal. Pure but
 * for style_detect(), which looks at the environment.
 */
#ifndef CLI_STYLE_H
#define CLI_STYLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/state.h"

struct style {
	bool colour;
	bool utf8;
};

enum tone {
	TONE_PLAIN,
	TONE_STRONG,
	TONE_FAINT,
	TONE_GOOD,
	TONE_BAD,
	TONE_WARN,
	TONE_ACTIVE,
	TONES,
};

/*
 * What may be used on `fd`: nothing unless it is a terminal; no colour with
 * $NO_COLOR; UTF-8 when the locale's character set says so and not with
 * `ascii` (the option --ascii).
 */
struct style style_detect(int fd, bool ascii);

/* Append `text` in a tone. */
void style_put(struct buf *out, struct style style, enum tone tone,
	       struct slice text);

enum tone style_task_tone(enum task_state state);
enum tone style_group_tone(enum group_state state);

/* One column wide, ASCII or UTF-8. */
const char *style_task_glyph(struct style style, enum task_state state);
const char *style_group_glyph(struct style style, enum group_state state);

#endif
