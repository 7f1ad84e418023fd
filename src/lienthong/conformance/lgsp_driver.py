"""A provincial gateway as its software behaves, with evidence: logs in, sends forms, lists, fetches, confirms."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

from lienthong.conformance.model import Unmet, expect


class Gateway:
    """One gateway with its identifier and secret; logs in when it first needs to."""

    def __init__(self, url: str, system: str, agency: str, secret: str, transport: httpx.BaseTransport) -> None:
        self.system, self.agency = system, agency
        self._secret = secret
        self._token = ""
        self.http = httpx.Client(base_url=url + "/v1", timeout=60, transport=transport)

    @property
    def headers(self) -> dict[str, str]:
        """What document calls carry."""
        if not self._token:
            self._token = str(self.ok(self.log_in())["data"]["token"])
        return {"Authorization": f"Bearer {self._token}", "X-SystemId": self.system, "X-SecretKey": self._secret}

    def log_in(self, secret: str | None = None) -> httpx.Response:
        return self.http.post("/auth/login", json={"username": self.system, "password": secret or self._secret})

    def post_file(self, raw: bytes, kind: str = "edoc", headers: dict[str, str] | None = None) -> httpx.Response:
        files = {"edocFile": ("goi-tin.edxml", raw, "application/octet-stream")}
        sent = self.headers if headers is None else headers
        return self.http.post("/sendEdoc", files=files, data={"messageType": kind}, headers=sent)

    def send(self, raw: bytes, kind: str = "edoc") -> str:
        return str(self.ok(self.post_file(raw, kind))["data"]["docId"])

    def ask(self, kind: str = "edoc", **more: str) -> httpx.Response:
        return self.http.get("/syncReceivedEdocList", params={"messageType": kind, **more}, headers=self.headers)

    def listed(self, kind: str = "edoc", **more: str) -> list[dict[str, str]]:
        return list(self.ok(self.ask(kind, **more))["data"])

    def fetch(self, name: str) -> httpx.Response:
        return self.http.get("/getEdoc", params={"docId": name}, headers=self.headers)

    def get(self, name: str) -> bytes:
        return base64.b64decode(self.ok(self.fetch(name))["data"], validate=True)

    def update(self, name: str, status: str) -> httpx.Response:
        return self.http.post("/updateStatus", json={"docId": name, "status": status}, headers=self.headers)

    @staticmethod
    def members(response: httpx.Response) -> dict[str, Any]:
        """The members of an answer. Raises Unmet for what a gateway could not read."""
        try:
            found = json.loads(response.content.decode("ascii"))
        except ValueError as error:
            raise Unmet("trả lời không phải JSON thuần ASCII", f"the answer is not ASCII JSON ({error})") from error
        whole = isinstance(found, dict) and isinstance(found.get("success"), bool) and "message" in found
        expect(whole, "thiếu success hoặc message", "success or message is missing")
        expect("null" not in json.dumps(found).replace('"null"', ""), "trả lời có null", "the answer has a null")
        return dict(found)

    @classmethod
    def ok(cls, response: httpx.Response) -> dict[str, Any]:
        """The members of an answer that it was done. Raises Unmet."""
        found = cls.members(response)
        why = f"HTTP {response.status_code} {found.get('errorCode')} {found['message']}"
        good = response.status_code == 200 and found["success"]
        expect(good and found.get("errorCode", 0) == 0, f"bị từ chối: {why}", f"refused: {why}")
        return found

    @classmethod
    def refused(cls, response: httpx.Response, *numbers: int) -> dict[str, Any]:
        """The members of a refusal with one of the error numbers. Raises Unmet."""
        found = cls.members(response)
        vi, en = "được chấp nhận trong khi phải từ chối", "accepted where it must be refused"
        expect(not found["success"] and response.status_code >= 400, vi, en)
        wanted = " | ".join(map(str, numbers))
        number = found.get("errorCode")
        expect(number in numbers, f"mã lỗi {number}, cần {wanted}", f"errorCode {number}, needs {wanted}")
        expect(found["message"], "lời từ chối không có lý do", "the refusal has no reason")
        return found
