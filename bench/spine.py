#!/usr/bin/env python3
"""What the main job costs, through the program's public commands.

usage: bench/spine.py [BUILD_FOLDER]

Prints the size of the binary, the time from a cold start to the first finished
run, the median of a 1 + 8 + 1 activity with every commit synced, in this process
and with ten plugin processes over tcp loopback, the first one also with the
other levels of durability, and what an idle daemon takes.
Beside times stands what this disk needs for as many
synced writes in the same minute: compare ratios, not times, between machines.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
TUTTI = os.path.join(BUILD, "tutti")
RUNS = 200
STARTS = 30
# pre, parallel, post: accept, 2 x phase change, end.
COMMITS = 4
# LMDB syncs its data and its meta page.
FLUSHES = 2

CONFIG = """
activities:
  A:
    pre: [{plugin: echo, as: before}]
    parallel: [%s]
    post: [{plugin: echo, as: after}]
""" % ", ".join("{plugin: echo, as: p%d}" % i for i in range(8))


# The same plugin, once in this process and once as a program in ten copies.
PROCESSES = """
lease: 10s
plugins:
  - {exec: [%s], name: echo, instances: 10, max_tasks: 1}
""" % os.path.join(BUILD, "plugins", "echo_plugin")


def tutti(*args):
    return subprocess.run([TUTTI, *args], check=True, text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def micros(text):
    """Microseconds within the hour; runs are far shorter than that."""
    clock, fraction = text.rstrip("Z").split("T")[1].split(".")
    hours, minutes, seconds = map(int, clock.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000000 + int(fraction)


def flush_ms(folder):
    """Median of one overwritten and synced 4 KiB block."""
    path = os.path.join(folder, "flush")
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    os.pwrite(handle, b"x" * 65536, 0)
    os.fsync(handle)
    times = []
    for i in range(RUNS):
        begin = time.monotonic()
        os.pwrite(handle, os.urandom(4096), i % 16 * 4096)
        os.fdatasync(handle)
        times.append((time.monotonic() - begin) * 1000)
    os.close(handle)
    return statistics.median(times)


def cold_start_ms():
    times = []
    for i in range(STARTS):
        begin = time.monotonic()
        tutti("run", "first.yaml", "--store", "cold%d" % i)
        times.append((time.monotonic() - begin) * 1000)
    return times


def status(pid, key):
    with open("/proc/%d/status" % pid, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    raise KeyError(key)


def switches(pid):
    total = 0
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, thread),
                  encoding="ascii") as lines:
            total += sum(int(line.split()[1]) for line in lines
                         if "ctxt_switches" in line)
    return total


def serve():
    daemon = subprocess.Popen([TUTTI, "serve"], stderr=subprocess.DEVNULL)
    while subprocess.run([TUTTI, "start", "--uid", "warm", "--wait"],
                         stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL,
                         check=False).returncode != 0:
        time.sleep(0.05)
    return daemon


def latencies(prefix):
    """Of RUNS activities, one after the other, from the runs' own times."""
    for i in range(RUNS):
        tutti("start", "--uid", "%s%d" % (prefix, i), "--wait")
    runs = [json.loads(line) for line in
            tutti("ls", "--limit", "0", "-o", "jsonl").splitlines()]
    return [(micros(run["ended_at"]) - micros(run["created_at"])) / 1000
            for run in runs if run["uid"] != "warm"]


def idle(daemon):
    # Worker threads that have nothing to do end by themselves first.
    time.sleep(15)
    before, writes = switches(daemon.pid), os.stat(".tutti/data.mdb")
    time.sleep(20)
    row("  wake-ups in 20 s", switches(daemon.pid) - before)
    row("  writes in 20 s", int(
        os.stat(".tutti/data.mdb").st_mtime_ns != writes.st_mtime_ns))


def with_processes(inside_p50):
    os.mkdir("processes")
    os.chdir("processes")
    with open("tutti.yaml", "w", encoding="utf-8") as config:
        config.write(PROCESSES + CONFIG)
    daemon = serve()
    while sum(entry["ready"] for entry in json.loads(
            tutti("plugins", "-o", "json"))["processes"]) < 10:
        time.sleep(0.05)
    times = latencies("p")
    p50 = statistics.median(times)
    row("1 + 8 + 1, ten processes, strict, p50", "%.2f ms" % p50,
        spread(times))
    row("  ratio to in-process", "%.2f" % (p50 / inside_p50))
    row("idle daemon with ten processes, resident",
        "%d KiB" % status(daemon.pid, "VmRSS"))
    idle(daemon)
    daemon.terminate()
    daemon.wait()
    os.chdir("..")


def with_level(level, strict_p50):
    os.mkdir(level)
    os.chdir(level)
    with open("tutti.yaml", "w", encoding="utf-8") as config:
        config.write("durability: %s\n" % level + CONFIG)
    daemon = serve()
    times = latencies("r")
    p50 = statistics.median(times)
    row("1 + 8 + 1 in-process, %s, p50" % level, "%.2f ms" % p50,
        spread(times))
    row("  ratio to strict", "%.2f" % (p50 / strict_p50))
    daemon.terminate()
    daemon.wait()
    os.chdir("..")


def row(name, value, note=""):
    print("%-44s %14s  %s" % (name, value, note))


def spread(times):
    ordered = sorted(times)
    return "%.2f .. %.2f ms (5 %% .. 95 %%)" % (
        ordered[len(ordered) // 20], ordered[-len(ordered) // 20])


def main():
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        os.chdir(folder)
        with open("tutti.yaml", "w", encoding="utf-8") as config:
            config.write(CONFIG)
        with open("first.yaml", "w", encoding="utf-8") as config:
            config.write("activities: {A: {pre: [echo]}}\n")
        row("binary, bytes", os.path.getsize(TUTTI))
        flush = flush_ms(".")
        row("floor: one synced 4 KiB write", "%.3f ms" % flush)
        cold = cold_start_ms()
        row("cold start to first finished run", "%.2f ms" %
            statistics.median(cold), spread(cold))

        daemon = serve()
        times = latencies("r")
        floor = flush_ms(".") * COMMITS * FLUSHES
        p50 = statistics.median(times)
        row("1 + 8 + 1 in-process, strict, p50", "%.2f ms" % p50,
            spread(times))
        row("  floor: its %d commits' flushes" % COMMITS, "%.2f ms" % floor)
        row("  ratio", "%.2f" % (p50 / floor))

        row("idle daemon, resident", "%d KiB" % status(daemon.pid, "VmRSS"))
        row("idle daemon, threads", status(daemon.pid, "Threads"))
        idle(daemon)
        daemon.terminate()
        daemon.wait()
        with_level("pipelined", p50)
        with_level("relaxed", p50)
        with_processes(p50)


if __name__ == "__main__":
    main()
