"""Checks of an axis through the native protocol: who calls, receipts, delivery, acknowledgements."""

from __future__ import annotations

import hashlib
import json
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DeliveryId, Sha256
from lienthong.conformance import packets
from lienthong.conformance.axis_bench import AxisBench
from lienthong.conformance.model import Face, Family, Unmet, expect
from lienthong.connector.bodies import Body, bytes_body, packet_body
from lienthong.connector.client import Client, Sent
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.errors import AxisRefused
from lienthong.connector.receiving import Lease
from lienthong.connector.spool import Spooled
from lienthong.trust import jws
from lienthong.trust.signer import MemorySigner
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, encode_acknowledgement
from lienthong.wire.envelope import TYP, encode_envelope

FAMILY: Family[AxisBench] = Family(Face.NATIVE)
PROTOCOL = "native protocol"


def outgoing(bench: AxisBench, to: str, **more: object) -> OutgoingDocument:
    """A document of the sender."""
    number = f"{bench.numbers.next()}/{bench.numbers.symbol}"
    members: dict[str, object] = {
        "number": number, "subject": "V/v kiểm thử tuân thủ liên thông văn bản", "to": [to],
        "issued_on": date(2026, 11, 20), "signer_name": "Nguyễn Văn Mẫu", **more,
    }  # fmt: skip
    return OutgoingDocument(**members)  # type: ignore[arg-type]  # members of the document


def file(name: str = "toàn văn.pdf", size: int = 20_000) -> Attachment:
    """A file whose bytes no other check sends."""
    return Attachment(name, packets.pdf(f"{name}{time.monotonic_ns()}", size))


def body_of(spooled: Spooled) -> Body:
    """The packet as it is posted, all parts inline."""
    return packet_body(spooled.token, list(enumerate(spooled.envelope.parts)), spooled.part)


def send(bench: AxisBench, *files: Attachment, **more: object) -> Sent:
    """A document from the sender to the recipient."""
    sender, recipient = bench.party(0), bench.party(1)
    return sender.send(outgoing(bench, recipient.agency, **more), files or (file(),))


def offered(bench: AxisBench, sent: Sent, seconds: int | None = None) -> Lease:
    """The offer of a sent envelope to the recipient. Raises Unmet."""
    lease = bench.lease_of(bench.party(1), lambda each: each.envelope.id == sent.envelope.id, seconds)
    if lease is None:
        raise Unmet("nơi nhận không được mời nhận văn bản", "the recipient is not offered the document")
    return lease


def delivered(bench: AxisBench, sent: Sent) -> Client:
    """Hand a sent document over; the recipient."""
    recipient = bench.party(1)
    recipient.take(offered(bench, sent))
    return recipient


def refused(what: str, code: str | None, status: int, client: Client, body: Body) -> AxisRefused:
    """The refusal of a submission. Raises Unmet when it is taken, or refused otherwise."""
    try:
        client.connection.request("POST", "/v1/envelopes", body=body)
    except AxisRefused as found:
        good = (code is None or found.code == code) and found.http_status == status
        said = f"{what}: HTTP {found.http_status} {found.code}"
        expect(good, said, said)
        return found
    raise Unmet(f"{what}: được chấp nhận trong khi phải từ chối", f"{what}: accepted where it must be refused")


@FAMILY.check(
    "line.health",
    "connection test list 1",
    ("trục trả lời câu hỏi về tình trạng", "the axis answers how it is"),
    ("mở GET /health trả 200", "answer GET /health with 200"),
)
def line_health(bench: AxisBench) -> None:
    answer = bench.http.get("/health")
    expect(answer.status_code == 200, f"HTTP {answer.status_code}", f"HTTP {answer.status_code}")


@FAMILY.check(
    "auth.unknown-key",
    PROTOCOL + " §3; connection test list 4",
    ("khóa không có trong danh bạ bị từ chối", "a key that the directory does not know is refused"),
    ("kiểm chữ ký RFC 9421 theo khóa trong danh bạ", "verify the RFC 9421 signature by the directory's keys"),
)
def auth_unknown_key(bench: AxisBench) -> None:
    bench.party(0)
    stranger = bench.connect(MemorySigner(generate_private_key(SECP256R1())))
    try:
        stranger.get_json("/v1/directory/agencies", {"q": "ha noi"})
    except AxisRefused as found:
        expect(found.http_status == 401, f"HTTP {found.http_status}", f"HTTP {found.http_status}")
        return
    raise Unmet("khóa lạ được chấp nhận", "an unknown key was accepted")


