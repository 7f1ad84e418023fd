"""What the checks of an agency's system work with: the kit plays the axis, offers packets and watches the system.

Behind a listening proxy stands a real axis, so every answer is a true one unless a check alters it; what came of an
offer is read from that axis's own trace. Source: exchange facts §2.1 (consumption loop), §1.9; services facts §6.3.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lienthong.conformance import packets
from lienthong.conformance.model import Face, NotApplicable, Unmet, expect
from lienthong.conformance.packets import Numbers
from lienthong.conformance.proxy import Meddler, Proxy, Reply, Seen
from lienthong.conformance.recording import Recorder
from lienthong.connector.client import Client, Original, Sent
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.errors import AxisRefused
from lienthong.edxml.model import DocumentPacket
from lienthong.edxml.stream import read_front

Ask = Callable[[str, str], None]
"""Asks whoever works at the system under test to do something, in both languages."""

FINISHED = {"delivered", "refused", "recalled"}


class Script(Meddler):
    """What a check wants to happen on the way, while it wants it."""

    def __init__(self) -> None:
        self._instead: Callable[[Seen], Reply | None] | None = None
        self._change: Callable[[Seen, Reply], Reply | None] | None = None

    def before(self, seen: Seen) -> Reply | None:
        return self._instead(seen) if self._instead is not None else None

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        return self._change(seen, reply) if self._change is not None else reply

    @contextlib.contextmanager
    def playing(
        self,
        *,
        instead: Callable[[Seen], Reply | None] | None = None,
        change: Callable[[Seen, Reply], Reply | None] | None = None,
    ) -> Iterator[None]:
        """Alter answers until the end of the block."""
        self._instead, self._change = instead, change
        try:
            yield
        finally:
            self._instead = self._change = None


_PATHS: Mapping[Face, Mapping[str, tuple[str, ...]]] = {
    Face.NATIVE: {
        "list": ("/v1/inbox/leases",),
        "fetch": ("/v1/deliveries/",),
        "confirm": ("/v1/inbox/acknowledgements",),
        "send": ("/v1/envelopes",),
    },
    Face.VXP: {
        "list": ("/vxp/getReceivedEdocList",),
        "fetch": ("/vxp/getEdoc", "/vxp/downloadEdoc"),
        "confirm": ("/vxp/updateStatus",),
        "send": ("/vxp/sendEdoc",),
    },
    Face.LGSP: {
        "list": ("/lgsp/v1/syncReceivedEdocList",),
        "fetch": ("/lgsp/v1/getEdoc",),
        "confirm": ("/lgsp/v1/updateStatus",),
        "send": ("/lgsp/v1/sendEdoc",),
    },
}


@dataclass
class SystemBench:
    """The tools of one run. ``tester``: the agency that offers. ``agency``: of the system under test.

    ``patience``: seconds in which the system must have acted. ``receives_only``: it never sends documents.
    """

    face: Face
    agency: str
    tester: Client
    proxy: Proxy
    script: Script
    recorder: Recorder
    ask: Ask
    patience: float = 60.0
    receives_only: bool = False
    secret: str = field(default="", repr=False)
    numbers: Numbers = field(default_factory=Numbers)
    own: list[tuple[DocumentPacket, Original]] = field(default_factory=list)

    def does(self, seen: Seen, what: str) -> bool:
        """Whether a request is of a kind: ``list``, ``fetch``, ``confirm`` or ``send``."""
        return seen.path.startswith(_PATHS[self.face][what])

    def offer(self, **more: Any) -> Sent:
        """A document from the tester to the system."""
        number = f"{self.numbers.next()}/{self.numbers.symbol}"
        members: dict[str, Any] = {
            "number": number, "subject": "V/v kiểm thử tuân thủ", "to": [self.agency], "issued_on": date(2026, 11, 20),
            "signer_name": "Nguyễn Văn Mẫu",
        }  # fmt: skip
        document = OutgoingDocument(**{**members, **more})
        return self.tester.send(document, [Attachment("toàn văn.pdf", packets.pdf(number))])

    def original(self, sent: Sent) -> Original:
        """Names a document that the tester sent."""
        found = self.tester.find_sent(sent.envelope.document_id)
        if found is None:
            raise Unmet("không còn bản đã gửi", "the document that was sent is gone")
        packet = found[1]
        return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)

    def row(self, sent: Sent) -> dict[str, Any]:
        """The one delivery of an offer, as the axis knows it."""
        return dict(self.trace(sent)["recipients"][0])

    def trace(self, sent: Sent) -> dict[str, Any]:
        """Everything the axis knows about an offer."""
        return self.tester.trace(self.tester.agency, envelope_id=str(sent.envelope.id))

    def settled(self, sent: Sent, seconds: float | None = None) -> str:
        """The state in which an offer ended. Raises Unmet when the system has not acted in time."""
        until = time.monotonic() + (seconds or self.patience)
        while True:
            state = str(self.row(sent)["state"])
            if state in FINISHED:
                return state
            if time.monotonic() > until:
                raise Unmet(
                    f"hệ thống không xác nhận trong {seconds or self.patience:g} giây (đang {state})",
                    f"the system did not confirm within {seconds or self.patience:g} seconds (now {state})",
                )
            time.sleep(0.2)

    def taken(self, sent: Sent) -> None:
        """Raises Unmet unless the system took the offer; a business refusal afterwards is its right."""
        state = self.settled(sent)
        taken = state == "delivered" or self.row(sent)["status"] is not None
        expect(taken, f"hệ thống không nhận ({state})", f"the system did not take it ({state})")

    def await_request(self, what: str, since: int, good: Callable[[Seen], bool] = lambda _: True) -> Seen:
        """The first request of a kind after the ``since``-th. Raises Unmet when none comes in time."""
        found: list[Seen] = []

        def ready() -> bool:
            found[:] = [each for each in self.proxy.seen[since:] if self.does(each, what) and good(each)]
            return bool(found)

        if not self.proxy.wait(ready, self.patience):
            raise Unmet(f"hệ thống không gọi ({what}) trong thời gian chờ", f"the system made no call ({what}) in time")
        return found[0]

    def document_of_system(self) -> tuple[DocumentPacket, Original]:
        """The next document that the system sends to the tester; the tester has taken it. Raises Unmet."""
        if self.receives_only:
            raise NotApplicable("hệ thống chỉ nhận, không gửi", "the system only receives")
        self.ask(
            f"Từ hệ thống được kiểm tra, hãy gửi một văn bản đến cơ quan {self.tester.agency}.",
            f"From the system under test, send a document to agency {self.tester.agency}.",
        )
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            for lease in self.tester.lease(50, 2):
                packet = self._read(lease)
                self.tester.take(lease)
                if isinstance(packet, DocumentPacket):
                    about = Original(
                        packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date
                    )
                    self.own.append((packet, about))
                    return packet, about
        raise Unmet("hệ thống không gửi văn bản nào trong thời gian chờ", "the system sent no document in time")

    def _read(self, lease: Any) -> object:
        """The header of an offer, whole packet or not."""
        path, query = f"/v1/deliveries/{lease.delivery}/parts/0", {"fence": str(lease.fence)}
        return read_front([self.tester.connection.request("GET", path, query).content]).packet

    def report(self, about: Original, code: int) -> Sent | None:
        """A status from the tester on a document of the system; None when the axis has no use for it."""
        try:
            return self.tester.report_status(about, code, packets.STATUS_WORDS[code])
        except AxisRefused:
            return None
