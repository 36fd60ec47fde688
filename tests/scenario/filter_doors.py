"""Every conformance case of filters through every door of the orchestrator.

    filter_doors.py config     tutti.yaml with an activity for each case, which
                               binds echo with the case's filter
    filter_doors.py source     C source of a plugin with all filters
    filter_doors.py program    be a plugin with all filters
    filter_doors.py runs       start a run for each case, with its attributes,
                               and look who took part

    filter_doors.py bad-config FILE...   configs with the filters that are none
    filter_doors.py bad-check FILE...    is each refused with its path?
    filter_doors.py bad-modules MODULE   modules with them, out of MODULE
    filter_doors.py bad-program          register with each

    filter_doors.py limits     SNS accepts or refuses them, and so do we

The name of a case's activity, workflow and run is "c" and its number.
"""

import concurrent.futures
import contextlib
import io
import json
import os
import re
import subprocess
import sys

import filter_cases

DOORS = "config", "module", "program"


def good():
    return [("c%d" % number, case)
            for number, case in enumerate(filter_cases.cases())
            if filter_cases.expected(case) != "error"]


def bad():
    return [("c%d" % number, case)
            for number, case in enumerate(filter_cases.cases())
            if filter_cases.expected(case) == "error"]


def c_string(text):
    """A C literal: no escape of it can swallow what follows."""
    return '"%s"' % "".join("\\%03o" % byte for byte in text.encode())


def config():
    print("listen: tcp://127.0.0.1:0")
    print("plugins: [./filters.so]")
    print("activities:")
    for name, case in good():
        print("  %s: {parallel: [{plugin: echo, as: config, filter: %s}]}" % (
            name, case.get("filter", "null")))
    print("workflows:")
    for name, _ in good():
        print("  %s: {activities: [%s]}" % (name, name))


def source():
    print("#include <tutti/plugin.h>")
    print("static int32_t handle(void *self, const struct tutti_task *task)")
    print("{ (void)self; return tutti_succeed(task, 0); }")
    print("static const struct tutti_subscription wanted[] = {")
    for name, case in good():
        text = c_string(case["filter"]) if "filter" in case else "0"
        print("{ .activity = \"%s\", .phase = TUTTI_PARALLEL, .filter = %s }," %
              (name, text))
    print("};")
    print("static const struct tutti_plugin plugin = {")
    print(".size = sizeof(struct tutti_plugin), .name = \"module\",")
    print(".version = \"1\", .help = \"\", .subscriptions = wanted,")
    print(".subscription_count = sizeof(wanted) / sizeof(wanted[0]),")
    print(".max_tasks = 1, .handle = handle, };")
    print("TUTTI_MODULE(&plugin);")


def program():
    import tutti

    @tutti.plugin("program", version="1", help="", subscriptions=[
        tutti.Subscription(name, "parallel",
                           filter=json.loads(case.get("filter", "null")))
        for name, case in good()])
    def answer(task):
        return None

    sys.argv[1:] = []  # it reads them
    tutti.run([answer])


def run_one(item):
    name, case = item
    with open(name + ".json", "w", encoding="utf-8") as file:
        file.write(case.get("attributes", "{}"))
    subprocess.run(["tutti", "start", name, "--uid", name, "--attrs",
                    name + ".json", "--wait"], check=True, capture_output=True)
    shown = subprocess.run(["tutti", "show", name, "-o", "json"], check=True,
                           capture_output=True)
    run = json.loads(shown.stdout)
    (activity,) = run["activities"]
    return {task["name"] for task in activity["parallel"]["tasks"]}


def runs():
    cases = good()
    assert len(cases) >= 245, len(cases)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run_one, cases))
    wrong = []
    for (_, case), doors in zip(cases, found):
        wanted = set(DOORS) if filter_cases.expected(case) else set()
        if doors != wanted:
            wrong.append((case["name"], case["filter"], case["attributes"],
                          sorted(doors)))
    for each in wrong:
        print(each)
    sys.exit(len(wrong) > 0)


# ---- filters that are none ----

PER_FILE = 40  # a load reports 50 mistakes


def bad_files(files):
    cases = bad()
    assert len(cases) >= 65, len(cases)
    assert len(files) * PER_FILE >= len(cases)
    return [(file, cases[i * PER_FILE:(i + 1) * PER_FILE])
            for i, file in enumerate(files)]


