#!/usr/bin/env python3
"""A bad network between plugin processes and the orchestrator.

    sp_shim.py SOURCE TARGET [--drop P] [--dup P] [--delay P] [--reorder P]
               [--delay-ms N] [--seed N]

Stands between the three listeners of the bus file SOURCE and whoever uses the
bus file TARGET, which it writes (same token, ports of its own; again whenever
SOURCE changes). Whole SP frames are dropped, duplicated, delayed (later frames
overtake them) and reordered (held back until the next frame has passed), each
with probability P, in both directions; the handshake of 8 bytes passes as it
is. The same seed makes the same decisions for the same frames. At SIGTERM or
SIGINT the counts are printed as one line of JSON.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys

PLACES = ("requests", "work", "events")
HEADER = 8  # bytes of the SP handshake, and of a frame's length
LIMIT = 64 * 1024 * 1024
HOLD_S = 0.1  # a frame held back waits for the next one no longer than this


def port_of(address):
    return int(address.rsplit(":", 1)[1])


async def read_frame(reader):
    head = await reader.readexactly(HEADER)
    size = int.from_bytes(head, "big")
    if size > LIMIT:
        raise ConnectionError("a frame of %d bytes" % size)
    return head + await reader.readexactly(size)


class Flow:
    """One direction of one connection: frames in, what is left of them out."""

    def __init__(self, shim, writer, name):
        self.shim = shim
        self.writer = writer
        self.random = random.Random("%d/%s" % (shim.options.seed, name))
        self.held = None
        self.tasks = set()

    def write(self, frame):
        if not self.writer.is_closing():
            self.shim.counts["passed"] += 1
            self.writer.write(frame)

    def release(self):
        frame, self.held = self.held, None
        if frame is not None:
            self.write(frame)

    def later(self, seconds, call, *args):
        async def wait():
            await asyncio.sleep(seconds)
            call(*args)

        task = asyncio.get_running_loop().create_task(wait())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def release_if(self, frame):
        if self.held is frame:
            self.release()

    def take(self, frame):
        options = self.shim.options
        counts = self.shim.counts
        # All four are drawn for each frame, so that one rate does not shift
        # the decisions of another.
        drop, dup, delay, reorder = (self.random.random() for _ in range(4))
        wait_s = self.random.random() * options.delay_ms / 1000
        counts["frames"] += 1
        if drop < options.drop:
            counts["dropped"] += 1
            return
        if dup < options.dup:
            counts["duplicated"] += 1
            self.write(frame)
        if delay < options.delay:
            counts["delayed"] += 1
            self.later(wait_s, self.write, frame)
        elif reorder < options.reorder and self.held is None:
            counts["reordered"] += 1
            self.held = frame
            self.later(HOLD_S, self.release_if, frame)
        else:
            self.write(frame)
            self.release()

    async def run(self, reader):
        self.writer.write(await reader.readexactly(HEADER))
        while True:
            self.take(await read_frame(reader))
            await self.writer.drain()

    def end(self):
        for task in list(self.tasks):
            task.cancel()


class Shim:
    def __init__(self, options):
        self.options = options
        self.source = None
        self.ports = {}
        self.counts = dict.fromkeys(
            ("connections", "frames", "passed", "dropped", "duplicated",
             "delayed", "reordered"), 0)
        self.tasks = set()

    def read_source(self):
        """Whether it is there and new."""
        try:
            with open(self.options.source, encoding="utf-8") as file:
                source = json.load(file)
        except (OSError, ValueError):
            return False
        changed = source != self.source
        self.source = source
        return changed

    def write_target(self):
        target = dict(self.source)
        for place in PLACES:
            target[place] = "tcp://127.0.0.1:%d" % self.ports[place]
        fresh = self.options.target + ".new"
        if os.path.exists(fresh):
            os.unlink(fresh)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(target, file)
        os.rename(fresh, self.options.target)

    async def serve(self, place, reader, writer):
        self.counts["connections"] += 1
        name = "%s/%d" % (place, self.counts["connections"])
        task = asyncio.current_task()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        try:
            if self.source is None:
                return
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", port_of(self.source[place]))
        except OSError:
            writer.close()
            return
        up = Flow(self, far_writer, name + "/up")
        down = Flow(self, writer, name + "/down")
        runs = [asyncio.ensure_future(up.run(reader)),
                asyncio.ensure_future(down.run(far_reader))]
        try:
            await asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)
            up.end()
            down.end()
            writer.close()
            far_writer.close()

    async def follow_source(self):
        while True:
            if self.read_source():
                self.write_target()
            await asyncio.sleep(0.05)

    async def run(self):
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        for place in PLACES:
            async def serve(reader, writer, place=place):
                try:
                    await self.serve(place, reader, writer)
                except asyncio.CancelledError:
                    writer.close()  # the end; streams would log it

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            self.ports[place] = server.sockets[0].getsockname()[1]
        follow = asyncio.ensure_future(self.follow_source())
        await stop.wait()
        for task in [follow, *self.tasks]:
            task.cancel()
        await asyncio.gather(follow, *self.tasks, return_exceptions=True)
        print(json.dumps(self.counts), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("source", help="the orchestrator's bus.json")
    parser.add_argument("target", help="the bus.json to write")
    for fault in ("drop", "dup", "delay", "reorder"):
        parser.add_argument("--" + fault, type=float, default=0.0,
                            metavar="P", help="probability, 0..1")
    parser.add_argument("--delay-ms", type=float, default=200.0,
                        help="longest delay")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(Shim(parser.parse_args()).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
