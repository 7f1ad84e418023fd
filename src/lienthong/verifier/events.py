"""Checks of what the axis signed: events, their chain, and the statement that nothing was left out. PR-EVIDENCE §1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from lienthong.base.clock import from_text
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.packages.evidence import (
    STATEMENT_TYP,
    Evidence,
    decode_statement,
    event_name,
    stated_digest,
    unverified_payload,
)
from lienthong.packages.proof import ProofFile
from lienthong.trust import jws
from lienthong.trust.keys import Policy
from lienthong.verifier.anchors import KeyRing
from lienthong.verifier.errors import EVENT_OUT_OF_PLACE, OTHER_DOCUMENT
from lienthong.verifier.messages import Signed, by_axis, verify_acknowledgement
from lienthong.verifier.report import Findings, shown
from lienthong.wire.canonical import Json
from lienthong.wire.event import TYP, Event, EventName, decode_event, entry


@dataclass(slots=True)
class Chain:
    """Events verified so far, by the digest with which later ones name them."""

    seen: dict[bytes, Event] = field(default_factory=dict)


def read_events(evidence: Evidence, ring: KeyRing, policy: Policy, findings: Findings) -> list[Event | None]:
    """Events whose signature is the axis's, by position; None where it is not, which fails the file."""
    events: list[Event | None] = []
    for position, token in enumerate(evidence.events):
        try:
            event = _read_event(token, ring, policy)
            if event.axis != evidence.keys.axis:
                raise Refused(OTHER_DOCUMENT, name=event_name(position))
        except Refused as refusal:
            findings.refused(event_name(position), refusal)
            events.append(None)
        else:
            events.append(event)
    return events


def _read_event(token: bytes, ring: KeyRing, policy: Policy) -> Event:
    # The policy is asked for the event's own time; it is believed only because the same bytes are then verified.
    claimed = decode_event(unverified_payload(token))
    return decode_event(jws.verify(token, ring.axis_key, TYP, policy, claimed.at).payload)


def acceptance(events: list[Event | None]) -> Event | None:
    """The receipt: the event with which the axis took the envelope."""
    return next((e for e in events if e is not None and e.name is EventName.SUBMISSION_ACCEPTANCE), None)


def check_events(
    proof: ProofFile,
    events: list[Event | None],
    signed: Signed,
    statuses: Mapping[bytes, AgencyCode],
    ring: KeyRing,
    policy: Policy,
    findings: Findings,
) -> None:
    """Each event belongs to this envelope, follows from what precedes it, and agrees with what others signed."""
    chain = Chain()
    spoken: set[bytes] = set()
    for position, event in enumerate(events):
        if event is None:
            continue
        name = event_name(position)
        try:
            _check_place(event, name, signed, chain, position)
            _check_by_kind(event, name, signed, ring, policy, statuses, spoken, findings)
        except Refused as refusal:
            findings.refused(name, refusal)
        else:
            vi, en = describe(event)
            findings.passed(name, f"Trục ký: {vi}.", f"The axis signed: {en}.")
            findings.fact(f"{vi[0].upper()}{vi[1:]}.", f"{en[0].upper()}{en[1:]}.", event.at)
        chain.seen[entry(proof.evidence.events[position])] = event
    if not events:
        findings.failed("events", "Tệp không có sự kiện nào của trục.", "The file holds no event of the axis.")
    reported = sum(event is not None and event.name is EventName.BUSINESS_STATUS for event in events)
    if reported > len(spoken):
        findings.limit(
            "Có trạng thái xử lý chỉ do trục ghi lại; bản do chính cơ quan nhận ký không kèm trong tệp.",
            "Some statuses are recorded by the axis only; what the receiving agency itself signed is not in the file.",
        )
    unspoken = len(set(statuses) - spoken)
    if unspoken:
        findings.unknown(
            "statuses.events",
            f"{unspoken} trạng thái xử lý không có sự kiện nào của trục nhắc tới.",
            f"{unspoken} statuses are named by no event of the axis.",
        )


