"""A provincial gateway as its software behaves: logs in, sends forms, lists, fetches, confirms."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from axis_process import Installation
from lienthong.infra.outgoing_tls import public_authorities
from vxp_client import add_connection

BOUNDARY = "----gateway7MA4YWxkTrZu0gW"


@dataclass
class Gateway:
    """One gateway with its identifier and secret. ``token``: of the last login."""

    axis: Installation
    system: str
    secret: str
    token: str = ""
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.axis.url + "/lgsp/v1", timeout=60, trust_env=False, verify=public_authorities()
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "X-SystemId": self.system, "X-SecretKey": self.secret}

    def log_in(self) -> dict[str, Any]:
        found = ok(self.http.post("/auth/login", json={"username": self.system, "password": self.secret}))
        self.token = found["data"]["token"]
        return found

    def post_file(self, raw: bytes, kind: str | None = "edoc", part: str = "edocFile", **more: Any) -> httpx.Response:
        """The form as most libraries write it: fields first."""
        files = {part: ("goi-tin.edxml", raw, "application/octet-stream")}
        return self.http.post(
            "/sendEdoc", files=files, data={} if kind is None else {"messageType": kind}, headers=self.headers, **more
        )

    def send(self, raw: bytes, kind: str = "edoc") -> str:
        return str(ok(self.post_file(raw, kind))["data"]["docId"])

    def ask(self, kind: str = "edoc", **more: str) -> httpx.Response:
        return self.http.get("/syncReceivedEdocList", params={"messageType": kind, **more}, headers=self.headers)

    def listed(self, kind: str = "edoc", **more: str) -> list[dict[str, str]]:
        return list(ok(self.ask(kind, **more))["data"])

    def fetch(self, name: str) -> httpx.Response:
        return self.http.get("/getEdoc", params={"docId": name}, headers=self.headers)

    def get(self, name: str) -> bytes:
        return base64.b64decode(ok(self.fetch(name))["data"], validate=True)

    def update(self, name: str, status: str) -> httpx.Response:
        return self.http.post("/updateStatus", json={"docId": name, "status": status}, headers=self.headers)

    def confirm(self, name: str, status: str = "done") -> None:
        ok(self.update(name, status))


def ok(response: httpx.Response) -> dict[str, Any]:
    """The members of an answer that something was done."""
    found = dict(json.loads(response.content.decode("ascii")))
    assert response.status_code == 200, found
    assert (found["success"], found["errorCode"]) == (True, 0), found
    return found


def refused(response: httpx.Response, number: int, error: str, status: int) -> dict[str, Any]:
    """The members of a refusal that a gateway and a person can act on."""
    found = dict(json.loads(response.content.decode("ascii")))
    assert (response.status_code, found["errorCode"], found["error"]) == (status, number, error), found
    assert found["success"] is False
    assert found["message"]
    assert found["retry"] in {True, False}
    assert found["retry"] or number != 20
    return found


def gateway(axis: Installation, system: str, **more: Any) -> Gateway:
    """A gateway that the operator has just connected; logged in."""
    made = Gateway(axis, system, add_connection(axis, system, face="lgsp", **more))
    made.log_in()
    return made


def form(raw: bytes, kind: str = "edoc", *, file_first: bool = False) -> bytes:
    """The body of a form, its parts in either order."""
    field_part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="messageType"\r\n\r\n{kind}\r\n'.encode()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="edocFile"; filename="a.edxml"\r\nContent-Type: text/xml\r\n\r\n'
    file_part = head.encode() + raw + b"\r\n"
    parts = [file_part, field_part] if file_first else [field_part, file_part]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def form_headers(gate: Gateway) -> dict[str, str]:
    return {**gate.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
