"""What somebody types into the search box, read as a question: words, phrases, numbers, and what must not be there.

``kế hoạch -tài "chuyển đổi số" 1312/VPCP`` asks for the words kế and hoạch, not tài, the phrase, and the number and
symbol beginning so. The same words are made as in :mod:`lienthong.office.services.indexing`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.base.text import fold, nfc
from lienthong.office.services.indexing import LONGEST_WORD, words

MOST_TERMS = 16
LONGEST = 400
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_PAIRS = ("oa", "oe", "uy")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side. ``starts``: the last one need only begin so. ``without``: must not be there."""

    words: tuple[str, ...]
    starts: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Terms that must all hold."""

    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that can be shown in a text."""
        return tuple(each for each in self.terms if not each.without)

    def plain(self, weights: str = "") -> str:
        """The question without accents, as a ``tsquery``. ``weights``: only where the words weigh so."""
        return " & ".join(_asked(each, weights, exact=False) for each in self.terms)

    def exact(self, weights: str = "") -> str:
        """The question with its accents, both places of the tone sign allowed: ``hoà`` and ``hòa``."""
        return " & ".join(_asked(each, weights, exact=True) for each in self.terms)


def read(text: str) -> Question:
    """The question of a text; whatever has no letter or digit in it is passed over. Either Unicode form is the same."""
    found: list[Term] = []
    for minus, phrase, word in _TERM.findall(nfc(text)[:LONGEST]):
        tokens = tuple(words(phrase or word))
        if not tokens or len(found) == MOST_TERMS:
            continue
        # A number of a document is typed as far as it is remembered: 123/UB, 1312.
        part = not phrase and (len(tokens) > 1 or (tokens[0].isdigit() and len(tokens[0]) > 2))
        found.append(Term(tokens, part, bool(minus)))
    return Question(tuple(found))


def other_placement(word: str) -> str:
    """The same syllable with its tone sign on the other vowel: ``hòa`` for ``hoà``; the word itself with one place.

    Only at the end of a word both habits differ: ``toàn`` has one spelling.
    """
    if len(word) < 2:
        return word
    first, tone = _without_tone(word[-2])
    second, other = _without_tone(word[-1])
    # In qu the u belongs to the consonant.
    if bool(tone) == bool(other) or first + second not in _PAIRS or word[-3:-2] == "q":
        return word
    return nfc(f"{word[:-2]}{first}{other}{second}{tone}")


def _without_tone(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(each for each in parts if each in _TONES)
    return nfc("".join(each for each in parts if each not in _TONES)), tone


def _asked(term: Term, weights: str, *, exact: bool) -> str:
    steps = []
    for at, word in enumerate(term.words):
        last = term.starts and at == len(term.words) - 1
        steps.append(_one_of(spellings(word, exact=exact), ("*" if last else "") + weights))
    asked = " <-> ".join(steps)
    if term.without:
        return f"!({asked})"
    return f"({asked})" if len(steps) > 1 else asked


def spellings(word: str, *, exact: bool) -> Sequence[str]:
    """The tokens that stand for a word in the index; a number below ten is written with and without its zero."""
    if len(word) == 1 and word.isdigit() and word != "0":
        return (word, f"0{word}")
    if len(word) == 2 and word[0] == "0" and word[1].isdigit():
        return (word, word[1])
    if not exact:
        return (fold(word)[:LONGEST_WORD],)
    return tuple(dict.fromkeys((word, other_placement(word))))


def _one_of(tokens: Sequence[str], marks: str) -> str:
    asked = [f"'{token}'{':' + marks if marks else ''}" for token in tokens]
    return asked[0] if len(asked) == 1 else f"({' | '.join(asked)})"
