"""Sequences, and fork-joins of many members, one run at a time."""

from harness.row import STRICT, Budget, Case, Row, Sample, register
from rows.activities import Activities, fork_join


def sequence(length):
    """Activities of one plugin each."""
    return "\nactivities:\n" + "".join(
        "  a%d: {pre: [echo]}\n" % number for number in range(length))


def sequence_case(length):
    row = Row("sequence-%d" % length,
              "a run of %d activities of one plugin, one at a time" % length,
              "us", STRICT, "the same by hand, %d commits" % (length + 1),
              Budget(1.3) if length == 1 else None)
    return Activities(row, sequence(length),
                      ("activity", {"sequence": length}),
                      least=10 if length <= 10 else 3)


def members_case(count):
    row = Row("members-%d" % count,
              "an activity of 1 + %d + 1, one at a time" % count,
              "us", STRICT, "the same by hand, 4 commits",
              Budget(1.3) if count == 8 else None)
    small = count <= 1000
    return Activities(row, fork_join(count),
                      ("activity", {"parallel": count}),
                      least=10 if small else 3, quick=small)


class Growth(Case):
    """What a member costs among many, against what one costs among 1,000."""

    few = 1000
    quick = False

    def __init__(self, many):
        self.many = many
        self.rows = (Row(
            "members-%d-each" % many,
            "what one member of %d costs" % many, "us", STRICT,
            "the product itself, one member of %d" % self.few,
            Budget(1.3)),)

    def open(self, bench):
        super().open(bench)
        self.sides = {count: members_case(count)
                      for count in (self.few, self.many)}
        for side in self.sides.values():
            side.open(bench)

    def close(self):
        for side in self.sides.values():
            side.close()

    def each(self, count):
        sample = self.sides[count].product()["members-%d" % count]
        return {self.rows[0].name: Sample(sample.value / count, sample.also)}

    def product(self):
        return self.each(self.many)

    def floor(self):
        return self.each(self.few)


register("sequences: activities of one plugin, one after the other",
         [sequence_case(length) for length in (1, 3, 10, 80)])
register("members: a parallel phase of many, in-process",
         [members_case(count)
          for count in (1, 8, 64, 256, 1000, 10000, 100000)]
         + [Growth(10000), Growth(100000)])
