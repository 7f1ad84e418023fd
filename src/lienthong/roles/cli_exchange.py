"""Verbs of everyday exchange: send, inbox, receive, status, recall, outbox, trace, proof."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.compose import Attachment, OutgoingDocument, require_reason
from lienthong.connector.errors import DOCUMENT_UNKNOWN_HERE
from lienthong.connector.receiving import Received
from lienthong.edxml.model import DocumentPacket
from lienthong.roles.cli_output import answer, say, transfer, verb, wrong_use
from lienthong.roles.cli_profile import AgencyOption, JsonOption, ProfileOption, open_client
from lienthong.roles.moments import day, local, today

STATE_VI = {
    "waiting": "chờ văn bản trước",
    "available": "chờ nhận",
    "leased": "đang nhận",
    "delivered": "đã giao",
    "refused": "bị từ chối",
    "expired": "quá hạn nhận",
    "recalled": "đã thu hồi",
    "quarantined": "cách ly",
}


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for function in (send, resume, inbox, receive, status, recall, outbox, trace, proof):
        app.command()(function)


@verb
def send(
    to: Annotated[str, typer.Option(help="Mã nơi nhận, cách nhau bằng dấu phẩy · Recipient codes, comma separated.")],
    file: Annotated[list[Path], typer.Option(help="Tệp đính kèm; lặp lại được · File; repeatable.")],
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu, ví dụ 1234/SM-VP · Number and symbol.")] = None,
    subject: Annotated[str | None, typer.Option(help="Trích yếu · Abstract; default: file name.")] = None,
    kind: Annotated[str, typer.Option(help="Loại văn bản · Kind of document.")] = "Công văn",
    issued: Annotated[str | None, typer.Option(help="Ngày ban hành, dd/mm/yyyy · Date; default: today.")] = None,
    signer: Annotated[str, typer.Option(help="Người ký · Name of the signer.")] = "",
    position: Annotated[str, typer.Option(help="Chức vụ người ký · Position of the signer.")] = "",
    urgency: Annotated[int, typer.Option(min=0, max=4, help="Độ khẩn 0–4 · Urgency.")] = 0,
    due: Annotated[str | None, typer.Option(help="Hạn trả lời, dd/mm/yyyy · Reply by.")] = None,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gửi văn bản tới một hay nhiều cơ quan · Send a document."""
    recipients = _codes(to)
    attachments = [Attachment.of(path) for path in file]
    with open_client(profile, agency) as client:
        document = OutgoingDocument(
            number=number or _provisional_number(),
            subject=subject or file[0].stem,
            to=recipients,
            issued_on=day("--issued", issued) or today(),
            kind=kind,
            signer_name=signer,
            signer_position=position,
            urgency=urgency,
            due=day("--due", due),
        )
        with transfer(say("Đang gửi", "Sending")) as told:
            sent = client.send(document, attachments, told)
    answer(as_json, _sent_members(sent), lambda: _sent_lines(sent))


@verb
def resume(profile: ProfileOption = None, agency: AgencyOption = None, as_json: JsonOption = False) -> None:
    """Gửi tiếp những gì còn chờ trên máy này · Send on what still waits here."""
    rows: list[dict[str, Any]] = []
    with open_client(profile, agency) as client:
        for sent in client.resume():
            rows.append(_sent_members(sent))
            if not as_json:
                answer(False, rows[-1], partial(_sent_lines, sent))
    if as_json:
        answer(True, {"sent": rows}, lambda: iter(()))
    elif not rows:
        answer(False, {}, lambda: iter([say("Không còn gì chờ gửi.", "Nothing waits.")]))


@verb
def inbox(profile: ProfileOption = None, agency: AgencyOption = None, as_json: JsonOption = False) -> None:
    """Văn bản đã nhận về máy này · What has been received here."""
    with open_client(profile, agency) as client:
        rows = list(received_rows(client))

    def lines() -> Iterator[str]:
        if not rows:
            yield say("Chưa nhận văn bản nào. Dùng: lienthong receive", "Nothing yet. Use: lienthong receive")
        for row in rows:
            yield f"{local(row['created_at'])}  {row['from']:<16} {row['document_id']}  [{row['kind']}]"

    answer(as_json, {"received": rows}, lines)


def received_rows(client: Client) -> Iterator[dict[str, Any]]:
    """Indexes of what lies in the inbox folder, oldest first."""
    for file in sorted(client.inbox.root.glob(f"inbox/{client.agency}/*/index.json")):
        yield {**json.loads(file.read_bytes()), "folder": str(file.parent)}


