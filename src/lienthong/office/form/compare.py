"""Two versions of a text side by side: which paragraphs were added, removed or changed, and in which words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from lienthong.base.text import nfc


class ChangeKind(Enum):
    """What happened to a paragraph."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a paragraph, from character ``start`` up to before ``end``, that the other version has otherwise."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """A paragraph that differs. ``before_at``, ``after_at``: its place from 0, or that before which it would stand.

    ``before``, ``after``: its texts, empty if there is none; ``removed``: spans of the first, ``added`` of the second.
    """

    kind: ChangeKind
    before_at: int
    after_at: int
    before: str
    after: str
    removed: tuple[Span, ...] = ()
    added: tuple[Span, ...] = ()


_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_ALIKE = 0.45
"""The least likeness of two paragraphs that are told as one that was changed."""
_MOST = 100_000_000
"""Characters of the one times the other: longer stretches are told as removed and added, not searched for likeness."""


def compare(before: Sequence[str], after: Sequence[str]) -> tuple[ParagraphChange, ...]:
    """The changes in the order of the later version. Blanks and the form of Unicode do not count as changes."""
    old, new = [_plain(text) for text in before], [_plain(text) for text in after]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changes: list[ParagraphChange] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            changes += _piece(old, new, (i1, i2), (j1, j2))
    return tuple(changes)


def _plain(text: str) -> str:
    return " ".join(nfc(text).split())


def _piece(old: Sequence[str], new: Sequence[str], a: tuple[int, int], b: tuple[int, int]) -> Iterator[ParagraphChange]:
    """A stretch that differs: paragraphs that are alike are paired, in their order."""
    pairs = dict(_pairs(old[a[0] : a[1]], new[b[0] : b[1]]))
    i = a[0]
    for j in range(b[0], b[1]):
        if (partner := pairs.get(j - b[0])) is not None:
            while i < a[0] + partner:
                yield ParagraphChange(ChangeKind.REMOVED, i, j, old[i], "", removed=_whole(old[i]))
                i += 1
            removed, added = _spans(old[i], new[j])
            yield ParagraphChange(ChangeKind.CHANGED, i, j, old[i], new[j], removed, added)
            i += 1
        else:
            yield ParagraphChange(ChangeKind.ADDED, i, j, "", new[j], added=_whole(new[j]))
    for rest in range(i, a[1]):
        yield ParagraphChange(ChangeKind.REMOVED, rest, b[1], old[rest], "", removed=_whole(old[rest]))


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places (of the new, of the old) of paragraphs that are alike, in rising order of both."""
    size = sum(map(len, old)) * sum(map(len, new))
    if not old or not new or size > _MOST:
        return
    start = 0
    for j, text in enumerate(new):
        words = _WORDS.findall(text)
        best, at = _ALIKE, -1
        for i in range(start, len(old)):
            matcher = difflib.SequenceMatcher(None, _WORDS.findall(old[i]), words, autojunk=False)
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, at = ratio, i
        if at >= 0:
            yield j, at
            start = at + 1


def _whole(text: str) -> tuple[Span, ...]:
    return (Span(0, len(text)),) if text else ()


def _spans(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Spans of words that differ, in each of the two."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    removed: list[Span] = []
    added: list[Span] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if i2 > i1:
            removed.append(_span(old, i1, i2))
        if j2 > j1:
            added.append(_span(new, j1, j2))
    return tuple(removed), tuple(added)


def _span(words: Sequence[str], start: int, end: int) -> Span:
    at = len("".join(words[:start]))
    return Span(at, at + len("".join(words[start:end])))
