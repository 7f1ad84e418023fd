"""Requests and packets that no honest connector makes: every byte is the test's to choose."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import secrets
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from axis_process import Installation, Party, attachment, document
from lienthong.connector import compose
from lienthong.connector.compose import Attachment
from lienthong.edxml.writer import write_document
from lienthong.trust import content_digest, jws
from lienthong.trust.http_signature import sign_request
from lienthong.trust.signer import Signer
from lienthong.wire.envelope import TYP, Envelope, Kind, Part, decode_envelope, encode_envelope
from lienthong.wire.packet import content_type, envelope_head, part_head, tail

BOUNDARY = "lt-0123456789abcdef"


@dataclass(frozen=True)
class Answer:
    """What the axis said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def code(self) -> str:
        return str(self.problem["code"])


def send(axis: Installation, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """One request, its target exactly as written."""
    address = urlsplit(axis.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None and "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        # Refused before the whole body was read: the answer is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def send_bytes(axis: Installation, data: bytes, *, seconds: float = 10) -> bytes:
    """Bytes on a fresh connection, and everything that comes back until the axis closes or ``seconds`` are over."""
    with socket.create_connection(("127.0.0.1", axis.port), timeout=seconds) as line:
        line.sendall(data)
        got = b""
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                piece = line.recv(65536)
                if not piece:
                    break
                got += piece
                if b"\r\n\r\n" in got and _complete(got):
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def _complete(got: bytes) -> bool:
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False


def signed(
    signer: Signer,
    method: str,
    target: str,
    body: bytes | None = None,
    *,
    media_type: str = "application/json",
    created: int | None = None,
    nonce: str | None = None,
    digest: str | None = None,
) -> dict[str, str]:
    """Headers of an honest request: change them afterwards to make it dishonest."""
    headers: dict[str, str] = {}
    if body is not None:
        headers = {"Content-Type": media_type, "Content-Digest": digest or content_digest.of(body)}
    at = int(time.time()) if created is None else created
    made = sign_request(
        method, target, None, headers.get("Content-Digest"), signer, at, nonce or secrets.token_urlsafe(12)
    )
    return headers | made


def ask(axis: Installation, signer: Signer, method: str, target: str, body: bytes | None = None, **more: Any) -> Answer:
    """One honest request."""
    return send(axis, method, target, signed(signer, method, target, body, **more), body)


@dataclass
class Packet:
    """A submission in pieces; change any of them, then :meth:`post`."""

    sender: Party
    envelope: Envelope
    contents: list[bytes]
    members: dict[str, Any] = field(default_factory=dict)
    """Members of the envelope that are written instead of the right ones; None removes one."""
    payload: bytes | None = None
    token: bytes | None = None
    signer: Signer | None = None

    def signed_token(self) -> bytes:
        if self.token is not None:
            return self.token
        payload = self.payload
        if payload is None:
            read = json.loads(encode_envelope(self.envelope)) | self.members
            kept = {k: v for k, v in read.items() if v is not None}
            payload = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
                "utf-8", "surrogatepass"
            )
        return jws.sign(payload, self.signer or self.sender.signer, TYP)

    def pieces(self) -> list[bytes]:
        """Framing and content, one after another."""
        token = self.signed_token()
        made = [envelope_head(BOUNDARY, len(token)) + token]
        for index, (part, content) in enumerate(zip(self.envelope.parts, self.contents, strict=True)):
            made += [part_head(BOUNDARY, index, part), content]
        return [*made, tail(BOUNDARY)]

    def post(self, axis: Installation, body: bytes | None = None, signer: Signer | None = None) -> Answer:
        whole = b"".join(self.pieces()) if body is None else body
        who = signer or self.sender.signer
        return ask(axis, who, "POST", "/v1/envelopes", whole, media_type=content_type(BOUNDARY))


def packet(
    sender: Party,
    to: Sequence[str],
    *,
    attachments: Sequence[Attachment] | None = None,
    header: Callable[[bytes], bytes] = lambda xml: xml,
    **more: Any,
) -> Packet:
    """A right packet, but for what ``header`` does to its edXML; the envelope is made to fit the outcome."""
    files = [attachment(size=2000)] if attachments is None else list(attachments)
    now = datetime.now(UTC)
    entries = compose.manifest(files)
    written = document(to, **more)
    made = compose.document_header(written, sender.client.agency, lambda code: code, now, entries)
    xml = header(write_document(made))
    envelope = compose.make_envelope(
        kind=Kind.DOCUMENT, sender=sender.client.agency, recipients=to, about=made.document_id, header=xml,
        entries=entries, attachments=files, now=now,
    )  # fmt: skip
    decode_envelope(encode_envelope(envelope))
    return Packet(sender, envelope, [xml, *(bytes(f.content) for f in files if isinstance(f.content, bytes))])


def with_part(envelope: Envelope, index: int, **changes: Any) -> Envelope:
    """The envelope with another description of one part."""
    from dataclasses import replace

    parts: list[Part] = list(envelope.parts)
    parts[index] = replace(parts[index], **changes)
    return replace(envelope, parts=tuple(parts))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def require_clear(answer: Answer, *codes: str) -> dict[str, Any]:
    """A refusal that a person can act on: one of the codes, both languages, what to do, and whether to try again."""
    assert answer.status >= 400, f"taken with {answer.status}: {answer.body[:200]!r}"
    assert answer.headers.get("content-type", "").startswith("application/problem+json"), answer.body[:300]
    problem = answer.problem
    assert problem["code"] in codes, f"{problem['code']} ({problem.get('title_en')}), expected one of {codes}"
    for member in ("title_vi", "title_en", "advice_vi", "advice_en"):
        assert len(problem[member]) > 10, member
    assert problem["title_vi"] != problem["title_en"]
    unfilled = re.compile(r"\{[a-z_]+\}")
    assert not unfilled.search(problem["title_vi"] + problem["title_en"]), problem["title_en"]
    assert problem["retry"] in {"permanent", "transient", "indeterminate"}
    assert problem["status"] == answer.status
    assert "Traceback" not in answer.body.decode("utf-8", "replace")
    return problem
