"""main() of a plugin program: the connection on this thread, tasks on others.

Exit codes: 0 stopped in good order, 2 usage, 5 no orchestrator was found, 78
refused (starting it again would not help), 1 anything else.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import bus, declaration, params
from .errors import Failed, Invalid, NoBus, Refused, Retryable, Stale
from .link import Link, complain, key_of
from .declaration import PENDING, Plugin
from .task import FAILED, RETRYABLE, Key, Task

EXIT_USAGE = 2
EXIT_NO_BUS = 5
EXIT_REFUSED = 78

# How long tasks may take to end when the orchestrator has died.
_LIFELINE_GRACE = 1.0


class _Crew:
    """The threads of one plugin: at most max_tasks, started when needed."""

    def __init__(self, runner: Runner, about: Plugin, most: int) -> None:
        self.about = about
        self._runner = runner
        self._most = most
        self._tasks: collections.deque[Task] = collections.deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0

    def add(self, task: Task) -> None:
        with self._changed:
            self._tasks.append(task)
            if self._idle >= len(self._tasks) or self._threads >= self._most:
                self._changed.notify()
                return
            self._threads += 1
        name = f"{self.about.name}-{self._threads}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def take_all(self) -> list[Task]:
        """Those that nobody has begun."""
        with self._changed:
            left = list(self._tasks)
            self._tasks.clear()
            return left

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._tasks:
                    self._changed.wait()
                self._idle -= 1
                task = self._tasks.popleft()
            self._runner.do(self.about, task)


class Runner:
    """One process' plugins and its link. `run` returns an exit code."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        bus_file: Path | None = None,
        *,
        ephemeral: bool = False,
        max_tasks: int = 0,
        lifeline: int | None = None,
    ) -> None:
        self.plugins = {about.name: about for about in plugins}
        self._crews: dict[str, _Crew] = {}
        self._tasks: dict[Key, Task] = {}
        self._finished: collections.deque[Key] = collections.deque()
        self._stopping = False
        self._stop_wanted = 0
        self._die_at = 0.0
        self._running = False
        self._lifeline = lifeline
        about = {**describe(plugins, max_tasks), "ephemeral": ephemeral}
        for said in about["plugins"]:
            self._crews[said["name"]] = _Crew(
                self, self.plugins[said["name"]], said["max_tasks"]
            )
        self.link = Link(bus_file or bus.find(), about, self)

    # The loop.

    def run(self) -> int:
        try:
            while not self.link.ended:
                self._wait()
                if self._stop_wanted and not self._stopping:
                    self.stop()
                self._settle()
                self.link.turn()
                self._settle()
                if self._is_dead():
                    return 0
        except Refused as refused:
            complain(f"refused: {refused}")
            return EXIT_REFUSED
        finally:
            self.link.close()
        self._fini()
        return 0

    def request_stop(self, *_: Any) -> None:
        """Finish what is there, then end; asked twice: end now. [signals, any
        thread]"""
        self._stop_wanted += 1
        if self._stop_wanted > 1:
            os._exit(1)
        self.link.wake()

    def _wait(self) -> None:
        due = self.link.next_due()
        if self._die_at:
            due = min(due, self._die_at)
        poll = select.poll()
        for descriptor, writing in self.link.sockets():
            poll.register(
                descriptor, select.POLLIN | (select.POLLOUT if writing else 0)
            )
        if self._lifeline is not None:
            poll.register(self._lifeline, select.POLLIN)
        wait_ms = max(0.0, due - time.monotonic()) * 1000
        for descriptor, _ in poll.poll(min(int(wait_ms) + 1, 60_000)):
            if descriptor == self._lifeline:
                self._feel_lifeline()

    def _feel_lifeline(self) -> None:
        try:
            if self._lifeline is None or os.read(self._lifeline, 4096):
                return
        except OSError:
            pass
        # The orchestrator has ended: nobody wants the results.
        self._lifeline = None
        self._die_at = time.monotonic() + _LIFELINE_GRACE
        self.stop()
        for task in list(self._tasks.values()):
            self._tell(task, "cancelled")

    def _is_dead(self) -> bool:
        """Has the orchestrator died, and was there time to take note?"""
        return self._die_at > 0 and (
            not self._tasks or time.monotonic() >= self._die_at
        )

    def _settle(self) -> None:
        while self._finished:
            key = self._finished.popleft()
            self._tasks.pop(key, None)
            self.link.released(key)
        if self._stopping and not self._tasks:
            self.link.leave()

    def _fini(self) -> None:
        if not self._running:
            return
        for about in self.plugins.values():
            _call(about, "fini")

    # What the link calls, on the loop's thread.

    def welcome(self, config: Any) -> None:
        declared = {
            name: params.declare(about.declared_params)
            for name, about in self.plugins.items()
        }
        params.check_unknown(
            (key for each in declared.values() for key in each), config
        )
        for name, about in self.plugins.items():
            try:
                about.params = params.read(declared[name], config)
                about._said = self._say
                about.init()
            except Exception as error:
                if not isinstance(error, (Invalid, Failed)):
                    traceback.print_exc()
                raise Invalid(f"plugin '{name}': {error}") from error
        self._running = True

    def work(self, work: dict[str, Any], member: dict[str, Any]) -> None:
        crew = self._crews.get(member["plugin"])
        key = key_of(work["run"], member)
        if not crew or self._stopping:
            self.link.put(_named(key, {"is": "return"}))
            self.link.released(key)
            return
        task = Task(crew.about, work, member, self._put)
        self._tasks[task.key] = task
        crew.add(task)

    def cancel(self, key: Key, cause: str) -> None:
        task = self._tasks.get(key)
        if task and not task.finished:
            self._tell(task, cause)

    def stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        for crew in self._crews.values():
            for task in crew.take_all():
                self._return(task)
            if self._running:
                _call(crew.about, "stop")
        self._settle()

    def lost(self) -> None:
        held = list(self._tasks.values())
        self._tasks.clear()
        for crew in self._crews.values():
            crew.take_all()
        for task in held:
            if task._take_away():
                task._cause = "cancelled"
                _call(task.plugin, "cancel", task, "cancelled")
        if self._stopping:
            self.link.leave()

    def _tell(self, task: Task, cause: str) -> None:
        task._cause = cause
        _call(task.plugin, "cancel", task, cause)

    def _return(self, task: Task) -> None:
        try:
            task._end({"is": "return"})
        except Stale:
            pass

    # Any thread.

    def _put(self, task: Task, item: dict[str, Any]) -> None:
        self.link.put(_named(task.key, item))
        if item["is"] in ("done", "return"):
            self._finished.append(task.key)
            self.link.wake()

    def _say(self, name: str, level: str, text: str) -> None:
        self.link.put(
            {"is": "log", "plugin": name, "level": level, "text": text}
        )

    def do(self, about: Plugin, task: Task) -> None:
        """Call the handler and finish the task with what came of it."""
        cause = task.cancelled()
        if cause == "finished":
            return
        if cause:
            what = "timed out" if cause == "timed_out" else "cancelled"
            _finish(
                task, FAILED, f"{what} before plugin '{about.name}' was called"
            )
            return
        try:
            output = about.handle(task)
        except Retryable as error:
            _finish(task, RETRYABLE, str(error))
        except Failed as error:
            _finish(task, FAILED, str(error))
        except Invalid as error:
            _finish(
                task,
                FAILED,
                f"the result of plugin '{about.name}' was refused: {error}",
            )
        except BaseException as error:  # pylint: disable=broad-except
            if not (isinstance(error, Stale) and task.finished):
                traceback.print_exc()
            is_exit = not isinstance(error, Exception)
            _finish(task, FAILED, _sentence(error), fault=is_exit)
        else:
            self._take(about, task, output)

    def _take(self, about: Plugin, task: Task, output: Any) -> None:
        if output is PENDING:
            return
        if task.finished:
            if output is not None:
                complain(
                    f"plugin '{about.name}' returned an output for a task "
                    "that it had finished before; it is ignored"
                )
            return
        try:
            task.succeed(output)
        except Invalid as error:
            _finish(
                task,
                FAILED,
                f"the result of plugin '{about.name}' was refused: {error}",
            )
        except Stale:
            pass


