"""Envelopes, acknowledgements and events have one byte form, and only that form is read."""

from __future__ import annotations

import json
import unicodedata
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DeliveryId, DocumentId, EnvelopeId, Sha256
from lienthong.wire import canonical
from lienthong.wire.acknowledgement import (
    Acknowledgement,
    Outcome,
    Reason,
    decode_acknowledgement,
    encode_acknowledgement,
)
from lienthong.wire.envelope import Envelope, Kind, Part, Role, decode_envelope, encode_envelope
from lienthong.wire.errors import ENVELOPE_MALFORMED
from lienthong.wire.event import EnvelopeRef, Event, EventName, decode_event, encode_event

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=30).map(
    lambda text: unicodedata.normalize("NFC", text)
)
CODE = st.from_regex(r"[A-Z0-9.]{1,35}", fullmatch=True).map(AgencyCode)
INSTANT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda d: d.replace(microsecond=d.microsecond // 1000 * 1000, tzinfo=UTC)
)
DIGEST = st.binary(min_size=32, max_size=32).map(Sha256)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    count = draw(st.integers(1, 4))
    parts = tuple(
        Part(
            Role.HEADER if i == 0 else Role.ATTACHMENT, f"c{i}", draw(TEXT), "application/pdf",
            draw(st.integers(0, 1 << 40)), draw(DIGEST),
        )
        for i in range(count)
    )  # fmt: skip
    return Envelope(
        EnvelopeId(draw(st.uuids())), draw(st.sampled_from(Kind)), draw(CODE),
        tuple(draw(st.lists(CODE, min_size=1, max_size=5, unique=True))), DocumentId(draw(TEXT)), draw(INSTANT),
        draw(st.none() | INSTANT), draw(st.integers(0, 4)), parts,
    )  # fmt: skip


@given(envelopes())
def test_an_envelope_survives_the_wire(envelope: Envelope) -> None:
    assert decode_envelope(encode_envelope(envelope)) == envelope


@given(envelopes(), st.integers(min_value=0), st.binary(min_size=0, max_size=2))
def test_a_damaged_envelope_is_refused_or_is_another_envelope(envelope: Envelope, at: int, put: bytes) -> None:
    data = encode_envelope(envelope)
    at %= len(data)
    damaged = data[:at] + put + data[at + 1 :]
    try:
        got = decode_envelope(damaged)
    except Refused as refused:
        assert refused.code.name == "ENVELOPE_MALFORMED"
    else:
        assert encode_envelope(got) == damaged


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"id": "x"}, {"id": str(uuid.UUID(int=1)).upper().replace("0", "A")}, {"kind": "letter"}, {"to": []},
        {"to": ["H01", "H01"]}, {"from": "a\nb"}, {"urgency": 5}, {"urgency": True}, {"urgency": 1.0}, {"parts": []},
        {"created_at": "2026-11-20T08:42:07Z"}, {"created_at": "2026-11-20T08:42:07.123"}, {"extra": 1},
        {"created_at": "2026-11-20T15:42:07.123+07:00"}, {"expires_at": None}, {"parts": [{}]}, {"from": None},
    ],
)  # fmt: skip
def test_an_envelope_outside_the_rules_is_refused(change: dict[str, object]) -> None:
    part = Part(Role.HEADER, "h", "header.edxml", "application/xml", 1, Sha256(bytes(32)))
    good = Envelope(
        EnvelopeId(uuid.UUID(int=1)), Kind.DOCUMENT, AgencyCode("H01"), (AgencyCode("H02"),), DocumentId("x"),
        datetime(2026, 1, 1, tzinfo=UTC), None, 0, (part,),
    )  # fmt: skip
    members = json.loads(encode_envelope(good)) | change
    data = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Refused) as refused:
        decode_envelope(data)
    assert refused.value.code.name == "ENVELOPE_MALFORMED"


@pytest.mark.parametrize("spelling", [b'{"v": 1}', b'{"v":1,"v":1}', b"[]", b"\xff", b'{"a":NaN}', b"[" * 5000, b""])
def test_other_spellings_of_json_are_refused(spelling: bytes) -> None:
    with pytest.raises(Refused):
        decode_envelope(spelling)


def test_a_header_must_come_first_and_a_packet_alone() -> None:
    header = Part(Role.HEADER, "h", "h", "application/xml", 1, Sha256(bytes(32)))
    packet = Part(Role.PACKET, "p", "p", "application/xml", 1, Sha256(bytes(32)))
    extra = Part(Role.ATTACHMENT, "a", "a", "application/pdf", 1, Sha256(bytes(32)))
    for parts, fine in [
        ((header, extra), True),
        ((packet,), True),
        ((extra, header), False),
        ((packet, extra), False),
    ]:
        envelope = Envelope(
            EnvelopeId(uuid.UUID(int=1)), Kind.DOCUMENT, AgencyCode("H01"), (AgencyCode("H02"),), DocumentId("x"),
            datetime(2026, 1, 1, tzinfo=UTC), None, 0, parts,
        )  # fmt: skip
        if fine:
            assert decode_envelope(encode_envelope(envelope)).parts == parts
        else:
            with pytest.raises(Refused):
                decode_envelope(encode_envelope(envelope))


@given(st.sampled_from(Outcome), st.none() | st.builds(Reason, TEXT, TEXT), DIGEST, INSTANT)
def test_an_acknowledgement_survives_and_needs_its_reason(
    outcome: Outcome, reason: Reason | None, digest: Sha256, at: datetime
) -> None:
    ack = Acknowledgement(
        DeliveryId(5),
        2,
        AgencyCode("H29"),
        EnvelopeId(uuid.UUID(int=9)),
        AgencyCode("H26"),
        digest,
        outcome,
        at,
        reason,
    )
    if outcome is not Outcome.TAKEN and reason is None:
        with pytest.raises(Refused):
            decode_acknowledgement(encode_acknowledgement(ack))
    else:
        assert decode_acknowledgement(encode_acknowledgement(ack)) == ack


@given(st.sampled_from(EventName), st.none() | DIGEST, INSTANT)
def test_an_event_survives_with_its_details(name: EventName, previous: Sha256 | None, at: datetime) -> None:
    ref = EnvelopeRef(EnvelopeId(uuid.UUID(int=9)), AgencyCode("H26"), Sha256(bytes(32)))
    event = Event(uuid.UUID(int=3), name, at, "axis.example", ref, previous, {"delivery": 4, "agency": "H29"})
    assert decode_event(encode_event(event)) == event
    assert name.short == name.value.split("/")[-1].split(":")[-1]


def test_text_that_is_not_in_normal_form_is_written_in_it_and_refused_when_read() -> None:
    split = {"ten": "Bộ Nội vụ", "v": unicodedata.normalize("NFD", "Bộ Nội vụ, “ế”")}
    written = canonical.encode(split)
    assert written == canonical.encode(split | {"v": "Bộ Nội vụ, “ế”"})
    assert canonical.decode(written, ENVELOPE_MALFORMED)["v"] == "Bộ Nội vụ, “ế”"
    raw = json.dumps(split, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Refused) as refused:
        canonical.decode(raw, ENVELOPE_MALFORMED)
    assert refused.value.code is ENVELOPE_MALFORMED
