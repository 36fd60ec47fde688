#include "model/durability.h"

const char *durability_name(enum durability durability)
{
	static const char *const names[DURABILITIES] = {
		[DURABILITY_STRICT] = "strict",
		[DURABILITY_PIPELINED] = "pipelined",
		[DURABILITY_RELAXED] = "relaxed",
	};

	return names[durability];
}