def _check_place(event: Event, name: str, signed: Signed, chain: Chain, position: int) -> None:
    if event.envelope != signed.ref:
        raise Refused(OTHER_DOCUMENT, name=name)
    firsts = (EventName.SUBMISSION_ACCEPTANCE, EventName.SUBMISSION_REJECTION)
    if (event.name in firsts) != (event.previous is None) or (position == 0 and event.name not in firsts):
        _misplaced(name, "không theo sau sự kiện nào", "it follows no event")
    if event.previous is not None:
        before = chain.seen.get(event.previous)
        if before is None:
            _misplaced(name, "thiếu sự kiện ngay trước nó", "the event before it is missing")
        if event.at < before.at:
            _misplaced(name, "thời gian sớm hơn sự kiện trước nó", "it is earlier than the event before it")


def _check_by_kind(
    event: Event,
    name: str,
    signed: Signed,
    ring: KeyRing,
    policy: Policy,
    statuses: Mapping[bytes, AgencyCode],
    spoken: set[bytes],
    findings: Findings,
) -> None:
    details, envelope = event.details, signed.envelope
    if event.name is EventName.SUBMISSION_ACCEPTANCE:
        given = (details.get("document_id"), details.get("kind"), details.get("recipients"), details.get("size"))
        if given != (envelope.document_id, envelope.kind.value, len(envelope.recipients), envelope.size):
            _misplaced(name, "biên nhận không khớp với gói tin", "the receipt does not match the envelope")
    elif event.name is EventName.CONTENT_CONSIGNMENT:
        if not {row[0] for row in _consigned(details)} <= set(envelope.recipients):
            _misplaced(name, "nơi nhận không có trong gói tin", "a recipient is not in the envelope")
    elif event.name is EventName.EXPIRY:
        deadline = _instant(details, "expires_at")
        if deadline is None or event.at < deadline:
            _misplaced(name, "chưa đến hạn", "the deadline had not come")
    if event.name is EventName.CONTENT_HANDOVER or "acknowledgement" in details:
        _check_acknowledgement(event, name, signed, ring, policy, findings)
    if event.name is EventName.BUSINESS_STATUS:
        by = details.get("by")
        shown_digest = by.get("digest") if isinstance(by, dict) else None
        match = next((d for d in statuses if d.hex() == shown_digest), None)
        if match is not None:
            spoken.add(match)
            if statuses[match] != details.get("agency"):
                _misplaced(name, "trạng thái do cơ quan khác ký", "the status was signed by another agency")
    elif "status_envelope" in details:
        spoken.update(d for d in statuses if d.hex() == details["status_envelope"])


def _check_acknowledgement(
    event: Event, name: str, signed: Signed, ring: KeyRing, policy: Policy, findings: Findings
) -> None:
    token = event.details.get("acknowledgement")
    if not isinstance(token, str):
        _misplaced(name, "thiếu xác nhận của bên nhận", "the recipient's acknowledgement is missing")
    ack, key = verify_acknowledgement(token.encode("utf-8"), ring, policy, event.at, signed.ref)
    if key.held_by_axis:
        by_axis(key.system, findings)
    taken = event.name is EventName.CONTENT_HANDOVER
    if (ack.delivery, ack.agency) != (event.details.get("delivery"), event.details.get("agency")) or taken != (
        ack.outcome.value == "taken"
    ):
        _misplaced(name, "khác với xác nhận của bên nhận", "it differs from the recipient's acknowledgement")


