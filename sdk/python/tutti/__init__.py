"""Tutti plugins in Python.

A plugin says which (activity, phase) pairs it wants and finishes each task it
is handed exactly once::

    import tutti

    @tutti.plugin(
        "greet",
        version="1.0",
        help="Says hello.",
        subscriptions=[tutti.Subscription("Step1", "parallel")],
    )
    def greet(task: tutti.Task) -> dict[str, str]:
        return {"greeting": "hello " + task.attributes.get("who", "world")}

    if __name__ == "__main__":
        tutti.run([greet])

The program finds the orchestrator by TUTTI_BUS, else TUTTI_STORE/bus.json, else
./.tutti/bus.json, registers its plugins and works until it is told to stop.
Needs Python 3.11 and msgpack, nothing else. README.md is the manual.
"""

from .errors import Failed, Invalid, Retryable, Stale, TooBig, TuttiError
from .params import Param
from .declaration import PENDING, Plugin, Queue, Subscription, plugin
from .runner import describe, run
from .task import Task

__version__ = "0.1.0"

__all__ = [
    "PENDING",
    "Failed",
    "Invalid",
    "Param",
    "Plugin",
    "Queue",
    "Retryable",
    "Stale",
    "Subscription",
    "Task",
    "TooBig",
    "TuttiError",
    "describe",
    "plugin",
    "run",
]
