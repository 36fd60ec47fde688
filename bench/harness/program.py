"""Programs that are run beside the product: floors, and other benchmarks."""

import json
import os
import subprocess
import tempfile


class Failed(Exception):
    """Something that is measured did not work; the text is for people."""


def run(command, **more):
    """Its standard output."""
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          **more)
    if done.returncode != 0:
        raise Failed("%s: exit code %d: %s" % (
            " ".join(command), done.returncode, done.stderr.strip()))
    return done.stdout


def options(settings):
    """{"in_flight": 1} becomes --in-flight 1; what is None is left out."""
    words = []
    for name, value in settings.items():
        if value is not None:
            words += ["--" + name.replace("_", "-"), str(value)]
    return words


# Floors that do nothing on the disk.
WITHOUT_FOLDER = ("fanout",)


def floor(bench, name, **settings):
    """What bench/floors/floor_NAME prints."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        if name not in WITHOUT_FOLDER:
            settings["folder"] = folder
        path = os.path.join(bench.build, "bench", "floors", "floor_" + name)
        if not os.path.exists(path):
            raise Failed("%s is not there: build it first" % path)
        return json.loads(run([path, *options(settings)], cwd=folder))
