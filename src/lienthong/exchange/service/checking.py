"""Check what a sender submits: who signed, may he send for this agency, where does it go, does the header agree.

Everything here is decided from bytes, the directory in memory and the clock's value; nothing waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lienthong.base.clock import VIETNAM, to_text
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.ids import AgencyCode, Sha256, SystemId
from lienthong.base.text import one_line
from lienthong.directory.model import Agency, System
from lienthong.directory.state import DirectoryState
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket
from lienthong.edxml.reader import Reading
from lienthong.exchange.errors import (
    CREATED_AT_NOT_PLAUSIBLE,
    DOCUMENT_TOO_LARGE,
    EXPIRES_TOO_SOON,
    HEADER_DISAGREES,
    RECIPIENTS_REFUSED,
    SENDER_NOT_ACTIVE,
    SENDER_NOT_ALLOWED,
    SIGNER_MISMATCH,
)
from lienthong.exchange.model.submission import RECIPIENT_NOT_CONNECTED, STATUS, Recipient, Submission
from lienthong.exchange.service.context import Limits
from lienthong.exchange.service.keyring import find_key, require_owner
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY
from lienthong.vocabulary.secrecy import Secrecy, refuse_if_secret
from lienthong.wire.envelope import TYP, Envelope, Kind, Role, decode_envelope, digest
from lienthong.wire.packet import ENVELOPE_LIMIT

HEADER_BYTES = 256 * 1024
HEADER_BYTES_PER_RECIPIENT = 512
SHOWN = 200
"""Problems reported at most."""


@dataclass(frozen=True, slots=True)
class CheckedEnvelope:
    """An envelope whose sender is certain and may send; its parts are not known yet."""

    envelope: Envelope
    digest: Sha256
    token: bytes
    system: SystemId


def authenticate_envelope(token: bytes, state: DirectoryState, caller: System, now: datetime) -> CheckedEnvelope:
    """Verify signature and authority; after this a refusal concerns a certain sender.

    Refuses: JWS_MALFORMED, SIGNER_NOT_KNOWN, KEY_REVOKED, SIGNATURE_NOT_VALID, SYSTEM_SUSPENDED, SIGNER_MISMATCH,
    ENVELOPE_MALFORMED, SENDER_NOT_ALLOWED.
    """
    verified = jws.verify(token, lambda kid: find_key(state, kid, now), TYP, DEFAULT_POLICY, now, limit=ENVELOPE_LIMIT)
    signer = require_owner(state, verified.key_id)
    if signer.system_id != caller.system_id:
        raise Refused(SIGNER_MISMATCH, envelope_system=signer.system_id, request_system=caller.system_id)
    envelope = decode_envelope(verified.payload)
    sender = state.find(envelope.sender, _day(now))
    if sender is None or not state.may_act(signer.system_id, sender.code):
        raise Refused(SENDER_NOT_ALLOWED, system=signer.system_id, agency=one_line(envelope.sender, 40))
    return CheckedEnvelope(envelope, digest(verified.payload), token, signer.system_id)


def check_envelope(envelope: Envelope, state: DirectoryState, limits: Limits, now: datetime) -> None:
    """What can be said before the first part arrives.

    Refuses: SENDER_NOT_ACTIVE, CREATED_AT_NOT_PLAUSIBLE, EXPIRES_TOO_SOON, DOCUMENT_TOO_LARGE.
    """
    sender = state.find(envelope.sender, _day(now))
    if sender is None or not sender.takes_part(_day(now)):
        raise Refused(SENDER_NOT_ACTIVE, agency=envelope.sender)
    if not now - limits.age <= envelope.created_at <= now + limits.future:
        off = round(abs((now - envelope.created_at).total_seconds()))
        raise Refused(CREATED_AT_NOT_PLAUSIBLE, seconds=off, now=to_text(now))
    if envelope.expires_at is not None and envelope.expires_at < now + limits.shortest_life:
        raise Refused(EXPIRES_TOO_SOON, seconds=round(limits.shortest_life.total_seconds()))
    most = limits.packet if envelope.head.role is Role.PACKET else limits.document
    if envelope.size > most:
        raise Refused(DOCUMENT_TOO_LARGE, size=envelope.size, limit=most)


def header_allowance(envelope: Envelope) -> int:
    """Bytes that the header part may have in memory."""
    return HEADER_BYTES + HEADER_BYTES_PER_RECIPIENT * len(envelope.recipients)


def resolve_recipients(
    codes: Iterable[AgencyCode], state: DirectoryState, day: date
) -> tuple[tuple[Recipient, ...], tuple[str, ...]]:
    """Where each code leads today, and warnings for the receipt. Two codes of one agency make one delivery.

    Refuses RECIPIENTS_REFUSED with the whole list of those that cannot be reached.
    """
    found: dict[AgencyCode, Recipient] = {}
    problems: list[Problem] = []
    bad: list[str] = []
    locked = 0
    connected = True
    for place, code in enumerate(codes):
        resolved = _resolve(code, state, day)
        if isinstance(resolved, Recipient):
            if resolved.agency not in found:
                connected = connected and bool(state.systems_for(resolved.agency))
                found[resolved.agency] = resolved
        else:
            locked += resolved.locked
            bad.append(one_line(code, 40))
            if len(problems) < SHOWN:
                problems.append(Problem(ProblemKind.RANGE, f"to[{place}]", resolved.vi, resolved.en))
    if bad:
        shown = ", ".join(bad[:10]) + (" …" if len(bad) > 10 else "")
        raise Refused(RECIPIENTS_REFUSED, tuple(problems), count=len(bad), codes=shown, locked=locked)
    return tuple(found.values()), () if connected else (RECIPIENT_NOT_CONNECTED,)


def check_content(
    checked: CheckedEnvelope,
    header: bytes,
    reading: Reading,
    state: DirectoryState,
    now: datetime,
    *,
    part_of_to: bool = False,
) -> Submission:
    """The whole submission, when the header has no errors, agrees with the envelope and holds no secret.

    ``part_of_to``: the envelope may go to some of the header's receivers only.

    Refuses: EDXML_INVALID, HEADER_DISAGREES, SECRET_CONTENT, RECIPIENTS_REFUSED.
    """
    packet = reading.require_valid()
    envelope, day = checked.envelope, _day(now)
    problems = _disagreements(envelope, packet, end_of(state, day), part_of_to)
    if problems:
        first = problems[0]
        raise Refused(
            HEADER_DISAGREES, tuple(problems[:SHOWN]), count=len(problems), first_vi=first.vi, first_en=first.en
        )
    refuse_if_secret(Secrecy.NONE, _texts(packet, envelope))
    recipients, warnings = resolve_recipients(envelope.recipients, state, day)
    document = packet if isinstance(packet, DocumentPacket) else None
    answered = packet.response_for if isinstance(packet, StatusPacket) else None
    return Submission(
        envelope=envelope,
        digest=checked.digest,
        token=checked.token,
        system=checked.system,
        header=header,
        packet=packet,
        business=int(document.business.kind) if document else STATUS,
        document_code=document.code.full if document else answered.code if answered else "",
        issued_date=document.promulgation_date if document else answered.promulgation_date if answered else None,
        recipients=recipients,
        warnings=warnings,
        directory=state.version,
    )


@dataclass(frozen=True, slots=True)
class _Unreachable:
    """Why a code leads nowhere. ``locked``: there is such an agency, but it takes no part."""

    vi: str
    en: str
    locked: bool = False


def _resolve(code: AgencyCode, state: DirectoryState, day: date) -> Recipient | _Unreachable:
    """The recipient, or why not in both languages."""
    shown = one_line(code, 40)
    try:
        resolved = state.resolve(code, day)
    except Refused as refusal:
        return _Unreachable(refusal.sentence("vi"), refusal.sentence("en"))
    agency = resolved.agency
    if agency is None:
        return _Unreachable(f"Không có cơ quan nào mang mã «{shown}».", f"No agency has the code “{shown}”.")
    if not agency.takes_part(day):
        return _Unreachable(
            f"Cơ quan «{shown}» đang bị khóa hoặc đã kết thúc hoạt động.",
            f"The agency “{shown}” is locked or closed.",
            locked=True,
        )
    if not agency.is_agency:
        return _Unreachable(
            f"Đơn vị «{shown}» nhận văn bản trong nội bộ, không qua trục liên thông.",
            f"The unit “{shown}” is reached inside its own agency, not over the axis.",
        )
    return Recipient(code, agency.code, _note(code, agency, resolved.resolution.notes_vi))


def _note(code: AgencyCode, agency: Agency, steps: tuple[str, ...]) -> str | None:
    if steps:
        return one_line(" ".join(steps), 500)
    return None if code == agency.code else one_line(f"Mã {code} là mã khác của cơ quan {agency.code}.", 500)


def end_of(state: DirectoryState, day: date) -> Callable[[str], str]:
    """Where a code leads: the present code, the other system's and old ones of one agency all lead to one end."""

    def end(code: str) -> str:
        try:
            agency = state.resolve(code, day).agency
        except Refused:
            return code
        return code if agency is None else agency.code

    return end


