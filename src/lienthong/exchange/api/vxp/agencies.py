"""The directory for systems that speak this face. Source: docs/protocols/vxp.md §6."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.types import Send

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.directory.model import Agency
from lienthong.exchange.api.faces import agency_row, answer, stream_rows
from lienthong.exchange.api.vxp.face import Face, VxpCall
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.service import branch_agencies
from lienthong.exchange.service.agency_lists import Centers, UnitChange, changed_units, reachable, today_of
from lienthong.exchange.service.branch_agencies import AgencyOrder
from lienthong.wire.vxp import answers
from lienthong.wire.vxp.answers import Row

_ORDER = ("code", "pcode", "name", "mail")


async def list_agencies(call: VxpCall, send: Send) -> None:
    """``getAgenciesList``: with the place in the tree."""
    await call.body()
    await stream_rows(send, answers.listing(map(agency_row, await run_in_threadpool(reachable, call.ctx))))


async def list_agencies_2020(call: VxpCall, send: Send) -> None:
    """``getAgenciesListQD20``: both codes side by side."""
    await call.body()
    await stream_rows(send, answers.listing(map(_agency_2020, await run_in_threadpool(reachable, call.ctx))))


async def synchronize(call: VxpCall, send: Send) -> None:
    """``getSynchronizeUnit``: what changed since the last time but one."""
    await call.body()
    since = call.parameter("fromVersion")
    state, today = call.ctx.directory.state, today_of(call.ctx)
    number = int(since) if since.isascii() and since.isdigit() and len(since) < 16 else None
    units = await changed_units(call.ctx, call.caller, number)
    centers = Centers(state)
    await stream_rows(send, answers.listing(_unit(each, centers, each.gone(today)) for each in units))


async def register_agency(face: Face, call: VxpCall, send: Send) -> None:
    """``registerAgency``: JSON in the body, checked here because the library does not."""
    order = _read(await call.body())
    state = call.ctx.directory.state
    await run_in_threadpool(
        branch_agencies.register, face.desk.change, state, call.caller.system, order, today_of(call.ctx)
    )
    await answer(send, answers.success())


async def delete_agency(face: Face, call: VxpCall, send: Send) -> None:
    """``deleteAgency``: the agency is closed; its code stays known."""
    await call.body()
    state, code = call.ctx.directory.state, call.parameter("AgencyCode")
    await run_in_threadpool(
        branch_agencies.close, face.desk.change, state, call.caller.system, code, today_of(call.ctx)
    )
    await answer(send, answers.success())


def _read(body: bytes) -> AgencyOrder:
    try:
        members = json.loads(body)
        texts = {name: nfc(str(members.get(name) or "").strip()) for name in _ORDER}
    except (ValueError, AttributeError, RecursionError) as reason:
        raise Refused(REQUEST_MALFORMED, member="-", why='{"pcode", "code", "name", "mail"}') from reason
    return AgencyOrder(texts["code"], texts["pcode"], texts["name"], texts["mail"])


def _agency_2020(row: Agency) -> Row:
    members = {"id": row.code, "code": row.code, "name": row.name, "mail": row.email}
    if row.old_codes:
        members["oldCode"] = row.old_codes[0]
    if row.code102:
        members["code102"] = row.code102
    return members


def _unit(change: UnitChange, centers: Centers, gone: bool) -> Row:
    agency = change.agency
    parent = agency.parent if agency is not None else None
    members: dict[str, str | int | bool] = {
        "id": change.code,
        "pid": parent or "",
        "code": change.code,
        "name": agency.name if agency is not None else "",
        "mail": agency.email if agency is not None else "",
        "version": change.version,
        "centerCode": centers.of(change.code, parent),
        "deleted": gone,
        "isAgency": agency is None or agency.is_agency,
    }
    if change.at is not None:
        members["modifyDate"] = answers.time_text(change.at)
    return members