@FAMILY.check(
    "directory.signed",
    PROTOCOL + " §4; connection test list 5",
    ("danh bạ tải về có chữ ký đúng và có cả hai cơ quan", "the downloaded directory is signed and has both agencies"),
    ("ký danh bạ bằng khóa của trục đã công bố", "sign the directory with the published key of the axis"),
)
def directory_signed(bench: AxisBench) -> None:
    state = bench.party(0).book.newest()
    for client in bench.clients:
        expect(state.agency(client.agency), f"thiếu {client.agency}", f"{client.agency} is missing")


@FAMILY.check(
    "send.receipt",
    PROTOCOL + " §4",
    (
        "gửi văn bản nhận được biên nhận có chữ ký của trục trên đúng gói tin",
        "a submission gets a receipt signed over this envelope",
    ),
    (
        "trả 201 với biên nhận SubmissionAcceptance sau khi lưu bền",
        "answer 201 with a SubmissionAcceptance once it is durable",
    ),
)
def send_receipt(bench: AxisBench) -> None:
    # The client believes no receipt that the pinned key did not sign over exactly this envelope.
    send(bench)


@FAMILY.check(
    "line.clock",
    "connection test list 2",
    ("đồng hồ của trục lệch không quá 2 giây", "the clock of the axis is within 2 seconds of ours"),
    ("đồng bộ đồng hồ bằng NTP ở cả hai bên", "keep both clocks by NTP"),
)
def line_clock(bench: AxisBench) -> None:
    before = datetime.now(UTC)
    at = send(bench).event.at
    after = datetime.now(UTC)
    off = max((before - at).total_seconds(), (at - after).total_seconds())
    expect(off <= 2, f"lệch {off:.1f} giây", f"{off:.1f} seconds off")


