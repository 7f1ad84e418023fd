"""A dossier with its documents, as both exports take it (Decree 30/2020/NĐ-CP Appendix VI, function 4g)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lienthong.vocabulary.secrecy import Secrecy
from lienthong.vocabulary.urgency import Urgency


class Direction(Enum):
    """Whether the agency issued the document or received it."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class FiledFile:
    """One file of a document, its name and bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FiledRecipient:
    """An agency that an outgoing document went to. ``code``: its agency code, or empty."""

    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """One document of a dossier.

    ``number``: as written, with its leading zero; ``symbol``: after the stroke. ``author``: who issued it. ``sheet``:
    its sheets or pages in the dossier. Of an incoming document: ``arrived_on``, ``arrival_number``, ``receivers`` and
    ``trace`` (directives and states as text); of an outgoing one: ``recipients`` and ``copies``.
    """

    direction: Direction
    kind: str
    number: str
    symbol: str
    day: date | None
    author: str
    abstract: str
    language: str = "Tiếng Việt"
    pages: int | None = None
    note: str = ""
    signer_position: str = ""
    signer_name: str = ""
    urgency: Urgency = Urgency.NORMAL
    secrecy: Secrecy = Secrecy.NONE
    due_on: date | None = None
    recipients: tuple[FiledRecipient, ...] = ()
    copies: int | None = None
    arrived_on: date | None = None
    arrival_number: int | None = None
    receivers: tuple[str, ...] = ()
    trace: str = ""
    sheet: str = ""
    files: tuple[FiledFile, ...] = ()

    @property
    def full_number(self) -> str:
        """Number and symbol: ``15/QĐ-SNV``."""
        return "/".join(filter(None, (self.number, self.symbol)))

    @property
    def formed_on(self) -> date:
        """The day it came into the dossier's story: of arrival or of issue; without any it comes last."""
        return self.arrived_on or self.day or date.max


@dataclass(frozen=True, slots=True)
class FiledDossier:
    """A dossier. ``agency_code``: of who made the file plan. ``rights``: mode of use (chế độ sử dụng)."""

    agency_code: str
    year: int
    code: str
    title: str
    retention: str
    creator: str = ""
    rights: str = ""
    language: str = "Tiếng Việt"
    first_day: date | None = None
    last_day: date | None = None
    note: str = ""


def in_time_order(documents: Iterable[FiledDocument]) -> list[FiledDocument]:
    """The documents in the order in which the dossier was formed; those of one day keep the order given."""
    return sorted(documents, key=lambda document: document.formed_on)
