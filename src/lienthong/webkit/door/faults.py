"""What is wrong with a form, for its fields; and reading what people type into them."""

from __future__ import annotations

from datetime import date

from lienthong.base.errors import Language, Refused
from lienthong.webkit.look.parts import Fault


def faults_of(refused: Refused, language: Language) -> list[Fault]:
    """The problems of a refusal as the error summary and the fields show them; none when it is about no field."""
    return [Fault(each.path, each.vi if language == "vi" else each.en) for each in refused.problems]


def fault_of(faults: list[Fault], field: str) -> str:
    """The sentence for one field; empty when it is right."""
    return next((each.sentence for each in faults if each.field == field), "")


SMALL = 9
"""Digits of a number that a column of four bytes holds: counts, pages, years, revisions."""


def read_number(text: str, digits: int = 18) -> int | None:
    """A whole number of at most so many digits 0 to 9, as keys of rows are; None for anything else.

    ``str.isdigit`` alone would take "²" as well, which ``int`` does not, and numbers that no column holds.
    """
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= digits else None


def read_day(text: str) -> date | None:
    """``27/11/2026`` or ``2026-11-27``; None for nothing and for what is no day."""
    plain = text.strip()
    if len(plain) == 10 and plain[4] == "-":
        try:
            return date.fromisoformat(plain)
        except ValueError:
            return None
    parts = plain.replace(".", "/").replace("-", "/").split("/")
    if len(parts) != 3 or len(parts[2]) != 4 or not all(each.isascii() and each.isdigit() for each in parts):
        return None
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None
