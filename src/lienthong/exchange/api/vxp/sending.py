"""``sendEdoc``: a file in, its name out. Source: docs/protocols/vxp.md §4."""

from __future__ import annotations

import json

from starlette.types import Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import pour
from lienthong.exchange.api.faces import answer, kind_named, room_for_file
from lienthong.exchange.api.forms import Form, boundary_of
from lienthong.exchange.api.vxp.face import VxpCall, header_of
from lienthong.exchange.service.posting import Posting, PostOrder
from lienthong.wire.envelope import Kind
from lienthong.wire.vxp import answers
from lienthong.wire.vxp.errors import VXP_HASH_FILE_WRONG
from lienthong.wire.vxp.files import ContentTail

FILE_PART = "file_doc"
"""Name of the file in a true form; the library itself announces none and sends the bytes raw."""


async def send_edoc(call: VxpCall, send: Send) -> None:
    """Accept a packet; ``DocId`` is the envelope's name. Refuses what posting refuses, VXP_HASH_FILE_WRONG."""
    size = room_for_file(call.ctx, call.scope)
    order = PostOrder(call.parameter("from"), kind_of(call), _recipients(call), call.headers.hash_header.lower())
    posting = Posting(call.ctx, call.caller, order)
    try:
        tail = ContentTail(posting.write, posting.hashed)
        boundary = boundary_of(header_of(call.scope, b"content-type"))
        if boundary is None:
            await pour(call.receive, tail.feed, call.limits, size)
        else:
            form = Form(boundary, FILE_PART, tail.feed)
            await pour(call.receive, form.feed, call.limits, size)
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
    return kind_named(call.parameter("messagetype"), "messagetype")


def _recipients(call: VxpCall) -> tuple[str, ...]:
    """``to``: a JSON list of codes; anything else is a leftover and says nothing."""
    try:
        codes = json.loads(call.parameter("to") or "[]")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        return ()
    return tuple(dict.fromkeys(codes))