@FAMILY.check(
    "send.again",
    PROTOCOL + " §4; connection test list 12",
    (
        "gửi lại cùng gói tin cho cùng biên nhận, từng byte; một lượt giao",
        "the same envelope again: the same receipt, one delivery",
    ),
    (
        "nhận ra gói tin theo (from, id) và trả lại biên nhận đã ký",
        "know the envelope by (from, id) and answer the first receipt",
    ),
)
def send_again(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    spooled = sender.prepare(outgoing(bench, recipient.agency), [file()])
    answers = [sender.connection.request("POST", "/v1/envelopes", body=body_of(spooled)) for _ in range(3)]
    codes = [answer.status_code for answer in answers]
    expect(codes == [201, 200, 200], f"trạng thái {codes}", f"statuses {codes}")
    expect(len({a.content for a in answers}) == 1, "biên nhận khác nhau", "the receipts differ")
    leases = [lease for lease in recipient.lease(200, 2) if lease.envelope.id == spooled.envelope.id]
    expect(len(leases) == 1, f"{len(leases)} lượt giao", f"{len(leases)} deliveries")
    recipient.take(leases[0])


@FAMILY.check(
    "send.reused-id",
    PROTOCOL + " §4",
    (
        "nội dung khác dưới cùng mã gói tin bị từ chối có chứng cứ",
        "other content under the same id is refused with evidence",
    ),
    ("trả 409 ENVELOPE_ID_REUSED kèm evidence", "answer 409 ENVELOPE_ID_REUSED with evidence"),
)
def send_reused_id(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    spooled = sender.prepare(outgoing(bench, recipient.agency), [file()])
    sender.transmit(spooled)
    other = replace(spooled.envelope, created_at=spooled.envelope.created_at + timedelta(seconds=1))
    token = jws.sign(encode_envelope(other), sender.connection.signer, TYP)
    again = packet_body(token, list(enumerate(other.parts)), spooled.part)
    found = refused("mã gói tin dùng lại", "ENVELOPE_ID_REUSED", 409, sender, again)
    expect(found.evidence, "lời từ chối không có chứng cứ", "the refusal has no evidence")


@FAMILY.check(
    "send.changed-byte",
    PROTOCOL + " §2",
    (
        "gói tin bị đổi một byte trên đường bị từ chối, không lưu gì",
        "a packet with one byte changed is refused, nothing is stored",
    ),
    ("so SHA-256 của từng phần với phong bì đã ký", "compare each part's SHA-256 with the signed envelope"),
)
def send_changed_byte(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    spooled = sender.prepare(outgoing(bench, recipient.agency), [file()])
    good = body_of(spooled)
    raw = bytearray(b"".join(good.pieces()))
    raw[-500] ^= 1
    body = Body(good.content_type, len(raw), hashlib.sha256(raw).digest(), lambda: iter((bytes(raw),)))
    try:
        sender.connection.request("POST", "/v1/envelopes", body=body)
    except AxisRefused as found:
        expect(found.http_status < 500, f"HTTP {found.http_status}", f"HTTP {found.http_status}")
    else:
        raise Unmet("byte bị đổi mà vẫn được nhận", "accepted with a byte changed")
    try:
        sender.trace(sender.agency, envelope_id=str(spooled.envelope.id))
    except AxisRefused as found:
        expect(found.http_status == 404, f"HTTP {found.http_status}", f"HTTP {found.http_status}")
    else:
        raise Unmet("gói tin bị từ chối vẫn có trong trục", "the refused packet is in the axis")


@FAMILY.check(
    "send.foreign-from",
    PROTOCOL + " §1; exchange facts §1.2 From",
    (
        "gửi thay cơ quan khác và gửi đến nơi nhận lạ bị từ chối",
        "somebody else's From and unknown recipients are refused",
    ),
    ("kiểm from và to theo danh bạ", "check from and to against the directory"),
)
def send_foreign_from(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    place = bench.place / "mao-danh"
    mask = Client(sender.connection, recipient.agency, bench.target.native[0].axis_key, place)
    foreign = mask.prepare(outgoing(bench, sender.agency), [file()])
    refused("from của cơ quan khác", None, 403, sender, body_of(foreign))
    unknown = sender.prepare(outgoing(bench, "000.99.99.H99"), [file()])
    try:
        sender.transmit(unknown)
    except AxisRefused as found:
        expect(400 <= found.http_status < 500, f"HTTP {found.http_status}", f"HTTP {found.http_status}")
        expect(found.title_vi and found.advice_vi, "lời từ chối không nói phải làm gì", "no advice in the refusal")
        return
    raise Unmet("nơi nhận không có vẫn được nhận", "an unknown recipient was accepted")


@FAMILY.check(
    "send.attachments",
    "connection test list 10, 11",
    (
        "0, 1, 20 tệp đính kèm, tên NFC và NFD tới nơi đủ byte",
        "0, 1 and 20 attachments, NFC and NFD names, arrive whole",
    ),
    ("giữ từng phần theo SHA-256; so tên sau khi chuẩn hóa NFC", "keep parts by digest; compare names in NFC"),
)
def send_attachments(bench: AxisBench) -> None:
    recipient = bench.party(1)
    decomposed = unicodedata.normalize("NFD", "Quyết định số 1 – phụ lục.docx")
    for files in ([], [file()], [file(f"tệp {n}.pdf", 400) for n in range(20)], [file(decomposed, 900)]):
        sent = bench.party(0).send(outgoing(bench, recipient.agency), files)
        lease = offered(bench, sent)
        received = recipient.inbox.store(recipient.connection, lease)
        got = [each.read_bytes() for each in received.files[1:]]
        expect(got == [each.content for each in files], "tệp đính kèm khác", "attachments differ")
        recipient.take(received)


@FAMILY.check(
    "send.upload-resumes",
    PROTOCOL + " §4 uploads; connection test list 14",
    ("tải lên bị đứt tiếp tục từ chỗ đã nhận", "a broken upload continues where it stopped"),
    (
        "giữ phần đã nhận; GET /v1/uploads/ID nói tiếp từ đâu",
        "keep what arrived; GET /v1/uploads/ID says where to go on",
    ),
)
def send_upload_resumes(bench: AxisBench) -> None:
    line = bench.party(0).connection
    raw = packets.pdf(f"upload{time.monotonic_ns()}", 300_000)
    digest = hashlib.sha256(raw).hexdigest()
    begin = bytes_body(json.dumps({"sha256": digest, "size": len(raw)}).encode())
    state = line.members("POST", "/v1/uploads", body=begin)
    path = f"/v1/uploads/{state['id']}"
    half = len(raw) // 2
    _patch(bench, path, 0, raw[:half])
    again = line.members("POST", "/v1/uploads", body=begin)
    expect(int(again["offset"]) == half, f"tiếp từ {again['offset']}", f"continues at {again['offset']}")
    try:
        _patch(bench, path, 0, raw[:half])
    except AxisRefused as found:
        expect(found.code == "UPLOAD_OFFSET", f"mã {found.code}", f"code {found.code}")
    else:
        raise Unmet("ghi đè phần đã nhận", "what arrived was written over")
    expect(_patch(bench, path, half, raw[half:])["complete"], "chưa đủ", "not complete")


def _patch(bench: AxisBench, path: str, offset: int, piece: bytes) -> dict[str, object]:
    body = bytes_body(piece, "application/octet-stream")
    return bench.party(0).connection.members("PATCH", path, body=body, headers={"Upload-Offset": str(offset)})


@FAMILY.check(
    "receive.bytes",
    PROTOCOL + " §4",
    (
        "nơi nhận được đúng các byte đã ký, tải tiếp được theo đoạn",
        "the recipient gets the signed bytes, by ranges too",
    ),
    ("giao từng phần nguyên byte, hỗ trợ Range", "hand out each part byte for byte, with Range"),
)
def receive_bytes(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = bench.party(1)
    lease = offered(bench, sent)
    received = recipient.inbox.store(recipient.connection, lease)
    path, query = f"/v1/deliveries/{lease.delivery}/parts/1", {"fence": str(lease.fence)}
    piece = recipient.connection.request("GET", path, query, headers={"Range": "bytes=100-199"})
    whole = received.files[1].read_bytes()
    expect(piece.status_code == 206 and piece.content == whole[100:200], "đoạn byte sai", "the range is wrong")
    recipient.take(received)


@FAMILY.check(
    "receive.lease",
    PROTOCOL + " §4–6",
    (
        "chưa xác nhận thì được giao lại; xác nhận theo lượt cũ bị từ chối",
        "unacknowledged is offered again; an old fence is refused",
    ),
    (
        "hết hạn giữ chỗ thì giao lại với fence mới; fence cũ: 409 LEASE_LOST",
        "offer again with a new fence; an old one gets LEASE_LOST",
    ),
)
def receive_lease(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = bench.party(1)
    first = offered(bench, sent, 10)
    until = time.monotonic() + 60
    while True:
        again = [each for each in recipient.lease(50, 5) if each.envelope.id == sent.envelope.id]
        if again:
            break
        expect(time.monotonic() < until, "không được giao lại trong 60 giây", "not offered again within 60 seconds")
    expect(again[0].fence != first.fence, "fence không đổi", "the fence did not change")
    try:
        recipient.take(first)
    except AxisRefused as found:
        expect(found.code == "LEASE_LOST", f"mã {found.code}", f"code {found.code}")
    else:
        raise Unmet("xác nhận theo lượt cũ được chấp nhận", "an acknowledgement with an old fence was accepted")
    recipient.take(again[0])


@FAMILY.check(
    "receive.ack-again",
    PROTOCOL + " §5",
    ("xác nhận lặp lại cho cùng chứng cứ", "the same acknowledgement gets the same evidence"),
    ("trả lại chứng cứ bàn giao đã ký", "answer the evidence that was signed first"),
)
def receive_ack_again(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = bench.party(1)
    lease = offered(bench, sent)
    token = _acknowledgement(recipient, lease)
    body = bytes_body(json.dumps({"acknowledgements": [token]}).encode())
    answers = [recipient.connection.members("POST", "/v1/inbox/acknowledgements", body=body) for _ in range(2)]
    first, second = (each["results"][0] for each in answers)
    expect(first.get("evidence"), "không có chứng cứ bàn giao", "there is no evidence of the hand-over")
    expect(first.get("evidence") == second.get("evidence"), "chứng cứ khác nhau", "the evidence differs")


def _acknowledgement(client: Client, lease: Lease) -> str:
    now = datetime.now(UTC)
    ack = Acknowledgement(
        delivery=DeliveryId(lease.delivery), fence=lease.fence, agency=AgencyCode(lease.agency),
        envelope=lease.envelope.id, sender=lease.envelope.sender, digest=Sha256(lease.digest), outcome=Outcome.TAKEN,
        at=now.replace(microsecond=now.microsecond // 1000 * 1000), reason=None,
    )  # fmt: skip
    return jws.sign(encode_acknowledgement(ack), client.connection.signer, ACK_TYP).decode()


@FAMILY.check(
    "evidence.proof",
    PROTOCOL + " §4 proof",
    (
        "tệp chứng cứ của văn bản đã giao kiểm tra được, không cần mạng",
        "the proof file of a delivered document verifies offline",
    ),
    ("ký mọi sự kiện và gộp vào tệp ASiC-E", "sign every event and put it into the ASiC-E file"),
)
def evidence_proof(bench: AxisBench) -> None:
    sent = send(bench)
    delivered(bench, sent)
    into = bench.place / "chung-cu.asice"
    bench.party(0).proof(sent.envelope.sender, into, envelope_id=str(sent.envelope.id))
    key = bench.target.native[0].axis_key
    with into.open("rb") as opened:
        report = verify_proof(opened, Anchors((key,), trust_on_first_use=True))
    failed = [each for each in report.checks if each.verdict is Verdict.FAILED]
    said = ", ".join(each.name for each in failed) or report.verdict.name
    expect(report.verdict is Verdict.PASSED, f"tệp chứng cứ không đạt: {said}", f"the proof file fails: {said}")


def not_taken(steps: Callable[[], object], vi: str, en: str) -> None:
    """Raises Unmet when the call is not refused for good."""
    try:
        steps()
    except AxisRefused as found:
        expect(found.http_status < 500, f"HTTP {found.http_status}", f"HTTP {found.http_status}")
        return
    except Refused as found:
        raise Unmet(found.sentence("vi"), found.sentence("en")) from found
    raise Unmet(vi, en)
