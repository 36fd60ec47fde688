"""How a plugin is declared: a decorated function or a class."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import documents
from . import params as parameters
from .documents import LIMIT_MESSAGE, clean
from .errors import Invalid

if TYPE_CHECKING:
    from .task import Task


class _Pending:
    def __repr__(self) -> str:
        return "tutti.PENDING"


#: Return it from a handler: the task has been or will be finished by a call.
PENDING: Any = _Pending()

PHASES = ("pre", "parallel", "post")
LEVELS = ("error", "warn", "info", "debug")


@dataclasses.dataclass(frozen=True)
class Subscription:
    """One (activity, phase) pair that a plugin wants.

    `filter` is a filter on the run's attributes, None: every run; `optional`:
    a failure does not fail the run; `order`: in pre and post, lower first.
    """

    activity: str
    phase: str = "parallel"
    filter: Any = None
    optional: bool = False
    order: int = 0


@dataclasses.dataclass(frozen=True)
class Queue:
    """A durable queue in which the plugin's tasks wait until it takes them,
    instead of being handed to it at once. What is None is as by default; the
    config's `queue:` of the plugin's entry holds instead, whole.

    `attempts`: how often a task is tried (5); `backoff_ms`, `max_ms`, `factor`
    and `jitter`: the waits between; `visibility_ms`: a task of which nothing
    is heard for so long is taken away, progress makes the time begin anew;
    `delay_ms`: before a new task can be had; `concurrency`: tasks in the hands
    of all copies; `rate` tasks in `rate_per_ms` (1000) are handed out, evenly;
    `fifo_key`: an expression such as "attributes.customer", tasks for which it
    gives the same come one after another; `priority`: higher ones first, a
    number or an expression.
    """

    name: str | None = None
    attempts: int | None = None
    backoff_ms: int | None = None
    factor: float | None = None
    max_ms: int | None = None
    jitter: float | None = None
    visibility_ms: int | None = None
    delay_ms: int | None = None
    concurrency: int | None = None
    rate: int | None = None
    rate_per_ms: int | None = None
    fifo_key: str | None = None
    priority: int | str | None = None

    def to_hello(self) -> dict[str, Any]:
        """What is not as by default."""
        return {
            key: value
            for key, value in dataclasses.asdict(self).items()
            if value is not None
        }


class Plugin:
    """A plugin as a class. Set the attributes, write `handle`; the other
    methods are optional. `self.params` holds the config's parameters."""

    name: str = ""
    version: str = "0"
    help: str = ""
    #: How many tasks may be in the plugin's hands at once. With 1 calls of
    #: `handle` never overlap.
    max_tasks: int = 1
    #: Also called when a run is run again and its task had succeeded.
    always_run: bool = False
    declared_params: Mapping[str, Any] = {}
    subscriptions: Sequence[Subscription] = ()
    #: Where its tasks wait until it takes them; None: they come at once.
    queue: Queue | None = None

    params: dict[str, Any] = {}
    _said: Callable[[str, str, str], None] | None = None

    def init(self) -> None:
        """Called once, before anything else; what it raises is shown, and the
        program ends."""

    def handle(self, task: Task) -> Any:
        """Do a task, on a thread of its own. A returned document (or None) is
        the output of a task that succeeded; PENDING: it is finished by a call,
        from any thread; an exception fails it."""
        raise NotImplementedError

    def cancel(self, task: Task, cause: str) -> None:
        """A task should stop: "cancelled" or "timed_out". On the thread of
        the connection: return at once. The task must still be finished."""

    def stop(self) -> None:
        """No more tasks will come. Return at once."""

    def fini(self) -> None:
        """Nothing is in flight any more."""

    def say(self, level: str, text: str) -> None:
        """A line in the log that belongs to no task. Any thread."""
        if level not in LEVELS:
            raise Invalid(f"{level!r} is none of {', '.join(LEVELS)}")
        if self._said:
            self._said(self.name, level, clean(text, LIMIT_MESSAGE))


class _Function(Plugin):
    def __init__(self, function: Callable[[Task], Any]) -> None:
        self.function = function

    def handle(self, task: Task) -> Any:
        return self.function(task)


