#include "daemon/series.h"

/* The window before the new one becomes `previous`, when it is `current`. */
static void rotate(struct series *series, uint64_t window)
{
	histogram_merge(&series->earlier, &series->previous);
	histogram_clear(&series->previous);
	if (window == series->window + 1) {
		series->previous = series->current;
	} else {
		histogram_merge(&series->earlier, &series->current);
	}
	histogram_clear(&series->current);
	series->window = window;
}

void series_add(struct series *series, uint64_t window, uint64_t value)
{
	if (window != series->window) {
		rotate(series, window);
	}
	histogram_add(&series->current, value);
}

void series_merge_recent(const struct series *series, uint64_t window,
			 struct histogram *into)
{
	if (window == series->window) {
		histogram_merge(into, &series->previous);
	}
	if (window <= series->window + 1) {
		histogram_merge(into, &series->current);
	}
}

void series_merge_all(const struct series *series, struct histogram *into)
{
	histogram_merge(into, &series->earlier);
	histogram_merge(into, &series->previous);
	histogram_merge(into, &series->current);
}
