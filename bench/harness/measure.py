"""Floor and product in turns, round by round."""

import statistics
import subprocess
import sys
import time

from harness.numbers import more_is_better, spread
from harness.program import Failed


# What a case may end with, the next one being measured nevertheless.
FAILURES = (Failed, OSError, ValueError, LookupError,
            subprocess.SubprocessError)


class Bench:
    """What every case gets: where things are, and how long to measure."""

    def __init__(self, build, folder, quick, rounds, keep):
        self.build = build
        self.folder = folder
        self.quick = quick
        self.rounds = rounds or (3 if quick else 5)
        self.keep = keep
        # Seconds that one side of one round should take.
        self.span_s = 0.1 if quick else 1.0
        # Seconds after which a case begins no more rounds.
        self.patience_s = 1.2 if quick else 60

    def count(self, seconds_each, least, most=1000000):
        """How many of something make up a round."""
        return max(least, min(most, int(self.span_s / seconds_each)))


class Result:
    """A row and its rounds: a list of (product, floor or None), as Samples."""

    def __init__(self, row, rounds):
        self.row = row
        self.rounds = rounds
        self.product = spread([product.value for product, _ in rounds])
        floors = [floor.value for _, floor in rounds if floor]
        ratios = [product.value / floor.value for product, floor in rounds
                  if floor and floor.value > 0]
        self.floor = spread(floors) if floors else None
        self.ratio = spread(ratios) if ratios else None
        # That all rows of its case took together.
        self.seconds = None

    def commits(self):
        """For each run: the product's and the floor's, or None."""
        sides = []
        for side in zip(*self.rounds):
            sides.append([one.also["commits"] / one.also["count"]
                          for one in side if one and "commits" in one.also])
        if not all(sides):
            return None
        return [statistics.median(side) for side in sides]

    def is_unfair(self):
        """Whether the floor had to commit more often than the product."""
        commits = self.commits()
        return commits is not None and commits[1] > 1.05 * commits[0]

    def met(self):
        """Whether the budget is; None without one, or without a number."""
        budget = self.row.budget
        if budget is None:
            return None
        judged = self.ratio if budget.of == "ratio" else self.product
        return budget.met(judged["median"] if judged else None)

    def document(self):
        row = self.row
        return {
            "name": row.name, "title": row.title, "unit": row.unit,
            "more_is_better": more_is_better(row.unit),
            "policy": row.policy, "floor_is": row.floor,
            "product": self.product, "floor": self.floor,
            "ratio": self.ratio, "seconds": self.seconds,
            "commits_a_run": self.commits(), "unfair": self.is_unfair(),
            "budget": row.budget and {
                "of": row.budget.of, "bound": row.budget.bound,
                "at_least": row.budget.at_least, "met": self.met()},
            "rounds": [{
                "product": product.value, "floor": floor and floor.value,
                "product_also": product.also,
                "floor_also": floor.also if floor else {},
            } for product, floor in self.rounds],
        }


def measure(bench, case):
    """The results of those of a case's rows that were measured."""
    rounds = []
    try:
        case.open(bench)
        until = time.monotonic() + bench.patience_s
        for number in range(min(bench.rounds, case.most_rounds)):
            if rounds and time.monotonic() > until:
                break
            rounds.append(case.round(number))
    finally:
        case.close()
    return [Result(row, [(product[row.name], floor.get(row.name))
                         for product, floor in rounds])
            for row in case.rows if row.name in rounds[0][0]]


def measure_all(bench, cases, tell):
    """Yields results; what fails is told and ends nothing but its own rows."""
    for case in cases:
        names = ", ".join(row.name for row in case.rows)
        progress(names)
        begin = time.monotonic()
        try:
            results = measure(bench, case)
        except FAILURES as failed:
            tell("%s: %s" % (names, failed))
            continue
        for result in results:
            result.seconds = time.monotonic() - begin
        yield from results


def progress(names=""):
    """What is being measured; nothing where nobody watches."""
    if sys.stderr.isatty():
        print("\r\033[K" + names[:70], end="", file=sys.stderr, flush=True)
