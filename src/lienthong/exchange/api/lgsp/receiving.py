"""List, fetch and confirm, and the agencies. Source: docs/protocols/lgsp.md §5."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.types import Send

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.exchange.api.faces import (
    WORDS,
    agency_row,
    answer,
    kind_named,
    opened,
    report_transport,
    stream_base64,
    stream_rows,
)
from lienthong.exchange.api.lgsp.face import LgspCall
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.service.agency_lists import reachable
from lienthong.exchange.service.fetching import ListOrder, fetch, list_open
from lienthong.wire.lgsp import answers


async def list_received(call: LgspCall, send: Send) -> None:
    """``syncReceivedEdocList``: what is not confirmed yet, up to the end of ``toDate``. Refuses REQUEST_MALFORMED."""
    kind = kind_named(call.parameter("messageType"), "messageType")
    since, until = _day(call, "fromDate"), _day(call, "toDate")
    if since is not None and until is not None and since > until:
        raise Refused(REQUEST_MALFORMED, member="toDate", why="fromDate ≤ toDate")
    before = None
    if until is not None and until < date.max:
        before = datetime.combine(until + timedelta(days=1), time(), VIETNAM)
    listed = await list_open(call.ctx, call.caller, ListOrder(kind, before=before))
    rows = [
        {
            "docId": str(each.name),
            "serviceType": "eDoc",
            "messageType": call.parameter("messageType").lower(),
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


async def get_edoc(call: LgspCall, send: Send) -> None:
    """``getEdoc``: the file in Base64 inside JSON, as a stream."""
    download = await fetch(call.ctx, call.caller, call.parameter("docId"))
    size, pieces = await opened(call.ctx, call.caller, download)
    await stream_base64(send, size, pieces, answers.DATA_HEAD, answers.DATA_TAIL)


async def update_status(call: LgspCall, send: Send) -> None:
    """``updateStatus``: ``done``, ``fail`` or ``processing``; the same again is as good. Refuses REQUEST_MALFORMED."""
    try:
        members = json.loads(await call.body())
        folded = {str(name).lower(): value for name, value in members.items()}
        name, wanted = folded["docid"], folded["status"]
    except (ValueError, AttributeError, KeyError, RecursionError) as reason:
        raise Refused(REQUEST_MALFORMED, member="-", why='{"docId", "status"}') from reason
    if not isinstance(name, str) or not isinstance(wanted, str):
        raise Refused(REQUEST_MALFORMED, member="-", why='{"docId", "status"}')
    await report_transport(call.ctx, call.caller, name.strip(), wanted.strip())
    await answer(send, answers.success(docId=name.strip(), data={"docId": name.strip(), "status": wanted.lower()}))


async def list_agencies(call: LgspCall, send: Send) -> None:
    """``getAgenciesList``: agencies that documents can be sent to."""
    await stream_rows(send, answers.listing(map(agency_row, await run_in_threadpool(reachable, call.ctx))))


def _day(call: LgspCall, name: str) -> date | None:
    """A day of the query, None when it is not asked for. Refuses REQUEST_MALFORMED."""
    text = call.parameter(name)
    found = answers.read_date(text) if text else None
    if text and found is None:
        raise Refused(REQUEST_MALFORMED, member=name, why="yyyy/MM/dd")
    return found
