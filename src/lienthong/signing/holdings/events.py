"""The events of a certificate's life, and their form in the book: one JSON object each, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import from_text, to_text
from lienthong.base.text import nfc
from lienthong.signing.holdings.model import Cause, Document, Holder, HolderKind
from lienthong.trust.certificates import load_certificate

DETAIL_LIMIT = 2000


class Step(Enum):
    """What can happen to a holding. The asking steps open a request; the others answer one or stand alone."""

    REQUEST = "request"
    IMPORT = "import"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SEND = "send"
    CERTIFICATE = "certificate"
    DELIVER = "deliver"
    ACTIVATE = "activate"
    RENEW = "renew"
    CHANGE = "change"
    LOCK = "lock"
    RECOVER = "recover"
    UNLOCKED = "unlocked"
    REVOKE = "revoke"
    REVOKED = "revoked"
    RETURN = "return"
    DESTROY = "destroy"
    PROPOSE = "propose"
    DISMISS = "dismiss"
    ATTACH = "attach"


@dataclass(frozen=True, slots=True)
class Event:
    """One step. ``by``: who did it; ``note``: why, in his words. ``since``: from when a revocation counts.

    ``document``: its name and SHA-256 in hexadecimal. ``device``: the token's own name, at hand-over.
    """

    step: Step
    number: int
    at: datetime
    by: str
    note: str = ""
    holder: Holder | None = None
    certificate: x509.Certificate | None = None
    cause: Cause | None = None
    since: datetime | None = None
    device: str = ""
    document: tuple[str, str] | None = None

    def filed(self) -> tuple[Document, ...]:
        """The document of this event as the file keeps it."""
        if self.document is None:
            return ()
        return (Document(*self.document, self.step.value, self.at),)


def to_members(event: Event) -> dict[str, object]:
    """The event as the log keeps it, besides the log's own members; what is empty is left out."""
    found: dict[str, object] = {"number": event.number, "by": event.by}
    if event.note:
        found["note"] = event.note
    if event.holder is not None:
        found["holder"] = holder_members(event.holder)
    if event.certificate is not None:
        found["certificate"] = event.certificate.public_bytes(Encoding.PEM).decode()
    if event.cause is not None:
        found["cause"] = event.cause.value
    if event.since is not None:
        found["since"] = to_text(event.since)
    if event.device:
        found["device"] = event.device
    if event.document is not None:
        found["document"] = {"name": event.document[0], "sha256": event.document[1]}
    return found


def from_members(row: Mapping[str, Any]) -> Event:
    """What :func:`to_members` wrote, from a line of the log."""
    holder, certificate, document = row.get("holder"), row.get("certificate"), row.get("document")
    return Event(
        step=Step(row["event"]),
        number=int(row["number"]),
        at=from_text(str(row["at"])),
        by=str(row["by"]),
        note=str(row.get("note", "")),
        holder=None if holder is None else read_holder(holder),
        certificate=None if certificate is None else load_certificate(str(certificate).encode()),
        cause=Cause(row["cause"]) if "cause" in row else None,
        since=from_text(str(row["since"])) if "since" in row else None,
        device=str(row.get("device", "")),
        document=None if document is None else (str(document["name"]), str(document["sha256"])),
    )


def holder_members(holder: Holder) -> dict[str, object]:
    """A holder as JSON."""
    found: dict[str, object] = {"kind": holder.kind.value, "name": holder.name, "agency": holder.agency}
    for name, value in (("title", holder.title), ("email", holder.email), ("details", dict(holder.details))):
        if value:
            found[name] = value
    return found


def read_holder(members: Mapping[str, Any]) -> Holder:
    """A holder from JSON; texts are brought into composed form (Unicode NFC)."""
    return Holder(
        HolderKind(members["kind"]),
        nfc(str(members["name"])),
        nfc(str(members["agency"])),
        nfc(str(members.get("title", ""))),
        str(members.get("email", "")),
        {str(key): nfc(str(value)) for key, value in members.get("details", {}).items()},
    )
