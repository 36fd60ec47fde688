#include "daemon/queues.h"

#include "base/clock.h"
#include "base/log.h"
#include "bridge/bridge.h"

/* [any thread] */
static void wake(void *arg)
{
	struct daemon *daemon = arg;

	inbox_wake(&daemon->inbox);
}

int queues_open(struct daemon *daemon, struct err *reterr)
{
	struct bridge_options options = {
		.driver = &embedded_driver,
		.store = daemon->store,
		.wake = wake,
		.arg = daemon,
	};

	return bridge_open(&options, clock_wall_us(), &daemon->bridge, reterr);
}

int queues_set_plugin(struct daemon *daemon, struct slice plugin,
		      const struct queue_policy *policy, struct err *reterr)
{
	/* What was ordered before is for the queue that the plugin has had. */
	queues_obey(daemon);
	return bridge_set_plugin(daemon->bridge, plugin, policy,
				 clock_wall_us(), reterr);
}

void queues_obey(struct daemon *daemon)
{
	bridge_obey(daemon->bridge, &daemon->output, clock_wall_us());
}

static void take_leased(struct daemon *daemon, const struct message_key *key,
			int64_t now_us)
{
	struct event event = {
		.kind = EVENT_LEASED,
		.run = key->run,
		.as.message = { .task = key->task },
	};
	int rc =
	    engine_step(daemon->engine, &event, now_us, &daemon->output, NULL);

	if (rc < 0) {
		bridge_refused(daemon->bridge, key, rc, now_us);
	}
}

static void take_expired(struct daemon *daemon, const struct message_key *key,
			 int64_t now_us)
{
	struct event event = {
		.kind = EVENT_EXPIRED,
		.run = key->run,
		.as.message = { .task = key->task },
	};

	(void)engine_step(daemon->engine, &event, now_us, &daemon->output,
			  NULL);
}

/* One message; false when there is none for now. */
static bool take_next(struct daemon *daemon)
{
	struct message_key key;
	int64_t now_us = clock_wall_us();

	switch (bridge_next(daemon->bridge, daemon->engine, now_us, &key)) {
	case BRIDGE_LEASED:
		take_leased(daemon, &key, now_us);
		return true;
	case BRIDGE_EXPIRED:
		take_expired(daemon, &key, now_us);
		return true;
	case BRIDGE_NOTHING:
		break;
	}
	return false;
}

void queues_turn(struct daemon *daemon)
{
	do {
		queues_obey(daemon);
	} while (!daemon->draining && take_next(daemon));
}
