"""Days as people type them on the command line, and moments as they read them there."""

from __future__ import annotations

from datetime import date, datetime

from lienthong.base.clock import VIETNAM, SystemClock, from_text
from lienthong.roles.cli_output import wrong_use


def today() -> date:
    """The date in Vietnam."""
    return SystemClock().now().astimezone(VIETNAM).date()


def day(option: str, text: str | None) -> date | None:
    """A day written 24/11/2026 or 2026-11-24; anything else is wrong use of the option."""
    if text is None:
        return None
    found = _parsed(text)
    if found is None:
        vi, en = f"«{text}» không phải ngày; viết 24/11/2026.", f"“{text}” is no date; write 24/11/2026."
        wrong_use(f"{option}: {vi}", f"{option}: {en}")
    return found


def local(instant: str) -> str:
    """An instant of the axis's answers as a clock in Vietnam shows it, 24/11/2026 08:05:09; odd text as it is."""
    try:
        return f"{from_text(instant).astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
    except ValueError:
        return instant


def _parsed(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=VIETNAM).date()
        except ValueError:
            continue
    return None
