"""Statistics, and how numbers are written."""

import statistics


def percentile(values, part):
    """Of sorted or unsorted values; part is 0 to 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def spread(values):
    return {"median": statistics.median(values), "low": min(values),
            "high": max(values)}


def _scaled(value, steps):
    for factor, name in steps:
        if abs(value) >= factor:
            return "%.3g %s" % (value / factor, name)
    return "%.3g %s" % (value, steps[-1][1])


def _rate(value):
    if value >= 1e6:
        return "%.3g M/s" % (value / 1e6)
    if value >= 1e4:
        return "%.3g k/s" % (value / 1e3)
    return "%.4g /s" % value


SHOWN = {
    "us": lambda value: _scaled(value, ((1e6, "s"), (1e3, "ms"), (1, "us"))),
    "per_second": _rate,
    "bytes": lambda value: _scaled(
        value, ((1e6, "MB"), (1e3, "kB"), (1, "B"))),
    "us_a_minute": lambda value: "%.3g ms/min" % (value / 1e3),
    "a_minute": lambda value: "%.3g /min" % value,
}


def shown(value, unit):
    return "-" if value is None else SHOWN[unit](value)


def more_is_better(unit):
    return unit == "per_second"
