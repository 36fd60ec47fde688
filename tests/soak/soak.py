#!/usr/bin/env python3
"""Kill the daemon again and again, and see whether anything is lost.

Runs are started all the time against a real daemon with plugins of all three
forms. At random moments the daemon is killed with SIGKILL, sometimes one of
its plugin processes; it is started again, or a standby takes over. The plugins
note each call in a file of their own (tests/plugins/soaker.c); with --queued
each of them takes its work from a queue. At the end:

  - every run whose id was printed is in the store, once for each uid;
  - every run ends, and as it should;
  - no task is called again that the store had as succeeded before, no attempt
    begins twice, and no later one than that which the store names;
  - output and stash are those of the attempt that the store names;
  - no daemon ends by itself, and no two own the store at once.

The choices come from the seed; the moments are those of the machine.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import check

CONFIG = """\
grace: 1s
lease: 5s
plugins:
  - {{path: ./inside.so{queue}}}
  - {{path: ./apart.so, form: isolated, instances: 2, env: {{PLUGIN_NAME: apart}}, restart: {restart}{queue}}}
  - {{exec: [./program], name: program, instances: 2, env: {{PLUGIN_NAME: program}}, restart: {restart}{queue}}}
activities:
  Prepare:
    pre:
      - {{plugin: soaker, as: open, order: 1}}
      - {{plugin: program, as: load, order: 2, with: {{ms: 4}}}}
    parallel:
      - {{plugin: soaker, as: a, with: {{ms: 2{fails}}}{retry}}}
      - {{plugin: apart, as: b, with: {{ms: 8}}}}
      - {{plugin: program, as: c, with: {{ms: 15}}}}
      - {{plugin: wait, as: pause, with: {{duration: 120ms}}}}
    post:
      - {{plugin: apart, as: close}}
  Quick:
    pre: [{{plugin: soaker, as: before}}]
    parallel: [{{plugin: soaker, as: one}}, {{plugin: soaker, as: two, with: {{ms: 1}}}}]
    post: [{{plugin: soaker, as: after}}]
  Park:
    pre: [{{plugin: wait, as: nap, with: {{duration: 300ms}}}}]
    post: [{{plugin: soaker, as: woken}}]
  Spread:
    parallel: [{spread}]
workflows:
  mixed: [Prepare, Park, Quick]
  quick: [Quick]
  spread: [Spread, Quick]
