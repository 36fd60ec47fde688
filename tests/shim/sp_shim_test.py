#!/usr/bin/env python3
"""Is the shim itself right? Frames through it to a server that echoes them."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SHIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sp_shim.py")
HELLO = b"\0SP\0\0\x30\0\0"


def read_exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_frame(sock):
    return read_exactly(sock, int.from_bytes(read_exactly(sock, 8), "big"))


def frame(body):
    return len(body).to_bytes(8, "big") + body


def echo(listener):
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=echo_one, args=(sock,), daemon=True).start()


def echo_one(sock):
    try:
        sock.sendall(read_exactly(sock, 8))
        while True:
            sock.sendall(frame(read_frame(sock)))
    except (EOFError, OSError):
        sock.close()


class ShimTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.source = os.path.join(self.folder.name, "bus.json")
        self.target = os.path.join(self.folder.name, "shim.json")
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=echo, args=(self.listener,),
                         daemon=True).start()
        address = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.write_source(address, "t1")
        self.address = address
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self.listener.close()
        self.folder.cleanup()

    def write_source(self, address, token):
        with open(self.source + ".new", "w", encoding="utf-8") as file:
            json.dump({"protocol": 1, "token": token, "requests": address,
                       "work": address, "events": address}, file)
        os.rename(self.source + ".new", self.source)

    def await_token(self, token):
        for _ in range(1000):
            try:
                with open(self.target, encoding="utf-8") as file:
                    bus = json.load(file)
                if bus["token"] == token:
                    return bus
            except OSError:
                pass
            time.sleep(0.01)
        return self.fail("no bus file with the token " + token)

    def start(self, *faults):
        self.process = subprocess.Popen(
            [sys.executable, SHIM, self.source, self.target, *faults],
            stdout=subprocess.PIPE, text=True)
        return self.await_token("t1")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20)
        self.assertEqual(self.process.returncode, 0)
        return json.loads(out)

    def connect(self, bus, place="requests"):
        port = int(bus[place].rsplit(":", 1)[1])
        sock = socket.create_connection(("127.0.0.1", port))
        sock.settimeout(2)
        sock.sendall(HELLO)
        self.assertEqual(read_exactly(sock, 8), HELLO)
        return sock

    def exchange(self, sock, count):
        """What comes back of the frames 0..count-1."""
        for i in range(count):
            sock.sendall(frame(b"%d" % i))
        got = []
        try:
            while True:
                got.append(int(read_frame(sock)))
                if len(got) == count:
                    sock.settimeout(0.5)
        except socket.timeout:
            return got

    def test_without_faults_all_passes(self):
        bus = self.start()
        self.assertNotEqual(bus["requests"], self.address)
        self.assertEqual(os.stat(self.target).st_mode & 0o777, 0o600)
        with self.connect(bus) as sock:
            self.assertEqual(self.exchange(sock, 100), list(range(100)))
        with self.connect(bus, "work") as sock:
            self.assertEqual(self.exchange(sock, 1), [0])
        counts = self.stop()
        self.assertEqual(counts["frames"], 202)
        self.assertEqual(counts["passed"], 202)
        self.assertEqual(counts["connections"], 2)

    def test_faults(self):
        bus = self.start("--drop", "0.1", "--dup", "0.1", "--delay", "0.1",
                         "--reorder", "0.1", "--delay-ms", "50")
        with self.connect(bus) as sock:
            got = self.exchange(sock, 500)
        self.assertNotEqual(got, sorted(got))
        self.assertLess(len(set(got)), 500)
        self.assertGreater(len(got), len(set(got)))
        counts = self.stop()
        for fault in ("dropped", "duplicated", "delayed", "reordered"):
            self.assertGreater(counts[fault], 20, fault)
        self.assertEqual(counts["passed"], counts["frames"] -
                         counts["dropped"] + counts["duplicated"])

    def dropped(self, seed):
        bus = self.start("--drop", "0.5", "--seed", seed)
        with self.connect(bus) as sock:
            got = self.exchange(sock, 50)
        self.stop()
        os.unlink(self.target)
        return got

    def test_a_seed_decides(self):
        self.assertEqual(self.dropped("7"), self.dropped("7"))
        self.assertNotEqual(self.dropped("7"), self.dropped("8"))

    def test_the_source_changes(self):
        self.start()
        self.write_source(self.address, "t2")
        with self.connect(self.await_token("t2")) as sock:
            self.assertEqual(self.exchange(sock, 3), [0, 1, 2])
        self.stop()

    def test_nobody_behind_it(self):
        bus = self.start()
        # The thread in accept() would keep it open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        port = int(bus["requests"].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.settimeout(5)
            self.assertEqual(sock.recv(1), b"")
        self.stop()


if __name__ == "__main__":
    unittest.main()
