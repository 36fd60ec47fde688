"""Hello, leases, reports that must arrive, doubles that must not."""

from __future__ import annotations

import threading
import unittest
from typing import Any

from fake import unpack
from support import Case

import tutti


def counting() -> tuple[tutti.Plugin, list[tutti.Task]]:
    calls: list[tutti.Task] = []

    @tutti.plugin(
        "count",
        version="1.2",
        help="Counts.",
        max_tasks=4,
        always_run=True,
        params={"step": 2, "wait": tutti.Param("duration", "1s", "So long.")},
        subscriptions=[
            tutti.Subscription("A", "pre", {"kind": ["a"]}, True, 20)
        ],
    )
    def count(task: tutti.Task) -> Any:
        calls.append(task)
        return {"n": len(calls)}

    return count, calls


class Hello(Case):
    def test_says_who_it_is(self) -> None:
        plugin, _ = counting()
        self.start(plugin)
        hello = self.fake.of_kind("hello")[0]
        self.assertEqual(hello["protocols"], [1])
        self.assertEqual(hello["token"], self.fake.token)
        self.assertRegex(hello["nonce"], "^[0-9a-f]{32}$")
        self.assertFalse(hello["ephemeral"])
        (about,) = hello["plugins"]
        self.assertEqual(
            (about["name"], about["version"], about["help"]),
            ("count", "1.2", "Counts."),
        )
        self.assertEqual((about["max_tasks"], about["flags"]), (4, 2))
        self.assertEqual(
            about["subscriptions"],
            [
                {
                    "activity": "A",
                    "phase": "pre",
                    "filter": {"kind": ["a"]},
                    "optional": True,
                    "order": 20,
                }
            ],
        )
        self.assertEqual(
            about["params"],
            [
                {"name": "step", "help": "", "fallback": "2", "type": "int"},
                {
                    "name": "wait",
                    "help": "So long.",
                    "fallback": "1s",
                    "type": "duration",
                },
            ],
        )
        self.assertIsNone(about["queue"])
        ready = self.fake.of_kind("ready")[-1]
        self.assertTrue(ready["synced"])
        self.assertFalse(ready["error"])

    def test_says_which_queue_it_wants(self) -> None:
        @tutti.plugin(
            "ocr",
            queue=tutti.Queue(
                concurrency=4, rate=10, fifo_key="run.uid", priority=-1
            ),
        )
        def ocr(task: tutti.Task) -> Any:
            return None

        self.start(ocr)
        (about,) = self.fake.of_kind("hello")[0]["plugins"]
        self.assertEqual(
            about["queue"],
            {
                "concurrency": 4,
                "rate": 10,
                "fifo_key": "run.uid",
                "priority": -1,
            },
        )

    def test_a_queue_may_be_as_by_default(self) -> None:
        class Plain(tutti.Plugin):
            name = "plain"
            queue = tutti.Queue()

        self.start(Plain())
        (about,) = self.fake.of_kind("hello")[0]["plugins"]
        self.assertEqual(about["queue"], {})

    def test_asks_for_sync_until_it_comes(self) -> None:
        self.fake.withhold_sync = 3
        self.start(counting()[0])
        synced = [r["synced"] for r in self.fake.of_kind("ready")]
        self.assertEqual(synced, [False, False, False, True])

    def test_the_same_hello_when_it_is_not_answered(self) -> None:
        self.fake.drop["hello"] = 1
        self.start(counting()[0])
        first, second = self.fake.of_kind("hello")
        self.assertEqual(first, second)
        ids = [number for number, kind in self.fake.raw if kind == "hello"]
        self.assertEqual(ids[0], ids[1])

    def test_refused_for_good(self) -> None:
        self.fake.reply_with["hello"] = {
            "kind": "refused",
            "code": "E_INVALID",
            "error": "no",
        }
        self.start(counting()[0], live=False)
        self.join()
        self.assertEqual(self.code, 78)

    def test_a_bad_config_is_told_and_ends_it(self) -> None:
        self.fake.config = {"stepp": 1}
        self.start(counting()[0], live=False)
        self.join()
        self.assertEqual(self.code, 78)
        error = self.fake.of_kind("ready")[-1]["error"]
        self.assertIn("did you mean 'step'", error)

    def test_params_of_the_config(self) -> None:
        self.fake.config = {"wait": "250ms"}
        plugin, _ = counting()
        self.start(plugin)
        self.assertEqual(plugin.params, {"step": 2, "wait": 250})

    def test_an_init_that_fails(self) -> None:
        class Picky(tutti.Plugin):
            name = "picky"

            def init(self) -> None:
                raise tutti.Failed("no disk")

        self.start(Picky(), live=False)
        self.join()
        self.assertEqual(self.code, 78)
        error = self.fake.of_kind("ready")[-1]["error"]
        self.assertEqual(error, "plugin 'picky': no disk")


