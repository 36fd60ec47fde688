"""The conformance cases of filters, letter for letter.

Numbers must keep their spelling (300.0, 3E+2), so nothing is read and written
again: each case's filter and attributes are cut out of the text as they stand.
"""

import json
import os
import sys

_DECODER = json.JSONDecoder()
_HERE = os.path.dirname(os.path.abspath(__file__))


def _skip(text, at, what=" \t\r\n,"):
    while at < len(text) and text[at] in what:
        at += 1
    return at


def elements(text):
    """The elements of a JSON array, as written."""
    at = _skip(text, text.index("[") + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield text[at:end]
        at = _skip(text, end)


def members(text):
    """The members of a JSON object: key to text as written."""
    found = {}
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        at = _skip(text, end, " \t\r\n:")
        _, end = _DECODER.raw_decode(text, at)
        found[key] = text[at:end]
        at = _skip(text, end)
    return found


def path(name):
    shared = os.path.join(_HERE, "..", "..", "..", "shared", "data", "filters")
    folder = os.path.join(_HERE, "..", "data", "filters")
    if os.path.exists(os.path.join(shared, name)):
        folder = shared
    return os.path.join(folder, name)


def read(name):
    """All cases of a file, each a map of texts."""
    with open(path(name), encoding="utf-8") as file:
        return [members(case) for case in elements(file.read())]


def expected(case):
    """True, False, or "error"."""
    if case.get("error", "false") != "false":
        return "error"
    return case["match"] == "true"


def cases():
    return read("cases.json")


def texts():
    """Malformed filters: the text of each."""
    return [(json.loads(case["name"]), json.loads(case["filter_text"]))
            for case in read("cases_text.json")]


def limits():
    return read("sns_limits.json")


def main(door):
    if door == "lines":
        for number, case in enumerate(cases()):
            print('{"name":%d,"filter":%s,"attributes":%s}' % (
                number, case.get("filter", "null"),
                case.get("attributes", "null")))
    elif door == "texts":
        for case in read("cases_text.json"):
            print('{"name":%s,"filter_text":%s}' % (
                case["name"], case["filter_text"]))
    elif door == "raw":
        for name, text in texts():
            print('{"name":%s,"filter":%s,"attributes":{}}' % (
                json.dumps(name), text))


if __name__ == "__main__":
    main(sys.argv[1])
