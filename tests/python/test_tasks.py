"""What a handler sees, and what becomes of what it does."""

from __future__ import annotations

import datetime
import threading
import time
import unittest
from typing import Any

import msgpack
from fake import unpack
from support import Case

import tutti


class Outcomes(Case):
    def outcome_of(self, handler: Any, **more: Any) -> dict[str, Any]:
        plugin = tutti.plugin("p")(handler)
        self.start(plugin)
        self.fake.deliver("p", 1, **more)
        return self.done(1)

    def test_a_returned_document(self) -> None:
        done = self.outcome_of(lambda task: {"a": [1, "zwölf", None]})
        self.assertEqual(done["outcome"], "succeeded")
        self.assertEqual(unpack(done["output"]), {"a": [1, "zwölf", None]})
        self.assertIsNone(done["patch"])
        self.assertFalse(done["late"] or done["fault"])

    def test_nothing(self) -> None:
        done = self.outcome_of(lambda task: None)
        self.assertEqual(done["outcome"], "succeeded")
        self.assertIsNone(done["output"])

    def test_failed(self) -> None:
        def handler(task: tutti.Task) -> None:
            raise tutti.Failed("no such house")

        done = self.outcome_of(handler)
        self.assertEqual(
            (done["outcome"], done["message"]), ("failed", "no such house")
        )

    def test_retryable(self) -> None:
        def handler(task: tutti.Task) -> None:
            raise tutti.Retryable("busy")

        done = self.outcome_of(handler)
        self.assertEqual(
            (done["outcome"], done["message"]), ("retryable", "busy")
        )

    def test_any_exception(self) -> None:
        def handler(task: tutti.Task) -> None:
            raise KeyError("who")

        done = self.outcome_of(handler)
        self.assertEqual(
            (done["outcome"], done["message"]), ("failed", "KeyError: 'who'")
        )

    def test_exit_is_the_plugins_fault(self) -> None:
        def handler(task: tutti.Task) -> None:
            raise SystemExit(3)

        done = self.outcome_of(handler)
        self.assertEqual((done["outcome"], done["fault"]), ("failed", True))

    def test_a_result_that_is_no_document(self) -> None:
        done = self.outcome_of(lambda task: {"when": object()})
        self.assertEqual(done["outcome"], "failed")
        self.assertIn("was refused: its output", done["message"])

    def test_results_that_others_cannot_read(self) -> None:
        wrong = (
            ({1: "x"}, "its output: the key 1 is no text"),
            ({"a": [float("nan")]}, "its output.a[0]: nan is no number"),
            ({"a": float("-inf")}, "its output.a: -inf is no number"),
            ([{1, 2}], "its output[0]: set is no type of JSON"),
            (1 << 64, "its output: over 64 bits"),
            (-(1 << 63) - 1, "its output: over 64 bits"),
            ("\ud800", "its output: the text '\\ud800' is not UTF-8"),
            ({"\ud800": 1}, "its output: the key '\\ud800' is not UTF-8"),
            (msgpack.ExtType(1, b""), "its output: ExtType is no type of JSON"),
        )
        self.start(tutti.plugin("p")(lambda task: wrong[task.number][0]))
        for number, (_, why) in enumerate(wrong):
            self.fake.deliver("p", number)
            done = self.done(number)
            self.assertEqual(done["outcome"], "failed")
            self.assertIn(f"was refused: {why}", done["message"])

    def test_a_patch_that_others_cannot_read(self) -> None:
        def handler(task: tutti.Task) -> None:
            task.succeed(None, {"a": {None: 1}})

        done = self.outcome_of(handler)
        self.assertEqual(done["outcome"], "failed")
        self.assertIn(
            "its patch of the stash.a: the key None is no text", done["message"]
        )

    def test_the_greatest_and_smallest_of_a_result(self) -> None:
        most = [(1 << 64) - 1, -(1 << 63), b"\0\xff", ("a",)]
        done = self.outcome_of(lambda task: most)
        self.assertEqual(
            unpack(done["output"]), [(1 << 64) - 1, -(1 << 63), b"\0\xff", ["a"]]
        )

    def test_8_mib_and_one_more(self) -> None:
        # Five bytes say how long the text is.
        self.assertEqual(
            self.outcome_of(lambda task: "x" * ((8 << 20) - 5))["outcome"],
            "succeeded",
        )

    def test_more_than_8_mib(self) -> None:
        done = self.outcome_of(lambda task: "x" * ((8 << 20) - 4))
        self.assertEqual(done["outcome"], "failed")
        self.assertIn("too big: 8388609 bytes", done["message"])

    def test_a_long_message_is_cut_at_a_character(self) -> None:
        def handler(task: tutti.Task) -> None:
            task.fail("x" + "ü" * 1000)

        done = self.outcome_of(handler)
        self.assertEqual(len(done["message"].encode()), 1023)
        self.assertEqual(done["message"], "x" + "ü" * 511)

    def test_texts_that_are_no_texts(self) -> None:
        def handler(task: tutti.Task) -> None:
            task.fail("a\0b\ud800c")

        self.assertEqual(self.outcome_of(handler)["message"], "a\ufffdb\ufffdc")

    def test_parked(self) -> None:
        before = time.time()

        def handler(task: tutti.Task) -> None:
            task.park(datetime.timedelta(seconds=5), "later")

        done = self.outcome_of(handler)
        self.assertEqual((done["outcome"], done["message"]), ("parked", "later"))
        self.assertGreaterEqual(done["until_us"], (before + 5) * 1e6)
        self.assertLessEqual(done["until_us"], (time.time() + 5) * 1e6)

    def test_parked_until_never(self) -> None:
        def handler(task: tutti.Task) -> None:
            task.park(float("inf"))

        self.assertEqual(self.outcome_of(handler)["outcome"], "failed")

    def test_twice_is_stale(self) -> None:
        caught: list[BaseException] = []

        def handler(task: tutti.Task) -> None:
            task.succeed({"n": 1}, {"k": "v"}, "first")
            for act in (task.succeed, lambda: task.progress(0.5)):
                try:
                    act()
                except tutti.Stale as error:
                    caught.append(error)

        done = self.outcome_of(handler)
        self.assertEqual(unpack(done["output"]), {"n": 1})
        self.assertEqual(unpack(done["patch"]), {"k": "v"})
        self.fake.wait("both", lambda: len(caught) == 2)
        self.assertEqual(len([i for i in self.fake.items if i["is"] == "done"]), 1)

    def test_from_another_thread(self) -> None:
        def handler(task: tutti.Task) -> Any:
            threading.Timer(0.01, task.succeed, ["late"]).start()
            return tutti.PENDING

        self.assertEqual(unpack(self.outcome_of(handler)["output"]), "late")

    def test_a_refused_result_does_not_finish(self) -> None:
        def handler(task: tutti.Task) -> None:
            for bad in ({1: 2}, float("nan"), deep(29), 1 << 70):
                try:
                    task.succeed(bad)
                except tutti.Invalid:
                    continue
                return
            task.succeed(deep(28))

        self.assertEqual(self.outcome_of(handler)["outcome"], "succeeded")
        self.assertTrue(self.fake.items[-1]["output"])

    def test_what_it_sees(self) -> None:
        seen: list[tutti.Task] = []

        def handler(task: tutti.Task) -> Any:
            seen.append(task)
            return [
                task.attributes,
                task.input,
                task.stash,
                task.outputs,
                task.with_,
            ]

        done = self.outcome_of(
            handler,
            attributes={"a": 1},
            input=[1],
            stash={"s": 2},
            outputs={"A": {"t": 3}},
            with_={"w": 4},
            attempt=3,
            wakes=2,
            name="other",
        )
        self.assertEqual(
            unpack(done["output"]),
            [{"a": 1}, [1], {"s": 2}, {"A": {"t": 3}}, {"w": 4}],
        )
        (task,) = seen
        self.assertEqual(
            (task.uid, task.workflow, task.activity, task.phase, task.name),
            ("uid-1", "w", "A", "parallel", "other"),
        )
        self.assertEqual((task.attempt, task.wakes, task.deadline), (3, 2, None))

    def test_absent_documents(self) -> None:
        done = self.outcome_of(
            lambda task: [task.attributes, task.input, task.stash]
        )
        self.assertEqual(unpack(done["output"]), [{}, None, {}])


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