def check_statement(
    proof: ProofFile, signed: Signed | None, ring: KeyRing, policy: Policy, findings: Findings
) -> str | None:
    """The axis's statement that this is all: the name of the key that made it when it holds, else None.

    That key then vouches for ``keys.json`` as well.
    """
    evidence = proof.evidence
    if evidence.statement is None:
        findings.unknown(
            "statement",
            "Không có xác nhận của trục rằng đây là toàn bộ chứng cứ; có thể đã bị bớt.",
            "The axis does not state that this is all the evidence; some may have been left out.",
        )
        return None
    try:
        claimed = decode_statement(unverified_payload(evidence.statement))
        verified = jws.verify(evidence.statement, ring.axis_key, STATEMENT_TYP, policy, claimed.at)
        statement = decode_statement(verified.payload)
    except Refused as refusal:
        findings.refused("statement", refusal)
        return None
    entries = evidence.stated_entries()
    same = (statement.entries, statement.digest) == (len(entries), stated_digest(entries))
    about = statement.axis == evidence.keys.axis and (signed is None or statement.envelope == signed.ref)
    if not (same and about):
        findings.failed(
            "statement",
            f"Chứng cứ trong tệp ({len(entries)} mục) khác với những gì trục xác nhận đã cấp "
            f"({statement.entries} mục).",
            f"The evidence in the file ({len(entries)} entries) differs from what the axis states to have given out "
            f"({statement.entries} entries).",
        )
        return None
    findings.passed(
        "statement",
        f"Trục xác nhận: lúc {shown(statement.at)}, đây là toàn bộ chứng cứ mà người nhận tệp được xem.",
        f"The axis states: at {shown(statement.at)} this was all the evidence that the receiver of this file may see.",
    )
    findings.limit(
        f"Những việc xảy ra sau {shown(statement.at)} không có trong tệp này.",
        f"What happened after {shown(statement.at)} is not in this file.",
    )
    return verified.key_id


def describe(event: Event) -> tuple[str, str]:
    """An event in words, Vietnamese and English, without full stop."""
    details = event.details
    agency = str(details.get("agency", "?"))
    if event.name is EventName.SUBMISSION_ACCEPTANCE:
        deadline = _instant(details, "expires_at")
        until = (f", hạn giao {shown(deadline)}", f", to be handed over by {shown(deadline)}") if deadline else ("", "")
        return (
            f"trục {event.axis} đã tiếp nhận gói tin{until[0]}",
            f"the axis {event.axis} accepted the envelope{until[1]}",
        )
    if event.name is EventName.CONTENT_CONSIGNMENT:
        codes = [row[1] for row in _consigned(details)]
        names = ", ".join(codes[:5]) + (" …" if len(codes) > 5 else "")
        return (
            f"gói tin sẵn sàng cho {len(codes)} bên nhận ({names})",
            f"available to {len(codes)} recipients ({names})",
        )
    reason = details.get("reason")
    why = str(reason.get("text", "")) if isinstance(reason, dict) else ""
    system, status = str(details.get("system", "?")), str(details.get("status", "?"))
    words = {
        EventName.SUBMISSION_REJECTION: ("trục từ chối gói tin", "the axis refused the envelope"),
        EventName.CONTENT_CONSIGNMENT_FAILURE: (f"chưa giao được cho {agency}", f"not deliverable to {agency} for now"),
        EventName.CONTENT_HANDOVER: (
            f"hệ thống {system} của cơ quan {agency} đã nhận đủ và ký xác nhận đúng mã băm",
            f"the system {system} of the agency {agency} took everything and signed for the right digest",
        ),
        EventName.CONSIGNMENT_REJECTION: (f"cơ quan {agency} từ chối tiếp nhận", f"the agency {agency} refused it"),
        EventName.EXPIRY: (f"cơ quan {agency} không nhận trong hạn", f"the agency {agency} did not take it in time"),
        EventName.RECALL: (f"bản gửi cơ quan {agency} bị thu hồi", f"the copy for the agency {agency} was recalled"),
        EventName.BUSINESS_STATUS: (
            f"cơ quan {agency} báo trạng thái xử lý {status}",
            f"the agency {agency} reported the status {status}",
        ),
    }
    vi, en = words[event.name]
    return (f"{vi}: {why}", f"{en}: {why}") if why else (vi, en)


def _consigned(details: Mapping[str, Json]) -> list[tuple[str, str]]:
    """(addressed to, agency) of each recipient of a consignment."""
    rows = details.get("to")
    return [
        (str(row.get("addressed_to", "?")), str(row.get("agency", "?")))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    ]


def _instant(details: Mapping[str, Json], member: str) -> datetime | None:
    value = details.get(member)
    try:
        return from_text(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _misplaced(name: str, why_vi: str, why: str) -> NoReturn:
    raise Refused(EVENT_OUT_OF_PLACE, name=name, why_vi=why_vi, why=why)
