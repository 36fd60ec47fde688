#!/usr/bin/env python3
"""Does the soak's checker see what is wrong?"""
import os
import tempfile
import types
import unittest

import check


def task(attempt=1, state="succeeded"):
    return {"name": "t", "plugin": "soaker", "state": state,
            "attempt": attempt, "message": None}


def shown(one, state="succeeded", output=1, stash=1):
    return {"id": "r", "uid": "u", "state": state, "message": None,
            "outputs": {"A": {"t": {"attempt": output}}},
            "stash": {"A/pre/t": stash},
            "activities": [{"name": "A", "pre": {"tasks": [one]},
                            "parallel": {}, "post": None}]}


class Checks(unittest.TestCase):
    def checked(self, run, calls, accepted=None, committed=None):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            with open(path, "w") as file:
                for number, (what, attempt) in enumerate(calls):
                    file.write(f"{what} r A/pre/t {attempt} 7 {number}\n")
            soak = types.SimpleNamespace(
                calls=path, accepted=accepted or {"r": "u"},
                committed=committed or {},
                look=lambda verb, *_: [run] if verb == "ls" else run)
            return check.Check(soak).run()

    def problem(self, text, *arguments, **named):
        problems = self.checked(*arguments, **named).problems
        self.assertTrue(any(text in problem for problem in problems),
                        problems)

    def test_all_is_well(self):
        good = [("begin", 1), ("begin", 2), ("end", 2)]
        done = self.checked(shown(task(2), output=2, stash=2), good,
                            committed={("r", "A/pre/t"): 999})
        self.assertEqual(done.problems, [])
        self.assertEqual((done.runs, done.tasks, done.calls, done.redelivered),
                         (1, 1, 2, 1))

    def test_a_straggler_is_none(self):
        done = self.checked(shown(task(2), output=2, stash=2),
                            [("begin", 2), ("begin", 1)])
        self.assertEqual((done.problems, done.stragglers), ([], 1))

    def test_lost(self):
        self.problem("lost", shown(task()), [("begin", 1)],
                     accepted={"gone": "v"})

    def test_not_ended(self):
        self.problem("ended running", shown(task(), state="running"),
                     [("begin", 1)])
        self.problem("ended failed", shown(task(state="failed")),
                     [("begin", 1)])

    def test_twice(self):
        self.problem("twice", shown(task()), [("begin", 1), ("begin", 1)])

    def test_called_again(self):
        self.problem("called again", shown(task()),
                     [("begin", 1), ("begin", 2)])

    def test_called_after_it_was_seen(self):
        # The store names the later attempt: only what was seen tells.
        first = len("begin r A/pre/t 1 7 0\n")
        self.problem("after its success was seen",
                     shown(task(2), output=2, stash=2),
                     [("begin", 1), ("begin", 2)],
                     committed={("r", "A/pre/t"): first})

    def test_never_began(self):
        self.problem("never began", shown(task()), [])

    def test_other_documents(self):
        self.problem("output", shown(task(), output=2), [("begin", 1)])
        self.problem("stash", shown(task(), stash=2), [("begin", 1)])


if __name__ == "__main__":
    unittest.main()
