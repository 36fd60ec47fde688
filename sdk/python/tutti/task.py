"""One task as a plugin sees it."""

from __future__ import annotations

import datetime
import functools
import math
import threading
import time
from collections.abc import Callable
from typing import Any

from . import documents
from .errors import Invalid, Stale
from .declaration import LEVELS, Plugin

SUCCEEDED = "succeeded"
FAILED = "failed"
RETRYABLE = "retryable"
PARKED = "parked"

_LAST_MOMENT_US = 253402300799999999

Key = tuple[str, int, int, int]  # run, task, attempt, wakes


class Task:
    """One delivery of a task. It is finished exactly once, by `succeed`,
    `fail`, `retry` or `park`, from any thread, or by what the handler returns
    or raises. Every method may be called on any thread.

    `key` is (run, number, attempt). Delivery is at least once: run and number
    are the same in every attempt, so that they tell what is done already.
    """

    def __init__(
        self,
        plugin: Plugin,
        work: dict[str, Any],
        member: dict[str, Any],
        put: Callable[[Task, dict[str, Any]], None],
    ) -> None:
        self.plugin = plugin
        self.run: str = work["run"]
        self.number: int = member["task"]
        self.attempt: int = member["attempt"]
        self.wakes: int = member.get("wakes", 0)
        self.uid: str = work.get("uid", "")
        self.tenant: str = work.get("tenant", "")
        self.workflow: str = work.get("workflow", "")
        self.activity: str = work["activity"]
        self.phase: str = work["phase"]
        self.name: str = member.get("name") or plugin.name
        self.key: Key = (self.run, self.number, self.attempt, self.wakes)
        self._work = work
        self._member = member
        self._put = put
        self._lock = threading.Lock()
        self._cause: str | None = None
        self._over = False
        #: time.time() by which it must be finished; None: no matter when.
        self.deadline: float | None = None
        self._deadline_mono = math.inf
        if member.get("deadline_us"):
            self.deadline = member["deadline_us"] / 1e6
            # The wall clock may be set meanwhile.
            left = self.deadline - time.time()
            self._deadline_mono = time.monotonic() + left

    @functools.cached_property
    def attributes(self) -> dict[str, Any]:
        """The run's attributes."""
        return documents.decode(self._work.get("attributes"), {})

    @functools.cached_property
    def input(self) -> Any:
        """The run's input; None without."""
        return documents.decode(self._work.get("input"), None)

    @functools.cached_property
    def stash(self) -> dict[str, Any]:
        """What the run's tasks keep for each other."""
        return documents.decode(self._work.get("stash"), {})

    @functools.cached_property
    def outputs(self) -> dict[str, Any]:
        """{activity: {task: output}} so far."""
        return documents.decode(self._work.get("outputs"), {})

    @functools.cached_property
    def with_(self) -> dict[str, Any]:
        """The binding's `with`, filled in."""
        return documents.decode(self._member.get("with"), {})

    @property
    def params(self) -> dict[str, Any]:
        """The plugin's parameters."""
        return self.plugin.params

    @property
    def finished(self) -> bool:
        """Finished, or taken away."""
        return self._over

    def succeed(
        self,
        output: Any = None,
        patch: dict[str, Any] | None = None,
        message: str = "",
    ) -> None:
        """It is done. `patch` is a merge patch for the stash."""
        self._finish(SUCCEEDED, message, output, patch)

    def fail(self, message: str = "", output: Any = None) -> None:
        """It failed for good: another attempt would not help."""
        self._finish(FAILED, message, output)

    def retry(self, message: str = "") -> None:
        """It failed, but another attempt may succeed."""
        self._finish(RETRYABLE, message)

    def park(
        self,
        until: datetime.datetime | datetime.timedelta | float,
        message: str = "",
        patch: dict[str, Any] | None = None,
    ) -> None:
        """Give it back until then (a timedelta: from now; a number: as
        time.time() counts). It comes again with `wakes` one higher."""
        if isinstance(until, datetime.timedelta):
            moment = time.time() + until.total_seconds()
        elif isinstance(until, datetime.datetime):
            moment = until.timestamp()
        else:
            moment = float(until)
        us = int(moment * 1e6) if math.isfinite(moment) else 0
        if not 0 < us <= _LAST_MOMENT_US:
            raise Invalid("a parked task needs a time before the year 10000")
        self._finish(PARKED, message, None, patch, us)

    def progress(self, fraction: float, note: str = "") -> None:
        """0.0 to 1.0, negative: unknown. The latest wins."""
        if math.isnan(fraction):
            raise Invalid("the progress is no number")
        self._report(
            {
                "is": "progress",
                "fraction": float(min(fraction, 1)) if fraction >= 0 else -1.0,
                "note": documents.clean(note, documents.LIMIT_NOTE),
            }
        )

    def log(self, level: str, text: str) -> None:
        """A line in the log, with run and task beside it."""
        if level not in LEVELS:
            raise Invalid(f"{level!r} is none of {', '.join(LEVELS)}")
        self._put(
            self,
            {
                "is": "log",
                "plugin": self.plugin.name,
                "name": f"{self.activity}/{self.phase}/{self.name}",
                "level": level,
                "text": documents.clean(text, documents.LIMIT_MESSAGE),
            },
        )

    def cancelled(self) -> str | None:
        """None while it should go on; else why it should stop: "cancelled",
        "timed_out" (also as soon as the deadline has passed), or "finished"
        when it is no longer this plugin's."""
        if self._over:
            return "finished"
        if self._cause:
            return self._cause
        return "timed_out" if self._is_late() else None

    def _is_late(self) -> bool:
        return time.monotonic() >= self._deadline_mono

    def _report(self, item: dict[str, Any]) -> None:
        with self._lock:
            if self._over:
                raise Stale("the task is finished already")
            self._put(self, item)

    def _finish(
        self,
        outcome: str,
        message: str,
        output: Any = None,
        patch: dict[str, Any] | None = None,
        until_us: int = 0,
        fault: bool = False,
    ) -> None:
        item = {
            "is": "done",
            "outcome": outcome,
            "message": documents.clean(message or "", documents.LIMIT_MESSAGE),
            "output": None,
            "patch": None,
            "until_us": until_us,
            "late": self._is_late(),
            "fault": fault,
        }
        if output is not None:
            item["output"] = documents.encode(
                output, documents.LIMIT_OUTPUT, "its output"
            )
        if patch is not None:
            if not isinstance(patch, dict):
                raise Invalid("its patch of the stash must be a map")
            item["patch"] = documents.encode(
                patch, documents.LIMIT_STASH, "its patch of the stash"
            )
        self._end(item)

    def _end(self, item: dict[str, Any]) -> None:
        with self._lock:
            if self._over:
                raise Stale("the task is finished already")
            self._over = True
            self._put(self, item)

    def _take_away(self) -> bool:
        """It belongs to others now; False when it was finished before."""
        with self._lock:
            was, self._over = self._over, True
            return not was