def _disagreements(
    envelope: Envelope, packet: DocumentPacket | StatusPacket, end: Callable[[str], str], part_of_to: bool
) -> list[Problem]:
    """Where the header says something else than the envelope."""
    found: list[Problem] = []

    def differ(path: str, header: object, stated: object) -> None:
        inside, outside = one_line(str(header), 60), one_line(str(stated), 60)
        found.append(
            Problem(
                ProblemKind.RANGE,
                path,
                f"Tiêu đề ghi «{inside}», gói tin ghi «{outside}» ({path}).",
                f"The header says “{inside}”, the envelope says “{outside}” ({path}).",
            )
        )

    kind = Kind.DOCUMENT if isinstance(packet, DocumentPacket) else Kind.STATUS
    if kind is not envelope.kind:
        differ("kind", kind.value, envelope.kind.value)
        return found
    if not _same({packet.sender.organ_id}, {envelope.sender}, end):
        differ("from", packet.sender.organ_id, envelope.sender)
    if isinstance(packet, DocumentPacket):
        receivers, document_id = [to.organ_id for to in packet.receivers], packet.document_id
        priority = packet.other.priority
        if priority is not None and priority != envelope.urgency:
            differ("urgency", priority, envelope.urgency)
        _compare_files(envelope, packet, differ)
    else:
        receivers, document_id = [packet.response_for.organ_id], packet.response_for.document_id
    if document_id and document_id != envelope.document_id:
        differ("document_id", document_id, envelope.document_id)
    stated = set(envelope.recipients)
    if not (part_of_to and stated <= set(receivers)) and not _same(set(receivers), stated, end):
        differ("to", ", ".join(receivers), ", ".join(envelope.recipients))
    return found


