"""The plugins in JavaScript, over the client of the example, against the same
scripted orchestrator. BUILD is the build folder."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from fake import LIMIT, Fake, unpack

SOURCE = Path(__file__).parents[2]
BUILD = os.environ.get("BUILD")


@unittest.skipUnless(BUILD, "BUILD is not set")
class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        script = SOURCE / "tests" / "node-deps.sh"
        subprocess.run([script, BUILD], check=True)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.fake = Fake(self.folder)
        self.addCleanup(self.fake.close)

    def start(self, live: bool = True) -> None:
        program = Path(str(BUILD)) / "tests/conformance/conformance.mjs"
        self.process = subprocess.Popen(
            ["node", program],
            env={**os.environ, "TUTTI_BUS": str(self.fake.bus_file)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        if live:
            self.fake.wait_live()

    def done(self, task: int) -> dict:
        return self.fake.wait_item(**{"is": "done", "task": task})

    def test_by_mail_and_by_publication(self) -> None:
        self.fake.config = {"greeting": "hi"}
        self.start()
        self.fake.deliver("echoes", 1, attributes={"a": 1.5}, with_={"w": 1})
        output = unpack(self.done(1)["output"])
        self.assertEqual(output["attributes"], {"a": 1.5})
        self.assertEqual((output["with"], output["greeting"]), ({"w": 1}, "hi"))
        publication = {"kind": "work", "work": [self.fake.work("fails", 2)]}
        self.fake.publish("work/A/", publication)
        self.fake.publish("work/A/", publication)
        self.assertEqual(self.done(2)["message"], "no such house")

    def test_cancel_and_deadline(self) -> None:
        self.start()
        self.fake.deliver("cancellable", 1)
        self.fake.wait_item(**{"is": "accept", "task": 1})
        run = self.fake.work("", 1)["run"]
        self.fake.mail(
            do="cancel", run=run, task=1, attempt=1, cause="cancelled"
        )
        self.assertEqual(self.done(1)["message"], "stopped")
        soon = int((time.time() + 0.1) * 1e6)
        self.fake.deliver("deadline", 2, deadline_us=soon)
        self.assertTrue(self.done(2)["late"])

    def test_sent_again_until_acknowledged(self) -> None:
        self.fake.drop.update({"hello": 1, "up": 2})
        self.start()
        self.fake.deliver("fails", 1)
        self.fake.deliver("fails", 2)
        self.done(1)
        self.done(2)
        done = [i["task"] for i in self.fake.items if i["is"] == "done"]
        self.assertEqual(sorted(done), [1, 2])
        first, second = self.fake.of_kind("hello")
        self.assertEqual(first, second)

    def test_connections_and_orchestrators_come_and_go(self) -> None:
        self.start()
        self.fake.cut()
        self.fake.deliver("fails", 1)
        self.done(1)
        self.assertEqual(len(self.fake.of_kind("hello")), 1)
        self.fake.restart()
        self.fake.wait_live()
        self.fake.deliver("fails", 2)
        self.done(2)
        self.assertEqual(len(self.fake.of_kind("hello")), 2)

    def test_stop_finishes_what_is_begun(self) -> None:
        gate = self.folder / "gate"
        self.start()
        self.fake.deliver("order-a", 1)
        self.fake.deliver("progresses", 2, attributes={"gate": str(gate)})
        self.fake.wait_item(**{"is": "accept", "task": 2})
        self.fake.mail(do="stop")
        self.fake.deliver("fails", 3)
        self.fake.wait_item(**{"is": "return", "task": 3})
        gate.touch()
        self.assertEqual(self.process.wait(LIMIT), 0)
        self.done(2)
        self.assertEqual(self.fake.requests[-1]["kind"], "bye")

    def test_a_bad_config_ends_it(self) -> None:
        self.fake.config = {"greetin": 1}
        self.start(live=False)
        self.assertEqual(self.process.wait(LIMIT), 78)
        self.assertIn("greetin", self.fake.of_kind("ready")[-1]["error"])

    def test_without_an_orchestrator(self) -> None:
        self.fake.bus_file.unlink()
        self.start(live=False)
        self.assertEqual(self.process.wait(LIMIT), 5)


if __name__ == "__main__":
    unittest.main()
