"""Is it the same document again? One document identifier must not stand for two contents.

A document counts as sent again when number, date, abstract and attachments are the same: software that exports it a
second time writes other times into the trace, and a further recipient changes the list of receivers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId, Sha256
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.edxml.reader import read_header
from lienthong.exchange.errors import DOCUMENT_ID_REUSED
from lienthong.exchange.model.submission import LIKELY_RESEND, Submission
from lienthong.exchange.store import envelopes
from lienthong.exchange.store.connection import Connection
from lienthong.trust.jws import unverified_payload
from lienthong.wire.envelope import Envelope, Part, Role, decode_envelope
from lienthong.wire.packet import ENVELOPE_LIMIT


@dataclass(frozen=True, slots=True)
class Facts:
    """What makes a document this document. ``files``: digests of its attachments in order, or of the whole packet."""

    files: tuple[Sha256, ...]
    code: str = ""
    issued: date | None = None
    subject: str = ""


class Sameness:
    """Compares the new documents of a group with those accepted before and with each other."""

    def __init__(self, conn: Connection, submissions: Sequence[Submission]) -> None:
        self._conn = conn
        wanted = {(s.envelope.sender, s.envelope.document_id) for s in submissions if s.business == 0}
        self._earlier = envelopes.find_documents(conn, sorted(wanted))
        self._here: dict[tuple[AgencyCode, DocumentId], Submission] = {}

    def judge(self, submission: Submission) -> Submission | Refused:
        """The submission, with LIKELY_RESEND when it is an earlier document again; DOCUMENT_ID_REUSED when its
        identifier stands for another content that some recipient has or may still get.
        """
        key = (submission.envelope.sender, submission.envelope.document_id)
        earlier = self._earlier.get(key, [])
        here = self._here.get(key)
        if not earlier and here is None:
            self._here[key] = submission
            return submission
        known = [(str(one.envelope_id), _facts_of_stored(one.jws, one.header)) for one in earlier]
        if here is not None:
            known.append((str(here.envelope.id), _facts_of(here)))
        mine = _facts_of(submission)
        same = [name for name, facts in known if facts == mine]
        if same:
            submission = replace(submission, warnings=(*submission.warnings, f"{LIKELY_RESEND}:{same[0]}"))
        elif here is not None or envelopes.anybody_has(self._conn, [one.number for one in earlier]):
            return Refused(DOCUMENT_ID_REUSED, document=submission.envelope.document_id, earlier=known[-1][0])
        self._here[key] = submission
        return submission


def _facts_of(submission: Submission) -> Facts:
    return _facts(submission.envelope, submission.packet)


def _facts_of_stored(token: bytes, header: bytes) -> Facts:
    """Of a document that was accepted: its bytes were checked then and are only read again."""
    envelope = decode_envelope(unverified_payload(token, limit=ENVELOPE_LIMIT))
    return _facts(envelope, read_header(header).packet if header else None)


def _facts(envelope: Envelope, packet: DocumentPacket | StatusPacket | None) -> Facts:
    if envelope.head.role is Role.PACKET or not isinstance(packet, DocumentPacket):
        return Facts((envelope.head.sha256,))
    files = tuple(part.sha256 for part in envelope.parts if _is_attachment(part))
    return Facts(files, packet.code.full, packet.promulgation_date, packet.subject)


def _is_attachment(part: Part) -> bool:
    return part.role is Role.ATTACHMENT