def _compare_files(envelope: Envelope, packet: DocumentPacket, differ: Callable[[str, object, object], None]) -> None:
    """Every file is announced in the manifest, and every announced file is there (a recall may leave them out)."""
    if envelope.head.role is Role.PACKET:
        return
    sent = {part.content_id for part in envelope.parts if part.role is Role.ATTACHMENT}
    announced = {entry.content_id for entry in packet.manifest}
    if sent - announced:
        differ("parts", "-", ", ".join(sorted(sent - announced)))
    if announced - sent and packet.business.kind is not BusinessKind.RECALL:
        differ("parts", ", ".join(sorted(announced - sent)), "-")


def _same(header: set[AgencyCode], stated: set[AgencyCode], end: Callable[[str], str]) -> bool:
    """Whether both name the same agencies, by whichever of their codes."""
    return header == stated or {end(code) for code in header} == {end(code) for code in stated}


def _texts(packet: DocumentPacket | StatusPacket, envelope: Envelope) -> dict[str, str]:
    """The texts in which a mark of secrecy would stand."""
    names = {f"parts[{i}].name": part.name for i, part in enumerate(envelope.parts) if part.role is Role.ATTACHMENT}
    if isinstance(packet, StatusPacket):
        return {"Description": packet.description, **names}
    return {
        "Subject": packet.subject,
        "Content": packet.content[:2000],
        "CodeNotation": packet.code.notation,
        "SphereOfPromulgation": packet.other.sphere,
        **names,
    }


def _day(now: datetime) -> date:
    return now.astimezone(VIETNAM).date()
