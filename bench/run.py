#!/usr/bin/env python3
"""Measures Tutti against floors, in turns, and prints a table.

A floor is the least that the same work takes on this machine with the same
libraries, written to the disk with as many flushes. docs/performance.md tells
what the rows are and how to read them.
"""

import argparse
import fnmatch
import os
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

# pylint: disable=wrong-import-position
from harness import report, row, table
from harness.measure import Bench, measure_all, progress
from harness.program import Failed, floor
import rows  # noqa: F401


def parse(words):
    parser = argparse.ArgumentParser(
        prog="bench/run.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--build", default="build/release", metavar="DIR",
                        help="the build folder (build/release)")
    parser.add_argument("--list", action="store_true",
                        help="print the rows, measure nothing")
    parser.add_argument("--only", nargs="+", action="extend", metavar="ROW",
                        help="rows or topics; * and ? stand for anything")
    parser.add_argument("--quick", action="store_true",
                        help="less of everything, under two minutes")
    parser.add_argument("--rounds", type=int, metavar="N",
                        help="rounds of each row (5; with --quick 3)")
    parser.add_argument("--json", metavar="FILE",
                        help="where the JSON goes (bench.json in the build "
                        "folder)")
    parser.add_argument("--folder", metavar="DIR",
                        help="where stores are made: on the disk that is "
                        "meant (the build folder)")
    parser.add_argument("--keep", metavar="DIR",
                        help="a folder for the large stores, to have them "
                        "again the next time")
    return parser.parse_args(words)


def is_meant(case, topic, patterns):
    names = [topic.partition(":")[0]] + [one.name for one in case.rows]
    return any(fnmatch.fnmatchcase(name, pattern)
               for name in names for pattern in patterns)


def chosen(options):
    """(topic, cases) of the rows that are to be measured."""
    for topic, cases in row.topics().items():
        if options.only:
            cases = [case for case in cases
                     if is_meant(case, topic, options.only)]
        elif options.quick:
            cases = [case for case in cases if case.quick]
        if cases:
            yield topic, cases


def list_rows(options):
    for topic, cases in chosen(options):
        print(topic)
        for case in cases:
            for one in case.rows:
                print("  %-26s %s%s" % (one.name, one.title,
                                        "" if case.quick else "; not --quick"))
                print("  %-26s %s" % ("", one.policy))
                if one.floor:
                    print("  %-26s against %s" % ("", one.floor))


def measure_disk(bench):
    """What a flush and a commit take, for who reads the table."""
    disk = floor(bench, "disk", count=20 if bench.quick else 200)
    print(table.disk(disk), flush=True)
    return disk


def measure_chosen(options, bench):
    """Prints the table as it comes; results and failures."""
    results, failures = [], []
    print(table.head(), flush=True)
    for topic, cases in chosen(options):
        print("\n" + topic, flush=True)
        for result in measure_all(bench, cases, failures.append):
            progress()
            print(table.line(result), flush=True)
            results.append(result)
    return results, failures


def measure(options):
    """The exit code: 1 when anything could not be measured."""
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory(
            prefix="bench-", dir=options.folder or build) as folder:
        bench = Bench(build, folder, options.quick, options.rounds,
                      options.keep)
        before = measure_disk(bench)
        results, failures = measure_chosen(options, bench)
        print()
        if any(result.is_unfair() for result in results):
            print(table.UNFAIR)
        disk = {"before": before, "after": measure_disk(bench)}
        report.write(options.json or os.path.join(build, "bench.json"), bench,
                     disk, results, failures)
    for failure in failures:
        print("failed: " + failure, file=sys.stderr)
    if not results and not failures:
        print("no such row: --list names them", file=sys.stderr)
    return 0 if results and not failures else 1


def main():
    options = parse(sys.argv[1:])
    if options.list:
        list_rows(options)
        return 0
    # What was started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return measure(options)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
