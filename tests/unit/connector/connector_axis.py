"""A small real HTTP server that answers as it is told, with the keys of an axis: for what a connector must survive."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lienthong.base.ids import AgencyCode, SystemId, uuid7
from lienthong.connector.client import Client
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.http import AxisConnection
from lienthong.directory import delta, snapshot
from lienthong.directory.model import Agency, Scope, System, SystemKey
from lienthong.directory.state import DirectoryState
from lienthong.trust import jws
from lienthong.trust.keys import key_id, public_pem
from lienthong.trust.signer import MemorySigner
from lienthong.wire.envelope import decode_envelope, digest
from lienthong.wire.event import TYP as EVENT_TYP
from lienthong.wire.event import EnvelopeRef, Event, EventName, encode_event
from lienthong.wire.packet import boundary_of

SENDER, RECIPIENT = "000.00.00.H29", "000.00.00.H15"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def new_signer() -> MemorySigner:
    return MemorySigner(generate_private_key(SECP256R1()))


@dataclass
class Answer:
    """``cut``: close the line after this many bytes of the body. ``after``: called when it was sent."""

    status: int = 200
    body: bytes = b"{}"
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: float = 0.0


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked], Answer]


def problem(code: str, retry: str, status: int, **more: Any) -> Answer:
    members = {
        "code": code,
        "retry": retry,
        "title_vi": "Bị từ chối.",
        "title_en": "Refused.",
        "status": status,
        **more,
    }
    return Answer(status, json.dumps(members).encode(), "application/problem+json")


class FakeAxis:
    """``asked``: every request, in order. ``script``: from request to answer."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: Script = lambda _: Answer(404)
        self.signer = new_signer()
        self.systems = {SENDER: new_signer(), RECIPIENT: new_signer()}
        self.state = directory(self.systems)
        axis = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = self.headers.get("Content-Length")
                body = self.rfile.read(int(length)) if length else b""
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                axis.asked.append(asked)
                answer = axis.script(asked)
                if answer.hang:
                    axis.stopped.wait(answer.hang)
                if answer.cut == 0:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", answer.type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut])
                self.close_connection = answer.cut is not None

            do_GET = do_POST = do_PATCH = _any

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def connection(self, **more: Any) -> AxisConnection:
        more = {"pauses": (0.0, 0.0, 0.0), "sleep": lambda _: None, "timeout": 5.0, **more}
        return AxisConnection(self.url, self.systems[SENDER], **more)

    def client(self, store: Path, agency: str = SENDER, **more: Any) -> Client:
        connection = AxisConnection(
            self.url, self.systems[agency], pauses=(0.0, 0.0), sleep=lambda _: None, timeout=5.0
        )
        return Client(connection, agency, self.signer.public_key, store, **more)

    # --- what a right axis says -----------------------------------------------------------------------------------

    def snapshot(self, signer: MemorySigner | None = None) -> bytes:
        made = snapshot.encode(self.state, datetime.now(UTC))
        return (
            jws.sign(snapshot.snapshot_header_bytes(made.header), signer or self.signer, "lt-directory")
            + b"\n"
            + made.body
        )

    def delta(self, changes: list[delta.Change], base: int, version: int) -> bytes:
        made = delta.delta_between(self.state.axis, changes, base, version, datetime.now(UTC))
        header, _, body = delta.delta_bytes(made).partition(b"\n")
        return jws.sign(header, self.signer, "lt-directory") + b"\n" + body

    def event(
        self, payload: bytes, name: EventName = EventName.SUBMISSION_ACCEPTANCE, signer: MemorySigner | None = None
    ) -> bytes:
        envelope = decode_envelope(payload)
        ref = EnvelopeRef(envelope.id, envelope.sender, digest(payload))
        now = datetime.now(UTC).replace(microsecond=0)
        event = Event(uuid7(), name, now, "axis.example", ref, None, {"recipients": len(envelope.recipients)})
        return jws.sign(encode_event(event), signer or self.signer, EVENT_TYP)

    def honest(self, asked: Asked) -> Answer:
        """Answers of an axis that works: the directory, and a receipt for every packet."""
        if asked.path.startswith("/v1/directory/snapshot"):
            return Answer(200, self.snapshot(), "application/octet-stream")
        if asked.path.startswith("/v1/directory/delta"):
            return Answer(200, self.delta([], self.state.version, self.state.version), "application/octet-stream")
        if asked.path == "/v1/envelopes":
            return Answer(201, self.event(payload_in(asked)), "application/jose")
        return Answer(404)

    def posted(self) -> list[Asked]:
        return [a for a in self.asked if a.path == "/v1/envelopes"]


def payload_in(asked: Asked) -> bytes:
    """The envelope's payload in a packet that was posted; checks the body's digest and framing on the way."""
    boundary_of(asked.headers["content-type"])
    assert asked.headers["content-digest"]
    head, _, rest = asked.body.partition(b"\r\n\r\n")
    size = int(head.rsplit(b"Content-Length: ", 1)[1])
    return jws.unverified_payload(rest[:size])


def directory(systems: dict[str, MemorySigner], version: int = 1) -> DirectoryState:
    rows: list[Any] = [Agency(AgencyCode(code), f"Cơ quan {code[-3:]}", level=1) for code in systems]
    rows += [system(code, signer) for code, signer in systems.items()]
    return DirectoryState("axis.example", version, rows)


def system(code: str, signer: MemorySigner) -> System:
    key = SystemKey(signer.key_id, public_pem(signer.public_key).decode(), YESTERDAY)
    assert key_id(signer.public_key) == signer.key_id
    return System(SystemId(f"sys-{code}"), f"Phần mềm {code}", (Scope(AgencyCode(code)),), keys=(key,))


@contextmanager
def fake_axis() -> Iterator[FakeAxis]:
    axis = FakeAxis()
    axis.script = axis.honest
    try:
        yield axis
    finally:
        axis.stop()


def letter(**more: Any) -> OutgoingDocument:
    given = {"number": "12/TB-VP", "subject": "V/v thử", "to": (RECIPIENT,), "issued_on": date(2026, 11, 20), **more}
    return OutgoingDocument(**given)


def pdf(name: str = "công văn.pdf", size: int = 3000) -> Attachment:
    return Attachment(name, b"%PDF-1.7\n" + hashlib.sha256(name.encode()).digest() * (size // 32))


def offered(axis: FakeAxis, payload: bytes, token: bytes, **more: Any) -> dict[str, Any]:
    """A row of a lease answer."""
    given = {
        "delivery": 7, "fence": 1, "lease_until": "2026-11-24T00:00:00.000Z", "agency": RECIPIENT,
        "addressed_to": RECIPIENT, "attempt": 1, "envelope": token.decode(), "receipt": axis.event(payload).decode(),
    }  # fmt: skip
    return {**given, **more}