class Meanwhile(Case):
    def test_progress_and_log(self) -> None:
        @tutti.plugin("p")
        def handler(task: tutti.Task) -> None:
            task.progress(0.25, "quarter")
            task.progress(-3)
            task.progress(7, "x" * 300)
            task.log("warn", "mind")
            handler.say("info", "by the way")

        self.start(handler)
        self.fake.deliver("p", 1)
        self.done(1)
        last = [i for i in self.fake.items if i["is"] == "progress"][-1]
        self.assertEqual((last["fraction"], len(last["note"])), (1.0, 256))
        line = self.fake.wait_item(text="mind")
        self.assertEqual(
            (line["plugin"], line["level"], line["name"], line["task"]),
            ("p", "warn", "A/parallel/p", 1),
        )
        line = self.fake.wait_item(text="by the way")
        self.assertFalse(line.get("attempt"))

    def test_cancel(self) -> None:
        told: list[tuple[int, str]] = []

        class Careful(tutti.Plugin):
            name = "careful"

            def handle(self, task: tutti.Task) -> None:
                while not task.cancelled():
                    time.sleep(0.005)
                raise tutti.Failed(f"stopped: {task.cancelled()}")

            def cancel(self, task: tutti.Task, cause: str) -> None:
                told.append((task.number, cause))

        self.start(Careful())
        self.fake.deliver("careful", 1)
        self.fake.deliver("careful", 2)
        self.fake.wait_item(**{"is": "accept", "task": 2})
        run = self.fake.work("", 1)["run"]
        for task in (2, 1):
            self.fake.mail(
                do="cancel", run=run, task=task, attempt=1, cause="cancelled"
            )
        self.assertEqual(self.done(1)["message"], "stopped: cancelled")
        self.assertEqual(
            self.done(2)["message"],
            "cancelled before plugin 'careful' was called",
        )
        self.assertEqual(told, [(2, "cancelled"), (1, "cancelled")])

    def test_the_deadline_alone_is_enough(self) -> None:
        @tutti.plugin("p")
        def handler(task: tutti.Task) -> None:
            while not task.cancelled():
                time.sleep(0.005)
            raise tutti.Failed(str(task.cancelled()))

        self.start(handler)
        self.fake.deliver("p", 1, deadline_us=int((time.time() + 0.1) * 1e6))
        done = self.done(1)
        self.assertEqual((done["message"], done["late"]), ("timed_out", True))

    def test_max_tasks_bounds_the_calls(self) -> None:
        lock = threading.Lock()
        most = 0
        now = 0

        @tutti.plugin("p", max_tasks=3)
        def handler(task: tutti.Task) -> None:
            nonlocal most, now
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.01)
            with lock:
                now -= 1

        self.start(handler)
        for task in range(20):
            self.fake.deliver("p", task)
        for task in range(20):
            self.done(task)
        self.assertLessEqual(most, 3)
        self.assertGreaterEqual(most, 2)


class Declaring(unittest.TestCase):
    def test_mistakes_are_told(self) -> None:
        for keys in (
            {"name": ""},
            {"name": "a/b"},
            {"name": "x" * 129},
            {"name": "p", "max_tasks": 0},
            {"name": "p", "params": {"x": dict}},
            {"name": "p", "params": {"x": tutti.Param("int", "1")}},
            {"name": "p", "subscriptions": [tutti.Subscription("A", "late")]},
            {"name": "p", "subscriptions": [tutti.Subscription("A")] * 2},
            {"name": "p", "queue": True},
            {"name": "p", "queue": {"attempts": 3}},
            {"name": "p", "queue": tutti.Queue(name="")},
            {"name": "p", "queue": tutti.Queue(name="a/b")},
        ):
            with self.subTest(keys=keys), self.assertRaises(tutti.Invalid):
                tutti.plugin(**keys)(lambda task: None)  # type: ignore[arg-type]

    def test_two_of_one_name(self) -> None:
        one = tutti.plugin("p")(lambda task: None)
        with self.assertRaises(tutti.Invalid):
            tutti.describe([one, one])


if __name__ == "__main__":
    unittest.main()
