#!/usr/bin/env python3
"""The benchmark's harness: what it makes of numbers, and a row from the
beginning to the end. What the numbers are is not looked at.

BUILD is the build folder.
"""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ["BUILD"]
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
MEMORY = "/dev/shm"
RUN = os.path.join(SOURCE, "bench", "run.py")
sys.path.insert(0, os.path.join(SOURCE, "bench"))

# pylint: disable=wrong-import-position
from harness import measure, process, row, table
from harness.program import Failed


class Scripted(row.Case):
    """Gives the numbers that it was told, and remembers who was asked."""

    def __init__(self, products, floors, unit="us", budget=None):
        self.rows = (row.Row("scripted", "", unit, row.STRICT,
                             budget=budget),)
        self.products, self.floors = iter(products), iter(floors)
        self.asked = []

    def take(self, side, values):
        self.asked.append(side)
        return {"scripted": row.Sample(next(values))}

    def product(self):
        return self.take("product", self.products)

    def floor(self):
        return self.take("floor", self.floors)

    def close(self):
        self.asked.append("close")


def result_of(case, rounds):
    bench = measure.Bench("", "", quick=False, rounds=rounds, keep=None)
    return measure.measure(bench, case)[0]


class Numbers(unittest.TestCase):
    def test_sides_take_turns_and_the_first_changes(self):
        case = Scripted([1, 2, 3], [1, 2, 3])
        result_of(case, 3)
        self.assertEqual(case.asked, [
            "floor", "product", "product", "floor", "floor", "product",
            "close"])

    def test_ratio_is_the_median_of_the_rounds_own(self):
        # Of the medians it would be 3; a disk that is slow for a round
        # spoils both sides of that round.
        result = result_of(Scripted([2, 30, 9], [1, 20, 3]), 3)
        self.assertEqual(result.product,
                         {"median": 9, "low": 2, "high": 30})
        self.assertEqual(result.ratio,
                         {"median": 2, "low": 1.5, "high": 3})

    def test_budgets(self):
        for budget, met in (
                (row.Budget(2), True), (row.Budget(1.9), False),
                (row.Budget(2, at_least=True), True),
                (row.Budget(2.1, at_least=True), False),
                (row.Budget(8, of="value"), True),
                (row.Budget(7.9, of="value"), False), (None, None)):
            result = result_of(Scripted([8], [4], budget=budget), 1)
            self.assertIs(result.met(), met)
            self.assertIs(
                (result.document()["budget"] or {"met": None})["met"], met)

    def test_a_line_of_the_table(self):
        line = table.line(result_of(Scripted(
            [1300, 1500], [1000, 1000], budget=row.Budget(1.3)), 2))
        self.assertEqual(line.split(), [
            "scripted", "strict", "1.4", "ms", "1.3", "ms", "..", "1.5", "ms",
            "1", "ms", "1.40", "<=", "1.3", "x", "NO"])

    def test_a_floor_that_commits_more_is_none(self):
        for commits, mark in ((10, "1.00"), (11, "1.00*")):
            result = measure.Result(
                row.Row("scripted", "", "us", row.STRICT),
                [(row.Sample(5, {"commits": 10, "count": 2}),
                  row.Sample(5, {"commits": commits, "count": 2}))])
            self.assertEqual(result.document()["commits_a_run"],
                             [5, commits / 2])
            self.assertIn(" %s " % mark, table.line(result))

    def test_what_fails_is_told_and_the_next_case_is_measured(self):
        class Failing(Scripted):
            def product(self):
                raise Failed("no daemon")

        told, failing = [], Failing([], [1])
        bench = measure.Bench("", "", quick=False, rounds=1, keep=None)
        with contextlib.redirect_stderr(io.StringIO()):
            results = list(measure.measure_all(
                bench, [failing, Scripted([1], [1])], told.append))
        self.assertEqual(told, ["scripted: no daemon"])
        self.assertEqual(len(results), 1)
        self.assertEqual(failing.asked[-1], "close")


class Processes(unittest.TestCase):
    def test_counters_move(self):
        # One that writes when it is told to, and then sleeps.
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            def counters():
                return (process.wakeups(child.pid),
                        process.written_calls(child.pid),
                        int(process.cpu_us(child.pid)))

            before = counters()
            until = time.monotonic() + 30
            while not all(map(int.__lt__, before, counters())):
                self.assertLess(time.monotonic(), until)
                child.stdin.write(b"x")
                child.stdin.flush()
                child.stdout.read(1)
                # Or it never has to sleep.
                time.sleep(0.001)
            self.assertGreater(process.resident(child.pid)["rss"], 4096)
            self.assertGreater(
                process.resident_of_file(child.pid, "/cat"), 4095)
            self.assertIn(child.pid, process.children(os.getpid()))
            child.stdin.close()


class Run(unittest.TestCase):
    def setUp(self):
        # In memory: what the disk of this moment takes is not the question.
        folder = tempfile.TemporaryDirectory(
            dir=MEMORY if os.path.isdir(MEMORY) else None)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_it(self, *words):
        return subprocess.run([RUN, "--build", BUILD, "--folder", self.folder,
                               *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)

    def test_rows_of_the_page(self):
        """docs/performance.md names every row, and no other."""
        listed = {re.sub(r"\d+", "N", name) for name in re.findall(
            r"^  ([a-z][^ ]*)", self.run_it("--list").stdout, re.MULTILINE)}
        with open(os.path.join(SOURCE, "docs", "performance.md"),
                  encoding="utf-8") as page:
            part = page.read().partition("| row |")[2].partition("\n\n")[0]
        named = {name for line in part.splitlines()
                 for name in re.findall("`([^`]*)`", line.split("|")[1])
                 } if part else set()
        self.assertEqual(listed, named)

    def test_a_row_from_start_to_end(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.json")
            done = self.run_it("--quick", "--rounds", "2", "--only",
                               "sequence-1", "binary", "--json", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        lines = [line.split()[0] for line in done.stdout.splitlines() if line]
        self.assertEqual(lines, ["disk:", "row", "sequences:", "sequence-1",
                                 "starts", "binary", "disk:"])
        self.assertEqual([one["name"] for one in document["rows"]],
                         ["sequence-1", "binary"])
        self.assertEqual(document["failures"], [])
        self.sequence_is_whole(document["rows"][0])
        self.assertIsNone(document["rows"][1]["ratio"])
        self.assertEqual(os.listdir(self.folder), [])

    def sequence_is_whole(self, one):
        self.assertEqual(len(one["rounds"]), 2)
        self.assertEqual(one["budget"]["met"],
                         one["ratio"]["median"] <= one["budget"]["bound"])
        for each in one["rounds"]:
            commits = {}
            for side in ("product", "floor"):
                self.assertGreater(each[side], 0)
                also = each[side + "_also"]
                commits[side] = also["commits"] / also["count"]
            # The floor may not flush more than what is compared with it.
            self.assertEqual(commits["floor"], 2)
            self.assertLessEqual(commits["floor"], commits["product"])

    def test_what_there_is_not(self):
        done = self.run_it("--only", "nothing", "--json", "/dev/null")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--list", done.stderr)


if __name__ == "__main__":
    unittest.main()
