"""From nothing to the first finished run, and what the program weighs."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time

from harness.program import run
from harness.row import NONE, STRICT, Budget, Case, Row, Sample, register

CONFIG = "activities: {A: {pre: [echo]}}\n"
MEMORY = "/dev/shm"


class ColdStart(Case):
    """`tutti run` on a store that is not there yet."""

    def __init__(self, row, place=None):
        self.rows = (row,)
        self.place = place

    def open(self, bench):
        super().open(bench)
        self.folder = tempfile.mkdtemp(prefix="tutti-bench-",
                                       dir=self.place or bench.folder)
        with open(os.path.join(self.folder, "first.yaml"), "w",
                  encoding="utf-8") as file:
            file.write(CONFIG)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def median(self, command):
        """Microseconds until it has ended; each on a store of its own."""
        times = []
        for number in range(10 if self.bench.quick else 30):
            words = [word.replace("NUMBER", str(number)) for word in command]
            begin = time.monotonic()
            subprocess.run(words, check=True, cwd=self.folder,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            times.append((time.monotonic() - begin) * 1e6)
        for name in os.listdir(self.folder):
            if name.startswith("store"):
                shutil.rmtree(os.path.join(self.folder, name))
        return {self.rows[0].name: Sample(statistics.median(times))}

    def product(self):
        return self.median([os.path.join(self.bench.build, "tutti"), "run",
                            "first.yaml", "--store", "storeNUMBER"])

    def floor(self):
        return self.median(["true"])


class Size(Case):
    """Of the program as it is installed."""

    rows = (Row("binary", "the program, without debugging symbols", "bytes",
                NONE, budget=Budget(4e6, of="value")),)
    most_rounds = 1

    def product(self):
        with tempfile.TemporaryDirectory(dir=self.bench.folder) as folder:
            stripped = os.path.join(folder, "tutti")
            tutti = os.path.join(self.bench.build, "tutti")
            run(["strip", "-o", stripped, tutti])
            return {"binary": Sample(os.path.getsize(stripped), {
                "with_symbols": os.path.getsize(tutti)})}


def cases():
    yield Size()
    yield ColdStart(Row("cold-start", "to the first finished run", "us",
                        STRICT, "starting `true`"))
    if os.path.isdir(MEMORY):
        yield ColdStart(Row(
            "cold-start-memory", "the same, the store in memory", "us", NONE,
            "starting `true`", Budget(25000, of="value")), MEMORY)


register("starts", list(cases()))
