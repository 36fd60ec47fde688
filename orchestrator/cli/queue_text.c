#include "cli/queue_text.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/clock.h"
#include "cli/text.h"
#include "document/json.h"

static void put_time(struct buf *out, const char *before, int64_t time_ms)
{
	char text[CLOCK_TEXT_SIZE];

	duration_format(time_ms, text);
	buf_printf(out, "%s%s", before, text);
}

static bool has_usual_waits(const struct retry_policy *retry)
{
	const struct retry_policy usual = retry_policy_of(retry->attempts);

	return retry->backoff_ms == usual.backoff_ms &&
	       retry->max_ms == usual.max_ms;
}

static void put_waits(struct buf *out, const struct retry_policy *retry)
{
	put_time(out, " with waits from ", retry->backoff_ms);
	put_time(out, " to ", retry->max_ms);
}

static void put_order(struct buf *out, const struct queue_policy *policy)
{
	if (policy->fifo_key) {
		buf_put_text(out, ", in order by ");
		text_put_clean(out, slice_of(policy->fifo_key));
	}
	if (policy->priority_key) {
		buf_put_text(out, ", priority by ");
		text_put_clean(out, slice_of(policy->priority_key));
	} else if (policy->priority) {
		buf_printf(out, ", priority %d", policy->priority);
	}
}

void queue_text_put_rate(struct buf *out, const struct queue_policy *policy)
{
	char per[CLOCK_TEXT_SIZE];

	duration_format(policy->rate_per_ms, per);
	buf_printf(out, "%" PRIu32 "/%s", policy->rate,
		   per[0] == '1' && isalpha((unsigned char)per[1]) ? per + 1
								   : per);
}

static void put_limits(struct buf *out, const struct queue_policy *policy)
{
	if (policy->visibility_ms) {
		put_time(out, ", visibility ", policy->visibility_ms);
	}
	if (policy->delay_ms) {
		put_time(out, ", delay ", policy->delay_ms);
	}
	if (policy->concurrency) {
		buf_printf(out, ", %" PRIu32 " at a time", policy->concurrency);
	}
	if (policy->rate) {
		buf_put_text(out, ", ");
		queue_text_put_rate(out, policy);
	}
	put_order(out, policy);
}

static void put_attempts(struct buf *out, const struct retry_policy *retry)
{
	text_put_count(out, retry->attempts, "attempt", "attempts");
}

void queue_text_put_policy(struct buf *out, const struct queue_policy *policy)
{
	put_attempts(out, &policy->retry);
	if (policy->retry.attempts > 1) {
		put_waits(out, &policy->retry);
	}
	put_limits(out, policy);
}

void queue_text_put(struct buf *out, const struct value *queue)
{
	struct queue_policy policy;

	/* Of a daemon that knows more: as it says it. */
	if (queue_policy_from_value(queue, &policy, NULL) < 0) {
		json_write(out, queue, JSON_COMPACT);
		return;
	}
	text_put_clean(out, policy.name ? slice_of(policy.name) : SLICE("-"));
	buf_put_text(out, ", ");
	put_attempts(out, &policy.retry);
	if (!has_usual_waits(&policy.retry)) {
		put_waits(out, &policy.retry);
	}
	put_limits(out, &policy);
	queue_policy_fini(&policy);
}
