"""Checks of an axis through the REST façade of provincial gateways (LGSP)."""

from __future__ import annotations

from collections.abc import Callable

from lienthong.conformance import packets
from lienthong.conformance.axis_bench import AxisBench
from lienthong.conformance.lgsp_driver import Gateway
from lienthong.conformance.model import Face, Family, NotApplicable, Unmet, expect
from lienthong.edxml.model import DocumentPacket

FAMILY: Family[AxisBench] = Family(Face.LGSP)
FACADE = "exchange facts §2.3"


def pair(bench: AxisBench) -> tuple[Gateway, Gateway]:
    """Sender and recipient. Not applicable without two."""
    if len(bench.lgsp) < 2:
        raise NotApplicable("cần hai hệ thống LGSP", "two LGSP systems are needed")
    return bench.lgsp[0], bench.lgsp[1]


def new_document(bench: AxisBench) -> tuple[DocumentPacket, bytes]:
    """A document from the sender to the recipient."""
    sender, recipient = pair(bench)
    packet = packets.document(bench.numbers, sender.agency, [recipient.agency])
    return packet, packets.whole(packet)


def sent(bench: AxisBench) -> tuple[DocumentPacket, bytes, str]:
    """A document that was sent: its facts, its bytes, its docId."""
    packet, raw = new_document(bench)
    return packet, raw, pair(bench)[0].send(raw)


def arrived(gate: Gateway, kind: str, wanted: Callable[[bytes], bool]) -> tuple[str, bytes]:
    """The listed item whose file is wanted; others are confirmed. Raises Unmet."""
    for row in gate.listed(kind):
        raw = gate.get(row["docId"])
        if wanted(raw):
            return row["docId"], raw
        gate.ok(gate.update(row["docId"], "done"))
    raise Unmet("nơi nhận không thấy văn bản trong danh sách", "the recipient does not see it in its list")


def holding(mark: str) -> Callable[[bytes], bool]:
    """Whether a file names a document."""
    return lambda raw: mark.encode() in raw


@FAMILY.check(
    "auth.login",
    FACADE + "; connection test list 4",
    (
        "đăng nhập cho mã phiên; khóa sai bị từ chối với mã 15",
        "a login gives a token; a wrong secret is refused with 15",
    ),
    ("POST /v1/auth/login trả token; sai khóa trả errorCode 15", "answer a token; a wrong secret gets errorCode 15"),
)
def auth_login(bench: AxisBench) -> None:
    gate = pair(bench)[0]
    expect(gate.ok(gate.log_in())["data"].get("token"), "không có token", "there is no token")
    gate.refused(gate.log_in("khong-phai-khoa-nay"), 15)


@FAMILY.check(
    "auth.token",
    FACADE,
    ("thiếu mã phiên hoặc khóa bí mật thì bị từ chối", "without token or secret a call is refused"),
    ("kiểm Authorization, X-SystemId và X-SecretKey ở mọi lời gọi", "check token, system and secret with every call"),
)
def auth_token(bench: AxisBench) -> None:
    gate = pair(bench)[0]
    good = gate.headers
    for headers in ({k: v for k, v in good.items() if k != "Authorization"}, {**good, "X-SecretKey": "sai"}):
        answer = gate.http.get("/syncReceivedEdocList", params={"messageType": "edoc"}, headers=headers)
        gate.refused(answer, 15)
    _, raw = new_document(bench)
    gate.refused(gate.post_file(raw, headers={"X-SystemId": gate.system}), 15)


