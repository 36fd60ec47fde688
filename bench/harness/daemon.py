"""A daemon of the product in a folder of its own, driven as users do."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from harness import process
from harness.program import Failed, run

PATIENCE_S = 120


class Daemon:
    """`config` is the text of its tutti.yaml; nothing runs before start()."""

    def __init__(self, bench, config, folder=None):
        self.tutti = os.path.join(bench.build, "tutti")
        self.kept = folder is not None
        self.folder = folder or tempfile.mkdtemp(prefix="daemon-",
                                                 dir=bench.folder)
        self.child = None
        self.configure(config)

    def configure(self, config):
        """What holds from the next start on."""
        with open(self.path("tutti.yaml"), "w", encoding="utf-8") as file:
            file.write(config)

    def path(self, name):
        return os.path.join(self.folder, name)

    def store(self):
        return self.path(".tutti/data.mdb")

    # ---- life ----

    def start(self):
        """Until it has said that it is ready; the seconds that this took."""
        begin = time.monotonic()
        with open(self.path("log"), "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(
                [self.tutti, "serve", "--no-standby"], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        with open(self.path("log"), encoding="utf-8") as log:
            self.wait_until(lambda: "tutti: ready" in log.read(),
                            "it is ready")
        return time.monotonic() - begin

    def wait_until(self, holds, what, pause=0.0005):
        until = time.monotonic() + PATIENCE_S
        while not holds():
            if self.child and self.child.poll() is not None:
                with open(self.path("log"), encoding="utf-8") as log:
                    raise Failed("the daemon has ended: " + log.read()[-2000:])
            if time.monotonic() > until:
                raise Failed("gave up waiting until " + what)
            time.sleep(pause)

    def stop(self, by=signal.SIGTERM):
        if self.child:
            self.child.send_signal(by)
            self.child.wait()
            self.child = None

    def fresh(self):
        """Start on an empty store, whatever was before."""
        self.stop()
        shutil.rmtree(self.path(".tutti"), ignore_errors=True)
        self.start()

    def remove(self):
        if self.kept:
            self.stop()
            return
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what users type ----

    def tell(self, *words):
        """Runs a verb; what it prints."""
        return run([self.tutti, *words], cwd=self.folder)

    def ask(self, *words):
        return json.loads(self.tell(*words, "-o", "json"))

    def wait_for_instances(self, count):
        if count == 0:
            return
        self.wait_until(lambda: sum(
            entry["ready"] for entry in self.ask("plugins")["processes"])
            >= count, "%d processes have registered" % count, 0.01)

    def count(self, state):
        """How many runs are in it."""
        return int(self.tell("ls", "--count", "--state", state))

    def commits(self):
        return self.ask("store", "stat")["commits"]

    # ---- load ----

    def load(self, count, in_flight, line="{}", wait=True, form="json"):
        """`count` runs, each a line for `tutti start --lines`. With the form
        text nothing is known of single ones, and they cost the client less."""
        with open(self.path("lines"), "w", encoding="utf-8") as file:
            file.write((line + "\n") * count)
        command = [self.tutti, "start", "--lines", "lines",
                   "--in-flight", str(in_flight), "-o", form]
        return Load(self, command + (["--wait"] if wait else []), count)

    def cpu_us(self):
        return process.family_cpu_us(self.child.pid)


class Load:
    """What became of a number of runs that were started together."""

    def __init__(self, daemon, command, count):
        self.count = count
        cpu, commits = daemon.cpu_us(), daemon.commits()
        begin = time.monotonic()
        with open(daemon.path("answers"), "w", encoding="utf-8") as answers:
            client = subprocess.Popen(command, cwd=daemon.folder,
                                      stdout=answers, stderr=answers)
            _, status, usage = os.wait4(client.pid, 0)
        self.seconds = time.monotonic() - begin
        client.returncode = os.waitstatus_to_exitcode(status)
        self.client_cpu_us = (usage.ru_utime + usage.ru_stime) * 1e6
        self.cpu_us = daemon.cpu_us() - cpu
        self.commits = daemon.commits() - commits
        self.answers = self._read(daemon, client.returncode, command)

    def _read(self, daemon, code, command):
        with open(daemon.path("answers"), encoding="utf-8") as lines:
            text = lines.read()
        if code != 0:
            raise Failed("tutti start --lines: exit code %d: %s"
                         % (code, text[-500:]))
        if "json" not in command:
            return []
        answers = [json.loads(line) for line in text.splitlines()]
        if len(answers) != self.count:
            raise Failed("%d answers for %d runs" % (len(answers), self.count))
        return answers

    def latencies_us(self):
        return [answer["took_us"] for answer in self.answers]

    def per_second(self):
        return self.count / self.seconds
