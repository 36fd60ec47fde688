"""The JSON for programs."""

import json
import os
import platform
import subprocess
import time


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder):
    """Type of the file system on which the stores are."""
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], text=True,
                          stdout=subprocess.PIPE, check=False)
    return done.stdout.strip()


def machine(folder):
    return {"processor": _processor(), "processors": os.cpu_count(),
            "kernel": platform.release(), "file_system": _file_system(folder)}


def write(path, bench, disk, results, failures):
    tutti = os.path.join(bench.build, "tutti")
    document = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "version": subprocess.run([tutti, "version"], text=True, check=True,
                                  stdout=subprocess.PIPE).stdout.strip(),
        "machine": machine(bench.folder), "disk": disk,
        "quick": bench.quick, "rounds": bench.rounds,
        "failures": failures,
        "rows": [result.document() for result in results],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
