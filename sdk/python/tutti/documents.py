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


def _check(value: Any, depth: int) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid(f"{value} is no number of a document")
    if not isinstance(value, (dict, list, tuple)):
        return
    if depth > LIMIT_GIVEN_DEPTH:
        raise Invalid(f"it is nested deeper than {LIMIT_GIVEN_DEPTH} levels")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise Invalid(f"the key {key!r} is no text")
        value = value.values()  # type: ignore[assignment]
    for member in value:
        _check(member, depth + 1)


def encode(value: Any, limit: int, what: str) -> bytes:
    """A document that a plugin gives; `what` names it in complaints."""
    try:
        _check(value, 1)
        data = pack(value)
    except Invalid as error:
        raise Invalid(f"{what}: {error}") from None
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