class Reports(Case):
    def test_by_mail_and_by_publication(self) -> None:
        plugin, _ = counting()
        self.start(plugin)
        self.fake.deliver("count", 1)
        self.done(1)
        self.fake.publish(
            "work/A/", {"kind": "work", "work": [self.fake.work("count", 2)]}
        )
        output = unpack(self.done(2)["output"])
        self.assertEqual(output, {"n": 2})

    def test_a_publication_has_tasks_of_any_phase(self) -> None:
        plugin, calls = counting()
        self.start(plugin)
        works = [
            self.fake.work("count", 1, phase="pre"),
            self.fake.work("count", 2),
            self.fake.work("count", 3, phase="post"),
        ]
        self.fake.publish("work/A/", {"kind": "work", "work": works})
        for number in (1, 2, 3):
            self.done(number)
        self.assertEqual(
            sorted((task.number, task.phase) for task in calls),
            [(1, "pre"), (2, "parallel"), (3, "post")],
        )

    def test_work_of_others_is_left_alone(self) -> None:
        plugin, calls = counting()
        self.start(plugin)
        other = self.fake.work("count", 1)
        other["members"][0]["instance"] = "test#2"
        mine = self.fake.work("count", 2)
        self.fake.publish("work/A/", {"kind": "work", "work": [other]})
        self.fake.publish("work/B/", {"kind": "work", "work": [mine]})
        self.fake.publish("work/A/", {"kind": "work", "work": [mine]})
        self.done(2)
        self.assertEqual([task.number for task in calls], [2])

    def test_sent_again_until_acknowledged(self) -> None:
        self.fake.drop["up"] = 2
        plugin, calls = counting()
        self.start(plugin)
        self.fake.deliver("count", 1)
        self.fake.wait("three ups", lambda: len(self.ups()) >= 3)
        self.fake.deliver("count", 2)
        self.done(2)
        self.assertEqual([up["n"] for up in self.ups()[:3]], [1, 1, 1])
        self.assertEqual(len(calls), 2)
        done = [i for i in self.fake.items if i["is"] == "done"]
        self.assertEqual([i["task"] for i in done], [1, 2])

    def ups(self) -> list[dict[str, Any]]:
        # Not of_kind(): the lock of `wait` is held.
        return [r for r in self.fake.requests if r["kind"] == "up"]

    def test_doubles_are_dropped_and_new_attempts_are_not(self) -> None:
        plugin, calls = counting()
        self.start(plugin)
        for _ in range(3):
            self.fake.deliver("count", 1)
            self.fake.publish(
                "work/A/",
                {"kind": "work", "work": [self.fake.work("count", 1)]},
            )
        self.fake.deliver("count", 1, attempt=2)
        self.done(1, attempt=2)
        self.assertEqual(sorted(t.attempt for t in calls), [1, 2])

    def test_a_parked_task_comes_again_in_the_same_attempt(self) -> None:
        @tutti.plugin("p")
        def parks(task: tutti.Task) -> Any:
            if task.wakes == 0:
                task.park(1.0)
            return task.wakes

        self.start(parks)
        self.fake.deliver("p", 1)
        self.done(1, outcome="parked")
        self.fake.deliver("p", 1)
        self.fake.deliver("p", 1, wakes=1)
        self.assertEqual(unpack(self.done(1, outcome="succeeded")["output"]), 1)
        parked = [i for i in self.fake.items if i.get("outcome") == "parked"]
        self.assertEqual(len(parked), 1)

    def test_what_takes_long_is_accepted(self) -> None:
        gate = threading.Event()
        self.addCleanup(gate.set)

        @tutti.plugin("slow")
        def slow(task: tutti.Task) -> None:
            gate.wait()

        self.start(slow)
        self.fake.deliver("slow", 1)
        self.fake.wait_item(**{"is": "accept", "task": 1})
        gate.set()
        self.done(1)

    def test_polls_within_a_third_of_the_lease_while_it_works(self) -> None:
        self.fake.lease_ms = 600
        gate = threading.Event()
        self.addCleanup(gate.set)

        @tutti.plugin("slow")
        def slow(task: tutti.Task) -> None:
            gate.wait()

        self.start(slow)
        self.fake.deliver("slow", 1)
        before = len(self.fake.of_kind("poll"))
        self.fake.wait(
            "more polls",
            lambda: len(
                [r for r in self.fake.requests if r["kind"] == "poll"]
            )
            > before + 3,
        )
        gate.set()
        self.done(1)

    def test_a_cut_connection_keeps_the_session(self) -> None:
        plugin, calls = counting()
        self.start(plugin)
        self.fake.deliver("count", 1)
        self.done(1)
        session = self.fake.session
        self.fake.cut()
        self.fake.deliver("count", 2)
        self.done(2)
        self.assertEqual(self.fake.session, session)
        self.assertEqual(len(self.fake.of_kind("hello")), 1)
        self.assertEqual(len(calls), 2)

    def test_another_orchestrator_is_greeted_anew(self) -> None:
        gate = threading.Event()
        self.addCleanup(gate.set)
        told: list[str] = []
        results: list[BaseException] = []

        class Slow(tutti.Plugin):
            name = "slow"
            max_tasks = 2

            def handle(self, task: tutti.Task) -> Any:
                if task.attempt == 2:
                    return "again"
                gate.wait()
                try:
                    task.succeed("old")
                except tutti.Stale as error:
                    results.append(error)
                return tutti.PENDING

            def cancel(self, task: tutti.Task, cause: str) -> None:
                told.append(cause)

        self.start(Slow())
        self.fake.deliver("slow", 1)
        self.fake.wait_item(**{"is": "accept", "task": 1})
        self.fake.restart()
        self.fake.wait_live()
        self.assertEqual(told, ["cancelled"])
        gate.set()
        self.fake.deliver("slow", 1, attempt=2)
        self.done(1, attempt=2)
        self.fake.wait("the stale completion", lambda: results)
        self.assertFalse(
            [i for i in self.fake.items if i["is"] == "done" and i["attempt"] == 1]
        )

    def test_a_session_that_is_unknown_is_made_anew(self) -> None:
        plugin, _ = counting()
        self.start(plugin)
        with self.fake.changed:
            self.fake.session = "another"
        self.fake.cut()
        self.fake.wait(
            "a second hello",
            lambda: len(
                [r for r in self.fake.requests if r["kind"] == "hello"]
            )
            == 2
            and self.fake.session != "another",
        )
        self.fake.wait_live()

    def test_mess_is_dropped(self) -> None:
        plugin, _ = counting()
        self.start(plugin)
        self.fake.publish("work/A/", {"kind": "work", "work": [{"run": 1}]})
        self.fake.publish("work/A/", {"kind": "work", "work": 7})
        self.fake.publish("work/A/", [1])  # type: ignore[arg-type]
        self.fake.deliver("count", 1)
        self.done(1)


class Stopping(Case):
    def test_stop_gives_back_what_is_not_begun(self) -> None:
        gate = threading.Event()
        self.addCleanup(gate.set)

        @tutti.plugin("slow", max_tasks=1)
        def slow(task: tutti.Task) -> None:
            gate.wait()

        self.start(slow)
        self.fake.deliver("slow", 1)
        self.fake.deliver("slow", 2)
        self.fake.wait_item(**{"is": "accept", "task": 2})
        self.fake.mail(do="stop")
        self.fake.wait_item(**{"is": "return", "task": 2})
        self.assertIsNone(self.code)
        gate.set()
        self.join()
        self.assertEqual(self.code, 0)
        self.done(1)
        self.assertEqual(len(self.fake.of_kind("bye")), 1)

    def test_stop_when_idle(self) -> None:
        ended: list[str] = []

        class Tidy(tutti.Plugin):
            name = "tidy"

            def stop(self) -> None:
                ended.append("stop")

            def fini(self) -> None:
                ended.append("fini")

        self.start(Tidy())
        self.runner.request_stop()
        self.join()
        self.assertEqual((self.code, ended), (0, ["stop", "fini"]))


if __name__ == "__main__":
    unittest.main()
