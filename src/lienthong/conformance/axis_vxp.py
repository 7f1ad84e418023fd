"""Checks of an axis through the face of the national SDK (VXP): who calls, answers, directory, sending."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lienthong.conformance import packets
from lienthong.conformance.axis_bench import AxisBench
from lienthong.conformance.model import Face, Family, NotApplicable, Unmet, expect
from lienthong.conformance.vxp_driver import VxpParty
from lienthong.edxml.model import DocumentPacket
from lienthong.wire.vxp.sdk import SdkRequest

FAMILY: Family[AxisBench] = Family(Face.VXP)
WRONG = "khong-phai-khoa-nay"
RULES = "exchange facts §2.1, Rules for a compatible server"
ANSWERS = "exchange facts §2.1, Answers the SDK can take"


def pair(bench: AxisBench) -> tuple[VxpParty, VxpParty]:
    """Sender and recipient. Not applicable without two."""
    if len(bench.vxp) < 2:
        raise NotApplicable("cần hai hệ thống VXP", "two VXP systems are needed")
    return bench.vxp[0], bench.vxp[1]


def new_document(bench: AxisBench) -> tuple[DocumentPacket, bytes]:
    """A document from the sender to the recipient."""
    sender, recipient = pair(bench)
    packet = packets.document(bench.numbers, sender.agency, [recipient.agency])
    return packet, packets.whole(packet)


def sent(bench: AxisBench) -> tuple[DocumentPacket, bytes, str]:
    """A document that was sent: its facts, its bytes, its DocId."""
    packet, raw = new_document(bench)
    sender, _ = pair(bench)
    return packet, raw, str(sender.ok(sender.service().send(raw, sender.agency, "edoc"))["DocId"])


def arrived(party: VxpParty, kind: str, wanted: Callable[[bytes], bool]) -> tuple[str, bytes]:
    """The listed item whose file is wanted: its docId and file. Others that are listed are confirmed."""
    for row in party.listed(kind):
        service = party.service()
        raw = decode(party.ok(service.get(row["docId"]))["data"])
        if wanted(raw):
            return row["docId"], raw
        party.ok(service.update(row["docId"], "done"))
    raise Unmet("nơi nhận không thấy văn bản trong danh sách", "the recipient does not see it in its list")


def decode(data: object) -> bytes:
    """Base64 as the library decodes it."""
    return base64.b64decode(str(data), validate=False)


def holding(mark: str) -> Callable[[bytes], bool]:
    """Whether a file names a document."""
    return lambda raw: mark.encode() in raw


def changed_head(request: SdkRequest, old: str, new: str) -> SdkRequest:
    """The same request with one header changed after it was signed."""
    changed = request.head.replace(old.encode(), new.encode(), 1)
    expect(changed != request.head, f"không có {old}", f"no {old} to change")
    return replace(request, head=changed)


@FAMILY.check(
    "answer.list",
    ANSWERS,
    (
        "danh sách rỗng hay không đều là JSON ASCII đủ thành phần, không null",
        "a list is whole ASCII JSON without nulls",
    ),
    (
        "trả lời HTTP 200, JSON ASCII có status, ErrorCode, ErrorDesc và data là mảng",
        "answer 200 with status, ErrorCode, ErrorDesc and an array",
    ),
)
def answer_list(bench: AxisBench) -> None:
    for kind in ("edoc", "status"):
        found = pair(bench)[1].ok(pair(bench)[1].service().received(kind))
        expect(isinstance(found.get("data"), list), "data không phải mảng", "data is no array")


@FAMILY.check(
    "answer.continue",
    RULES + " 5",
    ("100 Continue được trả lời ngay", "100 Continue is answered at once"),
    (
        "trả lời «100 Continue» trước khi đọc thân; nếu không, mỗi văn bản mất 6 giây",
        "answer 100 Continue before the body; without it every document costs six seconds",
    ),
)
def answer_continue(bench: AxisBench) -> None:
    party = pair(bench)[0]
    answer = party.call(party.service().count("countReceiveEdoc", "edoc"))
    expect(answer.continued is not None, "không có 100 Continue trong 3 giây", "no 100 Continue in time")
    answer.members  # noqa: B018  # reads the answer as the library does


@FAMILY.check(
    "auth.secret",
    "exchange facts §2.1, Signature; connection test list 4",
    ("khóa bí mật sai bị từ chối", "a wrong secret is refused"),
    ("kiểm HMAC-SHA256 của XroadVnpt-sign-header", "verify the HMAC-SHA256 of XroadVnpt-sign-header"),
)
def auth_secret(bench: AxisBench) -> None:
    party = pair(bench)[0]
    found = party.fails(party.service(secret=WRONG).received("edoc"))
    expect(not found.get("data"), "lời từ chối vẫn kèm dữ liệu", "the refusal carries data")


@FAMILY.check(
    "auth.headers",
    RULES + " 2",
    ("tiêu đề khác với phần đã ký bị từ chối", "headers other than those signed are refused"),
    (
        "so từng tiêu đề XroadVnpt-* với JSON đã ký, đúng chữ hoa thường",
        "compare each header with the signed JSON by exact spelling",
    ),
)
def auth_headers(bench: AxisBench) -> None:
    party = pair(bench)[0]
    request = party.service().received("edoc")
    party.fails(changed_head(request, "XroadVnpt-messagetype: edoc", "XroadVnpt-messagetype: status"))


@FAMILY.check(
    "auth.old-time",
    RULES + " 1",
    ("dấu thời gian cũ nửa năm vẫn dùng được", "a timestamp of half a year ago counts"),
    (
        "không từ chối theo tuổi của timestamp: thư viện đặt nó một lần khi khởi động",
        "do not refuse by age: the library sets it once",
    ),
)
def auth_old_time(bench: AxisBench) -> None:
    party = pair(bench)[0]
    party.ok(party.service(datetime.now(UTC) - timedelta(days=180)).received("edoc"))


@FAMILY.check(
    "auth.future-time",
    RULES + " 1",
    ("dấu thời gian hai ngày sau bị từ chối", "a timestamp two days ahead is refused"),
    ("giới hạn tương lai ở 14 giờ (thiếu múi giờ)", "bound the future at 14 hours (no zone)"),
    should=True,
)
def auth_future_time(bench: AxisBench) -> None:
    party = pair(bench)[0]
    party.fails(party.service(datetime.now(UTC) + timedelta(days=2)).received("edoc"))


@FAMILY.check(
    "auth.repeat",
    RULES + " 1",
    ("cùng một chữ ký gửi hai lần đều được trả lời", "the same signature twice is answered twice"),
    ("không chặn chữ ký lặp lại của lời gọi đọc", "do not refuse repeated signatures"),
)
def auth_repeat(bench: AxisBench) -> None:
    party = pair(bench)[0]
    request = party.service().received("edoc")
    party.ok(request)
    party.ok(request)


@FAMILY.check(
    "auth.from",
    "exchange facts §1.2 From; connection test list 4",
    ("gửi thay cơ quan không thuộc hệ thống bị từ chối", "sending for somebody else's agency is refused"),
    ("kiểm From của gói tin và tiêu đề from theo danh bạ", "check From and the header from against the directory"),
)
def auth_from(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet = packets.document(bench.numbers, recipient.agency, [sender.agency])
    sender.fails(sender.service().send(packets.whole(packet), recipient.agency, "edoc"))


@FAMILY.check(
    "directory.list",
    "exchange facts §2.1, getAgenciesList; connection test list 5",
    ("danh bạ có cả hai cơ quan, ở cả ba lời gọi", "the directory has both agencies in all three calls"),
    ("trả lời getAgenciesList, getAgenciesListQD20, getSynchronizeUnit", "answer the three calls of the directory"),
)
def directory_list(bench: AxisBench) -> None:
    party, other = pair(bench)
    for operation in ("getAgenciesList", "getAgenciesListQD20"):
        codes = {row.get("code") for row in party.ok(party.service().agencies(operation))["data"]}
        expect({party.agency, other.agency} <= codes, f"{operation} thiếu cơ quan", f"{operation} lacks an agency")
    for row in party.ok(party.service().agencies("getSynchronizeUnit"))["data"]:
        good = isinstance(row.get("deleted"), bool) and isinstance(row.get("version"), int)
        expect(good, "getSynchronizeUnit: deleted, version sai kiểu", "getSynchronizeUnit: types of deleted, version")


@FAMILY.check(
    "directory.register",
    RULES + " 8",
    ("đăng ký đơn vị với JSON hỏng bị từ chối bằng JSON", "a malformed registration is refused in JSON"),
    ("kiểm thân của registerAgency ở máy chủ", "validate registerAgency on the server"),
)
def directory_register(bench: AxisBench) -> None:
    party = pair(bench)[0]
    party.fails(party.service().register('{"code": "H99", '))
    party.fails(party.service().register('{"code": "H99.99.99", "name": "", "mail": "khong-phai-thu"}'))


@FAMILY.check(
    "request.slashes",
    RULES + " 5",
    ("//sendEdoc và phần đầu 117 KB được nhận", "//sendEdoc and a head of 117 KB are taken"),
    (
        "nhận phần đầu đến 256 KB, một dòng đến 128 KB; gộp gạch chéo lặp",
        "take heads of 256 KB and lines of 128 KB; collapse slashes",
    ),
)
def request_slashes(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    service = sender.service(endpoint=bench.target.vxp_path + "/")
    sender.ok(service.send(raw, sender.agency, "edoc"))
    arrived(recipient, "edoc", holding(packet.document_id))
    big = sender.service()
    big.parameters["to"] = json.dumps([f"{n:03d}.00.00.H26" for n in range(3400)], separators=(",", ":"))
    sender.ok(big.received("edoc"))


@FAMILY.check(
    "send.docid",
    RULES + " 7",
    ("mỗi văn bản có DocId riêng, dùng được làm tên tệp", "each document has its own DocId, safe as a file name"),
    ("DocId là UUID, duy nhất theo gói tin", "make DocId a UUID, one for each packet"),
)
def send_docid(bench: AxisBench) -> None:
    first, second = sent(bench)[2], sent(bench)[2]
    for name in (first, second):
        expect(re.fullmatch("[0-9A-Za-z-]+", name), f"DocId «{name}» không an toàn", f"DocId “{name}” is not safe")
    expect(first != second, "hai văn bản cùng một DocId", "two documents share one DocId")


@FAMILY.check(
    "send.repost",
    RULES + " 1; connection test list 12",
    ("gửi lại cùng các byte cho cùng DocId, một lượt giao", "the same bytes again: the same DocId, one delivery"),
    (
        "nhận ra lần gửi lặp theo systemid, hash-header và nội dung",
        "recognise a re-post by systemid, hash-header and content",
    ),
)
def send_repost(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    request = sender.service().send(raw, sender.agency, "edoc")
    names = {sender.ok(request)["DocId"] for _ in range(3)}
    expect(len(names) == 1, f"ba lần gửi cho {len(names)} DocId", f"three posts gave {len(names)} DocIds")
    copies = [r for r in recipient.listed() if holding(packet.document_id)(_file(recipient, r["docId"]))]
    expect(len(copies) == 1, f"nơi nhận có {len(copies)} bản", f"the recipient has {len(copies)} copies")


@FAMILY.check(
    "send.hash",
    "exchange facts §2.1, hash-file",
    (
        "hash-file đệm 0 hay không đều được; sai thì từ chối",
        "hash-file with or without padding; a wrong one is refused",
    ),
    (
        "so SHA-256 của tệp sau khi bỏ đúng một CRLF, nhận cả hai cách viết",
        "compare after taking off one CRLF, take both forms",
    ),
)
def send_hash(bench: AxisBench) -> None:
    sender = pair(bench)[0]
    _, raw = new_document(bench)
    body = raw + b"\r\n"
    given = {"from": sender.agency, "servicetype": "eDoc", "messagetype": "edoc"}
    for digest in (hashlib.sha256(raw).hexdigest(), "0" * 64):
        request = sender.service().request(
            "sendEdoc", {**given, "hash-file": digest}, body, content_type="application/octet-stream", stack="jdk"
        )
        (sender.ok if digest != "0" * 64 else sender.fails)(request)


@FAMILY.check(
    "send.multipart",
    "exchange facts §2.1, Wire protocol",
    ("multipart thật với phần file_doc cũng được nhận", "a true multipart with part file_doc is taken as well"),
    ("đọc cả thân thô và multipart/form-data", "read the raw body and multipart/form-data"),
    should=True,
)
def send_multipart(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    head = b'--ranh\r\nContent-Disposition: form-data; name="file_doc"; filename="a.edxml"\r\n\r\n'
    given = {"from": sender.agency, "servicetype": "eDoc", "messagetype": "edoc"}
    given["hash-file"] = hashlib.sha256(raw).hexdigest()
    kind = "multipart/form-data; boundary=ranh"
    body = head + raw + b"\r\n--ranh--\r\n"
    sender.ok(sender.service().request("sendEdoc", given, body, content_type=kind, stack="jdk"))
    expect(arrived(recipient, "edoc", holding(packet.document_id))[1] == raw, "tệp bị đổi", "the file was changed")


@FAMILY.check(
    "send.leftover-to",
    RULES + " 4",
    ("tiêu đề to còn sót từ lần trước không đổi nơi nhận", "a leftover header to does not change the recipients"),
    ("chỉ dùng to khi là tập con của To trong gói tin", "use to only as a subset of the packet's To"),
)
def send_leftover_to(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    sender.ok(sender.service().send(raw, sender.agency, "edoc", to=["000.00.00.W00"]))
    arrived(recipient, "edoc", holding(packet.document_id))


@FAMILY.check(
    "send.broken",
    "exchange facts §1.1, §2.1 rule 7; connection test list 10",
    (
        "gói hỏng, không phải UTF-8, Base64 cụt hay nơi nhận lạ bị từ chối",
        "broken, non-UTF-8, cut or unreachable packets are refused",
    ),
    (
        'kiểm gói tin trước khi cấp DocId; DocId trong lời từ chối là ""',
        "check packets first; DocId of a refusal is empty text",
    ),
)
def send_broken(bench: AxisBench) -> None:
    sender, recipient = pair(bench)
    packet, raw = new_document(bench)
    stranger = packets.whole(packets.document(bench.numbers, sender.agency, ["000.99.99.H99"]))
    latin = raw.replace("Công văn".encode(), "C\xf4ng v\xe2n".encode("latin-1"))
    end = raw.index(b"</edXML:ContentTransferEncoded>")
    broken = {
        "không phải XML": b"khong phai XML",
        "không phải UTF-8": latin,
        "Base64 cụt": raw[: end - 3] + raw[end:],
        "tệp cụt": raw[: len(raw) // 2],
        "nơi nhận không có": stranger,
    }
    for name, each in broken.items():
        found = sender.call(sender.service().send(each, sender.agency, "edoc")).members
        expect(found["status"] == "FAIL", f"{name}: được chấp nhận", f"{name}: accepted")
        expect(found.get("DocId") == "", f'{name}: DocId phải là ""', f"{name}: DocId must be empty text")
    listed = [_file(recipient, row["docId"]) for row in recipient.listed()]
    hit = any(packet.document_id.encode() in each for each in listed)
    expect(not hit, "gói bị từ chối vẫn tới nơi nhận", "a refused packet reached the recipient")


def _file(party: VxpParty, name: str) -> bytes:
    return decode(party.ok(party.service().get(name))["data"])
