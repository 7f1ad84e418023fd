"""What a signature shows: pictures and lines of text in its box, and nothing else, least of all a library's stamp.

Source: Decree 30/2020 Appendix I; ISO 32000-2 clause 12.5.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp.base import BaseStamp, BaseStampStyle

from lienthong.base.errors import Refused
from lienthong.trust.pdf.errors import TEXT_NOT_SHOWABLE
from lienthong.trust.pdf.fonts import DIGITS, FULL, Face, Style, face, normal
from lienthong.trust.pdf.images import Picture

Colour = tuple[float, float, float]
BLACK: Colour = (0, 0, 0)
RED: Colour = (0.8, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; ``x``, ``y`` (baseline) and ``size`` in points from the lower left corner of the box."""

    text: str
    x: float
    y: float
    size: float
    style: Style = "regular"
    align: Literal["left", "centre", "right"] = "left"

    @property
    def face(self) -> Face:
        """The smaller face where it has every letter: number and date need only digits. Refuses: TEXT_NOT_SHOWABLE."""
        text = normal(self.text)
        small = face(self.style, DIGITS)
        used = small if small.covers(text) else face(self.style, FULL)
        if not used.covers(text):
            missing = "".join(sorted({each for each in text if not used.covers(each)}))
            raise Refused(TEXT_NOT_SHOWABLE, characters=missing)
        return used

    @property
    def width(self) -> float:
        """Points that the line takes. Refuses: TEXT_NOT_SHOWABLE."""
        return self.face.measure(normal(self.text), self.size)


@dataclass(frozen=True)
class Drawn(BaseStampStyle):
    """The appearance of one field. ``pictures`` fill the box, each keeping its proportions."""

    pictures: tuple[Picture, ...] = ()
    lines: tuple[Line, ...] = ()
    colour: Colour = BLACK
    framed: bool = field(default=False)

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]) -> BaseStamp:
        return _Content(writer, self, box)


class _Content(BaseStamp):
    def __init__(self, writer: BasePdfFileWriter, drawn: Drawn, box: BoxConstraints) -> None:
        super().__init__(writer=writer, style=drawn, box=box)
        self._drawn = drawn

    def render(self) -> bytes:
        parts = [b"q"]
        parts += [self._picture(number, picture) for number, picture in enumerate(self._drawn.pictures)]
        if self._drawn.framed:
            red, green, blue = self._drawn.colour
            width, height = self.box.width - 1, self.box.height - 1
            parts.append(b"%g %g %g RG 1 w 0.5 0.5 %g %g re S" % (red, green, blue, width, height))
        names: dict[str, str] = {}
        parts += [self._line(line, names) for line in self._drawn.lines]
        return b"\n".join([*parts, b"Q"])

    def _picture(self, number: int, picture: Picture) -> bytes:
        name = f"/Im{number}"
        self.set_resource(ResourceType.XOBJECT, pdf_name(name), picture.add(self._ensure_writer))
        scale = min(self.box.width / picture.width, self.box.height / picture.height)
        width, height = picture.width * scale, picture.height * scale
        x, y = (self.box.width - width) / 2, (self.box.height - height) / 2
        return b"q %g 0 0 %g %g %g cm %s Do Q" % (width, height, x, y, name.encode())

    def _line(self, line: Line, names: dict[str, str]) -> bytes:
        text, used = normal(line.text), line.face
        if used.name not in names:
            names[used.name] = f"/F{len(names)}"
            self.set_resource(ResourceType.FONT, pdf_name(names[used.name]), used.add(self._ensure_writer))
        x = {"left": line.x, "centre": line.x - line.width / 2, "right": line.x - line.width}[line.align]
        colour = b"%g %g %g rg" % self._drawn.colour
        return b"BT %s %s %g Tf 1 0 0 1 %.3f %.3f Tm %s ET" % (
            colour, names[used.name].encode(), line.size, x, line.y, used.show(text)
        )  # fmt: skip
