"""Pages from templates (Jinja2): escaped by default, translated by the package's catalogue, in the shared look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Language
from lienthong.webkit import look
from lienthong.webkit.catalogue import translate

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing inline, nothing from elsewhere, no frame around it."""


def content_policy(address: str) -> str:
    """The policy of a page whose scripts may talk to one address besides this site, and to nothing else."""
    return CONTENT_POLICY.replace("connect-src 'self'", f"connect-src 'self' {address}")


LOOK = look.__name__


class Templates:
    """The templates in ``templates`` of one package, with its ``en.po``. The parts of the look are imported from
    ``look/`` (``{% import "look/table.html" as t %}``); their sentences come from the look's own catalogue.
    ``more``: what the templates of a context call besides."""

    def __init__(self, package: str, more: Mapping[str, Any] | None = None) -> None:
        self._package, self._more = package, dict(more or {})
        self._made: dict[Language, Environment] = {each: self._environment(each) for each in ("vi", "en")}

    def render(self, name: str, language: Language, **values: Any) -> str:
        """One page."""
        return self._made[language].get_template(name).render(**values)

    def _environment(self, language: Language) -> Environment:
        """One for each language: a macro is imported without the page's values, yet speaks the reader's language."""
        parts = PrefixLoader({"look": PackageLoader(LOOK, "macros")})
        made = Environment(
            loader=ChoiceLoader([PackageLoader(self._package), parts]), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        equip(made, (self._package, LOOK), language)
        made.globals |= self._more
        return made


def equip(environment: Environment, packages: tuple[str, ...], language: Language) -> None:
    """Give an environment of one language what pages and macros call: ``_``, ``icon``, addresses, filters."""

    def say(text: str, **parts: object) -> str:
        return translate(packages, text, language, **parts)

    environment.globals |= {
        "_": say, "language": language, "icon": look.icon, "stylesheet": look.stylesheet(), "script": look.script(),
        "scripts": look.scripts(), "module": look.module,
    }  # fmt: skip
    environment.filters |= {"time": local_time, "day": local_day, "size": in_units}


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
