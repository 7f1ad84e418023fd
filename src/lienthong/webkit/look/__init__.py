"""The shared look: colours, base style, fonts and icons that every page of the project uses. Resources only.

A page links :func:`stylesheet` and :func:`scripts` below the prefix where its server hands out :func:`find`; every name
carries the digest of its content, so that it may be kept for ever. A page without a server takes :func:`inline_style`.
The parts of a page (tables, forms, three panes, chips) are the macros in ``macros``; docs/components.md lists them.
"""

from __future__ import annotations

import hashlib
import json
import re
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
_STYLES = ("shell", "table", "forms", "panes", "pieces", "work", "print")
"""The parts of the style, in the order in which later ones may refine earlier ones."""
_TYPES = {"css": "text/css; charset=utf-8", "woff2": "font/woff2", "js": "text/javascript; charset=utf-8"}


_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_IMPORT = re.compile(r'from "\./([a-z]+\.js)"')


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of the look. ``name``: with the digest of its content, as in the address."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """Addresses of what a page of the shell loads. ``early``: plain, before the first paint (remembered widths and
    density). ``htmx``: plain, deferred. ``start``: the module that starts all others. ``modules``: what it imports,
    to be asked for at once."""

    early: str
    htmx: str
    start: str
    modules: tuple[str, ...]


def find(name: str) -> Resource | None:
    """The resource with this name; nothing else of the package can be reached."""
    return _all().get(name)


OF_ONE_PAGE = frozenset({"device.js", "pages.js", "passkey.js", "push.js", "seeking.js"})
"""Modules that a page asks for itself, or what these import; no other page carries them."""


def stylesheet() -> str:
    """Address of the whole style: colours, fonts, base."""
    return _address("look.")


def script() -> str:
    """Address of the small script that refreshes a page gently; pages work without it."""
    return _address("refresh.")


@cache
def scripts() -> Scripts:
    """Addresses of the scripts of the shell; every core task works without them."""
    modules = tuple(PREFIX + name for plain, name in _modules().items() if plain not in OF_ONE_PAGE)
    start = PREFIX + _modules()["page.js"]
    return Scripts(_address("early."), _address("htmx."), start, tuple(each for each in modules if each != start))


def module(plain: str) -> str:
    """Address of a module that only some pages use, such as ``device.js``; it starts itself."""
    return PREFIX + _modules()[plain]


def service_worker() -> bytes:
    """The worker of the installed web application, to be served at ``/worker.js``: when the network is gone it shows
    the page ``/offline``. It keeps that page and the style; never a document, a list or an answer."""
    return _text("worker.js").replace("{stylesheet}", stylesheet()).encode()


def manifest(
    name: str, short: str, start: str = "/", icons: tuple[str, str] = ("/mark-192.svg", "/mark-512.svg")
) -> dict[str, object]:
    """What a browser needs to install the pages as an application (W3C Application Manifest). ``icons``: two addresses
    where :func:`app_icon` is handed out."""
    sizes = zip(icons, ("192x192", "512x512"), strict=True)
    return {
        "name": name, "short_name": short, "start_url": start, "scope": "/", "display": "standalone", "lang": "vi",
        "background_color": "#f5f7fa", "theme_color": "#ffffff",
        "icons": [{"src": src, "sizes": size, "type": "image/svg+xml", "purpose": "any"} for src, size in sizes],
    }  # fmt: skip


def app_icon() -> bytes:
    """The neutral mark on its ground, as a picture of any size (SVG)."""
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 48 48'>"
        "<rect width='48' height='48' rx='10' fill='#0b5cad'/>"
        "<g transform='translate(12 12)' fill='none' stroke='#fff' stroke-width='2' stroke-linecap='round' "
        f"stroke-linejoin='round'>{_icons()['mark']}</g></svg>"
    ).encode()


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
    style += "".join(_text(f"style/{name}.css") for name in _STYLES)
    for file in sorted((_HERE / "fonts").iterdir(), key=lambda each: each.name):
        if file.name.endswith(".woff2"):
            font = _named(file.name, file.read_bytes())
            made[font.name] = font
            style = style.replace(file.name, font.name)
    plain = {"look.css": style, "refresh.js": _text("refresh.js"), "early.js": _text("early.js")}
    for name, content in (plain | {"htmx.js": _text("vendor/htmx.js")}).items():
        found = _named(name, content.encode())
        made[found.name] = found
    return made | {each.name: each for each in _hashed_modules().values()}


def _modules() -> Mapping[str, str]:
    """Plain name of a module to its name with the digest."""
    return {plain: found.name for plain, found in _hashed_modules().items()}


@cache
def _hashed_modules() -> Mapping[str, Resource]:
    """The modules, each import pointing at the name with the digest: a module is named after what it imports."""
    waiting = {
        # Whole lines of comment are for those who read the source, not for every page that is loaded.
        each.name: _COMMENT.sub("", each.read_text("utf-8"))
        for each in (_HERE / "scripts").iterdir()
        if each.name.endswith(".js")
    }
    made: dict[str, Resource] = {}
    while waiting:
        ready = [name for name, text in waiting.items() if set(_IMPORT.findall(text)) <= made.keys()]
        if not ready:
            raise ValueError(f"modules import each other in a circle, or one that is missing: {sorted(waiting)}")
        for name in sorted(ready):
            text = _IMPORT.sub(lambda found: f'from "./{made[found[1]].name}"', waiting.pop(name))
            made[name] = _named(name, text.encode())
    return made


def _address(start: str) -> str:
    return PREFIX + next(name for name in _all() if name.startswith(start))


def _named(name: str, content: bytes) -> Resource:
    stem, _, ending = name.rpartition(".")
    return Resource(f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content, _TYPES[ending])


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
