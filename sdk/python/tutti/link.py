"""A session with the orchestrator, protocol version 1 (docs/protocol.md).

Nothing here blocks: the owner polls what `sockets` returns and calls `turn`.
It connects again when a connection breaks, says hello again when it is not
known any more, sends again what was not acknowledged, and drops deliveries it
has seen. One thread, except `put`.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import os
import secrets
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from . import bus, sp
from .documents import pack, unpack
from .errors import NoBus, Refused

SDK = "tutti-python/0.1.0"

_RESEND = 1.0
_SYNC_PERIOD = 0.05
_RECONNECT = (0.02, 1.0)
_BATCH_ITEMS = 4096
_BATCH_BYTES = 4 * 1024 * 1024
_LOGS_MAX = 4096
_KNOWN_MAX = 8192
_LEAVE = 5.0
_ID_BIT = 0x80000000

Item = dict[str, Any]
# Run, task, attempt, and how often it was parked: a parked task comes again in
# the same attempt.
Key = tuple[str, int, int, int]


def key_of(run: str, item: dict[str, Any]) -> Key:
    """What a delivery, or an item about it, is called."""
    return (run, item["task"], item["attempt"], item.get("wakes") or 0)



class Handlers(Protocol):
    """What the owner does; all on its own thread, inside `turn`."""

    def welcome(self, config: Any) -> None:
        """Start the plugins; what it raises ends the program. Once only."""

    def work(self, work: Item, member: Item) -> None: ...

    def cancel(self, key: Key, cause: str) -> None: ...

    def stop(self) -> None: ...

    def lost(self) -> None:
        """What was in hand belongs to others now."""


@dataclasses.dataclass
class _Request:
    id: int
    kind: str
    body: bytes
    due: float
    period: float
    taken: Callable[[Item], None]


def complain(text: str) -> None:
    """A line for whoever reads this process' errors."""
    print(f"tutti: {text}", file=sys.stderr, flush=True)


