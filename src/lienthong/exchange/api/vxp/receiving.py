"""List, fetch and confirm. Source: docs/protocols/vxp.md §5."""

from __future__ import annotations

from starlette.types import Send

from lienthong.exchange.api.faces import WORDS, answer, opened, report_transport, stream_base64, stream_file
from lienthong.exchange.api.vxp.face import VxpCall
from lienthong.exchange.api.vxp.sending import kind_of
from lienthong.exchange.service.fetching import PAGE, ListOrder, Transport, count_open, fetch, list_open
from lienthong.exchange.service.sent_listing import SentDelivery, list_sent_rows
from lienthong.wire.envelope import Kind
from lienthong.wire.vxp import answers


async def list_received(call: VxpCall, send: Send) -> None:
    """``getReceivedEdocList``: everything that is not confirmed yet."""
    listed = await list_open(call.ctx, call.caller, _order(call, kind_of(call)))
    rows = [
        {
            "docId": str(each.name),
            "serviceType": "eDoc",
            "messageType": call.parameter("messagetype").lower(),
            "created_time": answers.time_text(each.row.created_at),
            "updated_time": answers.time_text(each.row.updated_at),
            "from": each.row.sender,
            "to": each.row.agency,
            "status": each.transport.value,
            "status_desc": WORDS[each.transport],
        }
        for each in listed
    ]
    await answer(send, b"".join(answers.listing(rows)))


async def list_sent(call: VxpCall, send: Send) -> None:
    """``getSentEdocList``: one row for each receiver, newest first."""
    dates = answers.read_time(call.parameter("fromDate")), answers.read_time(call.parameter("toDate"))
    found = await list_sent_rows(call.ctx, call.caller, kind_of(call), *dates)
    await answer(send, b"".join(answers.listing(_sent(each) for each in found)))


def _sent(each: SentDelivery) -> answers.Row:
    row, transport = each.row, each.transport
    members: dict[str, answers.Member] = {
        "serviceType": "eDoc",
        "messageType": "edoc" if row.kind == Kind.DOCUMENT.value else "status",
        "senderDocId": str(row.envelope),
        "receiverDocId": str(each.name),
        "fromCode": row.sender,
        "toCode": row.addressed_to,
        "title": row.title,
        "notation": row.document_code,
        "sentTime": answers.time_text(row.accepted_at),
        "sendStatus": Transport.DONE.value,
        "sendStatusDesc": "Trục đã nhận",
        "receiveStatus": transport.value,
        "receiveStatusDesc": WORDS[transport],
    }
    if row.finished_at is not None:
        members["receivedTime"] = answers.time_text(row.finished_at)
    return members


async def count_documents(call: VxpCall, send: Send) -> None:
    """``countReceiveEdoc``."""
    await _count(call, send, Kind.DOCUMENT)


async def count_statuses(call: VxpCall, send: Send) -> None:
    """``countReceiveStatus``."""
    await _count(call, send, Kind.STATUS)


async def get_edoc(call: VxpCall, send: Send) -> None:
    """``getEdoc``: the file in Base64 inside JSON, as a stream."""
    await call.body()
    download = await fetch(call.ctx, call.caller, call.parameter("docId"))
    size, pieces = await opened(call.ctx, call.caller, download)
    await stream_base64(send, size, pieces, answers.DATA_HEAD, answers.DATA_TAIL)


async def download_edoc(call: VxpCall, send: Send) -> None:
    """``downloadEdoc``: the file as it is."""
    download = await fetch(call.ctx, call.caller, call.parameter("docId"))
    size, pieces = await opened(call.ctx, call.caller, download)
    await stream_file(send, size, pieces, b"application/octet-stream")


async def update_status(call: VxpCall, send: Send) -> None:
    """``updateStatus``: ``done``, ``fail`` or ``processing``; the same again is as good. Refuses REQUEST_MALFORMED."""
    await call.body()
    await report_transport(call.ctx, call.caller, call.parameter("docid"), call.parameter("status"))
    await answer(send, answers.success())


async def _count(call: VxpCall, send: Send, kind: Kind) -> None:
    await call.body()
    await answer(send, answers.success(count=await count_open(call.ctx, call.caller, _order(call, kind))))


def _order(call: VxpCall, kind: Kind) -> ListOrder:
    """What is asked for. The vendor's library sends ``from``, ``status``, dates and identifiers of earlier calls with
    every list, so nothing of that filters; other software means what it says.
    """
    if call.sdk:
        return ListOrder(kind)
    size, page = _number(call, "pageSize", 1, PAGE), _number(call, "pageIndex", 1, 1_000_000)
    return ListOrder(kind, call.parameter("from"), (page or 1) - 1, size or PAGE)


def _number(call: VxpCall, name: str, low: int, high: int) -> int | None:
    text = call.parameter(name)
    return min(max(int(text), low), high) if text.isascii() and text.isdigit() and len(text) < 10 else None
