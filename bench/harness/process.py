"""What the kernel knows of a process, and of its children."""

import os
import time


def _fields(path):
    """The lines `Name: number` of a file in /proc."""
    fields = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            words = rest.split()
            if words and words[0].isdigit():
                fields[name] = int(words[0])
    return fields


def _stat(pid):
    """The fields of /proc/PID/stat from the state (the third) on."""
    with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()


def cpu_us(pid):
    """User and system time of all its threads, those that ended included."""
    # The kernel's own number for that clock: MAKE_PROCESS_CPUCLOCK(pid, SCHED).
    return time.clock_gettime_ns((~pid << 3) | 2) / 1000


def children(pid):
    """Those whose parent it is, and theirs."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)] = int(_stat(int(name))[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, last = [], {pid}
    while last:
        last = {one for one, parent in parents.items() if parent in last}
        found.extend(last)
    return found


def family_cpu_us(pid):
    total = 0
    for one in [pid, *children(pid)]:
        try:
            total += cpu_us(one)
        except OSError:
            pass
    return total


def threads(pid):
    return _fields("/proc/%d/status" % pid)["Threads"]


def wakeups(pid):
    """How often its threads had gone to sleep by themselves."""
    total = 0
    for thread in os.listdir("/proc/%d/task" % pid):
        total += _fields("/proc/%d/task/%s/status" % (pid, thread))[
            "voluntary_ctxt_switches"]
    return total


def written_bytes(pid):
    """What it gave to the disk, through files and through maps."""
    return _fields("/proc/%d/io" % pid)["write_bytes"]


def written_calls(pid):
    """How often it wrote anything anywhere."""
    return _fields("/proc/%d/io" % pid)["syscw"]


def resident(pid):
    """Bytes: all of it, and what is none but its own."""
    fields = _fields("/proc/%d/smaps_rollup" % pid)
    return {"rss": fields["Rss"] * 1024,
            "anonymous": fields["Anonymous"] * 1024}


def resident_of_file(pid, name):
    """Bytes in memory of the maps of files whose path ends so."""
    total, inside = 0, False
    with open("/proc/%d/smaps" % pid, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if "-" in words[0] and not words[0].endswith(":"):
                inside = words[-1].endswith(name)
            elif inside and words[0] == "Rss:":
                total += int(words[1]) * 1024
    return total
