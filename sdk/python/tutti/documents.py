"""Documents and texts as they travel: MessagePack, UTF-8, within limits."""

from __future__ import annotations

import math
import re
from typing import Any

import msgpack

from .errors import Invalid, TooBig

LIMIT_MESSAGE = 1024
LIMIT_NOTE = 256
LIMIT_OUTPUT = 8 * 1024 * 1024
LIMIT_STASH = 8 * 1024 * 1024
LIMIT_FRAME = 32 * 1024 * 1024
LIMIT_GIVEN_DEPTH = 28
# A frame has 32 levels, five of them are round the filter in a hello.
LIMIT_FILTER_LEVELS = 27

_SURROGATE = re.compile("[\0\ud800-\udfff]")


def clean(text: str, limit: int) -> str:
    """Valid UTF-8 of at most `limit` bytes, cut between characters."""
    data = _SURROGATE.sub("\ufffd", str(text)).encode()
    return data[:limit].decode(errors="ignore")


def pack(value: Any) -> bytes:
    """A message of the protocol."""
    data: bytes = msgpack.packb(value, use_bin_type=True)
    return data


def unpack(data: bytes) -> Any:
    """What `pack` made, of whoever made it."""
    return msgpack.unpackb(data, raw=False, strict_map_key=False)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mistake(value: Any) -> str:
    """Why a value without members is none of a document; "" if it is one."""
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{value} is no number of JSON"
    if isinstance(value, int):
        return "" if -(1 << 63) <= value < 1 << 64 else "over 64 bits"
    if isinstance(value, str):
        return "" if _is_utf8(value) else f"the text {value!r} is not UTF-8"
    return "" if value is None else f"{type(value).__name__} is no type of JSON"


def _members(value: Any, path: str) -> list[tuple[str, Any]]:
    """Each with its path."""
    if not isinstance(value, dict):
        return [(f"{path}[{at}]", member) for at, member in enumerate(value)]
    for key in value:
        if not isinstance(key, str):
            raise Invalid(f"{path}: the key {key!r} is no text")
        if not _is_utf8(key):
            raise Invalid(f"{path}: the key {key!r} is not UTF-8")
    return [(f"{path}.{key}", member) for key, member in value.items()]


def _is_inner(value: Any) -> bool:
    # Those of msgpack would travel as what no other language knows.
    return isinstance(value, (dict, list, tuple)) and not isinstance(
        value, msgpack.ExtType
    )


def check(
    value: Any, path: str, levels: int = LIMIT_GIVEN_DEPTH, blobs: bool = False
) -> None:
    """Invalid, with a path that begins with `path`, when others could not read
    it as JSON. `blobs`: bytes are fine."""
    left = [(path, value, levels)]
    while left:
        at, inner, levels_left = left.pop()
        if blobs and isinstance(inner, (bytes, bytearray, memoryview)):
            continue
        if not _is_inner(inner):
            mistake = _mistake(inner)
            if mistake:
                raise Invalid(f"{at}: {mistake}")
            continue
        if not levels_left:
            raise Invalid(f"{path}: nested deeper than {levels} levels")
        left += (
            (where, member, levels_left - 1)
            for where, member in reversed(_members(inner, at))
        )


def encode(value: Any, limit: int, what: str) -> bytes:
    """A document that a plugin gives; `what` names it in complaints."""
    check(value, what, blobs=True)
    try:
        data = pack(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(f"{what} is no document: {error}") from None
    if len(data) > limit:
        raise TooBig(
            f"{what} is too big: {len(data)} bytes, at most {limit} are taken"
        )
    return data


def decode(data: bytes | None, absent: Any) -> Any:
    """A document of a task."""
    return unpack(data) if data else absent
