"""Checks of an axis through the face of the national SDK (VXP): receiving, statuses, samples, traps, other faces."""

from __future__ import annotations

import time

from lienthong.conformance import packets
from lienthong.conformance.axis_bench import AxisBench
from lienthong.conformance.axis_vxp import ANSWERS, FAMILY, RULES, arrived, decode, holding, new_document, pair, sent
from lienthong.conformance.model import NotApplicable, Unmet, expect
from lienthong.conformance.vxp_driver import VxpParty
from lienthong.edxml.model import DocumentPacket, StatusVariant

LOOP = "exchange facts §2.1, Consumption loop"


@FAMILY.check(
    "receive.bytes",
    "exchange facts §2.1, getEdoc",
    ("getEdoc và downloadEdoc trả đúng các byte đã gửi", "getEdoc and downloadEdoc give the bytes that were sent"),
    ("giữ nguyên byte của gói tin, không ghi lại XML", "keep the packet's bytes, never write the XML anew"),
)
def receive_bytes(bench: AxisBench) -> None:
    packet, raw, _ = sent(bench)
    recipient = pair(bench)[1]
    name, got = arrived(recipient, "edoc", holding(packet.document_id))
    expect(got == raw, "các byte nhận được khác các byte đã gửi", "the bytes differ from those sent")
    plain = recipient.call(recipient.service().download(name))
    expect(plain.body == raw, "downloadEdoc trả byte khác", "downloadEdoc gives other bytes")