def bad_config(*files):
    for path, cases in bad_files(files):
        with open(path, "w", encoding="utf-8") as file:
            file.write("activities:\n")
            for name, case in cases:
                file.write("  %s: {parallel: [{plugin: echo, filter: %s}]}\n"
                           % (name, case["filter"]))


def bad_check(*files):
    """A diagnostic on each case's line, and it begins with the path."""
    for path, cases in bad_files(files):
        done = subprocess.run(["tutti", "config", "check", path],
                              capture_output=True, text=True)
        assert done.returncode == 2, done
        told = {}
        for line in (done.stdout + done.stderr).splitlines():
            found = re.match(r"[^ ]+:(\d+):\d+: error: (.*)", line)
            if found:
                told.setdefault(int(found[1]) - 2, found[2])
        for i, (_, case) in enumerate(cases):
            sentence = told.get(i, "")
            assert sentence.startswith("filter"), (case["name"], sentence)


def bad_texts():
    """All that cannot be a filter, as text."""
    texts = [(json.loads(case["name"]), case["filter"]) for _, case in bad()]
    return texts + filter_cases.texts()


def bad_modules(module):
    """The module has room for a name and for a filter, marked."""
    with open(module, "rb") as file:
        body = file.read()
    name_at = body.index(b"@NAME@")
    filter_at = body.index(b"@FILTER@")
    for number, (_, text) in enumerate(bad_texts()):
        new = bytearray(body)
        for at, put in (name_at, b"bad%d" % number), (filter_at, text.encode()):
            new[at:at + len(put) + 1] = put + b"\0"
        with open("bad%d.so" % number, "wb") as file:
            file.write(new)
        os.chmod("bad%d.so" % number, 0o755)
    with open("modules.yaml", "w", encoding="utf-8") as file:
        file.write("plugins: [%s]\n" % ", ".join(
            "./bad%d.so" % number for number in range(len(bad_texts()))))
    done = subprocess.run(["tutti", "config", "check", "modules.yaml"],
                          capture_output=True, text=True)
    assert done.returncode == 2, done
    for number, (name, _) in enumerate(bad_texts()):
        found = re.search(r"plugin 'bad%d': the subscription to 'A': "
                          r"(filter|its filter: line \d+, column \d+).*"
                          % number, done.stdout + done.stderr)
        assert found, (name, done.stderr)


def bad_program():
    import tutti
    import tutti.runner

    # A document is sent, so what is no JSON cannot come this way.
    documents = [(json.loads(case["name"]), json.loads(case["filter"]))
                 for _, case in bad()]
    for name, text in filter_cases.texts():
        with contextlib.suppress(ValueError):
            documents.append((name, json.loads(
                text, parse_constant=lambda word: int(word))))
    assert len(documents) >= 69, len(documents)
    for name, document in documents:
        @tutti.plugin("bad", version="1", help="", subscriptions=[
            tutti.Subscription("A", "parallel", filter=document)])
        def bad_plugin(task):
            return None

        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            code = tutti.runner.Runner([bad_plugin]).run()
        assert code == tutti.runner.EXIT_REFUSED, (name, code)
        assert re.search("the subscription to 'A': filter[^ ]*: ",
                         told.getvalue()), (name, told.getvalue())

# ---- the limits of SNS ----


def limits():
    """A config for each case, with the limits of its scope."""
    scopes = {"MessageAttributes": "sns-attributes", "MessageBody": "sns-body"}
    cases = filter_cases.limits()
    assert len(cases) >= 12, len(cases)
    for case in cases:
        scope = scopes[json.loads(case["scope"])]
        one = json.dumps(json.loads(case["filter"]))
        accepted = json.loads(case["sns_accepts"])
        for chosen, wanted in (scope, accepted), ("none", True):
            with open("limits.yaml", "w", encoding="utf-8") as file:
                file.write("filter_limits: %s\n" % chosen)
                file.write("activities: {A: {parallel: [{plugin: echo, "
                           "filter: %s}]}}\n" % one)
            done = subprocess.run(["tutti", "config", "check", "limits.yaml"],
                                  capture_output=True, text=True)
            assert (done.returncode == 0) == wanted, (case["name"], done)


def main():
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])


if __name__ == "__main__":
    main()
