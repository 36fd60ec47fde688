"""A plugin program as a whole: what it says and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SDK = Path(__file__).parents[2] / "sdk" / "python"

_PROGRAM = """
import datetime, sys, tutti

@tutti.plugin("hand", subscriptions=[
    tutti.Subscription("one", filter={"x": ["fine"]}),
    tutti.Subscription("two", filter=eval(FILTER)),
], help=HELP, params={"p": tutti.Param("string", DEFAULT)})
def hand(task):
    pass

tutti.run([hand])
"""


class Filters(unittest.TestCase):
    """Of subscriptions; nobody listens where the programs would connect."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        bus = self.folder / "bus.json"
        bus.write_text(
            json.dumps(
                {
                    "protocol": 1,
                    "requests": "tcp://127.0.0.1:1",
                    "work": "tcp://127.0.0.1:1",
                    "token": "x",
                }
            )
        )
        bus.chmod(0o600)

    def program(
        self, text: str, *arguments: str, help: str = "", default: str = ""
    ) -> subprocess.CompletedProcess[str]:
        path = self.folder / "hand.py"
        path.write_text(
            _PROGRAM.replace("FILTER", repr(text))
            .replace("HELP", repr(help))
            .replace("DEFAULT", repr(default))
        )
        return subprocess.run(
            [sys.executable, str(path), *arguments],
            env={
                **os.environ,
                "PYTHONPATH": str(SDK),
                "TUTTI_BUS": str(self.folder / "bus.json"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def refused(self, text: str, why: str) -> None:
        for arguments in ((), ("--describe",)):
            with self.subTest(text, arguments=arguments):
                ended = self.program(text, *arguments)
                self.assertEqual(
                    ended.stderr,
                    "tutti: refused: plugin 'hand': the subscription to "
                    f"'two': {why}\n",
                )
                self.assertEqual((ended.returncode, ended.stdout), (78, ""))

    def test_keys_that_are_no_texts(self) -> None:
        self.refused('{1: ["x"]}', "filter: the key 1 is no text")
        self.refused(
            '{"x": [{None: 1}]}', "filter.x[0]: the key None is no text"
        )
        self.refused(
            '{"\\ud800": ["x"]}', "filter: the key '\\ud800' is not UTF-8"
        )

    def test_numbers_that_are_none(self) -> None:
        for number in ("nan", "inf", "-inf"):
            self.refused(
                f'{{"x": [float("{number}")]}}',
                f"filter.x[0]: {number} is no number of JSON",
            )
        self.refused('{"x": [1 << 64]}', "filter.x[0]: over 64 bits")
        self.refused('{"x": [-1 - (1 << 63)]}', "filter.x[0]: over 64 bits")

    def test_types_that_are_no_json(self) -> None:
        self.refused('{"x": {"a"}}', "filter.x: set is no type of JSON")
        self.refused(
            '{"x": ["a", datetime.date(2020, 1, 1)]}',
            "filter.x[1]: date is no type of JSON",
        )
        self.refused(
            '{"x": [{"prefix": b"a"}]}', "filter.x[0].prefix: bytes is no type of JSON"
        )
        self.refused(
            '{"x": ["\\ud800"]}', "filter.x[0]: the text '\\ud800' is not UTF-8"
        )

    def test_nested_as_deep_as_a_hello_takes_and_deeper(self) -> None:
        def nested(levels: int) -> str:
            return '{"x": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

        self.refused(nested(28), "filter: nested deeper than 27 levels")
        self.assertEqual(self.program(nested(27), "--describe").returncode, 0)

    def test_other_texts_that_are_none(self) -> None:
        for given, why in (
            ({"help": "\ud800"}, "help: the text '\\ud800' is not UTF-8"),
            (
                {"default": "\ud800"},
                "params.p.default: the text '\\ud800' is not UTF-8",
            ),
        ):
            ended = self.program("None", "--describe", **given)
            self.assertEqual(
                ended.stderr, f"tutti: refused: plugin 'hand': {why}\n"
            )
            self.assertEqual(ended.returncode, 78)

    def test_the_greatest_and_smallest_integers(self) -> None:
        ended = self.program(
            '{"x": [(1 << 64) - 1, -(1 << 63), ("tuple",)]}', "--describe"
        )
        said = json.loads(ended.stdout)["plugins"][0]["subscriptions"]
        self.assertEqual(
            said[1]["filter"], {"x": [(1 << 64) - 1, -(1 << 63), ["tuple"]]}
        )


if __name__ == "__main__":
    unittest.main()
