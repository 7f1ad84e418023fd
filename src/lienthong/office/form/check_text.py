"""The text itself, from its paragraphs as typed: blanks, marks and the form of Unicode.

Lines read from pages have one blank between words and composed letters, so these rules need the source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from lienthong.base.text import fold, nfc, one_line
from lienthong.office.form.check_rules import DOUBLE_SPACE, PUNCTUATION, UNICODE, Finding

_SPACES = re.compile(r"\S* {2,}\S*")
_MARK = re.compile(r"\w+[ \u00a0]+[,;:.!?](?=\s|$)")


def check_text(paragraphs: Iterable[str]) -> Iterator[Finding]:
    """Findings on the text; blanks that are left for number and date are none."""
    for text in paragraphs:
        if not _for_number_or_date(text) and (hit := _SPACES.search(text.strip())):
            yield DOUBLE_SPACE.within(None, None, text=one_line(text, 60))
        if hit := _MARK.search(text):
            yield PUNCTUATION.within(None, None, text=one_line(hit[0], 40))
        if text != nfc(text):
            word = next((each for each in text.split() if each != nfc(each)), text)
            composed = unicodedata.normalize("NFC", word)
            yield UNICODE.within(None, None, text=one_line(composed, 40))


def _for_number_or_date(text: str) -> bool:
    plain = fold(text)
    return plain.startswith("so:") or ("ngay" in plain and "thang" in plain and "nam" in plain)
