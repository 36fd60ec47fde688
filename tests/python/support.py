"""A runner in a thread of the test, connected to a fake orchestrator."""

from __future__ import annotations

import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "sdk" / "python"))

from fake import LIMIT, Fake  # noqa: E402

import tutti  # noqa: E402
from tutti.runner import Runner  # noqa: E402


class Case(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.fake = Fake(self.folder)
        self.addCleanup(self.fake.close)
        self.code: int | None = None

    def start(self, *plugins: tutti.Plugin, live: bool = True) -> None:
        self.runner = Runner(plugins, self.fake.bus_file)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.addCleanup(self._end)
        if live:
            self.fake.wait_live()

    def _run(self) -> None:
        self.code = self.runner.run()

    def _end(self) -> None:
        if self.thread.is_alive():
            self.fake.close()
            self.runner._stopping = True
            self.runner.link.ended = True
            self.runner.link.wake()
            self.join()

    def join(self) -> None:
        self.thread.join(LIMIT)
        self.assertFalse(self.thread.is_alive(), "the runner has not ended")

    def done(self, task: int, **wanted: Any) -> dict[str, Any]:
        return self.fake.wait_item(**{"is": "done", "task": task, **wanted})
