"""Where on a page the words of a question stand: the same words that the search finds, accents or not.

Words of a phrase or a number count only side by side, as in the index; single words count wherever they are, and what
stands side by side is one hit, so that ``kế hoạch`` is counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lienthong.base.text import fold, nfc
from lienthong.office.services.indexing import LONGEST_WORD, WORD
from lienthong.office.services.questions import Question, Term, spellings
from lienthong.trust.pdf.words import Row


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a row: the characters from ``start`` to ``end``."""

    row: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """What stands side by side, a mark for every row that it stands on. ``words``: how many different ones."""

    marks: tuple[Mark, ...]
    words: int


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    mark: Mark


def hits_on(rows: Sequence[Row], question: Question) -> list[Hit]:
    """The hits of a page in reading order."""
    sought = [_spelled(term) for term in question.wanted]
    if not sought:
        return []
    tokens = [
        _Token(_folded(found[0]), Mark(number, found.start(), found.end()))
        for number, row in enumerate(rows)
        for found in WORD.finditer(nfc(row.text))
    ]
    wanted: set[int] = set()
    for words, starts in sought:
        for at in range(len(tokens) - len(words) + 1):
            if _stands(tokens, at, words, starts=starts):
                wanted.update(range(at, at + len(words)))
    runs: list[list[_Token]] = []
    for at in sorted(wanted):
        if at - 1 not in wanted:
            runs.append([])
        runs[-1].append(tokens[at])
    return [Hit(tuple(_joined([each.mark for each in run])), len({each.word for each in run})) for run in runs]


def _spelled(term: Term) -> tuple[list[frozenset[str]], bool]:
    return [frozenset(spellings(word, exact=False)) for word in term.words], term.starts


def _stands(tokens: Sequence[_Token], at: int, words: Sequence[frozenset[str]], *, starts: bool) -> bool:
    last = len(words) - 1
    for offset, spelled in enumerate(words):
        word = tokens[at + offset].word
        if word not in spelled and not (starts and offset == last and word.startswith(tuple(spelled))):
            return False
    return True


def _joined(marks: Sequence[Mark]) -> list[Mark]:
    """One mark for what stands side by side on a row, the blanks between included."""
    joined: list[Mark] = []
    for each in marks:
        if joined and joined[-1].row == each.row:
            joined[-1] = Mark(each.row, joined[-1].start, each.end)
        else:
            joined.append(each)
    return joined


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return fold(word)[:LONGEST_WORD]
