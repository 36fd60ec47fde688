#include "cli/plugin_state.h"

enum tone plugin_state_tone(struct slice state)
{
	static const struct {
		const char *state;
		enum tone tone;
	} tones[] = {
		{ "ready", TONE_GOOD },       { "starting", TONE_ACTIVE },
		{ "draining", TONE_WARN },    { "down", TONE_WARN },
		{ "no instance", TONE_WARN }, { "removed", TONE_FAINT },
		{ "quarantined", TONE_BAD },  { "gave up", TONE_BAD },
	};

	for (size_t i = 0; i < sizeof(tones) / sizeof(tones[0]); i++) {
		if (slice_is(state, tones[i].state)) {
			return tones[i].tone;
		}
	}
	return TONE_PLAIN;
}
