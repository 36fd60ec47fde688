"""A scripted orchestrator for tests of plugin processes: SP over TCP, and as
much of the protocol as they see of it. Every wait has a limit."""

from __future__ import annotations

import collections
import itertools
import json
import os
import secrets
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

import msgpack

LIMIT = float(os.environ.get("FAKE_LIMIT", "20"))


def pack(value: Any) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


def unpack(data: bytes) -> Any:
    return msgpack.unpackb(data, raw=False, strict_map_key=False)


class Fake:
    """Answers by itself; what is in `drop` (kind -> how often) is taken note of
    but not answered. `items` is everything that ups have reported once."""

    def __init__(self, folder: Path, lease_ms: int = 3000) -> None:
        self.bus_file = folder / "bus.json"
        self.lease_ms = lease_ms
        self.poll_ms = 3 * lease_ms
        self.config: Any = None
        self.topics = ["work/A/"]
        self.drop: collections.Counter[str] = collections.Counter()
        self.reply_with: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.raw: list[tuple[int, str]] = []
        self.items: list[dict[str, Any]] = []
        self.session = ""
        self.instance = "test#1"
        self.withhold_sync = 0
        self.changed = threading.Condition()
        self._acknowledged: set[int] = set()
        self._mail: list[dict[str, Any]] = []
        self._seq = itertools.count(1)
        self._poll: tuple[socket.socket, bytes, int] | None = None
        self._subscribers: list[socket.socket] = []
        self._peers: list[socket.socket] = []
        self._listeners: list[socket.socket] = []
        self._nonce = ""
        self._open()

    def _open(self) -> None:
        ports = []
        for serve in (self._serve_requests, self._serve_work):
            listener = socket.create_server(("127.0.0.1", 0))
            self._listeners.append(listener)
            ports.append(listener.getsockname()[1])
            threading.Thread(
                target=self._accept, args=(listener, serve), daemon=True
            ).start()
        self.token = secrets.token_hex(32)
        said = {
            "protocol": 1,
            "pid": os.getpid(),
            "requests": f"tcp://127.0.0.1:{ports[0]}",
            "work": f"tcp://127.0.0.1:{ports[1]}",
            "events": "tcp://127.0.0.1:1",
            "token": self.token,
        }
        self.bus_file.touch(0o600)
        temporary = self.bus_file.with_suffix(".new")
        temporary.touch(0o600)
        temporary.write_text(json.dumps(said))
        temporary.rename(self.bus_file)

    def close(self) -> None:
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._listeners = []
        self.cut()

    def restart(self) -> None:
        """Another orchestrator with the same file: new ports, new token."""
        self.close()
        with self.changed:
            self.session = ""
            self._mail = []
            self._seq = itertools.count(1)
            self._acknowledged = set()
        self._open()

    def cut(self) -> None:
        """Break every connection."""
        with self.changed:
            peers, self._peers = self._peers, []
            self._subscribers = []
            self._poll = None
        for peer in peers:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            peer.close()

    # For tests.

    def wait(self, what: str, condition: Any) -> Any:
        """Until the condition gives something true, which is returned."""
        end = time.monotonic() + LIMIT
        with self.changed:
            while True:
                result = condition()
                if result:
                    return result
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"gave up waiting for {what}; "
                        f"items {self.items}; requests "
                        f"{[r['kind'] for r in self.requests]}"
                    )
                self.changed.wait(min(left, 0.2))

    def wait_item(self, **wanted: Any) -> dict[str, Any]:
        """An item of an up with these members."""

        def find() -> dict[str, Any] | None:
            for item in self.items:
                if all(item.get(k) == v for k, v in wanted.items()):
                    return item
            return None

        item = self.wait(f"the item {wanted}", find)
        assert isinstance(item, dict)
        return item

    def wait_live(self) -> None:
        self.wait(
            "a ready instance",
            lambda: self.session
            and any(
                r["kind"] == "poll" and r["session"] == self.session
                for r in self.requests
            ),
        )

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        with self.changed:
            return [r for r in self.requests if r["kind"] == kind]

    def mail(self, **item: Any) -> None:
        with self.changed:
            self._mail.append({"seq": next(self._seq), **item})
            self._answer_poll()

    def work(self, plugin: str, task: int, **more: Any) -> dict[str, Any]:
        """The map of a delivery to this instance."""
        member = {
            "instance": self.instance,
            "plugin": plugin,
            "name": more.pop("name", plugin),
            "task": task,
            "attempt": more.pop("attempt", 1),
            "wakes": more.pop("wakes", 0),
            "with": pack(more.pop("with_", {})),
            "deadline_us": more.pop("deadline_us", 0),
        }
        made = {
            "run": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "uid": "uid-1",
            "tenant": "default",
            "workflow": "w",
            "activity": "A",
            "phase": more.pop("phase", "parallel"),
            "members": [member],
        }
        for name in ("attributes", "input", "stash", "outputs"):
            if name in more:
                made[name] = pack(more[name])
        return made

    def deliver(self, plugin: str, task: int, **more: Any) -> None:
        self.mail(do="work", work=self.work(plugin, task, **more))

    def publish(self, topic: str, body: dict[str, Any]) -> None:
        frame = topic.encode() + b"\0" + pack(body)
        with self.changed:
            subscribers = list(self._subscribers)
        for peer in subscribers:
            try:
                peer.sendall(struct.pack(">Q", len(frame)) + frame)
            except OSError:
                pass

    # The wire.

    def _accept(self, listener: socket.socket, serve: Any) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self._peers.append(peer)
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    @staticmethod
    def _receive(peer: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = peer.recv(min(size - len(data), 1 << 20))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def _serve_work(self, peer: socket.socket) -> None:
        try:
            peer.sendall(b"\0SP\0\0\x20\0\0")
            assert self._receive(peer, 8) == b"\0SP\0\0\x21\0\0"
            with self.changed:
                self._subscribers.append(peer)
            self._receive(peer, 1)
        except OSError:
            pass

    def _serve_requests(self, peer: socket.socket) -> None:
        try:
            peer.sendall(b"\0SP\0\0\x31\0\0")
            assert self._receive(peer, 8) == b"\0SP\0\0\x30\0\0"
            while True:
                (size,) = struct.unpack(">Q", self._receive(peer, 8))
                frame = self._receive(peer, size)
                assert frame[0] & 0x80
                self._request(peer, frame[:4], unpack(frame[4:]))
        except OSError:
            pass

    def _send(
        self, peer: socket.socket, number: bytes, reply: dict[str, Any]
    ) -> None:
        frame = number + pack(reply)
        try:
            peer.sendall(struct.pack(">Q", len(frame)) + frame)
        except OSError:
            pass

    def _request(
        self, peer: socket.socket, number: bytes, request: dict[str, Any]
    ) -> None:
        kind = request["kind"]
        with self.changed:
            self.requests.append(request)
            self.raw.append((int.from_bytes(number, "big"), kind))
            self.changed.notify_all()
            if kind in self.reply_with:
                self._send(peer, number, self.reply_with[kind])
                return
            if kind != "hello" and request["session"] != self.session:
                self._send(peer, number, {"kind": "unknown"})
                return
            reply = {}
            if kind != "poll":
                reply = getattr(self, "_" + kind)(request)
            if self.drop[kind] > 0:
                self.drop[kind] -= 1
            elif kind == "poll":
                if self._poll:
                    self._send(
                        *self._poll[:2], {"kind": "mail", "items": []}
                    )
                self._poll = (peer, number, request["seen"])
                self._answer_poll()
            else:
                self._send(peer, number, reply)

    def _hello(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["token"] != self.token:
            return {"kind": "refused", "code": "E_DENIED", "error": "token"}
        if request["nonce"] != self._nonce or not self.session:
            self._nonce = request["nonce"]
            self.session = secrets.token_hex(16)
            self._poll = None
        self._sync()
        return {
            "kind": "welcome",
            "protocol": 1,
            "instance": self.instance,
            "session": self.session,
            "lease_ms": self.lease_ms,
            "poll_ms": self.poll_ms,
            "topics": self.topics,
            "config": self.config,
        }

    def _sync(self) -> None:
        if self.withhold_sync > 0:
            self.withhold_sync -= 1
            return
        self.publish(f"instance/{self._nonce}/", {"kind": "sync"})

    def _ready(self, request: dict[str, Any]) -> dict[str, Any]:
        if not request["synced"]:
            self._sync()
        return {"kind": "ok"}

    def _up(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["n"] not in self._acknowledged:
            self._acknowledged.add(request["n"])
            self.items += request["items"]
        return {"kind": "ack", "n": request["n"]}

    def _bye(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "ok"}

    def _answer_poll(self) -> None:
        if not self._poll:
            return
        peer, number, seen = self._poll
        items = [item for item in self._mail if item["seq"] > seen]
        if items:
            self._poll = None
            self._send(peer, number, {"kind": "mail", "items": items})
