"""The text side of configuration: where a key stands in a TOML file, and how sizes and durations are written.

The standard reader tells no line numbers, but an operator needs them; this scanner finds the line of
each key well enough to point at it. It decides nothing: values always come from the standard reader.
"""

from __future__ import annotations

import re
from datetime import timedelta

_TABLE = re.compile(r"^\s*\[\s*([A-Za-z0-9_.\-\"' ]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_\-]+)\s*=\s*(.*)$")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$")
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)$")
_BYTES = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}


def parse_size(text: str) -> int:
    """Bytes from ``"200 MB"`` (10⁶) or ``"200 MiB"`` (2²⁰); anything else is a ``ValueError``."""
    found = _SIZE.match(text.strip())
    if not found:
        raise ValueError(text)
    return round(float(found[1]) * _BYTES[found[2]])


def parse_duration(text: str) -> timedelta:
    """Read ``"250 ms"``, ``"30 s"``, ``"5 min"``, ``"12 h"``, ``"7 d"``; or ``ValueError``."""
    found = _DURATION.match(text.strip())
    if not found:
        raise ValueError(text)
    try:
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
    except OverflowError as reason:
        raise ValueError(text) from reason


def size_text(size: int) -> str:
    """The shortest exact way to write a size that :func:`parse_size` reads back."""
    units = [u for u in ("TB", "TiB", "GB", "GiB", "MB", "MiB", "KB", "KiB") if size and size % _BYTES[u] == 0]
    best = max(units, key=lambda u: _BYTES[u], default="B")
    return f"{size // _BYTES[best]} {best}"


def duration_text(duration: timedelta) -> str:
    """The shortest exact way to write a duration (in milliseconds) for :func:`parse_duration`."""
    ms = round(duration.total_seconds() * 1000)
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms and ms % length == 0:
            return f"{ms // length} {unit}"
    return f"{ms} ms"


def key_lines(text: str) -> dict[tuple[str, str], int]:
    """Line number (from 1) of each ``(table, key)``; a table header itself is ``(table, "")``."""
    lines: dict[tuple[str, str], int] = {}
    table, quote, depth = "", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if quote or depth:
            quote, depth = _inside(line, quote, depth)
        elif header := _TABLE.match(line):
            table = _unquoted(header[1])
            lines.setdefault((table, ""), number)
        elif entry := _KEY.match(line):
            lines.setdefault((table, _unquoted(entry[1])), number)
            quote, depth = _inside(entry[2], "", 0)
    return lines


def _unquoted(name: str) -> str:
    return name.strip().strip("\"'")


def _inside(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Follow strings, comments and brackets through one line: what is still open at its end."""
    at = 0
    while at < len(line):
        if quote:
            if quote[0] == '"' and line[at] == "\\":
                at += 2
            elif line.startswith(quote, at):
                at += len(quote)
                quote = ""
            else:
                at += 1
            continue
        char = line[at]
        if char == "#":
            break
        if char in "\"'":
            quote = char * 3 if line.startswith(char * 3, at) else char
            at += len(quote)
            continue
        depth += (char in "[{") - (char in "]}")
        at += 1
    return (quote if len(quote) == 3 else ""), max(depth, 0)