class Link:
    """See the module. Raises Refused out of `turn` when there is no hope."""

    def __init__(
        self,
        bus_file: Path,
        about: dict[str, Any],
        handlers: Handlers,
    ) -> None:
        self.ended = False
        self.instance = ""
        self._bus_file = bus_file
        self._about = about
        self._handlers = handlers
        self._bus: bus.Bus | None = bus.read(bus_file)
        self._requests: sp.Connection | None = None
        self._work: sp.Connection | None = None
        self._redial_at = 0.0
        self._redial_wait = _RECONNECT[0]
        self._ids = itertools.count(secrets.randbits(30))
        self._open: dict[int, _Request] = {}
        self._started = False
        self._lock = threading.Lock()
        self._queue: collections.deque[Item] = collections.deque()
        self._progress: dict[Key, Item] = {}
        self._logs = 0
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        # Delivered and not finished: when each is to be accepted.
        self._held: dict[Key, float] = {}
        self._known: collections.OrderedDict[tuple[Any, ...], None] = (
            collections.OrderedDict()
        )
        self._leave_by = 0.0
        self._forget_session()

    def _forget_session(self) -> None:
        self._stage = "greeting"
        self._session = ""
        self._nonce = ""
        self._topics: list[str] = []
        self._synced = False
        self._sync_at = 0.0
        self._seen = 0
        self._n = 0
        self._sending: list[Item] = []
        self._poll_id = 0
        self._polled_at = 0.0
        self._lease = 10.0
        self._poll = 30.0
        self._error: str | None = None
        self._open.clear()
        self._held.clear()

    # Any thread.

    def put(self, item: Item) -> None:
        """An item of the next `up`."""
        with self._lock:
            if item["is"] == "progress":
                key = key_of(item["run"], item)
                waiting = self._progress.get(key)
                if waiting is not None:
                    waiting.update(item)
                    return
                self._progress[key] = item
            elif item["is"] == "log":
                # A flood of lines must not keep completions waiting.
                if self._logs >= _LOGS_MAX:
                    return
                self._logs += 1
            elif item["is"] in ("done", "return"):
                self._progress.pop(key_of(item["run"], item), None)
            self._queue.append(item)
        self.wake()

    def wake(self) -> None:
        """Make the owner's poll return."""
        try:
            self._wake_out.send(b"\0")
        except (BlockingIOError, OSError):
            pass

    # The owner's thread.

    def sockets(self) -> list[tuple[int, bool]]:
        """What to poll: (descriptor, also for writing)."""
        wanted = [(self._wake_in.fileno(), False)]
        for connection in (self._requests, self._work):
            if connection:
                wanted.append(
                    (
                        connection.socket.fileno(),
                        connection.wants_write or not connection.ready,
                    )
                )
        return wanted

    def next_due(self) -> float:
        """When `turn` is wanted at the latest, as time.monotonic() counts."""
        due = [time.monotonic() + 60]
        if self._leave_by:
            due.append(self._leave_by)
        if not (self._requests and self._work):
            due.append(self._redial_at)
        if not self._requests or not self._requests.ready:
            return min(due)
        due += [request.due for request in self._open.values()]
        due += self._held.values()
        if self._stage == "syncing":
            due.append(self._sync_at)
        if self._held and self._poll_id:
            due.append(self._polled_at + self._lease / 3)
        return min(due)

    def turn(self) -> None:
        self._drain_wake()
        now = time.monotonic()
        if self._leave_by and now >= self._leave_by:
            self.ended = True
            return
        self._dial(now)
        self._requests = self._pump(self._requests, self._reply)
        self._work = self._pump(self._work, self._publication)
        if not self.ended and self._requests and self._requests.ready:
            self._advance(time.monotonic())
            # Only writing: what is read now would wait for the next turn.
            self._requests.flush()

    def settled(self) -> bool:
        """Nothing waits to be acknowledged."""
        with self._lock:
            return not self._queue and not self._sending

    def leave(self) -> None:
        """Say bye as soon as everything is acknowledged."""
        if not self._leave_by:
            self._leave_by = time.monotonic() + _LEAVE
            if not self._session:
                self.ended = True

    def close(self) -> None:
        for connection in (self._requests, self._work):
            if connection:
                connection.close()
        self._wake_in.close()
        self._wake_out.close()

    def _drain_wake(self) -> None:
        try:
            while self._wake_in.recv(4096):
                pass
        except BlockingIOError:
            pass

    # Connections.

    def _dial(self, now: float) -> None:
        if (self._requests and self._work) or now < self._redial_at:
            return
        self._redial_at = now + self._redial_wait
        self._redial_wait = min(self._redial_wait * 2, _RECONNECT[1])
        try:
            self._read_bus()
            if not self._bus:
                return
            if not self._requests:
                self._requests = sp.Connection(
                    self._bus.requests, sp.REQ, sp.REP
                )
                for request in self._open.values():
                    request.due = now + request.period
                    self._send(request)
            if not self._work:
                self._work = sp.Connection(self._bus.work, sp.SUB, sp.PUB)
        except (NoBus, OSError):
            return

    def _read_bus(self) -> None:
        said = bus.read(self._bus_file)
        if self._bus and said != self._bus:
            self._hang_up()
            self._lose()
        self._bus = said

    def _hang_up(self) -> None:
        for connection in (self._requests, self._work):
            if connection:
                connection.close()
        self._requests = self._work = None

    def _pump(
        self,
        connection: sp.Connection | None,
        taken: Callable[[bytes], None],
    ) -> sp.Connection | None:
        if not connection:
            return None
        try:
            frames = connection.turn()
        except sp.Broken:
            connection.close()
            return None
        if connection.ready:
            self._redial_wait = _RECONNECT[0]
        for frame in frames:
            try:
                taken(frame)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                complain(f"a message was dropped: {error!r}")
        return connection if connection.is_open else None

    # Requests.

    def _ask(
        self,
        kind: str,
        fields: Item,
        taken: Callable[[Item], None],
        period: float = _RESEND,
    ) -> int:
        number = next(self._ids) & (_ID_BIT - 1) | _ID_BIT
        request = _Request(
            id=number,
            kind=kind,
            body=pack({"kind": kind, **fields}),
            due=time.monotonic() + period,
            period=period,
            taken=taken,
        )
        self._open[number] = request
        self._send(request)
        return number

    def _ask_session(
        self,
        kind: str,
        fields: Item,
        taken: Callable[[Item], None],
        period: float = _RESEND,
    ) -> int:
        return self._ask(
            kind, {"session": self._session, **fields}, taken, period
        )

    def _send(self, request: _Request) -> None:
        if self._requests:
            self._requests.send(struct.pack(">I", request.id) + request.body)

    def _is_open(self, kind: str) -> bool:
        return any(request.kind == kind for request in self._open.values())

    def _reply(self, frame: bytes) -> None:
        (number,) = struct.unpack_from(">I", frame)
        request = self._open.pop(number, None)
        if not request:
            return
        reply = unpack(frame[4:])
        if reply["kind"] == "unknown":
            self._lose()
        elif reply["kind"] == "refused":
            self._refused(request, reply)
        else:
            request.taken(reply)

    def _refused(self, request: _Request, reply: Item) -> None:
        sentence = f"{reply.get('error')} ({reply.get('code')})"
        if request.kind == "up":
            complain(f"a report was refused: {sentence}")
            self._acknowledged()
        elif request.kind == "hello" and self._has_new_token():
            self._hang_up()
            self._lose()
        elif request.kind == "hello":
            raise Refused(sentence)
        else:
            complain(f"{request.kind} was refused: {sentence}")
            self._lose()

    def _has_new_token(self) -> bool:
        try:
            return bus.read(self._bus_file) != self._bus
        except NoBus:
            return True

    def _lose(self) -> None:
        """The session is over."""
        leaving = bool(self._leave_by)
        had = bool(self._session)
        with self._lock:
            # What waits is about deliveries that are others' now.
            self._queue = collections.deque(
                item
                for item in self._queue
                if item["is"] == "log" and not item.get("attempt")
            )
            self._progress.clear()
            self._logs = len(self._queue)
        self._forget_session()
        if leaving:
            self.ended = True
        elif had:
            self._handlers.lost()

    # What is due.

    def _advance(self, now: float) -> None:
        for request in list(self._open.values()):
            if now >= request.due:
                request.due = now + request.period
                self._send(request)
        if self._stage == "greeting":
            self._greet()
        elif self._stage == "syncing":
            self._sync(now)
        elif self._stage == "live":
            self._accept(now)
            self._report()
            self._ask_mail(now)
            self._bye()

    def _greet(self) -> None:
        if self._leave_by:
            self.ended = True
        elif (
            self._work
            and self._work.ready
            and self._bus
            and not self._is_open("hello")
        ):
            self._nonce = secrets.token_hex(16)
            self._ask(
                "hello",
                {
                    "protocols": [1],
                    "token": self._bus.token,
                    "nonce": self._nonce,
                    "name": os.environ.get("TUTTI_INSTANCE", ""),
                    "pid": os.getpid(),
                    "sdk": SDK,
                    **self._about,
                },
                self._welcome,
            )

    def _welcome(self, reply: Item) -> None:
        self.instance = reply["instance"]
        self._session = reply["session"]
        self._lease = reply["lease_ms"] / 1000
        self._poll = reply["poll_ms"] / 1000
        self._topics = list(reply.get("topics") or [])
        self._stage = "syncing"
        if not self._started:
            self._started = True
            try:
                self._handlers.welcome(reply.get("config"))
            except Exception as error:  # whatever an author's init raises
                self._error = str(error) or type(error).__name__

    def _sync(self, now: float) -> None:
        if self._error is not None:
            self._stage = "refusing"
            self._ask_session(
                "ready",
                {"synced": self._synced, "error": self._error},
                self._confessed,
            )
        elif self._synced:
            self._stage = "readying"
            self._ask_session(
                "ready", {"synced": True, "error": None}, self._is_live
            )
        elif now >= self._sync_at and not self._is_open("ready"):
            self._sync_at = now + _SYNC_PERIOD
            self._ask_session(
                "ready", {"synced": False, "error": None}, lambda reply: None
            )

    def _confessed(self, reply: Item) -> None:
        raise Refused(self._error)

    def _is_live(self, reply: Item) -> None:
        self._stage = "live"

    def _accept(self, now: float) -> None:
        for key, due in self._held.items():
            if now >= due:
                self._held[key] = float("inf")
                self.put(
                    {
                        "is": "accept",
                        "run": key[0],
                        "task": key[1],
                        "attempt": key[2],
                        "wakes": key[3],
                    }
                )

    def _report(self) -> None:
        if self._sending:
            return
        size = 0
        with self._lock:
            while self._queue and len(self._sending) < _BATCH_ITEMS:
                size += sum(
                    len(self._queue[0].get(part) or b"")
                    for part in ("output", "patch", "text", "message")
                )
                if self._sending and size > _BATCH_BYTES:
                    break
                item = self._queue.popleft()
                if item["is"] == "log":
                    self._logs -= 1
                self._sending.append(item)
                if item["is"] == "progress":
                    self._progress.pop(key_of(item["run"], item), None)
        if self._sending:
            self._n += 1
            self._ask_session(
                "up",
                {"n": self._n, "items": self._sending},
                lambda reply: self._acknowledged(),
            )

    def _acknowledged(self) -> None:
        with self._lock:
            self._sending = []

    def _ask_mail(self, now: float) -> None:
        is_open = self._poll_id in self._open
        late = self._held and now >= self._polled_at + self._lease / 3
        if is_open and not late:
            return
        if is_open:
            # The newer supersedes it; what it would have said is repeated.
            del self._open[self._poll_id]
        self._polled_at = now
        self._poll_id = self._ask_session(
            "poll", {"seen": self._seen}, self._mail, self._poll + _RESEND
        )

    def _bye(self) -> None:
        if self._leave_by and self.settled() and not self._is_open("bye"):
            self._ask_session("bye", {}, self._gone, 0.5)

    def _gone(self, reply: Item) -> None:
        self.ended = True

    # What comes.

    def _mail(self, reply: Item) -> None:
        for item in reply.get("items") or []:
            if item["seq"] != self._seen + 1:
                continue
            self._seen += 1
            what = item["do"]
            if what == "work":
                self._deliver(item["work"])
            elif what == "cancel":
                key = key_of(item["run"], item)
                self._handlers.cancel(key, item.get("cause", "cancelled"))
            elif what == "stop":
                self._handlers.stop()
            elif what == "topics":
                self._topics = list(item.get("topics") or [])

    def _publication(self, frame: bytes) -> None:
        topic, zero, body = frame.partition(b"\0")
        name = topic.decode(errors="replace")
        if not zero:
            return
        if self._nonce and name == f"instance/{self._nonce}/":
            if unpack(body).get("kind") == "sync":
                self._synced = True
        elif any(name.startswith(wanted) for wanted in self._topics):
            publication = unpack(body)
            if publication.get("kind") == "work":
                for work in publication.get("work") or []:
                    self._deliver(work)

    def _deliver(self, work: Item) -> None:
        for member in work["members"]:
            if member["instance"] != self.instance or not self._session:
                continue
            key = key_of(work["run"], member)
            if key in self._known:
                # It has or had it. In hand: say so at once; finished: the
                # completion is on its way until it is acknowledged.
                if key in self._held:
                    self._held[key] = 0.0
                continue
            self._known[key] = None
            while len(self._known) > _KNOWN_MAX:
                self._known.popitem(last=False)
            wait = max(self._lease / 10, 0.2) / 2
            self._held[key] = time.monotonic() + wait
            self._handlers.work(work, member)

    def released(self, key: Key) -> None:
        """The delivery is finished or returned. The owner's thread."""
        self._held.pop(key, None)