def _named(key: Key, item: dict[str, Any]) -> dict[str, Any]:
    run, task, attempt, wakes = key
    return {
        **item,
        "run": run,
        "task": task,
        "attempt": attempt,
        "wakes": wakes,
    }


def _sentence(error: BaseException) -> str:
    text = str(error)
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def _finish(
    task: Task, outcome: str, message: str, *, fault: bool = False
) -> None:
    try:
        task._finish(outcome, message, fault=fault)
    except Stale:
        pass


def _call(about: Plugin, method: str, *args: Any) -> None:
    """Call an author's method; what it raises is his problem alone."""
    try:
        getattr(about, method)(*args)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()


def _digest() -> str:
    """SHA-256 of the program, so that a changed one can be told."""
    try:
        return hashlib.sha256(Path(sys.argv[0]).read_bytes()).hexdigest()
    except (OSError, IndexError):
        return ""


def describe(
    plugins: Iterable[Plugin], max_tasks: int = 0
) -> dict[str, Any]:
    """The plugins as the orchestrator is told of them."""
    digest = _digest()
    listed = []
    names = set()
    for about in plugins:
        declaration.check(about)
        declaration.check_documents(about)
        if about.name in names:
            raise Invalid(f"two plugins have the name '{about.name}'")
        names.add(about.name)
        listed.append(declaration.to_hello(about, digest, max_tasks))
    if not listed:
        raise Invalid("there is no plugin to run")
    return {"plugins": listed}


def _arguments(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="A Tutti plugin: registers with the orchestrator and "
        "works until it is told to stop.",
    )
    parser.add_argument(
        "--describe",
        action="store_true",
        help="print the plugins as JSON and exit",
    )
    parser.add_argument(
        "--bus", type=Path, metavar="FILE", help="the orchestrator's bus.json"
    )
    parser.add_argument(
        "--max-tasks", type=int, default=0, metavar="N", help="at once, at most"
    )
    parser.add_argument(
        "--ephemeral",
        action="store_true",
        help="be forgotten when the program ends",
    )
    parser.add_argument("--version", action="store_true")
    return parser.parse_args(args)


def _main(plugins: Sequence[Plugin], args: argparse.Namespace) -> int:
    if args.version:
        for about in plugins:
            print(about.name, about.version)
        return 0
    if args.describe:
        said = {"module": sys.argv[0], "hash": _digest(), **describe(plugins)}
        print(json.dumps(said, ensure_ascii=False))
        return 0
    runner = Runner(
        plugins,
        args.bus,
        ephemeral=args.ephemeral,
        max_tasks=max(0, args.max_tasks),
        lifeline=0 if os.environ.get("TUTTI_INSTANCE") else None,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, runner.request_stop)
    return runner.run()


def run(plugins: Sequence[Plugin], args: Sequence[str] | None = None) -> None:
    """main() of a plugin program; does not return."""
    # The orchestrator reads these as lines.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(line_buffering=True)
    try:
        code = _main(plugins, _arguments(args))
    except NoBus as error:
        complain(str(error))
        code = EXIT_NO_BUS
    except Invalid as error:
        complain(f"refused: {error}")
        code = EXIT_REFUSED
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of handlers that never came back must not hold the process.
    os._exit(code)
