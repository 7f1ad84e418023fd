"""Excerpts: where in a text the words of a question stand, with the page, in pieces that a page can mark safely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lienthong.base.text import fold, nfc
from lienthong.office.services.indexing import WORD
from lienthong.office.services.questions import Question, spellings

AROUND = 90
"""Characters before and after the words that an excerpt shows."""

LOOKED_THROUGH = 120_000
"""Characters of a text that are looked through for an excerpt; further hits are found, but shown without one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; ``hit``: it is one of the words that were asked for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text around its hits. ``page``: from 1."""

    page: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    whole: frozenset[str]
    starts: tuple[str, ...]

    def holds(self, word: str) -> bool:
        token = _folded(word)
        return token in self.whole or (bool(self.starts) and token.startswith(self.starts))


def marked(text: str, question: Question) -> tuple[Piece, ...]:
    """The whole text in pieces, the words of the question marked."""
    return tuple(_pieces(nfc(text), _asked(question)))


def excerpt(body: str, question: Question) -> Excerpt | None:
    """The part of a body with the most different words of the question; None when it has none of them."""
    asked = _asked(question)
    best: tuple[int, int, str, int] | None = None
    for number, page in enumerate(nfc(body[:LOOKED_THROUGH]).split("\f"), 1):
        hits = [found for found in WORD.finditer(page) if asked.holds(found[0])]
        for at, hit in enumerate(hits):
            near = {_folded(each[0]) for each in hits[at : at + 8] if each.start() < hit.start() + 2 * AROUND}
            if best is None or len(near) > best[0]:
                best = len(near), number, page, hit.start()
    if best is None:
        return None
    _, number, page, start = best
    first, last = _bounds(page, start)
    shown = " ".join(page[first:last].split())
    shown = f"{'… ' if first else ''}{shown}{' …' if last < len(page) else ''}"
    return Excerpt(number, tuple(_pieces(shown, asked)))


def _asked(question: Question) -> _Asked:
    whole: set[str] = set()
    starts: list[str] = []
    for term in question.wanted:
        tokens = [token for word in term.words for token in spellings(word, exact=False)]
        if term.starts:
            starts += spellings(term.words[-1], exact=False)
        whole.update(tokens)
    return _Asked(frozenset(whole), tuple(starts))


def _pieces(text: str, asked: _Asked) -> Sequence[Piece]:
    pieces: list[Piece] = []
    done = 0
    for found in WORD.finditer(text):
        if asked.holds(found[0]):
            if found.start() > done:
                pieces.append(Piece(text[done : found.start()]))
            pieces.append(Piece(found[0], True))
            done = found.end()
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return pieces


def _bounds(page: str, start: int) -> tuple[int, int]:
    """From a word's beginning before the hit to a word's end after it."""
    first, last = max(start - AROUND, 0), min(start + 2 * AROUND, len(page))
    while first > 0 and not page[first - 1].isspace() and start - first < AROUND + 30:
        first -= 1
    while last < len(page) and not page[last].isspace() and last - start < 2 * AROUND + 30:
        last += 1
    return first, last


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    return fold(word)
