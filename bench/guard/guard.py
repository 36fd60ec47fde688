#!/usr/bin/env python3
"""Do the hot paths take as many instructions as are recorded?

Runs the paths of the program `guard` under callgrind and compares what they
took, per operation, with the file `counts` beside this one. A path that takes
more than its tolerance allows is an error; one that takes less is told.
Instructions do not depend on the machine, nor on what else it does; they do
depend on compiler and C library, so that elsewhere nothing is compared.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

PATHS = ("engine", "filter", "bus", "document", "store")
COUNTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "counts")
RECORD = "make guard UPDATE=1"
SKIPPED = 77

# The C library chooses its functions by the processor: here always the same.
TUNABLES = "glibc.cpu.hwcaps=" + ",".join(
    "-" + name for name in ("AVX", "AVX2", "AVX512F", "AVX512VL", "AVX512BW",
                            "BMI1", "BMI2", "ERMS", "FMA", "FSRM", "LZCNT",
                            "MOVBE", "POPCNT", "RTM", "SSE4_1", "SSE4_2",
                            "SSSE3"))

ROW = re.compile(r"(\w+) +([0-9]+) +([0-9.]+) +(.+)")


class Row:
    def __init__(self, match):
        self.name = match[1]
        self.count = int(match[2])
        self.tolerance = float(match[3])
        self.what = match[4]


class Counts:
    """The file."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.machine = ""
        self.rows = {}
        self.bounds = []
        for line in self.lines:
            self.read(line)

    def read(self, line):
        words = line.split()
        if not words or line.startswith("#"):
            return
        if words[0] == "machine":
            self.machine = line[len("machine"):].strip()
        elif words[0] == "bound":
            self.bounds.append((words[1], float(words[2]), words[3]))
        elif match := ROW.fullmatch(line):
            self.rows[match[1]] = Row(match)
        else:
            raise ValueError(f"counts: not understood: {line}")

    def updated(self, machine, found):
        """The text with what was found; rows without a path are left out."""
        lines = []
        for line in self.lines:
            words = line.split()
            if line.startswith("machine"):
                line = f"machine {machine}"
            elif words and words[0] in self.rows:
                row = self.rows[words[0]]
                if row.name not in found:
                    continue
                line = f"{row.name:24} {found[row.name]:6}  " \
                       f"{row.tolerance:g}  {row.what}"
            lines.append(line)
        return "\n".join(lines) + "\n"


def percent(now, before):
    return 100.0 * (now - before) / before


def judge(row, now):
    """Sentence, or None; and whether it is an error."""
    more = percent(now, row.count)
    if abs(more) <= row.tolerance:
        return None, False
    way = "more" if more > 0 else "less"
    return (f"{row.name} takes {now} instructions, {abs(more):.1f} % {way} "
            f"than the {row.count} recorded (tolerance {row.tolerance:g} %): "
            f"{row.what}"), more > 0


def compare(counts, found):
    """(errors, notes) as sentences."""
    errors = []
    notes = []
    for name, row in counts.rows.items():
        if name not in found:
            errors.append(f"{name} is recorded, but no path counts it")
            continue
        sentence, wrong = judge(row, found[name])
        if sentence:
            (errors if wrong else notes).append(sentence)
    errors += [f"{name} is counted, but not in bench/guard/counts: add a line "
               f"`{name} {now} 3 WHAT IT IS`"
               for name, now in found.items() if name not in counts.rows]
    for name, most, other in counts.bounds:
        if name in found and other in found \
                and found[name] > most * found[other]:
            errors.append(f"{name} takes {found[name] / found[other]:.2f} "
                          f"times what {other} takes; at most {most:g} is "
                          "allowed, and recording does not change that")
    return errors, notes


def parse(text):
    """Counts per operation, out of what callgrind wrote."""
    found = {}
    name = None
    for line in text.splitlines():
        if match := re.fullmatch(
                r"desc: Trigger: Client Request: (\w+) ([0-9]+)", line):
            name, operations = match[1], int(match[2])
        elif line.startswith("totals: ") and name:
            found[name] = round(int(line.split()[1]) / operations)
            name = None
    return found


def run(program, path):
    with tempfile.TemporaryDirectory(prefix="tutti-guard-") as folder:
        file = os.path.join(folder, "out")
        done = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--combine-dumps=yes",
             "--instr-atstart=no", f"--callgrind-out-file={file}", program,
             path],
            env={"PATH": os.environ["PATH"], "GLIBC_TUNABLES": TUNABLES,
                 "LD_BIND_NOW": "1", "TMPDIR": folder},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"guard: {program} {path}: {done.stdout}")
        with open(file) as out:
            return parse(out.read())


def run_all(program):
    found = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for part in pool.map(lambda path: run(program, path), PATHS):
            found.update(part)
    return found


def machine_of(program):
    return subprocess.run([program, "machine"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def table(counts, found):
    for name, now in found.items():
        row = counts.rows.get(name)
        change = f"{percent(now, row.count):+.1f} %" if row else "new"
        print(f"{name:24} {now:8} {change:>9}  {row.what if row else ''}")


def report(counts, found):
    errors, notes = compare(counts, found)
    for sentence in notes:
        print(f"guard: {sentence}")
    for sentence in errors:
        print(f"guard: {sentence}", file=sys.stderr)
    if errors:
        print(f"guard: when that is meant, record it: {RECORD}",
              file=sys.stderr)
    elif notes:
        print(f"guard: so that it stays so, record it: {RECORD}")
    return 1 if errors else 0


def update(counts, machine, found, path):
    with open(path, "w") as file:
        file.write(counts.updated(machine, found))
    return report(Counts(counts.updated(machine, found)), found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="`guard`, as built")
    parser.add_argument("--counts", default=COUNTS)
    parser.add_argument("--update", action="store_true",
                        help="record what is counted now")
    options = parser.parse_args()
    with open(options.counts) as file:
        counts = Counts(file.read())
    machine = machine_of(options.program)
    if machine != counts.machine and not options.update:
        print(f"guard: not compared: the counts are those of "
              f"{counts.machine}; this is {machine}")
        return SKIPPED
    found = run_all(options.program)
    table(counts, found)
    if options.update:
        return update(counts, machine, found, options.counts)
    return report(counts, found)


if __name__ == "__main__":
    sys.exit(main())
