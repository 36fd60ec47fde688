"""The SP wire protocol of nanomsg and nng over TCP, without blocking."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from .documents import LIMIT_FRAME
from .errors import NoBus

REQ, REP, PUB, SUB = 0x30, 0x31, 0x20, 0x21

_HEADER = struct.Struct(">4sHH")
_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 18


class Broken(Exception):
    """The connection is of no use any more."""


class Connection:
    """A dialed connection: `send` queues, `turn` moves bytes and returns the
    frames that have come. Raises Broken."""

    def __init__(self, address: str, mine: int, peer: int) -> None:
        self.address = address
        self.ready = False
        self._peer = peer
        self._in = bytearray()
        self._out = bytearray(_HEADER.pack(b"\0SP\0", mine, 0))
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port:
            raise NoBus(f"'{address}' is no address of an orchestrator")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex((host, port))

    @property
    def wants_write(self) -> bool:
        return bool(self._out)

    @property
    def is_open(self) -> bool:
        return self.socket.fileno() >= 0

    def send(self, body: bytes) -> None:
        self._out += _LENGTH.pack(len(body))
        self._out += body

    def close(self) -> None:
        self.socket.close()

    def flush(self) -> None:
        """Write what can be written; a failure shows in the next turn."""
        try:
            self._write()
        except OSError:
            pass

    def turn(self) -> list[bytes]:
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise Broken(f"error {error}")
        try:
            self._write()
            self._read()
        except OSError as broken:
            raise Broken(str(broken)) from None
        return list(iter(self._frame, None))

    def _write(self) -> None:
        while self._out:
            try:
                sent = self.socket.send(memoryview(self._out)[:_CHUNK])
            except (BlockingIOError, InterruptedError):
                return
            del self._out[:sent]

    def _read(self) -> None:
        while True:
            try:
                data = self.socket.recv(_CHUNK)
            except (BlockingIOError, InterruptedError):
                return
            if not data:
                raise Broken("the orchestrator closed the connection")
            self._in += data
            if len(data) < _CHUNK:
                return

    def _frame(self) -> bytes | None:
        if not self.ready:
            if len(self._in) < _HEADER.size:
                return None
            magic, peer, _ = _HEADER.unpack_from(self._in)
            if magic != b"\0SP\0" or peer != self._peer:
                raise Broken("the peer does not speak the protocol")
            del self._in[: _HEADER.size]
            self.ready = True
        if len(self._in) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._in)
        # A body and the four bytes of a request's id.
        if length > LIMIT_FRAME + 4096:
            raise Broken("a frame is too big")
        end = _LENGTH.size + length
        if len(self._in) < end:
            return None
        frame = bytes(self._in[_LENGTH.size : end])
        del self._in[:end]
        return frame
