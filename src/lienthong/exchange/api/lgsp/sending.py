"""``sendEdoc``: a form in, the name of its file out. Source: docs/protocols/lgsp.md §4."""

from __future__ import annotations

from starlette.types import Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import header, pour
from lienthong.exchange.api.faces import answer, kind_named, room_for_file
from lienthong.exchange.api.forms import Form, boundary_of
from lienthong.exchange.api.lgsp.face import LgspCall
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.service.checking import HEADER_BYTES
from lienthong.exchange.service.posting import Posting, PostOrder
from lienthong.wire.envelope import Kind
from lienthong.wire.errors import PART_TOO_LARGE
from lienthong.wire.lgsp import answers

FILE_PART, KIND_PART = "edocFile", "messageType"


class PostedFile:
    """The file of a form whose kind may be said after it.

    As many bytes as a status may have are held back; a file that goes on is a document and streams from then on, so
    nothing is read twice and no more than a status is in memory. States: open -> :meth:`settle` or :meth:`abandon`.
    """

    def __init__(self, call: LgspCall) -> None:
        self._call = call
        self._held = bytearray()
        self._posting: Posting | None = None

    def write(self, data: bytes) -> None:
        """The next bytes of the file. Refuses what reading refuses, as soon as it shows."""
        if self._posting is not None:
            self._posting.write(data)
            return
        self._held += data
        if len(self._held) > HEADER_BYTES:
            self._posting = self._begun(Kind.DOCUMENT)

    def settle(self, kind: Kind) -> Posting:
        """The posting, now that its kind is certain. Refuses PART_TOO_LARGE for a status that is none."""
        if self._posting is None:
            self._posting = self._begun(kind)
        elif kind is not Kind.DOCUMENT:
            raise Refused(PART_TOO_LARGE, name=FILE_PART, size=f"> {HEADER_BYTES}", limit=HEADER_BYTES)
        return self._posting

    def abandon(self) -> None:
        """Drop the bytes."""
        if self._posting is not None:
            self._posting.abandon()

    def _begun(self, kind: Kind) -> Posting:
        order = PostOrder(None, kind, (), f"lgsp {kind.value}".encode("ascii"))
        posting = Posting(self._call.ctx, self._call.caller, order)
        try:
            posting.write(bytes(self._held))
        except BaseException:
            posting.abandon()
            raise
        self._held.clear()
        return posting


async def send_edoc(call: LgspCall, send: Send) -> None:
    """Accept a packet; ``docId`` is the envelope's name. The sending agency is the one that the file names.

    Refuses what posting refuses, REQUEST_MALFORMED, LENGTH_REQUIRED, BODY_TOO_LARGE, PART_TOO_LARGE.
    """
    size = room_for_file(call.ctx, call.scope)
    boundary = boundary_of(header(call.scope, b"content-type") or "")
    if boundary is None:
        raise Refused(REQUEST_MALFORMED, member="multipart", why=f"multipart/form-data: {FILE_PART}, {KIND_PART}")
    file = PostedFile(call)
    try:
        form = Form(boundary, FILE_PART, file.write)
        await pour(call.receive, form.feed, call.limits, size)
        form.close()
        said = form.fields.get(KIND_PART, "") or call.parameter(KIND_PART)
        name = await file.settle(kind_named(said.strip(), KIND_PART)).finish()
    except BaseException:
        # Refused, gone, or the server stops: nothing of the file stays.
        file.abandon()
        raise
    await answer(send, answers.success(docId=str(name), data={"docId": str(name)}))
