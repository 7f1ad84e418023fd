"""``sendEdoc``: a file in, its name out. Source: docs/protocols/vxp.md §4."""

from __future__ import annotations

import json

from starlette.types import Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import announced_size, pump
from lienthong.exchange.api.forms import Form, boundary_of
from lienthong.exchange.api.vxp.face import VxpCall, answer, header_of
from lienthong.exchange.errors import BODY_TOO_LARGE, LENGTH_REQUIRED, REQUEST_MALFORMED
from lienthong.exchange.service.posting import Posting, PostOrder
from lienthong.infra.errors import STORAGE_FULL
from lienthong.wire.envelope import Kind
from lienthong.wire.vxp import answers
from lienthong.wire.vxp.errors import VXP_HASH_FILE_WRONG
from lienthong.wire.vxp.files import ContentTail

KINDS = {"edoc": Kind.DOCUMENT, "status": Kind.STATUS}
FILE_PART = "file_doc"
"""Name of the file in a true form; the library itself announces none and sends the bytes raw."""

_FRAMING = 64 * 1024


async def send_edoc(call: VxpCall, send: Send) -> None:
    """Accept a packet; ``DocId`` is the envelope's name. Refuses what posting refuses, VXP_HASH_FILE_WRONG."""
    size = _admit(call)
    order = PostOrder(call.parameter("from"), kind_of(call), _recipients(call), call.headers.hash_header.lower())
    posting = Posting(call.ctx, call.caller, order)
    try:
        tail = ContentTail(posting.write)
        boundary = boundary_of(header_of(call.scope, b"content-type"))
        if boundary is None:
            await pump(call.receive, tail.feed, call.limits, size)
        else:
            form = Form(boundary, FILE_PART, tail.feed)
            await pump(call.receive, form.feed, call.limits, size)
            form.close()
        if not tail.close(call.parameter("hash-file")):
            raise Refused(VXP_HASH_FILE_WRONG)
        name = await posting.finish()
    except BaseException:
        # Refused, gone, or the server stops: nothing of the file stays.
        posting.abandon()
        raise
    await answer(send, answers.success(DocId=str(name)))


def kind_of(call: VxpCall) -> Kind:
    """``messagetype``. Refuses REQUEST_MALFORMED."""
    kind = KINDS.get(call.parameter("messagetype").lower())
    if kind is None:
        raise Refused(REQUEST_MALFORMED, member="messagetype", why="edoc | status")
    return kind


def _admit(call: VxpCall) -> int:
    """The size of the body, when there is room for it. Refuses before anything is read."""
    limits = call.ctx.limits
    size = announced_size(call.scope)
    if size is None:
        raise Refused(LENGTH_REQUIRED)
    if size > limits.packet + _FRAMING:
        raise Refused(BODY_TOO_LARGE, size=size, limit=limits.packet)
    call.ctx.require_writer().require_room()
    if call.ctx.blobs.free_bytes() < limits.spare_disk + size:
        raise Refused(STORAGE_FULL)
    return size


def _recipients(call: VxpCall) -> tuple[str, ...]:
    """``to``: a JSON list of codes; anything else is a leftover and says nothing."""
    try:
        codes = json.loads(call.parameter("to") or "[]")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        return ()
    return tuple(dict.fromkeys(codes))
