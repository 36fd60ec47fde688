"""What the soak compares: the calls the plugins noted, and the store."""
import collections

FINAL = ("succeeded",)
PHASES = ("pre", "parallel", "post")
Call = collections.namedtuple("Call", "what attempt pid us offset")


def tasks(run):
    """Name (activity/phase/name) and record of each task of a shown run."""
    for activity in run["activities"]:
        for phase in PHASES:
            for task in (activity.get(phase) or {}).get("tasks", []):
                yield f"{activity['name']}/{phase}/{task['name']}", task


def read_calls(path):
    """(run, task) -> its calls, in the order in which they were noted."""
    calls = collections.defaultdict(list)
    offset = 0
    with open(path, "rb") as file:
        for line in file:
            what, run, task, attempt, pid, us = line.decode().split()
            calls[run, task].append(
                Call(what, int(attempt), int(pid), int(us), offset))
            offset += len(line)
    return calls


class Check:
    def __init__(self, soak):
        self.soak = soak
        self.problems = []
        self.runs = self.tasks = self.calls = 0
        self.lost = self.again = self.redelivered = self.stragglers = 0

    def wrong(self, text):
        self.problems.append(text)

    def run(self):
        self.calls_of = read_calls(self.soak.calls)
        listed = self.soak.look("ls", "--limit", "0", "-o", "json")
        self.check_accepted(listed)
        for run in listed:
            self.check_run(self.soak.look("show", run["id"], "-o", "json"))
        self.check_committed()
        self.check_unknown(listed)
        return self

    def check_accepted(self, listed):
        uids = {run["id"]: run["uid"] for run in listed}
        self.runs = len(listed)
        for run, uid in self.soak.accepted.items():
            if uids.get(run) != uid:
                self.lost += 1
                self.wrong(f"run {run} ({uid}) was accepted and is lost")
        if len(set(uids.values())) != len(uids):
            self.wrong("a uid has two runs")

    def check_unknown(self, listed):
        known = {run["id"] for run in listed}
        for run, task in self.calls_of:
            if run not in known:
                self.wrong(f"{task} of run {run} was called, which the store "
                           f"does not have")

    def check_run(self, run):
        if run["state"] not in FINAL:
            self.wrong(f"run {run['id']} ended {run['state']}: {run['message']}")
        for name, task in tasks(run):
            self.tasks += 1
            if task["state"] != "succeeded":
                self.wrong(f"{run['id']} {name} ended {task['state']}: "
                           f"{task['message']}")
            if task["attempt"] > 1:
                self.redelivered += 1
            if task["plugin"] != "wait":
                self.check_task(run, name, task)
                self.check_documents(run, name, task)

    def check_task(self, run, name, task):
        calls = self.calls_of.get((run["id"], name), [])
        begun = [call.attempt for call in calls if call.what == "begin"]
        last = task["attempt"]
        self.calls += len(begun)
        where = f"{run['id']} {name}: attempts begun {begun}, stored {last}"
        if len(set(begun)) != len(begun):
            self.wrong(f"{where}: one of them twice")
        if begun and max(begun) > last:
            self.wrong(f"{where}: called again")
            self.again += 1
        if last not in begun:
            self.wrong(f"{where}: what succeeded never began")
        # A process that outlives its daemon by a moment.
        self.stragglers += sum(1 for before, after in zip(begun, begun[1:])
                               if after < before)

    def check_documents(self, run, name, task):
        activity, _, local = name.split("/")
        attempt = task["attempt"]
        output = (run["outputs"].get(activity) or {}).get(local) or {}
        if output.get("attempt") != attempt:
            self.wrong(f"{run['id']} {name}: output {output}, attempt {attempt}")
        if run["stash"].get(name) != attempt:
            self.wrong(f"{run['id']} {name}: stash {run['stash'].get(name)}, "
                       f"attempt {attempt}")

    def check_committed(self):
        """Calls after the moment at which the store had the task's success."""
        for (run, task), size in self.soak.committed.items():
            later = [call for call in self.calls_of.get((run, task), [])
                     if call.what == "begin" and call.offset >= size]
            first = [call for call in self.calls_of.get((run, task), [])
                     if call.offset < size]
            newest = max((call.attempt for call in first), default=0)
            for call in later:
                if call.attempt > newest:
                    self.again += 1
                    self.wrong(f"{run} {task}: attempt {call.attempt} began "
                               f"after its success was seen")
