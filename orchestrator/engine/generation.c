#include "engine/generation.h"

#include <stdlib.h>

#include "base/alloc.h"

struct pin *pins_take(struct pins *pins, uint64_t generation)
{
	struct pin *pin = pins->newest;

	if (!pin || pin->generation != generation) {
		pin = alloc_zeroed(1, sizeof(*pin));
		pin->generation = generation;
		pin->older = pins->newest;
		if (pins->newest) {
			pins->newest->newer = pin;
		} else {
			pins->oldest = pin;
		}
		pins->newest = pin;
	}
	pin->runs++;
	return pin;
}

void pins_release(struct pins *pins, struct pin *pin)
{
	if (!pin || --pin->runs > 0) {
		return;
	}
	if (pin->older) {
		pin->older->newer = pin->newer;
	} else {
		pins->oldest = pin->newer;
	}
	if (pin->newer) {
		pin->newer->older = pin->older;
	} else {
		pins->newest = pin->older;
	}
	free(pin);
}
