"""Parameters of a plugin: what it declares and what the config gives."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import Invalid

_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "double": "a number",
    "string": "a text (put it in quotes if it looks like something else)",
    "duration": "a duration with its unit, as in 250ms, 30s or 5m",
}
_TYPES: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
}
_UNITS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
}
_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)", re.ASCII)
_REQUIRED: Any = object()


@dataclasses.dataclass(frozen=True)
class Param:
    """A typed parameter that the config may set under the plugin's `config:`.

    `type` is bool, int, double, string or duration; a duration is written as
    "250ms" and arrives in milliseconds. Without a default it must be given.
    """

    type: str
    default: Any = _REQUIRED
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED


def declare(params: Mapping[str, Any] | None) -> dict[str, Param]:
    """`{"count": 3, "path": str, "delay": Param("duration", "1s")}`: a value is
    a default, a type says that it must be given."""
    declared: dict[str, Param] = {}
    for name, given in (params or {}).items():
        if isinstance(given, Param):
            param = given
        elif isinstance(given, type):
            param = Param(_TYPES.get(given, given.__name__))
        else:
            param = Param(_TYPES.get(type(given), "?"), given)
        if not name or param.type not in _EXPECTED:
            raise Invalid(f"the parameter '{name}' has no valid name or type")
        if not param.required:
            _convert(name, param, param.default)
        declared[name] = param
    return declared


def fallback(param: Param) -> str | None:
    """The default as it would be written in a config."""
    if param.required:
        return None
    if isinstance(param.default, str):
        return param.default
    return json.dumps(param.default)


def duration_ms(text: str) -> int | None:
    """Milliseconds of "250ms", "1.5h"; None when it is no duration."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    return int(float(match[1]) * _UNITS[match[2]] + 0.5)


def _convert(name: str, param: Param, value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if param.type == "bool" and isinstance(value, bool):
        return value
    if param.type == "int" and whole:
        return value
    if param.type == "double" and (whole or isinstance(value, float)):
        return float(value)
    if param.type == "string" and isinstance(value, str):
        return value
    if param.type == "duration" and isinstance(value, str):
        ms = duration_ms(value)
        if ms is not None:
            return ms
    raise Invalid(
        f"the parameter '{name}' must be {_EXPECTED[param.type]} "
        f"(given: {json.dumps(value, default=str)})"
    )


def read(params: Mapping[str, Param], config: Any) -> dict[str, Any]:
    """The values for one plugin; members it has not declared are passed over."""
    given = config or {}
    values = {}
    for name, param in params.items():
        if given.get(name) is not None:
            values[name] = _convert(name, param, given[name])
        elif param.required:
            hint = f": {param.help}" if param.help else ""
            raise Invalid(
                f"the parameter '{name}' must be given under 'config:'{hint}"
            )
        else:
            values[name] = _convert(name, param, param.default)
    return values


def check_unknown(declared: Iterable[str], config: Any) -> None:
    """Is every member of `config` declared by one who shares it?"""
    if config is None:
        return
    if not isinstance(config, dict):
        raise Invalid("'config:' must be a map of parameters")
    names = list(declared)
    for key in config:
        if key in names:
            continue
        near = difflib.get_close_matches(key, names, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        if not names:
            hint = "; these plugins have none at all"
        raise Invalid(f"there is no parameter '{key}'{hint}")
