"""Breaking text into lines of a width, fast enough for a register of a hundred thousand rows."""

from __future__ import annotations

import re
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics

from lienthong.trust.pdf.drawing import register_fonts

_JOINTS = re.compile(r"(?<=[/\-.,_@])")
"""A symbol or an address that is too long breaks after one of these before it breaks anywhere."""


@lru_cache(maxsize=16384)
def width_of(text: str, font: str, size: float) -> float:
    """Width in points. Words repeat, so most answers are remembered."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


@lru_cache(maxsize=4096)
def broken(text: str, width: float, font: str, size: float) -> tuple[str, ...]:
    """The lines of a text; no line is wider than ``width`` unless a single letter is."""
    lines: list[str] = []
    for part in text.splitlines() or [""]:
        clean = part if part.isprintable() else "".join(c if c.isprintable() else " " for c in part)
        lines += _filled(clean.split(), width, font, size)
    return tuple(lines)


def _filled(words: list[str], width: float, font: str, size: float) -> list[str]:
    space = width_of(" ", font, size)
    lines: list[str] = []
    line, used = "", 0.0
    for word in words:
        length = width_of(word, font, size)
        if line and used + space + length <= width:
            line, used = f"{line} {word}", used + space + length
            continue
        if line:
            lines.append(line)
        if length <= width:
            line, used = word, length
        else:
            *whole, line = _cut(word, width, font, size)
            lines += whole
            used = width_of(line, font, size)
    return [*lines, line]


def _cut(word: str, width: float, font: str, size: float) -> list[str]:
    """A word wider than the line, in pieces: at its joints where possible, else between letters."""
    pieces: list[str] = [""]
    for part in _JOINTS.split(word):
        if width_of(pieces[-1] + part, font, size) <= width:
            pieces[-1] += part
        elif width_of(part, font, size) <= width:
            pieces.append(part)
        else:
            _cut_letters(part, pieces, width, font, size)
    return [piece for piece in pieces if piece]


def _cut_letters(part: str, pieces: list[str], width: float, font: str, size: float) -> None:
    used = width_of(pieces[-1], font, size)
    for letter in part:
        length = width_of(letter, font, size)
        if pieces[-1] and used + length > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += letter
        used += length
