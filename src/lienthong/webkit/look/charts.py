"""Charts and tables of figures, computed here, drawn by the macros of ``work.html``: no script, always a table too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lienthong.webkit.look.parts import Series


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a chart, in units of its drawing."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the scale."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Word:
    """One word below the axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Bars:
    """Columns side by side, one group for each label; ``axis`` says what the labels are."""

    title: str
    axis: str
    labels: Sequence[str]
    series: Sequence[Series]
    width: int = 640
    height: int = 220
    left: int = 56

    @cached_property
    def top(self) -> float:
        """End of the scale: the first of 1, 2, 5 times a power of ten, or a small multiple, above every value."""
        return scale_end(max((value for each in self.series for value in each.values), default=0))

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Five lines, from none to the end of the scale."""
        return [Line(self._y(self.top * part / 4), self.said(self.top * part / 4)) for part in range(5)]

    @cached_property
    def bars(self) -> Sequence[Bar]:
        """Every column."""
        group = (self.width - self.left) / max(len(self.labels), 1)
        wide = group * 0.72 / max(len(self.series), 1)
        return [
            Bar(
                round(self.left + group * (at + 0.14) + wide * number, 1), self._y(value), round(wide * 0.9, 1),
                round(self._y(0) - self._y(value), 1), self.tone(number),
            )
            for number, each in enumerate(self.series)
            for at, value in enumerate(each.values)
        ]  # fmt: skip

    @cached_property
    def words(self) -> Sequence[Word]:
        """The labels; of many only every second, third and so on, so that none covers another."""
        group = (self.width - self.left) / max(len(self.labels), 1)
        widest = max((len(label) for label in self.labels), default=1) * 7 + 8
        every = max(math.ceil(widest / group), 1)
        return [
            Word(round(self.left + group * (at + 0.5), 1), label)
            for at, label in enumerate(self.labels)
            if at % every == 0
        ]

    def tone(self, number: int) -> str:
        """The class that colours one series."""
        named = self.series[number].tone
        return f"s-{named}" if named else f"s{number % 2}"

    @staticmethod
    def said(value: float) -> str:
        """``1.234`` or ``2,5``, as numbers are written in Vietnam."""
        text = f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
        return text.replace(",", " ").replace(".", ",").replace(" ", ".")

    def _y(self, value: float) -> float:
        below = self.height - 26
        return round(below - (below - 10) * value / self.top, 1)


def scale_end(highest: float) -> float:
    """The end of a scale of four equal steps of 1, 2, 2.5 or 5 times a power of ten that holds ``highest``."""
    if highest <= 4:
        return 4
    power = 10.0 ** math.floor(math.log10(highest / 4))
    return next(4 * step * power for step in (1, 2, 2.5, 5, 10) if 4 * step * power >= highest)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, such as what was finished in time."""

    label: str
    part: int
    whole: int
    href: str = ""

    @property
    def percent(self) -> str:
        """``92,5 %``; a dash when there is nothing to divide by."""
        if not self.whole:
            return "–"
        return f"{100 * self.part / self.whole:.1f} %".replace(".", ",").replace(",0 ", " ")


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One cell in the head of a report, over so many columns and rows."""

    label: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class ReportCell:
    """One cell of a report. ``href``: the list behind the number."""

    label: str
    href: str = ""
    number: bool = True
    head: bool = False


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line; ``total``: a sum or the heading of a group."""

    cells: Sequence[ReportCell]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report as the form prescribes it."""

    title: str
    head: Sequence[Sequence[HeadCell]]
    lines: Sequence[ReportLine]
