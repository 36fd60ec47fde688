"""The table for people."""

from harness.numbers import shown

COLUMNS = (("row", 26), ("policy", 10), ("product", 11), ("spread", 22),
           ("floor", 11), ("ratio", 7), ("budget", 11), ("met", 3))
LEFT = ("row", "policy", "budget", "met")


def _line(cells):
    return "  ".join(
        cell.ljust(width) if name in LEFT else cell.rjust(width)
        for cell, (name, width) in zip(cells, COLUMNS)).rstrip()


def head():
    return _line([name for name, _ in COLUMNS])


UNFAIR = "* the floor committed more often than the product: it is no floor"


def ratio_shown(result):
    if result.ratio is None:
        return "-"
    return "%.2f%s" % (result.ratio["median"],
                       "*" if result.is_unfair() else "")


def disk(found):
    """What floor_disk says, in a line."""
    return "disk: a flush %s, a commit of LMDB with %s" % (
        shown(found["flush_us"]["p50"], "us"), ", ".join(
            "%s: %s" % (records, shown(times["p50"], "us"))
            for records, times in found["commit_us"].items()))


def line(result):
    row, unit = result.row, result.row.unit
    spread = "%s .. %s" % (shown(result.product["low"], unit),
                           shown(result.product["high"], unit))
    met = {True: "yes", False: "NO", None: ""}[result.met()]
    return _line([
        row.name, row.policy.partition(":")[0],
        shown(result.product["median"], unit), spread,
        shown(result.floor and result.floor["median"], unit),
        ratio_shown(result),
        row.budget.text(lambda bound: shown(bound, unit))
        if row.budget else "-", met])
