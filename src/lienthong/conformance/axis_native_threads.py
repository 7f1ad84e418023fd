"""Checks of an axis through the native protocol: statuses, recall, update, replacement, samples and traps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.conformance import packets
from lienthong.conformance.axis_bench import AxisBench
from lienthong.conformance.axis_native import FAMILY, delivered, file, not_taken, offered, outgoing, send
from lienthong.conformance.model import Unmet, expect
from lienthong.conformance.native_driver import submit
from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.errors import AxisRefused
from lienthong.connector.receiving import Lease
from lienthong.wire.envelope import Kind, Role


def original(bench: AxisBench, sent: Sent) -> Original:
    """Names a sent document."""
    found = bench.party(0).find_sent(sent.envelope.document_id)
    if found is None:
        raise Unmet("không còn bản đã gửi", "the document that was sent is gone")
    packet = found[1]
    return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)


def state_of(client: Client, sent: Sent) -> dict[str, object]:
    """The one delivery of a document as the sender sees it."""
    row: dict[str, object] = client.trace(client.agency, envelope_id=str(sent.envelope.id))["recipients"][0]
    return row


@FAMILY.check(
    "status.flow",
    "exchange facts §3.1, §3.2; connection test list 7",
    (
        "trạng thái 01, 03, 04, 05, 06 về tới nơi gửi và hiện trong lịch sử",
        "statuses 01, 03, 04, 05, 06 come back and show in the trace",
    ),
    ("chuyển mọi gói trạng thái và ghi mã mới nhất", "relay every status and keep the newest code"),
)
def status_flow(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = delivered(bench, sent)
    about = original(bench, sent)
    for code in (1, 3, 4, 5, 6):
        recipient.report_status(about, code, packets.STATUS_WORDS[code])
    row = state_of(bench.party(0), sent)
    expect(int(str(row["status"])) == 6, f"trạng thái mới nhất {row['status']}", f"newest status {row['status']}")


@FAMILY.check(
    "status.late",
    "connection test list 13",
    ("trạng thái đến trái thứ tự không kéo lùi trạng thái", "a status out of order does not set it back"),
    ("ghi nhận nhưng không hạ trạng thái mới nhất", "keep it, but never lower the newest status"),
)
def status_late(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = delivered(bench, sent)
    about = original(bench, sent)
    to, named = [sent.envelope.sender], about.response_for()
    for code, back in ((5, 1), (3, 60)):
        at = datetime.now(UTC) - timedelta(seconds=back)
        raw = packets.status(recipient.agency, named, code, at=at)
        submit(recipient, to, about.document_id, raw, Kind.STATUS, Role.HEADER)
    row = state_of(bench.party(0), sent)
    expect(int(str(row["status"])) == 5, f"trạng thái bị kéo về {row['status']}", f"the status fell to {row['status']}")


@FAMILY.check(
    "status.direction",
    "exchange facts §3.3",
    ("nơi gửi không tự báo trạng thái thay nơi nhận", "an issuer cannot report for its recipient"),
    ("chỉ nơi nhận được báo; mã 13 theo chiều ngược lại", "only a recipient reports; code 13 goes the other way"),
)
def status_direction(bench: AxisBench) -> None:
    sent = send(bench)
    delivered(bench, sent)
    sender, recipient = bench.party(0), bench.party(1)
    raw = packets.status(sender.agency, original(bench, sent).response_for(AgencyCode(recipient.agency)), 3)
    vi, en = "nơi gửi tự báo được trạng thái 03", "an issuer could report 03 for its recipient"
    envelope_for = sent.envelope.document_id
    not_taken(lambda: submit(sender, [recipient.agency], envelope_for, raw, Kind.STATUS, Role.HEADER), vi, en)


@FAMILY.check(
    "status.refusal",
    "exchange facts §3.1 code 02; connection test list 8",
    (
        "từ chối (02) có lý do làm lượt giao thành «từ chối»",
        "a refusal (02) with its reason makes the delivery refused",
    ),
    (
        "sau trạng thái 02, lượt giao chuyển thành refused và giữ lý do",
        "after 02 the delivery is refused and keeps the reason",
    ),
)
def status_refusal(bench: AxisBench) -> None:
    sent = send(bench)
    recipient = delivered(bench, sent)
    recipient.report_status(original(bench, sent), 2, packets.STATUS_WORDS[2])
    row = state_of(bench.party(0), sent)
    expect(row["state"] == "refused", f"lượt giao {row['state']}", f"the delivery is {row['state']}")


@FAMILY.check(
    "thread.recall",
    "exchange facts §3.4; native protocol §7; connection test list 9",
    (
        "thu hồi trước khi bàn giao là xong ngay; sau bàn giao nơi nhận được hỏi",
        "a recall before the hand-over is done at once; later it is asked",
    ),
    (
        "lượt giao chưa bàn giao thành recalled; đã bàn giao thì giao gói thu hồi",
        "recall what is not handed over; else deliver the recall",
    ),
)
def thread_recall(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    early = send(bench)
    sender.recall(original(bench, early), [recipient.agency], "Gửi nhầm nơi nhận")
    row = state_of(sender, early)
    expect(row["state"] == "recalled", f"lượt giao {row['state']}", f"the delivery is {row['state']}")
    late = send(bench)
    delivered(bench, late)
    about = original(bench, late)
    recall = sender.recall(about, [recipient.agency], "Sai phụ lục")
    recipient.take(offered(bench, recall))
    recipient.report_status(about, 15, packets.STATUS_WORDS[15])
    row = state_of(sender, late)
    expect(row["state"] == "recalled", f"sau mã 15: {row['state']}", f"after 15: {row['state']}")


@FAMILY.check(
    "thread.update",
    "exchange facts §1.8.4; native protocol §7; connection test list 9",
    ("cập nhật và thay thế tới nơi nhận đúng thứ tự", "update and replacement reach the recipient in order"),
    ("giao các gói cùng chuỗi lần lượt", "deliver messages of one thread one after the other"),
)
def thread_update(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    sent = send(bench)
    about = original(bench, sent)
    update = sender.update(outgoing(bench, recipient.agency, number=about.code), [file()], about, "Sửa phụ lục")
    mine = [each for each in recipient.lease(200, 2) if each.envelope.document_id == about.document_id]
    expect(
        [each.envelope.id for each in mine] == [sent.envelope.id], "bản cập nhật vượt lên trước", "the update overtook"
    )
    recipient.take(mine[0])
    recipient.take(offered(bench, update))
    replacing = sender.replace(outgoing(bench, recipient.agency), [file()], about.document_id, "Thay thế")
    recipient.take(offered(bench, replacing))


@FAMILY.check(
    "samples.documents",
    "exchange facts §1.8.5, §1.9",
    (
        "gói tin nguyên khối, kể cả gói lạ, được nhận nguyên byte hoặc từ chối có lý do",
        "whole packets, odd ones too, are taken byte for byte or refused with a reason",
    ),
    (
        "đọc khoan dung, giữ nguyên byte; khi từ chối phải nói phần tử nào sai",
        "read leniently, keep the bytes; a refusal names the element",
    ),
)
def samples_documents(bench: AxisBench) -> None:
    sender, recipient = bench.party(0), bench.party(1)
    oddities = [("mẫu", _unchanged), *((trap.name, trap.make) for trap in packets.TRAPS)]
    for name, make in oddities:
        packet = packets.document(bench.numbers, sender.agency, [recipient.agency])
        raw = make(packets.whole(packet))
        odd_date = name == "impossible-date"
        about = DocumentId(packet.document_id.replace("/11/20", "/02/30")) if odd_date else packet.document_id
        try:
            envelope = submit(sender, [recipient.agency], about, raw, Kind.DOCUMENT, Role.PACKET)
        except AxisRefused as found:
            clear = found.http_status < 500 and found.title_vi and found.advice_vi
            expect(clear and name != "mẫu", f"{name}: HTTP {found.http_status} {found.code}", f"{name}: {found.code}")
            continue
        lease = bench.lease_of(recipient, _named(str(envelope.id)))
        if lease is None:
            raise Unmet(f"{name}: không tới nơi nhận", f"{name}: not offered")
        path, query = f"/v1/deliveries/{lease.delivery}/parts/0", {"fence": str(lease.fence)}
        got = recipient.connection.request("GET", path, query).content
        expect(got == raw, f"{name}: byte bị đổi", f"{name}: bytes were changed")
        recipient.take(lease)


def _unchanged(raw: bytes) -> bytes:
    return raw


def _named(envelope: str) -> Callable[[Lease], bool]:
    return lambda lease: str(lease.envelope.id) == envelope
