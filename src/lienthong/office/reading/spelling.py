"""Spelling as pages have it: letters without their marks in place, look-alikes of digits, wrong Đ.

Recognition of Vietnamese confuses stacked marks and takes digits for letters («Điều L»), so words are told by their
bare letters, and a number keeps the note that it was repaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lienthong.base.text import nfc

DIGIT = "[0-9OoQlIi|SBZ]"
"""A digit, or a letter that recognition gives for one."""

_AS_DIGITS = str.maketrans("OoQlIi|SsBbZz", "0001111558622")
_WRONG_D = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})
_TONES = {"\N{COMBINING GRAVE ACCENT}", "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING TILDE}",
          "\N{COMBINING HOOK ABOVE}", "\N{COMBINING DOT BELOW}"}  # fmt: skip
_SPECKS = " _|~`'’‘\"“”„ˆ^*\\<>{}"
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_SLASHES = dict.fromkeys(map(ord, "⁄∕／"), "/")


def _letters() -> Iterator[tuple[int, str]]:
    for code in (*range(0xA0, 0x250), *range(0x1E00, 0x1F00)):
        bare = unicodedata.normalize("NFD", chr(code))[0].lower()
        yield code, bare[0]
    yield from ((ord(letter), "d") for letter in "đĐÐðƉ")


_FLAT = dict(_letters()) | {code: chr(code).lower() for code in range(0x41, 0x5B)} | _DASHES | _SLASHES


def plain(text: str) -> str:
    """Composed, the Vietnamese Đ for its look-alikes, simple dashes and slashes, words apart by one space."""
    return " ".join(nfc(text).translate(_WRONG_D).translate(_DASHES).translate(_SLASHES).split())


def without_specks(text: str) -> str:
    """Recognised text without what specks and borders at its ends were taken for."""
    return re.sub(r"\s+[.,:;-]+$", "", text.strip(_SPECKS)).strip(_SPECKS)


def flat(text: str) -> str:
    """Small letters without marks, exactly one for each character: places found in it are places in the text."""
    return text.translate(_FLAT)


def digits(text: str) -> str:
    """Digits for the letters that resemble them."""
    return text.translate(_AS_DIGITS)


def without_tones(text: str) -> str:
    """Without tone marks, which no abbreviation has; the letters Đ, Ư, Ơ, Ă, Â, Ê, Ô stay."""
    apart = unicodedata.normalize("NFD", text)
    return nfc("".join(character for character in apart if character not in _TONES))


def is_upper(text: str) -> bool:
    """Whether a text is written in capitals, but for a letter or two that recognition took for small ones."""
    letters = [character for character in text if character.isalpha()]
    small = sum(character.islower() for character in letters)
    return len(letters) > 1 and small * 6 <= len(letters)


def is_name(text: str) -> bool:
    """Whether a text has the form of a person's name: two to six words with capitals, or all capitals; no digits."""
    words = re.sub(r"[.,;:*·•'’`\"-]+$", "", text).split()
    if not 2 <= len(words) <= 6 or len(text) > 50:
        return False
    return all(word[0].isupper() and all(part.isalpha() for part in word) for word in words)