@FAMILY.check(
    "receive.until-confirmed",
    LOOP,
    (
        "văn bản còn trong danh sách cho đến khi được xác nhận done",
        "an item stays listed until it is confirmed as done",
    ),
    (
        "chỉ bỏ khỏi danh sách sau updateStatus done; done lặp lại vẫn OK",
        "unlist only after updateStatus done; done again is as good",
    ),
)
def receive_until_confirmed(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    recipient = pair(bench)[1]
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    rows = {row["docId"]: row["status"] for row in recipient.listed()}
    expect(name in rows, "biến mất khỏi danh sách trước khi xác nhận", "gone before it was confirmed")
    expect(rows[name] == "processing", f"trạng thái {rows[name]}", f"transport status {rows[name]}")
    service = recipient.service()
    recipient.ok(service.update(name, "done"))
    recipient.ok(service.update(name, "done"))
    expect(name not in {r["docId"] for r in recipient.listed()}, "vẫn còn sau khi done", "still listed after done")


@FAMILY.check(
    "receive.fail",
    LOOP,
    ("văn bản báo fail được giao lại", "an item reported as fail is offered again"),
    ("sau fail, đưa lại vào danh sách sau một khoảng nghỉ", "after fail, list it again after a pause"),
)
def receive_fail(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    recipient = pair(bench)[1]
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    recipient.ok(recipient.service().update(name, "fail"))
    until = time.monotonic() + 90
    while name not in {row["docId"] for row in recipient.listed()}:
        expect(time.monotonic() < until, "không được giao lại trong 90 giây", "not offered again within 90 seconds")
        time.sleep(1)


@FAMILY.check(
    "receive.spelling",
    RULES + " 2",
    (
        "docId và docid khác nhau: getEdoc theo docId, updateStatus theo docid",
        "docId and docid differ: each call takes its own",
    ),
    ("so tên tham số đúng chữ hoa thường, không gộp", "compare names by exact spelling, never fold them"),
)
def receive_spelling(bench: AxisBench) -> None:
    recipient = pair(bench)[1]
    first, second = sent(bench)[0], sent(bench)[0]
    rows = {row["docId"]: "" for row in recipient.listed()}
    for name in rows:
        rows[name] = decode(recipient.ok(recipient.service().get(name))["data"]).decode()
    one, two = (next(n for n, text in rows.items() if p.document_id in text) for p in (first, second))
    service = recipient.service()
    recipient.ok(service.get(one))
    recipient.ok(service.update(one, "done"))
    got = decode(recipient.ok(service.get(two))["data"]).decode()
    expect(second.document_id in got, "getEdoc lấy nhầm theo docid cũ", "getEdoc went by the leftover docid")


@FAMILY.check(
    "receive.leftovers",
    RULES + " 3",
    (
        "tham số còn sót (from, status, ngày) không che văn bản",
        "leftover parameters (from, status, dates) hide nothing",
    ),
    (
        "với thư viện SDK, không lọc danh sách theo from, status, docId, ngày cũ",
        "do not filter the SDK's lists by leftovers",
    ),
)
def receive_leftovers(bench: AxisBench) -> None:
    sent(bench)
    recipient = pair(bench)[1]
    service = recipient.service()
    leftovers = {"from": recipient.agency, "status": "done", "docid": "x", "to": "[]"}
    service.parameters.update(leftovers)
    plain = {row["docId"] for row in recipient.listed()}
    found = {
        row["docId"]
        for row in recipient.ok(service.received("edoc", ("01/01/2020 00:00:00", "02/01/2020 00:00:00")))["data"]
    }
    expect(plain <= found, "tham số còn sót che văn bản", "leftover parameters hide items")
    expect(plain, "danh sách rỗng", "the list is empty")


@FAMILY.check(
    "receive.unknown",
    ANSWERS,
    ('docId lạ bị từ chối: data là "", downloadEdoc không có thân', "an unknown docId is refused: data empty, no body"),
    (
        'lời từ chối getEdoc có data ""; downloadEdoc từ chối bằng thân rỗng',
        "refuse getEdoc with empty data, downloadEdoc with an empty body",
    ),
)
def receive_unknown(bench: AxisBench) -> None:
    party = pair(bench)[0]
    name = "00000000-0000-8000-8000-000000000000"
    found = party.fails(party.service().get(name))
    expect(found.get("data") == "", "data không phải chuỗi rỗng", "data is no empty text")
    expect(not party.call(party.service().download(name)).body, "downloadEdoc có thân", "downloadEdoc has a body")


@FAMILY.check(
    "receive.foreign",
    "exchange facts §2.1; connection test list 4",
    ("hệ thống khác không lấy được văn bản không gửi cho mình", "another system cannot fetch what is not for it"),
    ("chỉ giao cho hệ thống của cơ quan nhận", "hand over to the recipient's system only"),
)
def receive_foreign(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    sender, recipient = pair(bench)
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    sender.fails(sender.service().get(name))
    sender.fails(sender.service().update(name, "done"))


@FAMILY.check(
    "receive.counts",
    "exchange facts §2.1, countReceiveEdoc",
    ("hai lời gọi đếm khớp với danh sách", "the two counting calls agree with the lists"),
    ("trả lời countReceiveEdoc, countReceiveStatus cho cả GET và POST", "answer both counting calls, GET and POST"),
)
def receive_counts(bench: AxisBench) -> None:
    sent(bench)
    party = pair(bench)[1]
    for operation, kind in (("countReceiveEdoc", "edoc"), ("countReceiveStatus", "status")):
        count = int(str(party.ok(party.service().count(operation, kind))["count"]))
        expect(count == len(party.listed(kind)), f"{operation}: {count}", f"{operation}: {count}")


@FAMILY.check(
    "sent.list",
    "exchange facts §2.1, getSentEdocList",
    ("danh sách đã gửi có một dòng cho mỗi nơi nhận", "the list of what was sent has one row a recipient"),
    ("ghi senderDocId bằng DocId đã trả khi gửi", "name it by the DocId that was answered"),
)
def sent_list(bench: AxisBench) -> None:
    _, _, name = sent(bench)
    sender, recipient = pair(bench)
    rows = [r for r in sender.ok(sender.service().sent("edoc"))["data"] if r.get("senderDocId") == name]
    expect(len(rows) == 1, f"{len(rows)} dòng", f"{len(rows)} rows")
    expect(rows[0].get("toCode") == recipient.agency, "sai nơi nhận", "another recipient")


def _take(party: VxpParty, packet: DocumentPacket) -> None:
    name, _ = arrived(party, "edoc", holding(packet.document_id))
    party.ok(party.service().update(name, "done"))


@FAMILY.check(
    "status.forms",
    "exchange facts §1.3; connection test list 7, 8",
    (
        "trạng thái dạng MessageHeader và Status, mã một hay hai chữ số đều được nhận",
        "statuses in both forms, one or two digits, are taken",
    ),
    ("đọc cả hai dạng gói trạng thái; so mã theo giá trị số", "read both forms; compare codes by value"),
)
def status_forms(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    sender, recipient = pair(bench)
    _take(recipient, packet)
    raws = [packets.status(recipient.agency, packets.about(packet), 1)]
    raws.append(packets.status(recipient.agency, packets.about(packet), 3, StatusVariant.S))
    raws.append(packets.status(recipient.agency, packets.about(packet), 4).replace(b">04<", b">4<"))
    for raw in raws:
        recipient.ok(recipient.service().send(raw, recipient.agency, "status"))
    got = 0
    # One after the other: a later message of the same thread is listed when the earlier one is confirmed.
    while rows := sender.listed("status"):
        for row in rows:
            service = sender.service()
            got += packet.document_id.encode() in decode(sender.ok(service.get(row["docId"]))["data"])
            sender.ok(service.update(row["docId"], "done"))
    expect(got == 3, f"nơi gửi nhận {got}/3 trạng thái", f"the sender got {got} of 3 statuses")


@FAMILY.check(
    "status.direction",
    "exchange facts §3.2, §3.3",
    ("nơi gửi không tự báo trạng thái thay nơi nhận", "an issuer cannot report for its recipient"),
    (
        "chỉ nơi nhận của văn bản được báo 01–06, 15, 16; mã 13 theo chiều ngược lại",
        "only a recipient reports; code 13 goes the other way",
    ),
)
def status_direction(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    sender, recipient = pair(bench)
    _take(recipient, packet)
    wrong = packets.status(sender.agency, packets.about(packet, recipient.agency), 3)
    sender.fails(sender.service().send(wrong, sender.agency, "status"))


@FAMILY.check(
    "status.apart",
    "exchange facts §2.1, Two different statuses",
    ("trạng thái vận chuyển không lẫn với trạng thái nghiệp vụ", "transport status is never a business status"),
    (
        "updateStatus chỉ nhận done, fail, processing; 01–16 đi bằng gói tin",
        "updateStatus takes done, fail, processing only",
    ),
)
def status_apart(bench: AxisBench) -> None:
    packet, _, _ = sent(bench)
    recipient = pair(bench)[1]
    name, _ = arrived(recipient, "edoc", holding(packet.document_id))
    for wrong in ("03", "finish"):
        recipient.fails(recipient.service().update(name, wrong))
    expect(name in {r["docId"] for r in recipient.listed()}, "văn bản biến mất", "the item is gone")


@FAMILY.check(
    "samples.thirteen",
    "exchange facts §1.8.5",
    ("đủ mười ba gói mẫu: bốn gói văn bản, chín gói trạng thái", "all thirteen samples: four documents, nine statuses"),
    ("nhận mọi loại nghiệp vụ và mọi mã trạng thái của bộ mẫu", "take every business and status of the set"),
)
def samples_thirteen(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    for code in (1, 3, 4, 5, 6, None, 2):
        if code in {1, 2}:
            packet, _, _ = sent(bench)
            _take(recipient, packet)
        if code is not None:
            raw = packets.status(recipient.agency, packets.about(packet), code)
            recipient.ok(recipient.service().send(raw, recipient.agency, "status"))
    packet, _, _ = sent(bench)
    _take(recipient, packet)
    for name, follow in packets.follow_ups(bench.numbers, packet):
        sender.ok(sender.service().send(packets.whole(follow), sender.agency, "edoc"))
        arrived(recipient, "edoc", holding(follow.document_id if name == "replace" else packet.document_id))
        for row in recipient.listed():
            recipient.ok(recipient.service().update(row["docId"], "done"))
        if name != "replace":
            code = 15 if name == "update" else 16
            raw = packets.status(recipient.agency, packets.about(packet), code)
            recipient.ok(recipient.service().send(raw, recipient.agency, "status"))
    packet, _, _ = sent(bench)
    raw = packets.status(sender.agency, packets.about(packet, recipient.agency), 13)
    sender.ok(sender.service().send(raw, sender.agency, "status"))


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
        found = sender.call(sender.service().send(odd, sender.agency, "edoc")).members
        if found["status"] == "FAIL":
            expect(len(found["ErrorDesc"]) > 20, f"{trap.name}: không nêu lý do", f"{trap.name}: no reason given")
            continue
        name, got = arrived(recipient, "edoc", holding(packet.code.number))
        expect(got == odd, f"{trap.name}: byte bị đổi", f"{trap.name}: bytes were changed")
        recipient.ok(recipient.service().update(name, "done"))


@FAMILY.check(
    "cross.native",
    "exchange facts §2.1; native protocol §1",
    (
        "văn bản gửi bằng VXP tới hệ thống dùng giao thức gốc, nguyên byte",
        "a document sent by VXP reaches a native system byte for byte",
    ),
    ("các giao diện dùng chung một trục bên dưới", "all faces stand over the same exchange"),
)
def cross_native(bench: AxisBench) -> None:
    if len(bench.clients) < 2:
        raise NotApplicable("không có hệ thống dùng giao thức gốc", "there is no native system")
    client, sender = bench.clients[1], pair(bench)[0]
    packet = packets.document(bench.numbers, sender.agency, [client.agency])
    raw = packets.whole(packet)
    sender.ok(sender.service().send(raw, sender.agency, "edoc"))
    lease = bench.lease_of(client, lambda each: each.envelope.document_id == packet.document_id)
    if lease is None:
        raise Unmet("hệ thống gốc không nhận được", "the native system was offered nothing")
    path, query = f"/v1/deliveries/{lease.delivery}/parts/0", {"fence": str(lease.fence)}
    got = client.connection.request("GET", path, query).content
    expect(got == raw, "byte bị đổi", "the bytes were changed")
    client.take(lease)
