"""The shared look: colours, base style, fonts and icons that every page of the project uses. Resources only.

A page links :data:`STYLESHEET` below the prefix where its server hands out :func:`find`; every name carries the digest
of its content, so that it may be kept for ever. A page without a server takes :func:`inline_style`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from markupsafe import Markup

PREFIX = "/look/"
"""Where servers hand the resources out."""

KEEP = "public, max-age=31536000, immutable"
"""Cache-Control of a resource: its name changes with its content."""

_HERE = resources.files(__name__)
_TYPES = {"css": "text/css; charset=utf-8", "woff2": "font/woff2", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of the look. ``name``: with the digest of its content, as in the address."""

    name: str
    content: bytes
    media_type: str


def find(name: str) -> Resource | None:
    """The resource with this name; nothing else of the package can be reached."""
    return _all().get(name)


def stylesheet() -> str:
    """Address of the whole style: colours, fonts, base."""
    return PREFIX + next(name for name in _all() if name.startswith("look."))


def script() -> str:
    """Address of the small script that refreshes a page gently; pages work without it."""
    return PREFIX + next(name for name in _all() if name.startswith("refresh."))


@cache
def colours() -> str:
    """Colours and measures alone, for a page that has a layout of its own and must stand alone."""
    return _text("tokens.css")


@cache
def inline_style() -> str:
    """The style for a page that must stand alone: no fonts, so no address in it at all."""
    return _text("tokens.css") + _text("base.css")


def icon(name: str, title: str = "") -> Markup:
    """An icon as inline SVG. Without ``title`` it is decoration and hidden from readers: a word stands beside it."""
    said = Markup("<title>{}</title>").format(title) if title else Markup("")
    role = Markup("role='img'") if title else Markup("aria-hidden='true'")
    return Markup("<svg class='icon' viewBox='0 0 24 24' {} focusable='false'>{}{}</svg>").format(
        role,
        said,
        Markup(_icons()[name]),  # noqa: S704 - our own file, never anybody's text
    )


@cache
def _icons() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(_text("icons.json"))
    return found


@cache
def _all() -> Mapping[str, Resource]:
    made: dict[str, Resource] = {}
    style = _text("tokens.css") + _text("fonts.css") + _text("base.css")
    for file in sorted((_HERE / "fonts").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".woff2"):
            font = _named(file.name, file.read_bytes())
            made[font.name] = font
            style = style.replace(file.name, font.name)
    for name, content in (("look.css", style), ("refresh.js", _text("refresh.js"))):
        found = _named(name, content.encode())
        made[found.name] = found
    return made


def _named(name: str, content: bytes) -> Resource:
    stem, _, ending = name.rpartition(".")
    return Resource(f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content, _TYPES[ending])


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