def plugin(
    name: str,
    *,
    version: str = "0",
    help: str = "",
    max_tasks: int = 1,
    always_run: bool = False,
    params: Mapping[str, Any] | None = None,
    subscriptions: Sequence[Subscription] = (),
    queue: Queue | None = None,
) -> Callable[[Callable[[Task], Any]], Plugin]:
    """Makes a plugin of a function that takes a task."""

    def wrap(function: Callable[[Task], Any]) -> Plugin:
        made = _Function(function)
        made.name = name
        made.version = version
        made.help = help or (function.__doc__ or "").strip().split("\n")[0]
        made.max_tasks = max_tasks
        made.always_run = always_run
        made.declared_params = dict(params or {})
        made.subscriptions = tuple(subscriptions)
        made.queue = queue
        check(made)
        return made

    return wrap


def _is_name(text: Any) -> bool:
    return (
        isinstance(text, str)
        and 1 <= len(text.encode(errors="replace")) <= 128
        and not any(c < " " or c in "\x7f/" for c in text)
        and not any("\ud800" <= c <= "\udfff" for c in text)
    )


def check(about: Plugin) -> None:
    """Is the declaration sound? Invalid otherwise."""
    if not _is_name(about.name):
        raise Invalid(f"{about.name!r} is no valid name of a plugin")
    if not isinstance(about.max_tasks, int) or about.max_tasks < 1:
        raise Invalid(f"plugin '{about.name}': max_tasks must be at least 1")
    parameters.declare(about.declared_params)
    _check_queue(about)
    seen = set()
    for wanted in about.subscriptions:
        if not _is_name(wanted.activity) or wanted.phase not in PHASES:
            raise Invalid(
                f"plugin '{about.name}': {wanted} names no activity, or no "
                f"phase of {', '.join(PHASES)}"
            )
        if (wanted.activity, wanted.phase) in seen:
            raise Invalid(
                f"plugin '{about.name}': it subscribes twice to "
                f"{wanted.activity}/{wanted.phase}"
            )
        seen.add((wanted.activity, wanted.phase))


def _check_queue(about: Plugin) -> None:
    queue = about.queue
    if queue is None:
        return
    if not isinstance(queue, Queue):
        raise Invalid(f"plugin '{about.name}': queue must be a tutti.Queue")
    if queue.name is not None and not _is_name(queue.name):
        raise Invalid(
            f"plugin '{about.name}': {queue.name!r} is no valid name of a queue"
        )


def check_documents(about: Plugin) -> None:
    """Can the orchestrator read what the declaration has of documents and
    texts? It has nobody to tell when it cannot. Invalid otherwise."""
    try:
        documents.check(about.version, "version")
        documents.check(about.help, "help")
        documents.check(_texts_of_params(about), "params")
        documents.check(_queue_of(about), "queue")
        for wanted in about.subscriptions:
            _check_filter(wanted)
    except Invalid as error:
        raise Invalid(f"plugin '{about.name}': {error}") from None


def _queue_of(about: Plugin) -> dict[str, Any] | None:
    return about.queue.to_hello() if about.queue else None


def _texts_of_params(about: Plugin) -> dict[str, Any]:
    return {
        name: {"help": param.help, "default": parameters.fallback(param)}
        for name, param in parameters.declare(about.declared_params).items()
    }


def _check_filter(wanted: Subscription) -> None:
    try:
        documents.check(
            wanted.filter, "filter", documents.LIMIT_FILTER_LEVELS
        )
    except Invalid as error:
        raise Invalid(
            f"the subscription to '{wanted.activity}': {error}"
        ) from None


#: A flag of the protocol.
ALWAYS_RUN = 2


def to_hello(about: Plugin, digest: str, max_tasks: int = 0) -> dict[str, Any]:
    """The plugin as `hello` has it."""
    most = min(about.max_tasks, max_tasks) if max_tasks else about.max_tasks
    return {
        "name": about.name,
        "version": about.version,
        "help": about.help,
        "max_tasks": most,
        "flags": ALWAYS_RUN if about.always_run else 0,
        "hash": digest,
        "subscriptions": [
            dataclasses.asdict(wanted) for wanted in about.subscriptions
        ],
        "params": [
            {
                "name": name,
                "help": param.help,
                "fallback": parameters.fallback(param),
                "type": param.type,
            }
            for name, param in parameters.declare(
                about.declared_params
            ).items()
        ],
        "queue": _queue_of(about),
    }
