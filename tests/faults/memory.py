#!/usr/bin/env python3
"""Let the n-th allocation fail, for each n or some of them.

Either all goes well, or the program says that memory is out and ends with an
exit code of its own, never by a signal. What it had accepted is in the store,
and ends when it is started again with all the memory it wants.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

CONFIG = """\
plugins: [{modules}/recorder.so]
grace: 1s
activities:
  A:
    pre: [{{plugin: recorder, as: first, with: {{output: {{n: 1}}, patch: {{k: v}}}}}}]
    parallel:
      - {{plugin: echo, filter: {{kind: [a]}}, with: {{all: '${{{{ input }}}}'}}}}
      - {{plugin: exec, as: program, with: {{argv: ['true']}}}}
      - {{plugin: wait, with: {{duration: 1ms}}}}
    post: [{{plugin: recorder, as: last}}]
"""
INPUT = '{"list": [1, 2.5, null, {"text": "\\u20ac"}]}'
MEMORY = re.compile(r"memory|allocat", re.IGNORECASE)
OUT_OF_MEMORY = 111
PATIENCE = 60


class Fault(Exception):
    pass


class Memory:
    def __init__(self, options):
        self.options = options
        self.tutti = os.path.join(options.build, "tutti")
        self.shim = os.path.join(options.build, "tests/faults/fail_alloc.so")
        self.folder = tempfile.mkdtemp(prefix="tutti-memory.")
        self.config = os.path.join(self.folder, "tutti.yaml")
        self.environment = {**os.environ, "NO_COLOR": "1"}
        for name in ("TUTTI_STORE", "TUTTI_CONFIG", "NOTIFY_SOCKET"):
            self.environment.pop(name, None)
        modules = os.path.join(options.build, "tests", "plugins")
        with open(self.config, "w") as file:
            file.write(CONFIG.format(modules=modules))
        self.outcomes = {}

    def shimmed(self, number):
        count = os.path.join(self.folder, "count")
        return {**self.environment, "LD_PRELOAD": self.shim,
                "FAIL_ALLOC": str(number), "COUNT_ALLOC": count,
                **({"FAIL_ALLOC_ALL": "1"} if self.options.all_after else {})}

    def count(self):
        with open(os.path.join(self.folder, "count")) as file:
            return int(file.read())

    def call(self, *arguments, environment=None):
        return subprocess.run(
            [self.tutti, *arguments], cwd=self.folder, text=True,
            env=environment or self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE)

    def fresh(self):
        shutil.rmtree(os.path.join(self.folder, ".tutti"), ignore_errors=True)

    # ---- judging ----

    def judge(self, code, text):
        self.outcomes[code] = self.outcomes.get(code, 0) + 1
        if code < 0:
            raise Fault(f"ended by signal {-code}:\n{text}")
        if code and not MEMORY.search(text):
            raise Fault(f"exit code {code}, and no word of memory:\n{text}")

    def states(self):
        done = self.call("ls", "--limit", "0", "-o", "json")
        if done.returncode == 5 and "no store" in done.stderr:
            return {}
        if done.returncode:
            raise Fault(f"ls afterwards: {done.returncode}: {done.stderr}")
        return {run["uid"]: run["state"] for run in json.loads(done.stdout)}

    def go_on(self, accepted):
        """The same store with memory: all that was accepted is there, ends."""
        lost = set(accepted) - set(self.states())
        if lost:
            raise Fault(f"accepted and lost: {lost}")
        done = self.call("run", self.config, "--uid", "after", "--attr",
                         "kind=a", "--input", INPUT)
        if done.returncode:
            raise Fault(f"run afterwards: {done.returncode}: {done.stderr}")
        # Others than its own may not have ended with it.
        for _ in range(50):
            states = self.states()
            if all(state in ("succeeded", "failed", "cancelled")
                   for state in states.values()):
                return states
            self.call("run", self.config, "--uid", "again", "--attr",
                      "kind=a", "--input", INPUT)
            time.sleep(0.01)
        raise Fault(f"not all runs end: {states}")

    # ---- the two programs ----

    def run(self, number):
        done = self.call("run", self.config, "--uid", "one", "--attr",
                         "kind=a", "--input", INPUT,
                         environment=self.shimmed(number))
        self.judge(done.returncode, done.stderr + done.stdout)
        self.go_on(["one"] if done.returncode == 0 else [])

    def serve(self, number):
        log = os.path.join(self.folder, "log")
        with open(log, "w") as file:
            daemon = subprocess.Popen(
                [self.tutti, "serve", "-c", self.config], cwd=self.folder,
                env=self.shimmed(number), stdin=subprocess.DEVNULL,
                stdout=file, stderr=file)
        accepted = []
        try:
            if self.wait_ready(daemon, log):
                accepted = self.use(daemon)
                daemon.terminate()
            code = daemon.wait(PATIENCE)
        except Fault as fault:
            with open(log) as file:
                raise Fault(f"{fault}\n{file.read()}")
        finally:
            daemon.kill()
            daemon.wait()
        with open(log) as file:
            self.judge(code, file.read())
        self.go_on(accepted)

    def wait_ready(self, daemon, log):
        end = time.monotonic() + PATIENCE
        while daemon.poll() is None:
            with open(log) as file:
                if "tutti: ready" in file.read():
                    return True
            if time.monotonic() > end:
                raise Fault("the daemon does not become ready")
            time.sleep(0.002)
        return False

    def use(self, daemon):
        accepted = []
        for uid in ("one", "two"):
            done = self.call("-c", self.config, "start", "default", "--uid",
                             uid, "--attr", "kind=a", "--input", INPUT)
            if done.returncode == 0:
                accepted.append(uid)
            elif done.returncode < 0:
                raise Fault(f"start: {done.returncode}: {done.stderr}")
        for uid in accepted:
            done = self.call("-c", self.config, "start", "default", "--uid",
                             uid, "--attr", "kind=a", "--input", INPUT,
                             "--wait", "20s")
            if done.returncode == 4 and daemon.poll() is None:
                why = self.call("-c", self.config, "why", uid)
                raise Fault(f"run {uid} does not end: {why.stdout}")
        return accepted

    # ---- all of it ----

    def all(self):
        work = {"run": self.run, "serve": self.serve}[self.options.verb]
        self.fresh()
        work(0)
        total = self.count()
        numbers = self.options.only or list(range(1, total + 1))
        if self.options.seconds:
            # As far as the time goes, all over.
            random.Random(self.options.seed).shuffle(numbers)
        end = time.monotonic() + (self.options.seconds or float("inf"))
        bad = tried = 0
        for number in numbers:
            if time.monotonic() > end:
                break
            tried += 1
            self.fresh()
            try:
                work(number)
            except (Fault, subprocess.TimeoutExpired) as fault:
                bad += 1
                print(f"allocation {number} of {total}: {fault}\n", flush=True)
                if bad >= self.options.stop_after:
                    break
        codes = ", ".join(f"{code}: {times}"
                          for code, times in sorted(self.outcomes.items()))
        print(f"memory, {self.options.verb}: {tried} of {total} allocations "
              f"failed in turn, seed {self.options.seed}; exit codes {codes}; "
              f"{bad} wrong")
        shutil.rmtree(self.folder)
        return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=("run", "serve"))
    parser.add_argument("--build", required=True, help="the build folder")
    parser.add_argument("--seconds", type=float, default=0,
                        help="some of the allocations, for so long; 0: all")
    parser.add_argument("--seed", type=int,
                        default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--only", type=int, nargs="*",
                        help="only these allocations")
    parser.add_argument("--all-after", action="store_true",
                        help="all that follow fail, too")
    parser.add_argument("--stop-after", type=int, default=20,
                        help="give up after so many faults")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    sys.exit(1 if Memory(options).all() else 0)


if __name__ == "__main__":
    main()
