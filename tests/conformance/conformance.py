#!/usr/bin/env python3
"""The conformance plugins in Python; README.md says what each must do."""

from __future__ import annotations

import datetime
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import tutti
from tutti import Subscription


def wait_for_gate(task: tutti.Task) -> None:
    """Until the file named by the attribute `gate` is there."""
    gate = Path(task.attributes["gate"])
    while not gate.exists():
        time.sleep(0.005)


def append_name(task: tutti.Task) -> None:
    task.succeed(patch={"list": task.stash.get("list", []) + [task.name]})


order_a = tutti.plugin(
    "order-a", subscriptions=[Subscription("Ordered", "pre", order=20)]
)(append_name)
order_b = tutti.plugin(
    "order-b", subscriptions=[Subscription("Ordered", "pre", order=10)]
)(append_name)


@tutti.plugin("echoes", version="1.0", max_tasks=4, params={"greeting": "hello"})
def echoes(task: tutti.Task) -> Any:
    return {
        "attributes": task.attributes,
        "input": task.input,
        "with": task.with_,
        "uid": task.uid,
        "workflow": task.workflow,
        "activity": task.activity,
        "phase": task.phase,
        "name": task.name,
        "attempt": task.attempt,
        "wakes": task.wakes,
        "greeting": task.params["greeting"],
    }


@tutti.plugin(
    "filtered", subscriptions=[Subscription("Filtered", filter={"kind": ["a"]})]
)
def filtered(task: tutti.Task) -> Any:
    return task.name


@tutti.plugin(
    "optional-fails", subscriptions=[Subscription("Optional", optional=True)]
)
def optional_fails(task: tutti.Task) -> None:
    raise tutti.Failed("not today")


@tutti.plugin("fails")
def fails(task: tutti.Task) -> None:
    raise tutti.Failed("no such house")


@tutti.plugin("retryable")
def retryable(task: tutti.Task) -> None:
    raise tutti.Retryable("busy")


@tutti.plugin("progresses", max_tasks=4)
def progresses(task: tutti.Task) -> None:
    task.progress(0.25, "quarter")
    task.progress(0.5, "half")
    wait_for_gate(task)


@tutti.plugin("cancellable", max_tasks=4)
def cancellable(task: tutti.Task) -> None:
    while not task.cancelled():
        time.sleep(0.005)
    raise tutti.Failed("stopped")


@tutti.plugin("stubborn", max_tasks=4)
def stubborn(task: tutti.Task) -> None:
    wait_for_gate(task)
    raise tutti.Failed("at last")


@tutti.plugin("deadline", max_tasks=4)
def deadline(task: tutti.Task) -> None:
    while task.cancelled() != "timed_out":
        time.sleep(0.005)
    raise tutti.Failed("out of time")


@tutti.plugin("parks", max_tasks=4)
def parks(task: tutti.Task) -> Any:
    if task.wakes == 0:
        task.park(datetime.timedelta(milliseconds=200), "resting")
        return tutti.PENDING
    return {"wakes": task.wakes}


@tutti.plugin("logs")
def logs(task: tutti.Task) -> None:
    task.log("info", "a line of the task")
    logs.say("warn", "a line of the plugin")


@tutti.plugin("crashes")
def crashes(task: tutti.Task) -> None:
    if task.attempt == 1:
        os.kill(os.getpid(), signal.SIGSEGV)


@tutti.plugin("late-finish")
def late_finish(task: tutti.Task) -> Any:
    threading.Timer(0.02, task.succeed, [{"late": True}]).start()
    return tutti.PENDING


@tutti.plugin("twice")
def twice(task: tutti.Task) -> None:
    task.succeed({"finish": 1})
    try:
        task.succeed({"finish": 2})
        twice.say("info", "second finish: taken")
    except tutti.Stale:
        twice.say("info", "second finish: stale")


@tutti.plugin("big")
def big(task: tutti.Task) -> Any:
    return {"text": "x" * 1048576}


@tutti.plugin("unicode")
def unicode(task: tutti.Task) -> None:
    said = {"text": "Grüße, 世界 🙂"}
    task.succeed(said, said, "x" + "ü" * 1000)


if __name__ == "__main__":
    tutti.run(
        [
            order_a,
            order_b,
            echoes,
            filtered,
            optional_fails,
            fails,
            retryable,
            progresses,
            cancellable,
            stubborn,
            parks,
            logs,
            crashes,
            late_finish,
            twice,
            deadline,
            big,
            unicode,
        ]
    )
