"""A job leaves: which axis takes which recipients, one envelope for each, made once and repeated until receipted.

Source: PR-NATIVE §1, §4.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from lienthong.base.errors import Refused, Retry
from lienthong.base.ids import AgencyCode, DocumentId, Sha256
from lienthong.connector import compose
from lienthong.connector.client import Sent
from lienthong.connector.compose import Attachment
from lienthong.connector.courier.links import AxisLink, concerns_axis
from lienthong.connector.courier.model import BeforeSend, Departure, Prepared, Reason
from lienthong.connector.courier.records import Record, Records
from lienthong.connector.errors import AxisRefused
from lienthong.connector.spool import load_envelope, put_envelope, write_durably
from lienthong.directory.state import DirectoryState
from lienthong.edxml.limits import DEFAULT
from lienthong.edxml.model import DocumentPacket, ManifestEntry, StatusPacket
from lienthong.edxml.reader import read_header
from lienthong.edxml.writer import write_document, write_status
from lienthong.infra.steps import reached
from lienthong.trust import xml_signature
from lienthong.wire.envelope import Envelope, Kind, Part, Role


class Held(Exception):
    """Not now: nothing was tried. ``until``: monotonic time; ``reason``: why, when it is known."""

    def __init__(self, until: float, reason: Reason | None) -> None:
        super().__init__(until)
        self.until, self.reason = until, reason


@dataclass(frozen=True, slots=True)
class Leg:
    """The part of a job that travels as one envelope. ``axes``: those that can carry it, the preferred first."""

    number: int
    to: tuple[str, ...]
    axes: tuple[str, ...]
    folder: Path
    envelope: str

    @property
    def axis(self) -> str:
        """The axis to which it may have left: the one whose receipt this is, when there is one."""
        try:
            return (self.folder / "axis").read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            # Not chosen yet, or the job has just moved on.
            return ""


def legs_of(record: Record) -> list[Leg]:
    """The legs of a job whose envelopes are made; none before that."""
    return [
        Leg(n, tuple(row["to"]), tuple(row["axes"]), record.folder / f"leg-{n}", row["envelope"])
        for n, row in enumerate(record.plan or ())
    ]


def axes_of(record: Record) -> dict[str, str]:
    """Recipient to the axis that took it."""
    return {
        code: leg.axis for leg in legs_of(record) if (leg.folder / "receipt.jws").exists() for code in leg.to
    }  # fmt: skip


class Departures:
    """Sends jobs. Safe for several threads, each with a job of its own."""

    def __init__(
        self,
        links: Sequence[AxisLink],
        records: Records,
        *,
        before_send: BeforeSend,
        failover_after: float,
        keep_content: bool,
    ) -> None:
        self._links = {link.name: link for link in links}
        self._records = records
        self._before_send = before_send
        self._failover_after = failover_after
        self._keep_content = keep_content

    def depart(self, record: Record) -> list[Sent]:
        """Bring every envelope of a job to its axis; those with a receipt are not sent again.

        Raises :class:`Held` when it must wait without having been tried, Refused or AxisRefused when an attempt failed.
        A leg that is refused does not keep the others back; the first refusal is raised after them.
        """
        if record.plan is None:
            self._make(record)
        sent: list[Sent] = []
        refusals: list[Refused | AxisRefused | Held] = []
        for leg in legs_of(record):
            try:
                sent.append(self._transmit(record, leg))
            except (Refused, AxisRefused, Held) as refused:
                refusals.append(refused)
        if refusals:
            # What may still pass decides: a job is refused only when nothing of it waits any more.
            raise min(refusals, key=_finality)
        if not self._keep_content:
            for file in record.folder.glob("file-*"):
                file.unlink()
        return sent

    # --- sending -------------------------------------------------------------------------------------------------

    def _transmit(self, record: Record, leg: Leg) -> Sent:
        spooled = load_envelope(leg.folder)
        link = self._choose(leg)
        client = link.client(record.agency)
        if spooled.receipt is not None:
            return client.transmit(spooled)
        if (leg.folder / "refusal.json").exists():
            raise AxisRefused.read(json.loads((leg.folder / "refusal.json").read_bytes()), 422)
        before = leg.axis
        if before != link.name:
            write_durably(leg.folder / "axis", link.name.encode())
        reached("courier.leaving")
        try:
            sent = client.transmit(spooled)
        except (Refused, AxisRefused) as refused:
            if not before and isinstance(refused.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
                # Nobody was there: not a byte has left, and the job may still be cancelled.
                (leg.folder / "axis").unlink()
            if concerns_axis(refused):
                link.failed(refused)
            else:
                link.answered()
            raise
        link.answered()
        reached("courier.receipt_kept")
        if not self._keep_content:
            client.spool.forget_content(spooled)
        return sent

    def _choose(self, leg: Leg) -> AxisLink:
        """The first axis that can carry a leg and is not away for long; the same envelope may go to any of them."""
        able = [self._links[name] for name in leg.axes if name in self._links] or list(self._links.values())[:1]
        if (leg.folder / "receipt.jws").exists():
            return self._links.get(leg.axis, able[0])
        present = [link for link in able if link.away_for() < self._failover_after]
        chosen = next(iter(present), None) or next((link for link in able if link.usable()), able[0])
        if not chosen.usable():
            raise Held(chosen.retry_at, chosen.health().reason)
        return chosen

    # --- making --------------------------------------------------------------------------------------------------

    def _make(self, record: Record) -> None:
        """Make and sign every envelope, then the plan that says so: from then on nothing of them changes."""
        rows = []
        for number, (axes, to) in enumerate(self._route(record)):
            link = self._links[axes[0]]
            folder, making = record.folder / f"leg-{number}", record.folder / "making"
            with self._prepared(record, link, to) as (files, notes):
                envelope, parts = self._compose(record, link, to, files)
                token, payload = compose.seal(envelope, link.signer)
                put_envelope(
                    making, folder, token, payload, envelope, parts, notes=notes, link_below=record.folder, anew=True
                )
            rows.append({"to": to, "axes": axes, "envelope": str(envelope.id)})
        reached("courier.legs_made")
        write_durably(record.folder / "plan.json", json.dumps(rows).encode())
        reached("courier.plan_made")

    def _prepared(self, record: Record, link: AxisLink, to: tuple[str, ...]) -> AbstractContextManager[Prepared]:
        """The files of a job as they travel to some of its recipients."""
        state = _directory_of(link)
        job, files = record.job, tuple(record.files)
        departure = Departure(
            record.id, record.kind, record.agency, to, job["document_id"], job["number"], job["subject"], job["urgency"]
        )
        return self._before_send(departure, files, state) if files else nullcontext((files, {}))

    def _compose(
        self, record: Record, link: AxisLink, to: tuple[str, ...], files: Sequence[Attachment]
    ) -> tuple[Envelope, list[Path | bytes]]:
        """The envelope for some of a job's recipients, with the bytes of its parts."""
        state, job = _directory_of(link), record.job
        if record.kind == "packet":
            return _packet(record, files[0], to)
        entries = _manifest(job["files"], files)
        packet = read_header(record.header, DEFAULT).packet
        names = _names(state)
        if isinstance(packet, StatusPacket):
            header = write_status(replace(packet, sender=compose.organization(packet.sender.organ_id, names)))
        else:
            header = xml_signature.sign(write_document(_for_leg(packet, to, entries, names)), link.signer, None)
        envelope = compose.make_envelope(
            kind=Kind.STATUS if record.kind == "status" else Kind.DOCUMENT,
            sender=AgencyCode(record.agency),
            recipients=to,
            about=DocumentId(job["document_id"]),
            header=header,
            entries=entries,
            attachments=files,
            urgency=job["urgency"],
            now=datetime.now(UTC),
        )
        return envelope, [header, *(file.content for file in files)]

    # --- routing -------------------------------------------------------------------------------------------------

    def _route(self, record: Record) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Axes in order of preference, and the recipients that go there; each recipient exactly once."""
        order = list(self._links)
        to = record.recipients
        given = tuple(name for name in record.job["axes"] if name in self._links)
        if len(order) == 1 or given:
            return [(given or tuple(order), to)]
        carried = self._carried(record)
        if carried and set(to) <= set(carried):
            return [((axis,), codes) for axis, codes in _grouped(to, carried, order)]
        known = self._known(record, to)
        able = tuple(name for name in order if set(to) <= known[name])
        if able:
            return [(able, to)]
        first = {code: next((name for name in order if code in known[name]), "") for code in to}
        if record.kind == "packet" or "" in first.values():
            # Nobody can carry it whole: the preferred axis says so, with its signature.
            return [((order[0],), to)]
        legs = []
        for axis, codes in _grouped(to, first, order):
            others = (name for name in order if name != axis and set(codes) <= known[name])
            legs.append(((axis, *others), codes))
        return legs

    def _known(self, record: Record, to: tuple[str, ...]) -> dict[str, set[str]]:
        """Which recipients each axis knows; the directories are asked again before anybody counts as unknown."""
        day = datetime.now(UTC).date()
        for attempt in (1, 2):
            for link in self._links.values():
                if link.directory() is None and link.away_for() < self._failover_after:
                    raise Held(link.retry_at, link.health().reason)
            if all(link.book.held is None for link in self._links.values()):
                link = next(iter(self._links.values()))
                raise Held(link.retry_at, link.health().reason)
            known = {
                name: link.knows(to, day) if link.knows((record.agency,), day) else set()
                for name, link in self._links.items()
            }
            if set(to) <= set().union(*known.values()) or attempt == 2:
                return known
            for link in self._links.values():
                if not link.usable():
                    raise Held(link.retry_at, link.health().reason)
                link.refresh()
        raise AssertionError("the loop ends by itself")

    def _carried(self, record: Record) -> dict[str, str]:
        """Recipient to axis, of the document of ours that a recall, update or replacement is about."""
        about = record.job["about"]
        if not about:
            return {}
        found: dict[str, str] = {}
        for earlier in self._records.about(record.agency, about):
            if earlier.id != record.id:
                found = axes_of(earlier) | found
        return found


def _directory_of(link: AxisLink) -> DirectoryState:
    """The signed directory of an axis. Raises Held while there is none."""
    state = link.directory()
    if state is None:
        raise Held(link.retry_at, link.health().reason)
    return state


def _finality(refused: Refused | AxisRefused | Held) -> int:
    if isinstance(refused, Held):
        return 1
    return 2 if is_final(refused) else 0


def is_final(refused: Refused | AxisRefused) -> bool:
    """Whether trying again by itself is of no use and a person must look.

    An axis's word ends a job when it is signed, or when it is a permanent refusal with a code of its own; a proxy's
    page, a wrong clock or a key that is not registered yet may be right tomorrow.
    """
    if isinstance(refused, Refused):
        return refused.code.retry is Retry.PERMANENT
    if refused.retry is not Retry.PERMANENT:
        return False
    return refused.evidence is not None or ("code" in refused.members and refused.http_status not in {401, 403, 407})


def _grouped(to: Iterable[str], axis_of: dict[str, str], order: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    groups = {axis: tuple(code for code in to if axis_of[code] == axis) for axis in [*order, *axis_of.values()]}
    return [(axis, codes) for axis, codes in groups.items() if codes]


def _packet(record: Record, file: Attachment, to: tuple[str, ...]) -> tuple[Envelope, list[Path | bytes]]:
    """The envelope around a finished packet."""
    row = record.job["files"][0]
    status = not record.header
    now = datetime.now(UTC)
    envelope = compose.make_envelope(
        kind=Kind.STATUS if status else Kind.DOCUMENT,
        sender=AgencyCode(record.agency),
        recipients=to,
        about=DocumentId(record.job["document_id"]),
        header=b"",
        urgency=record.job["urgency"],
        now=now,
    )
    part = Part(
        Role.PACKET, "packet", row["name"], "application/xml", row["size"], Sha256(bytes.fromhex(row["sha256"]))
    )
    return replace(envelope, parts=(part,)), [file.content]


def _manifest(rows: list[dict[str, Any]], files: Sequence[Attachment]) -> tuple[ManifestEntry, ...]:
    """The announcement of the files that travel; those that were submitted keep their content identifiers."""
    if len(rows) != len(files):
        return compose.manifest(files)
    made = compose.manifest(files)
    return tuple(replace(entry, content_id=row["content_id"]) for entry, row in zip(made, rows, strict=True))


def _for_leg(
    packet: DocumentPacket, to: tuple[str, ...], entries: tuple[ManifestEntry, ...], names: compose.NameOf
) -> DocumentPacket:
    """The header as the recipients of one envelope get it, with the names of today's directory."""
    wanted = set(to)
    receivers = tuple(compose.organization(o.organ_id, names) for o in packet.receivers if o.organ_id in wanted)
    return replace(
        packet, sender=compose.organization(packet.sender.organ_id, names), receivers=receivers, manifest=entries
    )


def _names(state: DirectoryState) -> compose.NameOf:
    day = datetime.now(UTC).date()

    def name_of(code: str) -> str:
        found = state.find(code, day)
        return found.name if found is not None else code

    return name_of