@verb
def receive(
    maximum: Annotated[int, typer.Option("--max", min=1, max=100, help="Số văn bản tối đa · At most.")] = 20,
    wait: Annotated[int, typer.Option(min=0, max=55, help="Chờ tối đa (giây) · Wait up to, seconds.")] = 0,
    watch: Annotated[bool, typer.Option(help="Nhận liên tục · Keep receiving.")] = False,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nhận văn bản: tải về, kiểm tra, lưu, xác nhận · Receive, verify, store, acknowledge."""
    rows: list[dict[str, Any]] = []
    with open_client(profile, agency) as client:
        while True:
            for received in client.receive(maximum, max(wait, 25) if watch else wait):
                evidence = client.take(received)
                row = _received_members(received, evidence)
                rows.append(row)
                if not as_json or watch:
                    answer(as_json, row, partial(_received_lines, row))
            if not watch:
                break
    if as_json:
        answer(True, {"received": rows}, lambda: iter(()))
    elif not rows:
        answer(False, {}, lambda: iter([say("Không có văn bản mới.", "Nothing new.")]))


@verb
def status(
    document: Annotated[str, typer.Argument(help="Mã văn bản hoặc mã gói tin đã nhận · Document or envelope id.")],
    code: Annotated[str, typer.Option(help="01 02 03 04 05 06 15 16")],
    note: Annotated[str, typer.Option(help="Ghi chú, lý do · Note, reason.")] = "",
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Báo trạng thái xử lý về nơi gửi · Report a business status to the sender."""
    if not code.isdigit() or int(code) not in {1, 2, 3, 4, 5, 6, 15, 16}:
        wrong_use(f"Mã trạng thái «{code}» không có; dùng 01–06, 15, 16.", f"No status “{code}”; use 01–06, 15, 16.")
    if int(code) == 2:
        require_reason(note)
    with open_client(profile, agency) as client:
        sent = client.report_status(_received_original(client, document), int(code), note)
    answer(as_json, _sent_members(sent), lambda: _sent_lines(sent))


@verb
def recall(
    document: Annotated[str, typer.Argument(help="Mã văn bản đã gửi · Identifier of a sent document.")],
    reason: Annotated[str, typer.Option(help="Lý do thu hồi · Reason.")],
    to: Annotated[str | None, typer.Option(help="Chỉ thu hồi từ các cơ quan này · Only from these.")] = None,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thu hồi văn bản đã gửi · Recall a document that was sent."""
    chosen = _codes(to) if to is not None else []
    require_reason(reason)
    with open_client(profile, agency) as client:
        packet = _sent_packet(client, document)
        original = Original(client.agency, packet.document_id, packet.code.full, packet.promulgation_date)
        sent = client.recall(original, chosen or [str(o.organ_id) for o in packet.receivers], reason)
    answer(as_json, _sent_members(sent), lambda: _sent_lines(sent))


@verb
def outbox(
    after: Annotated[str, typer.Option(help="Trang tiếp theo · Cursor of the next page.")] = "",
    maximum: Annotated[int, typer.Option("--max", min=1, max=200)] = 50,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Văn bản đã gửi và tình trạng giao · What was sent, and where it stands."""
    with open_client(profile, agency) as client:
        page = client.outbox(after, maximum)

    def lines() -> Iterator[str]:
        for row in page["envelopes"]:
            yield f"{local(row['accepted_at'])}  {row['document_id']}  [{row['kind']}]"
            for delivery in row["deliveries"]:
                yield f"    → {delivery['agency']:<16} {_state(delivery['state'])}"

    answer(as_json, page, lines)


@verb
def trace(
    document: Annotated[str, typer.Argument(help="Mã văn bản hoặc mã gói tin · Document or envelope id.")],
    sender: Annotated[str | None, typer.Option("--from", help="Mã cơ quan gửi · Sender's code.")] = None,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Toàn bộ hành trình của một văn bản · The whole story of a document."""
    with open_client(profile, agency) as client:
        story = client.trace(sender or _sender_of(client, document), **_naming(document))
    answer(as_json, story, lambda: trace_lines(story))


@verb
def proof(
    document: Annotated[str, typer.Argument(help="Mã văn bản hoặc mã gói tin · Document or envelope id.")],
    out: Annotated[Path, typer.Option(help="Tệp chứng cứ sẽ ghi · Proof file to write.")],
    sender: Annotated[str | None, typer.Option("--from", help="Mã cơ quan gửi · Sender's code.")] = None,
    content: Annotated[bool, typer.Option(help="Kèm nội dung tệp · Include the attachments.")] = True,
    profile: ProfileOption = None,
    agency: AgencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lấy tệp chứng cứ của một văn bản · Write the proof file of a document."""
    with open_client(profile, agency) as client:
        chosen = sender or _sender_of(client, document)
        file = client.proof(chosen, out, content=content, **_naming(document))
    size = file.stat().st_size
    answer(as_json, {"file": str(file), "size": size}, lambda: iter([f"✓ {file} ({size} byte)"]))


def trace_lines(story: dict[str, Any]) -> Iterator[str]:
    """A trace for people: the document, then each recipient with its events and statuses in order."""
    envelope = story["envelope"]
    yield f"{envelope['document_id']}  ({envelope['id']})"
    yield say("  nơi gửi: ", "  from: ") + f"{envelope['from']}    {local(envelope['accepted_at'])}"
    for row in story["recipients"]:
        yield f"  → {row['agency']}: {_state(row['state'])}"
    for event in story["events"]:
        yield f"    {local(event['at'])}  {say(event['vi'], event['en'])}  {event.get('agency', '')}"
    for row in story["statuses"]:
        yield f"    {local(row['at'])}  {row['code']} {say(row['vi'], row['en'])}  {row['agency']}"


def _state(state: str) -> str:
    return STATE_VI.get(state, state) if say("vi", "en") == "vi" else state


def _codes(text: str) -> list[str]:
    """Agency codes separated by commas, each once."""
    codes = list(dict.fromkeys(code.strip() for code in text.split(",") if code.strip()))
    if not codes:
        wrong_use("Cần ít nhất một mã nơi nhận sau --to.", "--to needs at least one recipient code.")
    return codes


def _provisional_number() -> str:
    """For trials without a registry: plainly marked, unique by time."""
    return f"{datetime.now(VIETNAM):%H%M%S%f}"[:9] + "/TAM-THU"


def _naming(document: str) -> dict[str, str]:
    return {"envelope_id": document} if len(document) == 36 and document.count("-") == 4 else {"document_id": document}


def _received_original(client: Client, document: str) -> Original:
    for row in received_rows(client):
        if row["kind"] == "document" and document in {row["document_id"], row["envelope"]}:
            return client.original_in(Path(row["folder"]))
    raise Refused(DOCUMENT_UNKNOWN_HERE, document=document, agency=client.agency)


def _sent_packet(client: Client, document: str) -> DocumentPacket:
    found = client.find_sent(document)
    if found is None:
        raise Refused(DOCUMENT_UNKNOWN_HERE, document=document, agency=client.agency)
    return found[1]


def _sender_of(client: Client, document: str) -> str:
    """Who sent it: ourselves, or the sender of what lies in the inbox."""
    for row in received_rows(client):
        # A status bears the identifier of the document that it reports on, which is the other side's.
        if document == row["envelope"] or (document == row["document_id"] and row["kind"] == "document"):
            return str(row["from"])
    return client.agency


def _sent_members(sent: Sent) -> dict[str, Any]:
    envelope = sent.envelope
    return {
        "id": str(envelope.id),
        "document_id": envelope.document_id,
        "from": envelope.sender,
        "to": list(envelope.recipients),
        "accepted_at": sent.event.at.isoformat(),
        "expires_at": sent.event.details.get("expires_at"),
        "warnings": list(sent.warnings),
        "receipt": sent.receipt.decode(),
    }


def _sent_lines(sent: Sent) -> Iterator[str]:
    yield say("✓ Trục đã nhận và cấp biên nhận: ", "✓ Accepted, receipt kept: ") + sent.envelope.document_id
    yield say("  mã gói tin: ", "  envelope: ") + str(sent.envelope.id)
    yield say("  nơi nhận: ", "  to: ") + ", ".join(sent.envelope.recipients)
    if sent.warnings:
        yield say("  lưu ý: ", "  note: ") + ", ".join(sent.warnings)


def _received_members(received: Received, evidence: dict[str, Any]) -> dict[str, Any]:
    lease = received.lease
    return {
        "id": str(lease.envelope.id),
        "document_id": lease.envelope.document_id,
        "kind": lease.envelope.kind.value,
        "from": lease.envelope.sender,
        "agency": lease.agency,
        "folder": str(received.folder),
        "files": [str(file) for file in received.files],
        "result": evidence.get("result"),
        "evidence": evidence.get("evidence"),
    }


def _received_lines(row: dict[str, Any]) -> Iterator[str]:
    what = say("văn bản", "document") if row["kind"] == "document" else say("trạng thái", "status")
    yield f"✓ {what} {row['document_id']} ← {row['from']}"
    yield f"  {row['folder']}"
