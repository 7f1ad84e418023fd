"""Local names for files that others named: always safe, never overwriting, the original kept as metadata."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from lienthong.base.text import nfc

_FORBIDDEN = set('/\\:*?"<>|')
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Controls, direction marks, halves of pairs, line ends: they deceive the eye or break a file system."""

LONGEST = 180
"""Bytes in UTF-8, well under the 255 that file systems take."""


def safe_name(name: str, fallback: str = "tep") -> str:
    """One path component from any text: no separators, controls, leading dots or reserved names."""
    clean = "".join("_" if c in _FORBIDDEN or unicodedata.category(c) in _UNSEEN else c for c in nfc(name))
    clean = clean.strip(" .") or fallback
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > 12:
        stem, suffix = clean, ""
    if stem.split(".")[0].strip().casefold() in _RESERVED:
        stem = "_" + stem
    room = LONGEST - len(suffix.encode()) - 1
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .") or fallback
    return f"{stem}.{suffix}" if suffix else stem


def distinct_names(names: Iterable[str], kept: Iterable[str] = ()) -> list[str]:
    """Safe names in the same order, made distinct without regard to case; nothing is ever dropped.

    ``kept``: names that are ours and that nobody else's file may get.
    """
    taken = {name.casefold() for name in kept}
    result: list[str] = []
    for name in names:
        candidate = base = safe_name(name)
        count = 2
        while candidate.casefold() in taken:
            stem, dot, suffix = base.rpartition(".")
            candidate = f"{stem} ({count}).{suffix}" if dot else f"{base} ({count})"
            count += 1
        taken.add(candidate.casefold())
        result.append(candidate)
    return result
