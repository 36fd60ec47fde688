"""The file in which the orchestrator says where it can be reached."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from .errors import NoBus


@dataclasses.dataclass(frozen=True)
class Bus:
    requests: str
    work: str
    token: str


def find() -> Path:
    """TUTTI_BUS, else TUTTI_STORE/bus.json, else ./.tutti/bus.json."""
    if os.environ.get("TUTTI_BUS"):
        return Path(os.environ["TUTTI_BUS"])
    return Path(os.environ.get("TUTTI_STORE") or ".tutti", "bus.json")


def read(path: Path) -> Bus:
    """NoBus with a sentence: missing, readable by others, or damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise NoBus(f"{path}: others may read it; chmod 600 it")
            said = json.load(file)
    except OSError as error:
        raise NoBus(
            f"{path}: {error.strerror}; is the orchestrator running?"
        ) from None
    except ValueError as error:
        raise NoBus(f"{path}: {error}") from None
    try:
        bus = Bus(said["requests"], said["work"], said["token"])
    except (KeyError, TypeError):
        raise NoBus(f"{path}: it names no addresses or no token") from None
    if said.get("protocol") != 1:
        raise NoBus(f"{path}: protocol {said.get('protocol')} is not known")
    return bus
