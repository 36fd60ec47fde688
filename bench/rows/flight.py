"""1 + 8 + 1 in-process, with more and more runs in flight, by durability."""

from harness.row import POLICIES, Budget, Row, register
from rows.activities import Activities, fork_join

BUDGETS = {
    ("strict", 1): Budget(1.3),
    ("strict", 256): Budget(0.75, at_least=True),
}


def flight_case(durability, in_flight):
    unit = "us" if in_flight == 1 else "per_second"
    floor = {"parallel": 8, "in_flight": in_flight, "durability": durability}
    what = "a commit for all that is ready"
    if durability == "pipelined":
        floor |= {"durability": "strict", "pipelined": 1}
        what = "a commit for all runs that end"
    row = Row("flight-%d-%s" % (in_flight, durability),
              "1 + 8 + 1 in-process, %d in flight" % in_flight,
              unit, POLICIES[durability],
              "the same by hand, " + what,
              BUDGETS.get((durability, in_flight)))
    return Activities(row, fork_join(8), ("activity", floor), in_flight,
                      durability,
                      quick=in_flight < 1024 or durability == "strict")


register("flight: 1 + 8 + 1 in-process, so many runs at a time",
         [flight_case(durability, in_flight)
          for durability in ("strict", "pipelined", "relaxed")
          for in_flight in (1, 16, 256, 1024)])
