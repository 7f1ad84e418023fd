"""Figures for operators in the OpenMetrics text format 1.0: counters, gauges and histograms of one process.

Written by hand because the whole of what we need is this page, and because labels are closed sets here: each family
declares its label names and refuses to grow beyond a fixed number of series, so that no caller can fill the memory.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
MAX_SERIES = 1000
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Buckets for durations, in seconds."""

Labels = tuple[str, ...]
_OVERFLOW = "other"


@dataclass
class Counter:
    """A family of counters, one for each combination of label values."""

    name: str
    about: str
    labels: Labels
    kind: str = "counter"
    _values: dict[Labels, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *labels: str, by: float = 1) -> None:
        """Grow by a positive amount."""
        if by < 0:
            raise ValueError("a counter only grows")
        with self._lock:
            key = _series(labels, self.labels, self._values)
            self._values[key] = self._values.get(key, 0) + by

    def samples(self) -> list[str]:
        with self._lock:
            return [f"{self.name}_total{_braces(self.labels, k)} {_number(v)}" for k, v in self._values.items()]


@dataclass
class Gauge:
    """A family of gauges."""

    name: str
    about: str
    labels: Labels
    kind: str = "gauge"
    _values: dict[Labels, float | Callable[[], float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, value: float | Callable[[], float], *labels: str) -> None:
        """Set a value, or a function that is asked when the page is read."""
        with self._lock:
            self._values[_series(labels, self.labels, self._values)] = value

    def samples(self) -> list[str]:
        with self._lock:
            present = dict(self._values)
        return [
            f"{self.name}{_braces(self.labels, k)} {_number(v() if callable(v) else v)}" for k, v in present.items()
        ]


@dataclass
class Histogram:
    """A family of distributions."""

    name: str
    about: str
    labels: Labels
    bounds: tuple[float, ...]
    kind: str = "histogram"
    _values: dict[Labels, tuple[list[int], list[float]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if list(self.bounds) != sorted(set(self.bounds)) or not all(map(math.isfinite, self.bounds)):
            raise ValueError("bucket bounds rise and are finite")

    def observe(self, value: float, *labels: str) -> None:
        """Count one value."""
        with self._lock:
            key = _series(labels, self.labels, self._values)
            counts, total = self._values.setdefault(key, ([0] * (len(self.bounds) + 1), [0.0]))
            counts[bisect_left(self.bounds, value)] += 1
            total[0] += value

    def samples(self) -> list[str]:
        lines: list[str] = []
        with self._lock:
            for key, (counts, total) in self._values.items():
                running = 0
                for bound, count in zip((*self.bounds, math.inf), counts, strict=True):
                    running += count
                    braces = _braces((*self.labels, "le"), (*key, _number(bound, always_float=True)))
                    lines.append(f"{self.name}_bucket{braces} {running}")
                braces = _braces(self.labels, key)
                lines += [f"{self.name}_count{braces} {running}", f"{self.name}_sum{braces} {_number(total[0])}"]
        return lines


Family = Counter | Gauge | Histogram
Declared = TypeVar("Declared", Counter, Gauge, Histogram)


class Registry:
    """All figures of one process, in the order of their declaration."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def counter(self, name: str, about: str, labels: Sequence[str] = ()) -> Counter:
        """A number that only grows; exposed as ``name_total``."""
        return self._add(Counter(name, about, tuple(labels)))

    def gauge(self, name: str, about: str, labels: Sequence[str] = ()) -> Gauge:
        """A number that goes up and down."""
        return self._add(Gauge(name, about, tuple(labels)))

    def histogram(
        self, name: str, about: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS
    ) -> Histogram:
        """A distribution over fixed buckets, whose upper bounds are inclusive."""
        return self._add(Histogram(name, about, tuple(labels), bounds=tuple(buckets)))

    def exposition(self) -> str:
        """The whole page, ended by ``# EOF`` (OpenMetrics 1.0)."""
        lines: list[str] = []
        for family in self._families.values():
            lines += [f"# TYPE {family.name} {family.kind}", f"# HELP {family.name} {_escaped(family.about)}"]
            lines += family.samples()
        return "\n".join([*lines, "# EOF"]) + "\n"

    def _add(self, family: Declared) -> Declared:
        if family.name in self._families:
            raise ValueError(f"the figure {family.name} is declared twice")
        self._families[family.name] = family
        return family


def _series(labels: Labels, names: Labels, present: Collection[Labels]) -> Labels:
    """The series to use: its own, or the common one when there are too many already."""
    if len(labels) != len(names):
        raise ValueError(f"labels wanted: {names}")
    if labels in present or len(present) < MAX_SERIES:
        return labels
    return (_OVERFLOW,) * len(names)


def _braces(names: Labels, values: Labels) -> str:
    if not names:
        return ""
    return "{" + ",".join(f'{n}="{_escaped(v)}"' for n, v in zip(names, values, strict=True)) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float, always_float: bool = False) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15 and not always_float):
        return str(int(value))
    return repr(float(value))
