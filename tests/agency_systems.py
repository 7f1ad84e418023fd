"""Systems of agencies as they are in the field: our client library, the national SDK's loop, a provincial gateway.

Each runs in a thread against a URL until told to stop, and can be broken in one way.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from axis_process import document
from lienthong.base.errors import Refused
from lienthong.conformance.lgsp_driver import Gateway
from lienthong.conformance.model import Unmet
from lienthong.conformance.packets import Numbers, about, status, whole
from lienthong.conformance.packets import document as packet_of
from lienthong.conformance.recording import Recorder
from lienthong.conformance.vxp_driver import VxpParty
from lienthong.connector.client import Client
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.connector.poll import nothing, poll
from lienthong.connector.receiving import Received
from lienthong.edxml.model import BusinessKind, DocumentPacket
from lienthong.edxml.stream import read_front
from lienthong.roles.demo_agency import act
from lienthong.trust.keys import PublicKey
from lienthong.trust.signer import Signer


@dataclass
class NativeSystem:
    """Our own client library with the behaviour of the demonstration's agencies."""

    url: str
    agency: str
    signer: Signer
    axis_key: PublicKey
    place: Path

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._loop, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)

    def _client(self, name: str) -> Client:
        place = self.place / name
        place.mkdir(parents=True, exist_ok=True)
        return Client(
            AxisConnection(self.url, self.signer, timeout=20, pauses=(0.3, 0.5, 1, 2, 3)),
            self.agency,
            self.axis_key,
            place,
        )

    def _loop(self, stop: threading.Event) -> None:
        with self._client("nhan") as client:
            poll(client, nothing, stop, then=self._act, wait=2, pause=0.5)

    def _act(self, client: Client, received: Received) -> None:
        with suppress(AxisRefused, Refused):
            act(client, received)

    def send(self, to: str) -> None:
        def work() -> None:
            with self._client("gui") as client:
                client.send(document([to]), [Attachment("a.pdf", b"%PDF-1.4\n" + str(time.time()).encode())])

        threading.Thread(target=work, daemon=True).start()


@dataclass
class SdkSystem:
    """A document system built on the national SDK: one service object of each kind for the life of the process.

    ``flaw``: ``""``, ``confirms-first``, ``hammers``, ``stops-at-odd``, ``never-again``.
    """

    party: VxpParty
    flaw: str = ""
    numbers: Numbers = field(default_factory=Numbers)
    known: set[str] = field(default_factory=set)
    waiting: list[bytes] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.party = replace(self.party, recorder=Recorder())
        self.reading, self.sending = self.party.service(), self.party.service()

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._loop, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)

    def send(self, to: str) -> None:
        self.waiting.append(whole(packet_of(self.numbers, self.party.agency, [to])))

    def _loop(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._round()
                stop.wait(0.4)
            except (Unmet, OSError):
                stop.wait(0.02 if self.flaw == "hammers" else 1.0)
            except ValueError:
                if self.flaw == "stops-at-odd":
                    return
                stop.wait(0.5)

    def _round(self) -> None:
        while self.waiting:
            request = self.sending.send(self.waiting[0], self.party.agency, "edoc")
            # The JDK posts the same bytes once more when no answer came.
            try:
                self.party.ok(request)
            except Unmet:
                self.party.ok(request)
            self.waiting.pop(0)
        for kind in ("edoc", "status"):
            for row in self.party.ok(self.reading.received(kind))["data"]:
                self._take(row["docId"], kind)

    def _take(self, name: str, kind: str) -> None:
        if self.flaw == "never-again" and name in self.confirmed:
            return
        if self.flaw == "confirms-first":
            with suppress(Unmet):
                self.party.call(self.reading.get(name))
            raw = b""
        else:
            raw = base64.b64decode(self.party.ok(self.reading.get(name))["data"])
        self.confirmed.add(name)
        if self.flaw == "stops-at-odd" and b"<!--" in raw:
            raise ValueError("odd")
        self.party.ok(self.reading.update(name, "done"))
        if kind == "edoc" and raw and name not in self.known:
            self.known.add(name)
            self._report(raw)

    def _report(self, raw: bytes) -> None:
        try:
            packet = read_front([raw]).packet
        except Refused:
            return
        if not isinstance(packet, DocumentPacket):
            return
        codes = (15,) if packet.business.kind is BusinessKind.RECALL else (1, 3)
        if packet.business.kind in {BusinessKind.UPDATE}:
            codes = (15,)
        for code in codes:
            file = status(self.party.agency, about(packet), code)
            with suppress(Unmet):
                self.party.ok(self.sending.send(file, self.party.agency, "status"))


@dataclass
class GatewaySystem:
    """A provincial gateway's loop."""

    url: str
    system: str
    agency: str
    secret: str
    numbers: Numbers = field(default_factory=Numbers)
    waiting: list[bytes] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._loop, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)

    def send(self, to: str) -> None:
        self.waiting.append(whole(packet_of(self.numbers, self.agency, [to])))

    def _loop(self, stop: threading.Event) -> None:
        gate = Gateway(self.url + "/lgsp", self.system, self.agency, self.secret, httpx.HTTPTransport())
        while not stop.is_set():
            try:
                while self.waiting:
                    gate.send(self.waiting[0])
                    self.waiting.pop(0)
                for kind in ("edoc", "status"):
                    for row in gate.listed(kind):
                        gate.get(row["docId"])
                        gate.ok(gate.update(row["docId"], "done"))
                stop.wait(0.4)
            except (Unmet, OSError, httpx.HTTPError, ValueError):
                stop.wait(1.0)
