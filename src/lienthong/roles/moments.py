"""Days as people type them on the command line."""

from __future__ import annotations

from datetime import date, datetime

from lienthong.base.clock import VIETNAM, SystemClock
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


def _parsed(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=VIETNAM).date()
        except ValueError:
            continue
    return None
