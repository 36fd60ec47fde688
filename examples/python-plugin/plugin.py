#!/usr/bin/env python3
"""Counts the words of the text in a run's input: registers itself for the
activity `Read`, takes only runs in a language it knows, reports progress, and
stops when it is told to."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

# Where the module is when it is not installed: beside the examples.
for place in ("../../python", "../../sdk/python"):
    sys.path.append(str(Path(__file__).resolve().parent / place))

import tutti  # noqa: E402


@tutti.plugin(
    "words",
    version="1.0",
    help="Counts the words of a text.",
    max_tasks=4,
    params={
        "pause": tutti.Param(
            "duration", "10ms", "How long to rest after each line."
        )
    },
    subscriptions=[
        tutti.Subscription("Read", "parallel", filter={"lang": ["en", "de"]})
    ],
)
def words(task: tutti.Task) -> Any:
    text = (task.input or {}).get("text")
    if not isinstance(text, str):
        raise tutti.Failed("the input has no text")
    lines = text.split("\n")
    count = 0
    for number, line in enumerate(lines, 1):
        if task.cancelled():
            raise tutti.Failed(f"stopped at line {number}")
        count += len(line.split())
        task.progress(number / len(lines), f"line {number}")
        time.sleep(task.params["pause"] / 1000)
    task.log("info", f"{count} words in {len(lines)} lines")
    return {"words": count, "lines": len(lines)}


if __name__ == "__main__":
    tutti.run([words])
