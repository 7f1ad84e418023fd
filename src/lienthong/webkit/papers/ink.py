"""Text on a page with each word encoded once: a long register spends most of its time there.

The library encodes letter by letter and formats every coordinate with care for any scale; a register has the same words
thousands of times and needs hundredths of a point.
"""

from __future__ import annotations

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

_REMEMBERED = 50_000
_ESCAPED = {code: f"\\{code:03o}" for code in (*range(32), *range(127, 256))} | {40: "\\(", 41: "\\)", 92: "\\\\"}
_BYTES = [_ESCAPED.get(code, chr(code)) for code in range(256)]


class Ink:
    """Writes lines of one font after another onto a canvas. One per document: codes of letters belong to it."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._known: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def say(self, lines: list[tuple[float, float, str]], font: str, size: float) -> None:
        """Write each line at its place: left end and base line in points."""
        code = ["BT"]
        current = ""
        for x, y, text in lines:
            code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
            for name, letters in self._runs(text, font):
                if name != current:
                    code.append(f"{name} {size:.2f} Tf")
                    current = name
                code.append(f"({letters}) Tj")
        code.append("ET")
        self._canvas._code.append("\n".join(code))

    def rule(self, lines: list[tuple[float, float, float, float]]) -> None:
        """Draw straight lines, each from one point to another, in the line width set before."""
        drawn = "\n".join(f"{x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l" for x1, y1, x2, y2 in lines)
        self._canvas._code.append(f"n {drawn} S")

    def _runs(self, line: str, font: str) -> list[tuple[str, str]]:
        """The line as runs of one part of the font each; a space is the same letter in every part."""
        runs: list[tuple[str, str]] = []
        for index, word in enumerate(line.split(" ")):
            pieces = self._word(word, font)
            if index and runs:
                runs[-1] = (runs[-1][0], runs[-1][1] + " ")
            for name, letters in pieces:
                if runs and runs[-1][0] == name:
                    runs[-1] = (name, runs[-1][1] + letters)
                else:
                    runs.append((name, letters))
        return runs

    def _word(self, word: str, font: str) -> list[tuple[str, str]]:
        known = self._known.get((font, word))
        if known is None:
            face, document = pdfmetrics.getFont(font), self._canvas._doc
            known = [
                (face.getSubsetInternalName(part, document), "".join(map(_BYTES.__getitem__, letters)))
                for part, letters in face.splitString(word, document)
            ]
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[(font, word)] = known
        return known
