#!/usr/bin/env python3
"""Does the guard see what has grown?"""
import os
import subprocess
import sys
import tempfile
import unittest

import guard

COUNTS = """# a comment
machine x86_64, gcc 12.2, glibc 2.36
one         1000  3  what one does
other       2000  5  what the other does
bound other 4 one
"""

CALLGRIND = """desc: Trigger: Client Request: one 50
summary: 7
totals: 50500
desc: Trigger: Client Request: other 2
totals: 4001
desc: Trigger: Program termination
totals: 9
"""

# As valgrind, of which only the file matters; and as the program.
VALGRIND = """#!/bin/sh
for word in "$@"; do
	case $word in --callgrind-out-file=*) file=${word#*=} ;; esac
	path=$word
done
: >"$file"
[ "$path" != engine ] || cp "$(dirname "$0")/found" "$file"
"""
PROGRAM = """#!/bin/sh
echo 'x86_64, gcc 12.2, glibc 2.36'
"""


class Compares(unittest.TestCase):
    def compared(self, one, other, **more):
        return guard.compare(guard.Counts(COUNTS),
                             {"one": one, "other": other, **more})

    def test_same(self):
        self.assertEqual(self.compared(1000, 2000), ([], []))

    def test_tolerance(self):
        self.assertEqual(self.compared(1030, 2100), ([], []))
        self.assertEqual(self.compared(970, 1900), ([], []))

    def test_more(self):
        self.assertEqual(self.compared(1031, 2000), ([
            "one takes 1031 instructions, 3.1 % more than the 1000 recorded "
            "(tolerance 3 %): what one does"], []))

    def test_less(self):
        self.assertEqual(self.compared(1000, 1899), ([], [
            "other takes 1899 instructions, 5.0 % less than the 2000 recorded "
            "(tolerance 5 %): what the other does"]))

    def test_paths(self):
        errors, _ = self.compared(1000, 2000, third=7)
        self.assertEqual(errors, [
            "third is counted, but not in bench/guard/counts: add a line "
            "`third 7 3 WHAT IT IS`"])
        errors, _ = guard.compare(guard.Counts(COUNTS), {"one": 1000})
        self.assertEqual(errors,
                         ["other is recorded, but no path counts it"])

    def test_bound(self):
        counts = guard.Counts(COUNTS.replace("2000", "4000"))
        self.assertEqual(guard.compare(counts, {"one": 1000, "other": 4000}),
                         ([], []))
        errors, _ = guard.compare(counts, {"one": 1000, "other": 4100})
        self.assertEqual(errors, [
            "other takes 4.10 times what one takes; at most 4 is allowed, and "
            "recording does not change that"])

    def test_not_understood(self):
        with self.assertRaises(ValueError):
            guard.Counts("one thousand 3 what one does")

    def test_parse(self):
        self.assertEqual(guard.parse(CALLGRIND), {"one": 1010, "other": 2000})

    def test_update(self):
        text = guard.Counts(COUNTS).updated("m, gcc 13", {"one": 900})
        counts = guard.Counts(text)
        self.assertEqual(counts.machine, "m, gcc 13")
        self.assertEqual(list(counts.rows), ["one"])
        self.assertEqual(counts.rows["one"].count, 900)
        self.assertEqual(counts.rows["one"].tolerance, 3)
        self.assertTrue(text.startswith("# a comment\n"))
        self.assertTrue(text.endswith("bound other 4 one\n"))


class Whole(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("valgrind", VALGRIND)
        self.write("program", PROGRAM)
        self.write("counts", COUNTS)
        self.write("found", CALLGRIND)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def run_guard(self, *arguments):
        path = self.folder + ":" + os.environ["PATH"]
        done = subprocess.run(
            [sys.executable, guard.__file__, f"{self.folder}/program",
             "--counts", f"{self.folder}/counts", *arguments],
            env={**os.environ, "PATH": path}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_passes(self):
        self.assertEqual(self.run_guard()[0], 0)

    def test_fails_and_records(self):
        self.write("found", CALLGRIND.replace("50500", "60000"))
        code, said = self.run_guard()
        self.assertEqual(code, 1)
        self.assertIn("guard: one takes 1200 instructions, 20.0 % more", said)
        self.assertIn("make guard UPDATE=1", said)
        self.assertEqual(self.run_guard("--update")[0], 0)
        self.assertEqual(self.run_guard()[0], 0)

    def test_cheaper(self):
        self.write("found", CALLGRIND.replace("50500", "40000"))
        code, said = self.run_guard()
        self.assertEqual(code, 0)
        self.assertIn("guard: one takes 800 instructions, 20.0 % less", said)
        self.assertIn("make guard UPDATE=1", said)

    def test_recording_keeps_bounds(self):
        self.write("found", CALLGRIND.replace("4001", "10000"))
        self.assertEqual(self.run_guard("--update")[0], 1)

    def test_elsewhere(self):
        self.write("program", PROGRAM.replace("12.2", "13.1"))
        code, said = self.run_guard()
        self.assertEqual(code, guard.SKIPPED)
        self.assertIn("this is x86_64, gcc 13.1", said)


if __name__ == "__main__":
    unittest.main()
