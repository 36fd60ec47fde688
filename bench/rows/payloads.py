"""1 + 8 + 1 in-process with an input that all ten plugins get."""

import json

from harness.row import STRICT, Row, register
from rows.activities import Activities, fork_join


def size_shown(size):
    return "%d KiB" % (size // 1024) if size >= 1024 else "%d B" % size


def payload_case(size, in_flight):
    unit = "us" if in_flight == 1 else "per_second"
    row = Row("payload-%d-flight-%d" % (size, in_flight),
              "1 + 8 + 1, an input of %s, %d in flight" % (
                  size_shown(size), in_flight), unit, STRICT,
              "the same by hand, the input stored once")
    line = json.dumps({"input": {"data": "x" * size}})
    floor = {"parallel": 8, "in_flight": in_flight, "payload": size}
    return Activities(row, fork_join(8), ("activity", floor), in_flight,
                      line=line, quick=size not in (1024, 65536))


register("payloads: 1 + 8 + 1 in-process with an input",
         [payload_case(size, in_flight)
          for in_flight in (1, 64)
          for size in (32, 1024, 16384, 65536, 262144)])
