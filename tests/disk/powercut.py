#!/usr/bin/env python3
"""The file that a power cut could have left.

usage: powercut.py FOLDER FILE SEED

FOLDER is the DISK_FAULTS of disk.c, whose process has been killed. FILE gets
what was synced, and of each 4 KiB page that was written since, by a coin that
SEED throws, or not. SEED 0 leaves out every one of them.
"""

import os
import random
import struct
import sys

PAGE = 4096
HEAD = struct.Struct("=QQQ")


def records(path):
    """(kind, offset, bytes or length) of each whole record."""
    with open(path, "rb") as journal:
        data = journal.read()
    at = 0
    while at + HEAD.size <= len(data):
        kind, offset, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        if at + length > len(data):
            return
        yield chr(kind), offset, data[at:at + length]
        at += length


def put(image, offset, data):
    if len(image) < offset + len(data):
        image.extend(bytes(offset + len(data) - len(image)))
    image[offset:offset + len(data)] = data


def resize(image, length):
    del image[length:]
    image.extend(bytes(length - len(image)))


def apply(image, record):
    kind, offset, data = record
    if kind == "t":
        resize(image, offset)
    else:
        put(image, offset, data)


def pages(record):
    """A write as the pages that can be lost one by one."""
    kind, offset, data = record
    while data:
        length = min(len(data), PAGE - offset % PAGE)
        yield kind, offset, data[:length]
        offset, data = offset + length, data[length:]


def main():
    folder, path, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    coin = random.Random(seed)
    share = coin.random() if seed else 0
    journal = list(records(os.path.join(folder, "journal")))
    synced = max((i + 1 for i, record in enumerate(journal)
                  if record[0] == "s"), default=0)
    with open(os.path.join(folder, "base"), "rb") as base:
        image = bytearray(base.read())
    for record in journal[:synced]:
        if record[0] != "s":
            apply(image, record)
    kept = lost = 0
    for record in journal[synced:]:
        for page in pages(record) if record[0] in "wd" else [record]:
            if page[0] == "d" or coin.random() < share:
                apply(image, page)
                kept += 1
            else:
                lost += 1
    with open(path, "wb") as target:
        target.write(image)
    print("seed %d: %d syncs, then %d writes kept and %d lost" % (
        seed, sum(record[0] == "s" for record in journal), kept, lost))


if __name__ == "__main__":
    main()
