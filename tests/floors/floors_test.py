#!/usr/bin/env python3
"""The floors that the program is measured against do what they say: what they
print is held against what is on disk and what must come of the options.

FLOORS is the folder of the programs, DISK the library that tests/disk makes: it
writes down what is written to a store and what of it is flushed.
"""
import glob
import json
import os
import signal
import struct
import subprocess
import tempfile
import time
import unittest

FLOORS = os.environ["FLOORS"]
DISK = os.environ["DISK"]


def command(name, options):
    return [os.path.join(FLOORS, "floor_" + name), *options.split()]


def wait_until(is_so):
    end = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(is_so)
        time.sleep(0.005)


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def flushes_of(path):
    """Syncs, and writes that are flushed at once, in the disk's journal."""
    with open(path, "rb") as file:
        journal = file.read()
    kinds = {"s": 0, "d": 0, "w": 0, "t": 0}
    at = 0
    while at < len(journal):
        kind, _, size = struct.unpack_from("QQQ", journal, at)
        kinds[chr(kind)] += 1
        at += 24 + (size if chr(kind) in "wd" else 0)
    return kinds["s"], kinds["d"]


class Floors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def floor(self, name, options):
        """What it prints, which is all that it leaves."""
        out = subprocess.run(command(name, options), cwd=self.folder,
                             check=True, timeout=60, text=True,
                             stdout=subprocess.PIPE).stdout
        if "--keep" not in options:
            self.assertEqual(os.listdir(self.folder), [])
        return json.loads(out)

    def has_flushed(self, name, options, syncs, dsyncs):
        """Seen from outside, by what stands between it and the disk."""
        with tempfile.TemporaryDirectory() as faults:
            env = {**os.environ, "LD_PRELOAD": DISK, "DISK_FAULTS": faults,
                   "ASAN_OPTIONS": "verify_asan_link_order=0"}
            out = subprocess.run(command(name, options), cwd=self.folder,
                                 check=True, timeout=60, text=True, env=env,
                                 stdout=subprocess.PIPE).stdout
            self.assertEqual(flushes_of(os.path.join(faults, "journal")),
                             (syncs, dsyncs))
        self.has(json.loads(out), flushes=syncs + dsyncs)

    def has(self, says, **members):
        self.assertEqual(says, {**says, **members})

    def has_percentiles(self, times):
        self.assertGreater(times["p50"], 0)
        self.assertLessEqual(times["p50"], times["p90"])
        self.assertLessEqual(times["p90"], times["p99"])

    def has_times(self, says):
        self.has_percentiles(says["latency_us"])
        self.assertGreater(says["cpu_us"], 0)
        self.assertAlmostEqual(
            says["per_second"] * says["seconds"] / says["count"], 1, places=3)
        self.assertLessEqual(says["latency_us"]["p50"], says["seconds"] * 1e6)

    def entries(self):
        """Of the store that --keep left, by a tool that is not ours."""
        (store,) = glob.glob(os.path.join(self.folder, "floor-*"))
        out = subprocess.run(["mdb_stat", "-e", store], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        return {line.split(":")[0].strip(): int(line.split(":")[1])
                for line in out.splitlines()
                if "Entries" in line or "Last transaction" in line}

    def refuses(self, name, options, status, said):
        ended = subprocess.run(command(name, options), cwd=self.folder,
                               check=False, text=True, timeout=60,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(ended.returncode, status)
        self.assertEqual(ended.stdout, "")
        self.assertIn(said, ended.stderr)


class Disk(Floors):
    def test_commits_and_flushes(self):
        says = self.floor("disk", "--count 3")
        self.has(says, count=3, durability="strict", commits=12, flushes=24,
                 records=3333)
        self.assertEqual(set(says["commit_us"]), {"1", "10", "100", "1000"})
        for times in (says["flush_us"], says["dsync_us"], says["write_us"],
                      *says["commit_us"].values()):
            self.has_percentiles(times)
        self.has(self.floor("disk", "--count 1 --durability relaxed"),
                 commits=4, flushes=4)
        self.has(self.floor("disk", "--count 1 --durability none"),
                 commits=4, flushes=0)


class Activity(Floors):
    def floor(self, name, options):
        if "--durability" not in options:
            options += " --durability none"
        return super().floor(name, options)

    def test_records_are_on_disk(self):
        says = self.floor("activity", "--count 3 --keep 1 --durability strict")
        self.has_times(says)
        self.has(says, count=3, in_flight=1, durability="strict", commits=12,
                 flushes=24, puts=3 * 22, records=3 * 11)
        self.assertEqual(self.entries(),
                         {"Entries": 33, "Last transaction ID": 12})

    def test_a_commit_is_for_all_in_flight(self):
        says = self.floor("activity", "--count 20 --in-flight 5")
        self.has_times(says)
        self.has(says, commits=16, flushes=0, records=220)
        says = self.floor("activity",
                          "--count 21 --in-flight 5 --durability relaxed")
        self.has(says, commits=20, flushes=20, records=231)

    def test_phases_that_do_not_wait(self):
        says = self.floor("activity", "--count 20 --in-flight 5 --pipelined 1")
        self.has_times(says)
        self.has(says, commits=4, flushes=0, puts=20 * 22, records=220)
        self.has_flushed("activity", "--count 3 --parallel 2 --pipelined 1"
                                     " --durability strict", 3, 3)

    def test_flushes(self):
        options = "--count 3 --parallel 2 --durability "
        self.has_flushed("activity", options + "strict", 12, 12)
        self.has_flushed("activity", options + "relaxed", 12, 0)
        self.has_flushed("activity", options + "none", 0, 0)
        self.has_flushed("disk", "--count 1", 4, 4)

    def test_shapes(self):
        self.has(self.floor("activity", "--count 2 --parallel 0"),
                 commits=6, puts=12, records=6)
        self.has(self.floor("activity", "--count 2 --sequence 10"),
                 commits=22, puts=80, records=40)

    def test_layouts(self):
        self.has(self.floor("activity", "--count 2 --layout step"),
                 commits=8, puts=8, records=8)
        self.has(self.floor("activity", "--count 2 --sequence 3 --layout step"
                                        " --payload 9 --reply 9"),
                 commits=8, puts=10, records=10)

    def test_payloads(self):
        plain = self.floor("activity", "--count 2 --parallel 1")["bytes"]
        says = self.floor("activity", "--count 2 --parallel 1"
                                      " --payload 100000")
        self.has(says, records=2 * 5)
        self.assertIn(says["bytes"] - plain, range(200000, 300000))
        says = self.floor("activity", "--count 2 --parallel 1 --reply 100000")
        self.has(says, records=2 * 4)
        self.assertIn(says["bytes"] - plain, range(600000, 800000))
        # The greatest record that there can be.
        says = self.floor("activity", "--count 2 --parallel 9 --layout step"
                                      " --payload 10 --reply 10000")
        self.assertGreater(says["bytes"], 2 * 11 * 10000)


class Network(Floors):
    def test_records_are_on_disk(self):
        says = self.floor("network", "--count 3 --parallel 2 --processes 2"
                                     " --keep 1")
        self.has_times(says)
        # Each process has two plugins, one of them in the parallel phase.
        self.has(says, commits=12, flushes=24, puts=3 * 10, records=3 * 5,
                 processes=2, batch=1, messages=3 * 4)
        self.assertEqual(self.entries(),
                         {"Entries": 15, "Last transaction ID": 12})

    def test_batches(self):
        options = ("--count 50 --in-flight 50 --sequence 3 --processes 1"
                   " --durability none")
        says = self.floor("network", options)
        self.has(says, records=300)
        self.assertLess(says["messages"], 50)
        self.assertLess(says["commits"], 50)
        says = self.floor("network", options + " --batch 0")
        self.has(says, records=300, batch=0, messages=150)

    def test_shapes_and_payloads(self):
        self.has(self.floor("network", "--count 2 --sequence 4"),
                 processes=1, commits=10, messages=8)
        says = self.floor("network", "--count 2 --parallel 0 --payload 70000"
                                     " --reply 70000 --durability relaxed")
        self.has(says, processes=2, commits=6, flushes=6, records=8,
                 messages=4)
        self.assertGreater(says["bytes"], 6 * 70000)

    def test_a_process_that_is_killed(self):
        floor = subprocess.Popen(
            command("network", "--count 10000000 --parallel 0"),
            cwd=self.folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(floor.kill)
        wait_until(lambda: len(children_of(floor.pid)) == 2)
        killed, other = children_of(floor.pid)
        # Not before it is connected: then nobody would miss it.
        wait_until(self.grows)
        os.kill(killed, signal.SIGKILL)
        out, errors = floor.communicate(timeout=60)
        self.assertEqual((floor.returncode, out), (1, ""))
        self.assertIn("the other side has ended", errors)
        wait_until(lambda: not os.path.exists(f"/proc/{other}/fd/0"))

    def grows(self):
        stores = glob.glob(os.path.join(self.folder, "floor-*", "data.mdb"))
        # LMDB begins with two pages.
        return stores and os.path.getsize(stores[0]) > 8192


class Fanout(Floors):
    def test_replies(self):
        says = self.floor("fanout", "--count 20 --members 5 --processes 2")
        self.has_times(says)
        self.has(says, members=5, processes=2, replies=100, payload=256,
                 commits=0, flushes=0, bytes=0)
        says = self.floor("fanout", "--count 2 --members 2 --payload 100000")
        self.has(says, processes=2, replies=4, payload=100000)


class Refused(Floors):
    def test_options(self):
        self.refuses("disk", "--in-flight 2", 2, "usage")
        self.refuses("activity", "--count", 2, "usage")
        for wrong in ("--count 0", "--count 2x", "--count -1",
                      "--in-flight 65537", "--durability never",
                      "--layout log", "--keep 2"):
            self.refuses("activity", wrong, 1, wrong.split()[0])
        self.refuses("network", "--batch 2", 1, "--batch")
        self.refuses("network", "--parallel 5000", 1, "--processes")
        self.refuses("fanout", "--payload 7", 1, "--payload")
        self.refuses("disk", "--folder nowhere", 1, "nowhere")


if __name__ == "__main__":
    unittest.main()
