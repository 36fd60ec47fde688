#include "daemon/clock_watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"

#define SMALLEST_STEP_US 500000

static int64_t lead_us(void)
{
	return clock_wall_us() - clock_boot_ns() / 1000;
}

void clock_watch_begin(struct daemon *daemon)
{
	daemon->clock_lead_us = lead_us();
}

void clock_watch(struct daemon *daemon)
{
	int64_t step_us = lead_us() - daemon->clock_lead_us;
	struct event event = {
		.kind = EVENT_CLOCK,
		.as.clock = { .step_us = step_us },
	};

	if (step_us > -SMALLEST_STEP_US && step_us < SMALLEST_STEP_US) {
		return;
	}
	daemon->clock_lead_us += step_us;
	log_warn("msg=\"the wall clock was set %s by %lld ms: deadlines and "
		 "waits of a given length move along\"",
		 step_us < 0 ? "back" : "forward",
		 (long long)(step_us < 0 ? -step_us : step_us) / 1000);
	(void)engine_step(daemon->engine, &event, clock_wall_us(),
			  &daemon->output, NULL);
	bridge_clock_step(daemon->bridge, step_us);
}
