"""Text: one Unicode form, search keys without accents, and lines that are safe to show."""

from __future__ import annotations

import unicodedata

_ALSO = str.maketrans({"đ": "d", "Đ": "D"})


def nfc(text: str) -> str:
    """Composed form: the only form stored and compared (the same syllable has two spellings in Unicode)."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Key for unaccented comparison: ``Đồng Tháp`` and ``dong thap`` give the same key."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.translate(_ALSO)) if not unicodedata.combining(c))
    # Letters that are not marks, such as those of Hangul, are put together again: one form, as everywhere.
    return " ".join(nfc(bare.casefold()).split())


def one_line(text: str, limit: int = 200) -> str:
    """Text for a log line, a header or a sentence: no control or direction characters, cut with an ellipsis."""
    # Printable text has no character of the categories C: nearly every text, and without a look at each character.
    clean = text if text.isprintable() else "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
