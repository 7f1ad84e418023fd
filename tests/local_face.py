"""The connector's local face for tests: a real courier over a real axis, served on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from axis_process import Installation, Party
from lienthong.base.clock import Clock, SystemClock
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.local.face import LIMITS, FaceSettings, LocalFace
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.infra.http_limits import HttpLimits
from lienthong.infra.outgoing_tls import public_authorities

SUBJECT = 'Về việc <b>thử</b> & "kiểm"'


@dataclass
class Local:
    """One connector that is being served. ``writer``/``reader``: texts of its two tokens."""

    face: LocalFace
    courier: Courier
    party: Party
    url: str
    port: int
    writer: str
    reader: str

    def ask(self, method: str, path: str, *, token: str | None = "writer", **more: Any) -> httpx.Response:
        """One request, by default with the token that may write."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {getattr(self, token, token)}"
        return httpx.request(method, self.url + path, headers=headers, timeout=60, verify=public_authorities(), **more)

    def get(self, path: str, **more: Any) -> Any:
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(
        self, to: list[str], files: list[tuple[str, bytes]], key: str | None = None, **members: Any
    ) -> httpx.Response:
        """Post a document as software does."""
        import json

        document = {"number": "12/SM-VP", "subject": SUBJECT, "to": to, "issued_on": "25/11/2026", **members}
        parts: list[Any] = [("document", (None, json.dumps(document), "application/json"))]
        parts += [("file", (name, content, "application/pdf")) for name, content in files]
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", "/v1/documents", files=parts, headers=headers)


@contextmanager
def serving(
    axis: Installation, party: Party, root: Path, *, running: bool = True, limits: HttpLimits = LIMITS,
    clock: Clock | None = None, **more: Any,
) -> Iterator[Local]:  # fmt: skip
    """A connector of one agency with its local face; ``running``: whether the courier sends and receives."""
    at = clock or SystemClock()
    settings = AxisSettings(axis.name, axis.url, axis.keys.receipt.public_key, 10)
    courier_options = {name: more.pop(name) for name in ("certificate_ends_at",) if name in more}
    link = AxisLink(settings, party.signer, root, Spool(root), Inbox(root), at)
    with Courier(root, [link], [party.agency], wait=2, clock=at, **courier_options) as courier:
        face = LocalFace(courier, root, FaceSettings(port=0, **more), at, limits)
        listening = face.listen()
        port = listening.getsockname()[1]
        stop = threading.Event()
        works = [lambda: face.run(listening, stop), *([lambda: courier.run(stop)] if running else [])]
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        tokens = face.desk.tokens
        held = {each.name for each in tokens.all()}
        writer, reader = (tokens.create(f"{name}-{len(held)}", write=name == "dms") for name in ("dms", "xem"))
        try:
            yield Local(face, courier, party, f"http://127.0.0.1:{port}", port, writer, reader)
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)
