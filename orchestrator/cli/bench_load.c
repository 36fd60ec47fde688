#include "cli/bench_load.h"

#include "base/clock.h"
#include "cli/bench_stop.h"
#include "cli/load.h"

#define SILENCE_MS 30000

struct driving {
	struct bench_load *load;
	size_t sent;
	size_t answered;
	size_t counted;
	int64_t begin_ns; /* of the slice; 0: it has not begun */
	int64_t last_ns;  /* the last one that counts */
	struct err err;   /* of a run */
};

/* Many end together: only whole windows have a rate. */
static bool over(const struct driving *driving, int64_t now_ns)
{
	return driving->begin_ns &&
	       driving->counted >= driving->load->in_flight &&
	       now_ns - driving->begin_ns >= driving->load->slice_ns;
}

static bool next(void *arg, struct value *ret_args)
{
	struct driving *driving = arg;

	if (driving->sent == driving->load->most || driving->err.code ||
	    bench_stop_check() || over(driving, clock_mono_ns())) {
		return false;
	}
	driving->sent++;
	*ret_args = value_map();
	value_set(ret_args, "wait", value_bool(true));
	return true;
}

static void note_failure(struct driving *driving,
			 const struct load_answer *answer)
{
	if (driving->err.code) {
		return;
	}
	if (answer->error) {
		driving->err = *answer->error;
		return;
	}
	(void)err_set(&driving->err, E_UNREACHABLE,
		      "a run that was to be measured ended %.*s",
		      SLICE_ARG(value_get_text(answer->result, "state")));
}

static void begin(struct driving *driving, int64_t now_ns)
{
	driving->begin_ns = now_ns;
	driving->last_ns = now_ns;
}

/* The first ones of many wait for each other's requests. */
static void count(struct driving *driving, int64_t now_ns, int64_t took_ns)
{
	if (driving->begin_ns) {
		if (!over(driving, now_ns)) {
			samples_add(driving->load->samples, took_ns);
			driving->counted++;
			driving->last_ns = now_ns;
		}
	} else if (driving->answered >= driving->load->in_flight) {
		begin(driving, now_ns);
	}
}

static void answered(void *arg, const struct load_answer *answer)
{
	struct driving *driving = arg;

	driving->answered++;
	if (answer->error ||
	    !slice_is(value_get_text(answer->result, "state"), "succeeded")) {
		note_failure(driving, answer);
	} else {
		count(driving, clock_mono_ns(), answer->took_ns);
	}
}

int bench_load(struct control_client *client, struct bench_load *load,
	       struct err *reterr)
{
	struct driving driving = { .load = load };

	if (load->in_flight == 1) {
		begin(&driving, clock_mono_ns());
	}
	struct load drive = {
		.window = load->in_flight,
		.arg = &driving,
		.next = next,
		.answered = answered,
	};
	int rc = load_drive(client, &drive, SILENCE_MS, reterr);

	load->runs += driving.answered;
	load->samples->within_ns += driving.last_ns - driving.begin_ns;
	if (bench_stop_check()) {
		return E_STALE;
	}
	if (driving.err.code) {
		return err_set(reterr, driving.err.code, "%s", driving.err.msg);
	}
	return rc == E_TIMEOUT
		   ? err_set(reterr, E_UNREACHABLE, "no run ended within %d s",
			     SILENCE_MS / 1000)
		   : rc;
}