"""
RESTART = "{delay: 10ms, max: 100ms, deaths: 1000, within: 1m}"
RETRY = ", retry: {attempts: 4, backoff: 5ms}"
# A consumer that is killed has used up an attempt.
QUEUE = (", queue: {attempts: 1000, backoff: 5ms, max: 50ms, concurrency: 12, "
         "fifo_key: run.uid}")
UNFINISHED = "pending,running,waiting,cancelling"
PATIENCE = 120


def fail(text):
    sys.exit("soak: " + text)


class Daemon:
    """One `tutti serve`, whose log is read as it is written."""

    def __init__(self, soak):
        self.soak = soak
        self.started = time.monotonic()
        self.ready = threading.Event()
        self.waiting = threading.Event()
        self.ready_at = None
        self.process = subprocess.Popen(
            [soak.tutti, "serve", "-c", soak.config], cwd=soak.folder,
            env=soak.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            if line.startswith("tutti: ready"):
                self.ready_at = time.monotonic()
                self.ready.set()
            elif line.startswith("tutti: standby: "):
                self.waiting.set()
            with self.soak.lock:
                self.soak.log.write(f"[{self.pid}] {line}")
                self.soak.log.flush()

    def wait_for(self, event):
        end = time.monotonic() + PATIENCE
        while not event.wait(0.2):
            if self.process.poll() is not None:
                self.soak.die(f"a daemon has ended by itself, with "
                              f"{self.process.returncode}")
            if time.monotonic() > end:
                self.soak.die("a daemon does not become ready")

    def kill(self):
        if self.process.poll() is not None:
            self.soak.die(f"a daemon has ended by itself, with "
                          f"{self.process.returncode}")
        self.process.kill()
        self.process.wait()

    def children(self):
        pids = []
        try:
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/children") as file:
                    pids += [int(pid) for pid in file.read().split()]
        except OSError:
            pass
        return pids


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.tutti = os.path.join(options.build, "tutti")
        self.folder = tempfile.mkdtemp(prefix="tutti-soak.")
        self.calls = os.path.join(self.folder, "calls")
        self.config = os.path.join(self.folder, "tutti.yaml")
        self.log = open(os.path.join(self.folder, "daemons.log"), "w")
        self.lock = threading.Lock()
        self.environment = {**os.environ, "CALLS": self.calls,
                            "NO_COLOR": "1"}
        for name in ("TUTTI_STORE", "TUTTI_CONFIG", "NOTIFY_SOCKET"):
            self.environment.pop(name, None)
        self.accepted = {}  # id -> uid
        self.started = 0
        self.unfinished = 0
        self.since = 0  # runs started since `unfinished` was counted
        self.stop = False
        self.restarts = []
        self.takeovers = []
        self.kills = 0
        self.plugin_kills = 0
        self.committed = {}  # (run, task) -> bytes of calls when it was seen
        self.standbys = []

    # ---- the place ----

    def prepare(self):
        modules = os.path.join(self.options.build, "tests", "plugins")
        for source, name in (("soaker.so", "inside.so"),
                             ("soaker.so", "apart.so"),
                             ("soaker", "program")):
            shutil.copy(os.path.join(modules, source),
                        os.path.join(self.folder, name))
        open(self.calls, "w").close()
        spread = ", ".join(
            f"{{plugin: {plugin}, as: {plugin}{number}, with: {{ms: {number}}}}}"
            for plugin in ("soaker", "apart", "program") for number in range(4))
        # In a queue the attempts are the queue's.
        retry = "" if self.options.queued else RETRY
        self.retries = self.write_config(spread, retry)
        if not self.retries and not self.write_config(spread, ""):
            fail("the config is refused")

    def write_config(self, spread, retry):
        with open(self.config, "w") as file:
            queued = self.options.queued
            file.write(CONFIG.format(
                spread=spread, restart=RESTART, retry=retry,
                queue=QUEUE if queued else "",
                fails=", fail_below: 2" if retry or queued else ""))
        return self.call("config", "check", self.config).returncode == 0

    def call(self, *arguments):
        return subprocess.run(
            [self.tutti, "-c", self.config, *arguments], cwd=self.folder,
            env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True)

    def look(self, *arguments):
        done = self.call(*arguments)
        if done.returncode:
            self.die(f"{' '.join(arguments)}: exit code {done.returncode}: "
                     f"{done.stderr}")
        return json.loads(done.stdout)

    def die(self, text):
        self.stop = True
        self.log.flush()
        for daemon in self.standbys:
            daemon.process.kill()
        fail(f"{text}\n  seed {self.options.seed}, {self.kills} kills; "
             f"everything is kept in {self.folder}")

    # ---- starting runs ----

    def start_runs(self, choices):
        while not self.stop:
            if self.unfinished + self.since >= self.options.active:
                time.sleep(0.01)
                continue
            with self.lock:
                self.started += 1
                self.since += 1
                uid = f"u{self.started}"
            workflow = choices.choice(("mixed", "quick", "spread"))
            self.start_run(workflow, uid, choices)

    def start_run(self, workflow, uid, choices):
        """Again while the daemon is away, mostly with the same uid."""
        while not self.stop:
            done = self.call("start", workflow, "--uid", uid, "-o", "name")
            if done.returncode == 0:
                with self.lock:
                    self.accepted[done.stdout.strip()] = uid
                return
            if done.returncode != 5:
                self.problem = f"start: {done.returncode}: {done.stderr}"
            time.sleep(0.01)
            if choices.random() < 0.2:
                return

    # ---- what the store has ----

    def count(self):
        done = self.call("ls", "--count", "--state", UNFINISHED)
        if done.returncode:
            self.die(f"ls: {done.stderr}")
        self.unfinished = int(done.stdout)
        self.since = 0
        return self.unfinished

    def remember(self):
        """What has succeeded by now must not be called from now on."""
        runs = self.look("ls", "--state", UNFINISHED, "--limit", "12",
                         "-o", "json")
        seen = []
        for run in runs:
            shown = self.look("show", run["id"], "-o", "json")
            for name, task in check.tasks(shown):
                if task["state"] == "succeeded":
                    seen.append((run["id"], name))
        size = os.path.getsize(self.calls)
        for key in seen:
            self.committed.setdefault(key, size)

    # ---- killing ----

    def kill_plugin(self, daemon):
        pids = daemon.children()
        if pids:
            try:
                os.kill(self.random.choice(pids), signal.SIGKILL)
                self.plugin_kills += 1
            except ProcessLookupError:
                pass

    def restart(self, daemon):
        daemon.kill()
        self.remember()
        after = Daemon(self)
        after.wait_for(after.ready)
        self.restarts.append(after.ready_at - after.started)
        return after

    def hand_over(self, daemon):
        while len(self.standbys) < self.random.choice((1, 1, 2)):
            standby = Daemon(self)
            self.standbys.append(standby)
            standby.wait_for(standby.waiting)
        if any(standby.ready.is_set() for standby in self.standbys):
            self.die("a standby is ready while the owner lives")
        killed = time.monotonic()
        daemon.kill()
        end = killed + PATIENCE
        while not any(s.ready.is_set() for s in self.standbys):
            if time.monotonic() > end:
                self.die("no standby takes over")
            time.sleep(0.001)
        self.remember()
        owners = [s for s in self.standbys if s.ready.is_set()]
        if len(owners) != 1:
            self.die(f"{len(owners)} standbys have taken over at once")
        self.takeovers.append(owners[0].ready_at - killed)
        self.standbys.remove(owners[0])
        return owners[0]

    def kill_and_go_on(self, daemon):
        self.kills += 1
        # A standby that waits would take over anyway.
        if self.standbys or self.random.random() < 0.3:
            return self.hand_over(daemon)
        return self.restart(daemon)

    def round(self, daemon):
        time.sleep(self.random.uniform(0.01, self.options.interval))
        if self.random.random() < 0.3:
            self.kill_plugin(daemon)
            time.sleep(self.random.uniform(0, 0.05))
        daemon = self.kill_and_go_on(daemon)
        self.count()
        return daemon

    # ---- all of it ----

    def finish(self, daemon):
        end = time.monotonic() + PATIENCE
        while self.count():
            if time.monotonic() > end:
                self.die(f"{self.unfinished} runs do not end")
            time.sleep(0.1)
        daemon.process.terminate()
        if daemon.process.wait(60):
            self.die(f"SIGTERM: exit code {daemon.process.returncode}")
        for standby in self.standbys:
            standby.process.kill()
            standby.process.wait()

    def run(self):
        self.prepare()
        daemon = Daemon(self)
        daemon.wait_for(daemon.ready)
        starters = [threading.Thread(target=self.start_runs, daemon=True,
                                     args=(random.Random(self.options.seed + i),))
                    for i in range(1, self.options.starters + 1)]
        for starter in starters:
            starter.start()
        for _ in range(self.options.kills):
            daemon = self.round(daemon)
            if self.options.verbose:
                print(f"{self.kills} kills, {len(self.accepted)} runs, "
                      f"{self.unfinished} unfinished", file=sys.stderr)
        self.stop = True
        for starter in starters:
            starter.join()
        self.finish(daemon)
        return check.Check(self).run()


def times(seconds):
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    return (f"p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, "
            f"max {ordered[-1] * 1000:.0f} ms")


def report(soak, checked):
    print(f"seed            {soak.options.seed}")
    print(f"kills           {soak.kills} of daemons, {soak.plugin_kills} of "
          f"plugin processes")
    print(f"runs            {checked.runs}, accepted {len(soak.accepted)}, "
          f"lost {checked.lost}")
    print(f"tasks           {checked.tasks}, calls {checked.calls}, "
          f"redelivered {checked.redelivered}")
    print(f"called again    {checked.again} of {len(soak.committed)} seen "
          f"succeeded at a kill; stragglers {checked.stragglers}")
    print(f"retries         {'yes' if soak.retries else 'no'}")
    print(f"restarts        {len(soak.restarts)}, {times(soak.restarts)}")
    print(f"takeovers       {len(soak.takeovers)}, {times(soak.takeovers)}")
    for problem in checked.problems[:20]:
        print(f"WRONG: {problem}")
    print(f"problems        {len(checked.problems)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, help="the build folder")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int,
                        default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--interval", type=float, default=0.3,
                        help="longest time between two kills, seconds")
    parser.add_argument("--active", type=int, default=40,
                        help="most runs that are unfinished at once")
    parser.add_argument("--starters", type=int, default=2)
    parser.add_argument("--queued", action="store_true",
                        help="every plugin is behind a queue")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    print(f"soak: {options.kills} kills, seed {options.seed}", flush=True)
    soak = Soak(options)
    checked = soak.run()
    report(soak, checked)
    soak.log.close()
    if checked.problems:
        fail(f"everything is kept in {soak.folder}")
    shutil.rmtree(soak.folder)


if __name__ == "__main__":
    main()