@FAMILY.check(
    "auth.from",
    FACADE,
    ("gửi thay cơ quan không thuộc hệ thống bị từ chối với mã 19", "somebody else's agency is refused with 19"),
    ("kiểm From của gói tin theo danh bạ", "check From against the directory"),
)
def auth_from(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet = packets.document(bench.numbers, recipient.agency, [sender.agency])
    sender.refused(sender.post_file(packets.whole(packet)), 19)


@FAMILY.check(
    "directory.list",
    FACADE + "; connection test list 5",
    ("danh bạ có cả hai cơ quan", "the directory has both agencies"),
    ("GET /v1/getAgenciesList trả mảng có code, name", "answer rows with code and name"),
)
def directory_list(bench: AxisBench) -> None:
    gate, other = pair(bench)
    codes = {row.get("code") for row in gate.ok(gate.http.get("/getAgenciesList", headers=gate.headers))["data"]}
    expect({gate.agency, other.agency} <= codes, "danh bạ thiếu cơ quan", "the directory lacks an agency")


@FAMILY.check(
    "send.docid",
    FACADE,
    ("mỗi văn bản có docId riêng", "each document has a docId of its own"),
    ("cấp docId theo gói tin", "make one docId for each packet"),
)
def send_docid(bench: AxisBench) -> None:
    first, second = sent(bench)[2], sent(bench)[2]
    expect(first and second and first != second, "docId trống hoặc trùng", "docId is empty or shared")


@FAMILY.check(
    "send.repost",
    FACADE + "; connection test list 12",
    ("gửi lại cùng tệp cho cùng docId, một lượt giao", "the same file again: the same docId, one delivery"),
    ("nhận ra lần gửi lặp theo hệ thống và nội dung", "recognise a re-post by system and content"),
)
def send_repost(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    names = {sender.send(raw) for _ in range(3)}
    expect(len(names) == 1, f"ba lần gửi cho {len(names)} docId", f"three posts gave {len(names)} docIds")
    copies = [row for row in recipient.listed() if holding(packet.document_id)(recipient.get(row["docId"]))]
    expect(len(copies) == 1, f"nơi nhận có {len(copies)} bản", f"the recipient has {len(copies)} copies")


@FAMILY.check(
    "send.broken",
    FACADE + "; connection test list 10",
    (
        "tệp hỏng và nơi nhận lạ bị từ chối đúng mã lỗi",
        "broken files and unknown recipients are refused with their numbers",
    ),
    ("10/21/22 cho tệp hỏng, 18 cho nơi nhận không có", "10, 21 or 22 for broken files, 18 for unknown recipients"),
)
def send_broken(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    end = raw.index(b"</edXML:ContentTransferEncoded>")
    for broken in (b"khong phai XML", raw[: len(raw) // 2], raw[: end - 3] + raw[end:]):
        sender.refused(sender.post_file(broken), 10, 21, 22)
    sender.refused(
        sender.post_file(packets.whole(packets.document(bench.numbers, sender.agency, ["000.99.99.H99"]))), 18
    )
    hit = any(holding(packet.document_id)(recipient.get(row["docId"])) for row in recipient.listed())
    expect(not hit, "gói bị từ chối vẫn tới nơi nhận", "a refused packet reached the recipient")


@FAMILY.check(
    "receive.bytes",
    FACADE,
    ("getEdoc trả đúng các byte đã gửi", "getEdoc gives the bytes that were sent"),
    ("giữ nguyên byte của gói tin", "keep the packet's bytes"),
)
def receive_bytes(bench: AxisBench) -> None:
    packet, raw, _ = sent(bench)
    _, got = arrived(pair(bench)[1], "edoc", holding(packet.document_id))
    expect(got == raw, "các byte nhận được khác các byte đã gửi", "the bytes differ from those sent")


@FAMILY.check(
    "receive.until-confirmed",
    FACADE,
    (
        "văn bản còn trong danh sách cho đến khi được xác nhận done",
        "an item stays listed until it is confirmed as done",
    ),
    ("chỉ bỏ khỏi danh sách sau updateStatus done", "unlist only after updateStatus done"),
)
def receive_until_confirmed(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    recipient = pair(bench)[1]
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    expect(name in {r["docId"] for r in recipient.listed()}, "biến mất trước khi xác nhận", "gone before confirmed")
    recipient.ok(recipient.update(name, "done"))
    recipient.ok(recipient.update(name, "done"))
    expect(name not in {r["docId"] for r in recipient.listed()}, "vẫn còn sau khi done", "still listed after done")


@FAMILY.check(
    "receive.dates",
    FACADE,
    ("khoảng ngày của hôm nay không che văn bản chưa xác nhận", "today's dates do not hide what is not confirmed"),
    (
        "không dùng fromDate để che văn bản chưa xác nhận; ngày viết yyyy/MM/dd",
        "fromDate must not hide unconfirmed items",
    ),
    should=True,
)
def receive_dates(bench: AxisBench) -> None:
    sent(bench)
    gate = pair(bench)[1]
    plain = {row["docId"] for row in gate.listed()}
    dated = {row["docId"] for row in gate.listed(fromDate="2099/01/01", toDate="2099/12/31")}
    expect(plain and plain <= dated, "khoảng ngày che văn bản", "dates hide items")


@FAMILY.check(
    "receive.foreign",
    FACADE,
    (
        "hệ thống khác không lấy được văn bản không gửi cho mình; docId lạ bị từ chối",
        "nobody fetches what is not theirs; an unknown docId is refused",
    ),
    ("chỉ giao cho hệ thống của cơ quan nhận", "hand over to the recipient's system only"),
)
def receive_foreign(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    sender, recipient = pair(bench)
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    for answer in (sender.fetch(name), sender.update(name, "done"), recipient.update(name, "finish")):
        expect(not sender.members(answer)["success"], "được chấp nhận trong khi phải từ chối", "accepted")
    expect(not recipient.members(recipient.fetch("khong-co"))["success"], "docId lạ được chấp nhận", "unknown accepted")


@FAMILY.check(
    "status.return",
    FACADE + "; exchange facts §1.3",
    (
        "trạng thái nghiệp vụ về tới nơi gửi; chiều ngược bị từ chối",
        "a business status comes back; the wrong direction is refused",
    ),
    (
        "messageType status mang gói trạng thái; chỉ nơi nhận được báo",
        "statuses travel as files; only a recipient reports",
    ),
)
def status_return(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    sender, recipient = pair(bench)
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    recipient.ok(recipient.update(name, "done"))
    recipient.send(packets.status(recipient.agency, packets.about(packet), 3), "status")
    arrived(sender, "status", holding(packet.document_id))
    wrong = packets.status(sender.agency, packets.about(packet, recipient.agency), 3)
    answer = sender.members(sender.post_file(wrong, "status"))
    expect(not answer["success"], "nơi gửi tự báo được trạng thái", "an issuer could report for its recipient")


@FAMILY.check(
    "samples.traps",
    "exchange facts §1.9",
    (
        "gói tin lạ của phần mềm thật được nhận nguyên byte hoặc từ chối có lý do",
        "odd packets are taken byte for byte, or refused with a reason",
    ),
    (
        "đọc khoan dung, giữ nguyên byte; khi từ chối phải nói phần tử nào sai",
        "read leniently, keep the bytes; a refusal names the element",
    ),
)
def samples_traps(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    for trap in packets.TRAPS:
        packet, raw = new_document(bench)
        odd = trap.make(raw)
        found = sender.members(sender.post_file(odd))
        if not found["success"]:
            expect(len(str(found["message"])) > 20, f"{trap.name}: không nêu lý do", f"{trap.name}: no reason given")
            continue
        name, got = arrived(recipient, "edoc", holding(packet.code.number))
        expect(got == odd, f"{trap.name}: byte bị đổi", f"{trap.name}: bytes were changed")
        recipient.ok(recipient.update(name, "done"))
