"""What the macros of ``macros`` are given: plain facts about a page, made by the code behind it, shown by the look.

Texts are in the reader's language already. Addresses are of the page's own server. A part says what is, never how it
looks; the one word of colour is :data:`Tone`, and a word and an icon always stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Tone = Literal["", "waiting", "work", "done", "error"]
"""Neutral, waiting for somebody, in work, finished, wrong or late."""

Role = Literal["lead", "support", "inform"]
"""What a unit has to do with a document: chủ trì, phối hợp, để biết."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the navigation. ``late``: how many of ``count`` are overdue. ``goto``: the letter that leads here
    after ``g``. ``phone``: it has a place in the bar at the bottom of a phone (four at most)."""

    label: str
    href: str
    icon: str = ""
    count: int = 0
    late: int = 0
    current: bool = False
    goto: str = ""
    phone: bool = False


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Lines of the navigation under one heading; a group without a heading is always open."""

    label: str
    items: Sequence[NavItem]
    open: bool = True


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One act or page in a menu. ``post``: it changes something, so it is a form with the page's word. ``key``: the key
    that does it. ``why_not``: the reason why it cannot be done now; it is then shown and cannot be pressed."""

    label: str
    href: str
    icon: str = ""
    post: bool = False
    key: str = ""
    why_not: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Tongue:
    """Another language of the pages, chosen by a form, since it stays with the account. ``back``: where it leads."""

    label: str
    code: str
    href: str
    back: str = "/"


@dataclass(frozen=True, slots=True)
class Person:
    """Who works here: full name, position, and what the menu under the name offers."""

    name: str
    position: str = ""
    menu: Sequence[MenuItem] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of every page. ``word``: the secret of forms against forgery, in the field ``word_name``. ``keys``: the
    reader has the keyboard map switched on. ``worker``: address of the service worker, ``mark``: of the picture in the
    browser's tab; empty for none."""

    product: str
    agency: str
    home: str = "/"
    groups: Sequence[NavGroup] = ()
    person: Person | None = None
    search_href: str = ""
    search_value: str = ""
    bell_href: str = ""
    bell_count: int = 0
    word: str = ""
    word_name: str = "csrfmiddlewaretoken"
    keys: bool = True
    languages: Sequence[Tongue] = ()
    manifest: str = ""
    worker: str = ""
    mark: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to this page; the last has no address."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. ``sort_href``: the address that sorts by it (turning round when it is sorted already).
    ``kind``: how its cells are set. ``head``: the cell names the row. ``phone``: it appears on a phone, with its label
    unless it is the head or the text."""

    key: str
    label: str
    kind: Literal["text", "number", "date", "abstract", "state"] = "text"
    sort_href: str = ""
    sorted: Literal["", "ascending", "descending"] = ""
    head: bool = False
    shown: bool = True
    fixed: bool = False
    phone: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``label``: what readers hear when they select it. ``thing``: what the page's own cells are made from."""

    id: str
    href: str
    label: str
    thing: object
    tone: Tone = ""
    unread: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset pagination: where before and after lead, which rows these are, how many in all (``None``: not counted)."""

    first: int
    last: int
    total: int | None = None
    at_least: bool = False
    before_href: str = ""
    after_href: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen. ``more``: a second, quiet line. ``count``: how many rows have it."""

    value: str
    label: str
    more: str = ""
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter at work: what it is, its value, and the address without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: the address with all its filters. ``owner``: who shares it, empty for one's own."""

    label: str
    href: str
    current: bool = False
    count: int | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, in the words shown both at the field and in the summary."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit or position in the tree of those who can be given work. ``role``: what it has now."""

    id: str
    label: str
    more: str = ""
    units: Sequence[Unit] = ()
    role: Role | Literal[""] = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a time line: when, who did what. ``said``: their own words, kept letter by letter."""

    at: datetime
    who: str
    what: str
    said: str = ""
    icon: str = ""
    tone: Tone = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of the signature strip: a verdict in words with its reason; ``href`` leads to the full report."""

    who: str
    verdict: Literal["valid", "unknown", "broken", "planned"]
    sentence: str
    more: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a document as a picture. ``width``, ``height``: pixels; nothing jumps. ``text``: its words."""

    number: int
    src: str
    width: int
    height: int
    thumb: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """All pages of a document of which some leaves are on the page already; the browser asks for the others.

    ``sizes``: pages in a row of one size, as ``120:909x1286 3:1286x909``. Addresses with ``{page}`` in them:
    ``picture``, ``sharp`` (the same closer to), ``thumb``, ``words`` (SVG laid over the picture). ``find`` takes ``q``
    and ``from`` and answers ``{"pages": …, "to": …, "of": …}``: a page is its number, how many hits it has, which of
    them (from 0) has the most words side by side, and how many. ``file``: its name in an address of this page
    (``?file=``); ``question``: what is marked from the beginning; ``page``: where it opens.
    """

    total: int
    sizes: str
    picture: str
    sharp: str
    thumb: str
    words: str
    find: str
    file: str
    question: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way or one line of a list of tasks."""

    label: str
    state: Literal["done", "current", "started", "todo", "blocked"]
    href: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What an act on many did to one of them."""

    label: str
    href: str
    ok: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that opens its list."""

    label: str
    value: str
    href: str = ""
    more: str = ""
    icon: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a chart under one name, one for each label of the axis."""

    name: str
    values: Sequence[float]
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline: the day, and how many working days are left (negative: overdue). ``None`` left: it is met."""

    day: date
    left: int | None
    met: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. ``href``: of its own page, or ``#id`` of a section of this page."""

    label: str
    href: str
    icon: str = ""
    count: int | None = None
    current: bool = False
