"""Checks of an agency's system. The same for every face; what a face cannot show is said to have no object."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

from lienthong.base.ids import DocumentId
from lienthong.conformance import packets
from lienthong.conformance.model import Check, Face, Family, NotApplicable, Unmet, expect
from lienthong.conformance.native_driver import submit
from lienthong.conformance.proxy import Reply, Seen
from lienthong.conformance.system_bench import SystemBench
from lienthong.connector.client import Sent
from lienthong.connector.errors import AxisRefused
from lienthong.wire.envelope import Kind

LOOP = "exchange facts §2.1, Consumption loop"
BUSY_SECONDS = 6.0
CALM = 5.0
"""Requests in a second above which a system does not spare a busy axis."""

_GENERIC: Family[SystemBench] = Family(Face.NATIVE)


def system_checks(face: Face) -> list[Check[SystemBench]]:
    """The checks under the name of one face."""
    return [replace(each, id=f"{face.value}.{each.id.removeprefix('native.')}", face=face) for each in _GENERIC.checks]


@_GENERIC.check(
    "system.asks",
    LOOP + "; connection test list 1, 4",
    ("hệ thống kết nối và hỏi văn bản đến", "the system connects and asks for documents"),
    ("kiểm tra địa chỉ, mã hệ thống, khóa và đồng hồ", "check address, system identifier, key and clock"),
)
def system_asks(bench: SystemBench) -> None:
    bench.await_request("list", 0, lambda seen: seen.status == 200 and b'"FAIL"' not in seen.answered)


@_GENERIC.check(
    "system.takes",
    LOOP + "; connection test list 7",
    ("văn bản mới được tải trọn vẹn rồi mới xác nhận", "a new document is fetched whole before it is confirmed"),
    ("tải, kiểm, lưu bền rồi mới xác nhận", "fetch, check, store durably, then confirm"),
)
def system_takes(bench: SystemBench) -> None:
    since = len(bench.proxy.seen)
    bench.taken(bench.offer())
    seen = bench.proxy.seen[since:]
    fetched = next((each.at for each in seen if bench.does(each, "fetch") and each.status in {200, 206}), None)
    confirmed = next((each.at for each in seen if bench.does(each, "confirm")), None)
    expect(fetched is not None, "xác nhận mà không tải", "confirmed without fetching")
    expect(confirmed is not None and fetched is not None and fetched < confirmed, "xác nhận sớm", "confirmed too early")


@_GENERIC.check(
    "system.reports",
    "exchange facts §3.1; connection test list 7",
    ("hệ thống báo trạng thái 01 hoặc 03 cho văn bản đã nhận", "the system reports 01 or 03 on what it has received"),
    ("gửi gói trạng thái 01 khi văn bản đến, 03 khi vào sổ", "send status 01 on arrival, 03 when registered"),
    should=True,
)
def system_reports(bench: SystemBench) -> None:
    sent = bench.offer()
    bench.taken(sent)
    until = time.monotonic() + bench.patience
    while not {1, 3} & _codes(bench, sent):
        expect(time.monotonic() < until, "không có trạng thái nào", "no status came")
        time.sleep(0.3)


def _codes(bench: SystemBench, sent: Sent) -> set[int]:
    rows = bench.trace(sent)["statuses"]
    return {int(row["code"]) for row in rows}


@_GENERIC.check(
    "system.follow-ups",
    "exchange facts §1.8.5; connection test list 9",
    ("gói cập nhật, thu hồi, thay thế được nhận", "update, recall and replacement are taken"),
    (
        "xử lý BussinessDocType 1, 2, 3; trả lời thu hồi bằng 15 hoặc 16",
        "handle 1, 2, 3; answer a recall with 15 or 16",
    ),
)
def system_follow_ups(bench: SystemBench) -> None:
    sent = bench.offer()
    bench.taken(sent)
    about = bench.original(sent)
    found = bench.tester.find_sent(about.document_id)
    if found is None:
        raise Unmet("không còn bản đã gửi", "the document that was sent is gone")
    for _, packet in packets.follow_ups(bench.numbers, replace(found[1], signature_xml=None)):
        raw = packets.whole(packet)
        envelope = submit(bench.tester, [bench.agency], packet.document_id, raw, Kind.DOCUMENT)
        until = time.monotonic() + bench.patience
        while True:
            row = bench.tester.trace(bench.tester.agency, envelope_id=str(envelope.id))["recipients"][0]
            if row["state"] in {"delivered", "refused", "recalled"}:
                break
            expect(time.monotonic() < until, "không được nhận kịp", f"not taken in time ({row['state']})")
            time.sleep(0.2)


@_GENERIC.check(
    "system.recall-by-status",
    "exchange facts §3.3, §3.4 channel a",
    ("lấy lại bằng trạng thái 13 được nhận", "a recall by status 13 is taken"),
    (
        "đọc mã 13 theo chiều ngược: người báo là nơi ban hành",
        "read 13 the other way round: its reporter is the issuer",
    ),
)
def system_recall_by_status(bench: SystemBench) -> None:
    sent = bench.offer()
    bench.taken(sent)
    bench.settled(bench.tester.recall_by_status(bench.original(sent), bench.agency, "Sai phụ lục"))


@_GENERIC.check(
    "system.statuses",
    "exchange facts §1.8.5; connection test list 7, 8, 13",
    (
        "chín trạng thái về văn bản đã gửi được nhận, kể cả trái thứ tự",
        "statuses on its own documents are taken in any order",
    ),
    (
        "nhận mọi mã 01–06, 15, 16; trạng thái lạ không làm dừng vòng nhận",
        "take 01–06, 15, 16; an odd one must not stop the loop",
    ),
)
def system_statuses(bench: SystemBench) -> None:
    _, about = bench.document_of_system()
    for code in (1, 3, 5, 4, 6, 15, 16):
        sent = bench.report(about, code)
        if sent is not None:
            bench.settled(sent)
    _, other = bench.document_of_system()
    refusal = bench.report(other, 2)
    expect(refusal is not None, "trục không nhận trạng thái 02", "the axis took no 02")
    if refusal is not None:
        bench.settled(refusal)


@_GENERIC.check(
    "system.sends-again",
    "exchange facts §2.1 rule 1; connection test list 12",
    (
        "mất trả lời khi gửi: hệ thống gửi lại đúng gói đó, nơi nhận có một bản",
        "a lost answer: the same packet is sent again, one copy arrives",
    ),
    (
        "lưu gói trước khi gửi; gửi lại nguyên byte cho đến khi có biên nhận",
        "spool before sending; repeat the same bytes until receipted",
    ),
)
def system_sends_again(bench: SystemBench) -> None:
    lost: list[Seen] = []

    def change(seen: Seen, reply: Reply) -> Reply | None:
        if bench.does(seen, "send") and not lost and not _is_status(bench, seen):
            lost.append(seen)
            return None
        return reply

    since = len(bench.proxy.seen)
    with bench.script.playing(change=change):
        packet, _ = bench.document_of_system()
        first = lost[0] if lost else None
        if first is None:
            raise Unmet("không thấy lần gửi nào qua bộ kiểm tra", "no submission went through the kit")
        bench.await_request("send", since, lambda seen: seen is not first and seen.body == first.body)
    copies = [lease for lease in bench.tester.lease(100, 3) if lease.envelope.document_id == packet.document_id]
    expect(not [c for c in copies if c.envelope.kind is Kind.DOCUMENT], "nơi nhận có hai bản", "two copies arrived")


def _is_status(bench: SystemBench, seen: Seen) -> bool:
    if bench.face is Face.VXP:
        return seen.header("XroadVnpt-messagetype") == "status"
    if bench.face is Face.LGSP:
        return b'name="messageType"\r\n\r\nstatus' in seen.body
    return b"edXML:StatusCode" in seen.body


@_GENERIC.check(
    "system.confirms-again",
    LOOP + "; connection test list 12",
    (
        "mất lời xác nhận: hệ thống xác nhận lại, không báo trạng thái hai lần",
        "a lost confirmation is repeated; statuses are not doubled",
    ),
    (
        "nhận lại cùng văn bản phải vô hại: tra theo mã văn bản rồi xác nhận",
        "an offer again must be harmless: look it up, confirm",
    ),
)
def system_confirms_again(bench: SystemBench) -> None:
    lost: list[Seen] = []

    def instead(seen: Seen) -> Reply | None:
        if bench.does(seen, "confirm") and not lost:
            lost.append(seen)
            raise ValueError("the line breaks")
        return None

    with bench.script.playing(instead=instead):
        sent = bench.offer()
        bench.taken(sent)
    expect(lost, "không thấy lời xác nhận nào", "no confirmation went through the kit")
    time.sleep(1)
    codes = [int(row["code"]) for row in bench.trace(sent)["statuses"]]
    expect(len(codes) == len(set(codes)), f"trạng thái bị báo hai lần: {codes}", f"statuses came twice: {codes}")


@_GENERIC.check(
    "system.busy",
    "connection test list 15; exchange facts §2.3 code 20",
    (
        "trục bận (429, 503, FAIL 20): hệ thống chờ, không dồn dập, rồi làm tiếp",
        "a busy axis is spared, then work goes on",
    ),
    ("chờ theo Retry-After, thử lại thưa dần", "wait as Retry-After says, with growing pauses"),
)
def system_busy(bench: SystemBench) -> None:
    ends = time.monotonic() + BUSY_SECONDS
    since = len(bench.proxy.seen)
    with bench.script.playing(instead=lambda seen: _busy(bench.face, seen) if time.monotonic() < ends else None):
        sent = bench.offer()
        time.sleep(BUSY_SECONDS)
        calls = len(bench.proxy.seen) - since
        expect(calls <= BUSY_SECONDS * CALM, f"{calls} lời gọi khi trục bận", f"{calls} calls while the axis was busy")
        bench.taken(sent)


def _busy(face: Face, seen: Seen) -> Reply:
    json_type = ("Content-Type", "application/json")
    if face is Face.VXP:
        members = {
            "status": "FAIL",
            "ErrorCode": "20",
            "ErrorDesc": "Truc dang ban [AXIS_BUSY]",
            "DocId": "",
            "data": [],
        }
        return Reply(200, (json_type, ("Retry-After", "3")), json.dumps(members).encode())
    if face is Face.LGSP:
        found = {"success": False, "errorCode": 20, "error": "AXIS_BUSY", "message": "Truc dang ban", "retry": True}
        return Reply(503, (json_type, ("Retry-After", "3")), json.dumps({**found, "data": ""}).encode())
    problem = {
        "type": "about:blank", "code": "AXIS_BUSY", "status": 503, "retry": "transient", "problems": [],
        "title_vi": "Trục đang bận.", "title_en": "The axis is busy.",
        "advice_vi": "Thử lại sau.", "advice_en": "Later.",
    }  # fmt: skip
    kind = ("Content-Type", "application/problem+json")
    return Reply(503, (kind, ("Retry-After", "3")), json.dumps(problem).encode())


@_GENERIC.check(
    "system.cut-download",
    "connection test list 14",
    (
        "tải về bị đứt: hệ thống không xác nhận bản thiếu, tải lại rồi nhận",
        "a download cut off is not confirmed, but fetched again",
    ),
    ("so độ dài và JSON/byte trước khi lưu; tải lại khi thiếu", "check length and content before storing; fetch again"),
)
def system_cut_download(bench: SystemBench) -> None:
    _damaged(bench, lambda reply: replace(reply, cut=len(reply.body) // 2))


@_GENERIC.check(
    "system.changed-byte",
    "native protocol §4; exchange facts §2.1 getEdoc",
    (
        "tệp bị đổi một byte trên đường không được xác nhận đã nhận",
        "a file with one byte changed is not confirmed as taken",
    ),
    ("so SHA-256 của từng phần với phong bì trước khi xác nhận", "compare each part's SHA-256 with the envelope first"),
)
def system_changed_byte(bench: SystemBench) -> None:
    if bench.face is not Face.NATIVE:
        raise NotApplicable("giao diện này không có giá trị băm khi tải về", "this face has no digest of downloads")
    _damaged(bench, lambda reply: replace(reply, body=reply.body[:-9] + bytes([reply.body[-9] ^ 1]) + reply.body[-8:]))


def _damaged(bench: SystemBench, damage: Callable[[Reply], Reply]) -> None:
    """The first download is damaged; the system must not confirm before it has fetched again."""
    hurt: list[float] = []

    def change(seen: Seen, reply: Reply) -> Reply | None:
        if bench.does(seen, "fetch") and not hurt and len(reply.body) > 100:
            hurt.append(time.monotonic())
            return damage(reply)
        return reply

    with bench.script.playing(change=change):
        sent = bench.offer()
        bench.taken(sent)
    expect(hurt, "hệ thống không tải văn bản", "the system fetched nothing")
    seen = [each for each in bench.proxy.seen if each.at > hurt[0]]
    again = next((each.at for each in seen if bench.does(each, "fetch")), None)
    expect(again is not None, "xác nhận bản hỏng mà không tải lại", "confirmed the damaged copy without fetching again")


@_GENERIC.check(
    "system.traps",
    "exchange facts §1.9",
    (
        "gói tin lạ được nhận hoặc từ chối có lý do, vòng nhận không dừng",
        "odd packets are taken or refused with a reason; the loop goes on",
    ),
    ("đọc khoan dung; không để một gói làm dừng cả vòng nhận", "read leniently; never let one packet stop the loop"),
)
def system_traps(bench: SystemBench) -> None:
    offered = []
    for trap in packets.TRAPS:
        packet = packets.document(bench.numbers, bench.tester.agency, [bench.agency])
        raw = trap.make(packets.whole(packet))
        odd_date = trap.name == "impossible-date"
        about = DocumentId(packet.document_id.replace("/11/20", "/02/30")) if odd_date else packet.document_id
        try:
            envelope = submit(bench.tester, [bench.agency], about, raw, Kind.DOCUMENT)
        except AxisRefused:
            continue  # The axis keeps it out; no system ever sees it.
        offered.append((trap.name, envelope))
    for name, envelope in offered:
        until = time.monotonic() + bench.patience
        while True:
            row = bench.tester.trace(bench.tester.agency, envelope_id=str(envelope.id))["recipients"][0]
            if row["state"] in {"delivered", "refused", "recalled", "quarantined"}:
                break
            expect(time.monotonic() < until, f"{name}: bị bỏ lửng ({row['state']})", f"{name}: left ({row['state']})")
            time.sleep(0.2)
    bench.taken(bench.offer())


@_GENERIC.check(
    "system.legal",
    "exchange facts §3.1, §3.2",
    (
        "mọi trạng thái của hệ thống đúng chiều; từ chối (02) có lý do",
        "its statuses go the right way; a refusal (02) says why",
    ),
    (
        "chỉ báo về văn bản đã nhận; ghi lý do vào Description",
        "report only on what was received; put the reason into Description",
    ),
)
def system_legal(bench: SystemBench) -> None:
    sends = [each for each in bench.proxy.seen if bench.does(each, "send")]
    if not sends:
        raise NotApplicable("hệ thống không gửi gì", "the system sent nothing")
    bad = [each for each in sends if _refused_for_good(each)]
    said = bad[0].answered[:200].decode("utf-8", "replace") if bad else ""
    expect(not bad, f"{len(bad)} lần gửi bị từ chối: {said}", f"{len(bad)} submissions were refused: {said}")


def _refused_for_good(seen: Seen) -> bool:
    if b"AXIS_BUSY" in seen.answered:
        return False
    return (400 <= seen.status < 500 and seen.status != 429) or b'"FAIL"' in seen.answered[:200]


@_GENERIC.check(
    "system.secrets",
    "exchange facts §2.1 Signature, §2.3",
    ("khóa bí mật không nằm trong địa chỉ của yêu cầu", "no secret stands in the address of a request"),
    ("gửi khóa trong tiêu đề hoặc ký, không đưa vào URL", "send secrets in headers or sign; never in a URL"),
)
def system_secrets(bench: SystemBench) -> None:
    expect(bench.proxy.seen, "không có yêu cầu nào", "there was no request")
    if not bench.secret:
        return
    mark = bench.secret.encode()
    anywhere = bench.face is Face.VXP
    hit = [e for e in bench.proxy.seen if bench.secret in e.target or (anywhere and mark in e.head)]
    expect(not hit, "khóa bí mật lộ trong yêu cầu", "the secret shows in a request")
