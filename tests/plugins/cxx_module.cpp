/* The plugin SDK from C++11; no exception leaves the plugin. */
#include <tutti/plugin.h>

namespace
{
static_assert(sizeof(tutti_value) == 24, "the same layout as in C");

extern "C" int32_t handle(void *self, const tutti_task *task) noexcept
{
	tutti_value language;
	tutti_result result = tutti_result();

	(void)self;
	result.size = sizeof(result);
	result.outcome = TUTTI_SUCCEEDED;
	if (tutti_get(task, "attributes.lang", &language) == TUTTI_OK) {
		result.message = language.as.text;
	}
	result.output = tutti_text("{\"language\": \"C++\"}");
	return tutti_finish(task, &result);
}

const tutti_subscription wanted[] = {
	{ "Step1", "{\"lang\": [\"c++\"]}", TUTTI_PARALLEL, TUTTI_OPTIONAL, 0,
	  0 },
};

const tutti_plugin plugin = {
	sizeof(tutti_plugin),
	TUTTI_NOT_IDEMPOTENT | TUTTI_ALWAYS_RUN,
	"cxx",
	"1.0",
	"Written in C++.",
	wanted,
	nullptr,
	1,
	0,
	1,
	0,
	nullptr,
	handle,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
};
} // namespace

TUTTI_MODULE(&plugin);
