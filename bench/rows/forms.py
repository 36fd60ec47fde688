"""Plugins outside the daemon's process."""

from harness.program import floor
from harness.row import STRICT, Budget, Row, register
from rows.activities import Activities, fork_join, phase

# One process for each plugin of 1 + 8 + 1, as the floor has them.
PROCESSES = 10

BUDGETS = {1: Budget(1.4), 256: Budget(0.7, at_least=True)}


def form_case(form, in_flight):
    unit = "us" if in_flight == 1 else "per_second"
    row = Row("%s-%d" % (form, in_flight),
              "1 + 8 + 1, %s in %d processes, %d in flight" % (
                  "isolated module" if form == "isolated" else "program",
                  PROCESSES, in_flight), unit, STRICT,
              "the same by hand over nng on tcp loopback",
              BUDGETS.get(in_flight))
    against = ("network", {"parallel": 8, "in_flight": in_flight})
    return Activities(row, fork_join(8), against, in_flight, form=form,
                      instances=PROCESSES,
                      quick=form == "process" or in_flight in BUDGETS)


class Fanout(Activities):
    """A parallel phase alone: two commits, between them the members' answers.
    The floor is nng's alone, and LMDB's for two commits as large or smaller."""

    def __init__(self, members):
        self.members = members
        processes = min(members, 8)
        row = Row("fanout-%d" % members,
                  "a phase of %d programs' tasks, %d processes, one at a time"
                  % (members, processes), "us", STRICT,
                  "nng: a message to all and their answers; and two commits "
                  "of LMDB", Budget(1.4))
        shape = "\nactivities: {A: {parallel: %s}}\n" % phase(members)
        against = ("fanout", {"members": members, "processes": processes})
        super().__init__(row, shape, against, form="process",
                         instances=processes)

    def run_floor(self, count):
        found = super().run_floor(count)
        records = max(size for size in (1, 10, 100) if size <= self.members)
        disk = floor(self.bench, "disk", count=50 if self.bench.quick else 200)
        for part, value in disk["commit_us"][str(records)].items():
            found["latency_us"][part] += 2 * value
        return found


register("forms: 1 + 8 + 1 with plugins outside the daemon",
         [form_case(form, in_flight) for form in ("isolated", "process")
          for in_flight in (1, 16, 256, 1024)])
register("fanout: a parallel phase of programs' tasks",
         [Fanout(members) for members in (1, 8, 64, 256)])
