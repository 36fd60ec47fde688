"""Matching events against filters: bench/filters tells these numbers."""

import json
import os

from harness.program import run
from harness.row import NONE, Budget, Case, Row, Sample, register

SIZES = (1, 1000, 100000)
LINEAR = "one filter after the other"


def matching_row(size):
    return Row("filters-%d" % size, "events matched against %d filters" % size,
               "per_second", NONE, LINEAR if size < 100000 else "",
               Budget(500000, of="value", at_least=True)
               if size == 100000 else None)


def change_row(name):
    return Row("filters-" + name, "filters %s, 100,000 being there" % name,
               "per_second", NONE,
               budget=Budget(200000, of="value", at_least=True))


class Filters(Case):
    """One run of bench_filters is a round: it has turns of its own."""

    rows = (*(matching_row(size) for size in SIZES),
            Row("filters-growth", "an event against 100,000 filters", "us",
                NONE, "an event against 1,000", Budget(5)),
            change_row("added"), change_row("removed"))

    def open(self, bench):
        super().open(bench)
        self.command = [
            os.path.join(bench.build, "bench/filters/bench_filters"), "--json",
            "--profile", "selective", "--sizes", ",".join(map(str, SIZES)),
            *(("--quick", "--rounds", "1") if bench.quick
              else ("--rounds", "3"))]

    def round(self, number):
        found = json.loads(run(self.command))
        speeds = {row["filters"]: row for row in found["speed"]}
        product = {"filters-%d" % size: Sample(row["decoded_per_s"], row)
                   for size, row in speeds.items()}
        floor = {"filters-%d" % size: Sample(row["linear_per_s"])
                 for size, row in speeds.items() if "linear_per_s" in row}
        for samples, size in ((product, 100000), (floor, 1000)):
            samples["filters-growth"] = Sample(
                1e6 / speeds[size]["decoded_per_s"])
        for one in found["numbers"]:
            if one["name"] in ("added", "removed"):
                product["filters-" + one["name"]] = Sample(one["value"])
        return product, floor


register("filters: events and filters of the selective profile", [Filters()])
