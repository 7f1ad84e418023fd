"""Pages from templates (Jinja2): escaped by default, translated by the package's catalogue, in the shared look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Language
from lienthong.webkit import look
from lienthong.webkit.catalogue import translate

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing inline, nothing from elsewhere, no frame around it."""


class Templates:
    """The templates in ``templates`` of one package, with its ``en.po``."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._made = Environment(
            loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._made.globals |= {"icon": look.icon, "stylesheet": look.stylesheet(), "script": look.script()}
        self._made.filters |= {"time": local_time, "day": local_day, "size": in_units}

    def render(self, name: str, language: Language, **values: Any) -> str:
        """One page."""

        def say(text: str, **parts: object) -> str:
            return translate(self._package, text, language, **parts)

        return self._made.get_template(name).render(_=say, language=language, **values)


def language_of(asked: str | None, otherwise: str | None = None) -> Language:
    """The language that was asked for, else the one of before, else Vietnamese."""
    return "en" if (asked or otherwise) == "en" else "vi"


def local_time(at: datetime | None) -> str:
    """``25/11/2026 08:05`` in Vietnam's time."""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if at else ""


def local_day(at: datetime | None) -> str:
    """``25/11/2026`` in Vietnam's time."""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y") if at else ""


def in_units(size: int) -> str:
    """A size for people: ``200 KB``, ``1,4 MB``; decimal comma as in Vietnamese."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("KB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.5 or unit == "TB":
            break
    return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}".replace(".", ",").replace(",0 ", " ")
