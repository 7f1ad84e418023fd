"""The requests of the vendor's library, byte for byte: for tests, for conformance, and to see what servers must take.

One *service object* keeps every parameter that it was ever given, and its first timestamp, and sends all of them each
time. Its map is a Java ``HashMap``, so the order of headers and of the signed JSON follows from the hash codes of the
names. Two HTTP stacks write the bytes: Apache HttpClient for everything but ``sendEdoc``, the JDK's for that.

Source: exchange facts §2.1, "Requests, exactly", "Signature", "The SDK's header map is never cleared".
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lienthong.wire.vxp.files import END, unpadded
from lienthong.wire.vxp.headers import signature

AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
VERSION = "3.0.201608"
_PREFIX = "XroadVnpt-"
_JSON, _BYTES = "application/json", "application/octet-stream"

Stack = Literal["apache", "jdk"]


def hash_code(text: str) -> int:
    """``String.hashCode`` of Java, as 32 bits without sign."""
    value = 0
    for (unit,) in struct.iter_unpack(">H", text.encode("utf-16-be")):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value


def hash_map_order(names: Iterable[str]) -> list[str]:
    """The order in which a Java ``HashMap`` gives its keys, put in this order and never removed."""
    keys = list(dict.fromkeys(names))
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    buckets: dict[int, list[str]] = {}
    for key in keys:
        value = hash_code(key)
        buckets.setdefault((value ^ value >> 16) & (size - 1), []).append(key)
    return [key for bucket in sorted(buckets) for key in buckets[bucket]]


def timestamp(local: datetime) -> str:
    """``ddMMyyyy'T'HHmmss+SSSS`` of a clock without zone."""
    return f"{local:%d%m%YT%H%M%S}+{local.microsecond // 1000:04d}"


@dataclass(frozen=True, slots=True)
class SdkRequest:
    """One request as its bytes: ``head`` up to the empty line, and ``body``.

    ``expects``: the client waits for ``100 Continue`` before the body. ``stack``: which of the two wrote it.
    """

    head: bytes
    body: bytes
    expects: bool
    stack: Stack

    @property
    def whole(self) -> bytes:
        return self.head + self.body


@dataclass
class SdkService:
    """One service object of the library. ``made_at``: its timestamp for its whole life.

    ``endpoint``: path of the configured endpoint; one that ends in ``/`` makes ``//sendEdoc``. ``parameters``: what it
    was given so far, never cleared.
    """

    host: str
    endpoint: str
    system_id: str
    secret: str
    made_at: str
    parameters: dict[str, str] = field(default_factory=dict)

    def request(
        self,
        operation: str,
        given: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        method: str = "POST",
        content_type: str = _JSON,
        stack: Stack = "apache",
    ) -> SdkRequest:
        """A request of any operation; ``given`` is added to what the object holds already."""
        self.parameters.setdefault("systemid", self.system_id)
        self.parameters.update(given or {})
        self.parameters["timestamp"] = self.made_at
        self.parameters["Content-Type"] = content_type
        names = hash_map_order(self.parameters)
        text = self.signed_text(names)
        own = [(f"{_PREFIX}{name}", self.parameters[name]) for name in names]
        signed = [
            (f"{_PREFIX}sign-header-key", ";".join(names)),
            (f"{_PREFIX}sign-header", text),
            (f"{_PREFIX}hash-header", signature(text.encode(), self.secret.encode()).decode()),
        ]
        agent = [("User-Agent", AGENT), (f"{_PREFIX}version", VERSION)]
        expects = stack == "apache" and bool(body)
        if stack == "jdk":
            lines = [("Content-Type", content_type), *own, *signed, *agent, *_jdk(self.host, len(body))]
        else:
            at = next(n for n, (name, _) in enumerate(own) if name == f"{_PREFIX}Content-Type")
            own.insert(at, ("Content-Type", content_type))
            lines = [*own, *signed, *agent, *_apache(self.host, method, len(body), expects)]
        path = f"{self.endpoint}/{operation}" if stack == "jdk" else f"{self.endpoint.rstrip('/')}/{operation}"
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return SdkRequest(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode(), body, expects, stack)

    def signed_text(self, names: Iterable[str]) -> str:
        """The signed JSON: compact, in the map's order, non-ASCII as it is."""
        members = {f"{_PREFIX}{name}": self.parameters[name] for name in names}
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"))

    # --- operations ----------------------------------------------------------------------------------------------

    def send(self, content: bytes, sender: str, message_type: str, to: Iterable[str] | None = None) -> SdkRequest:
        """``sendEdoc``: the file and a CRLF; ``hash-file`` without padding."""
        given = {"from": sender, "servicetype": "eDoc", "messagetype": message_type}
        given["hash-file"] = unpadded(hashlib.sha256(content).digest())
        if to is not None:
            given["to"] = json.dumps(list(to), separators=(",", ":"))
        return self.request("sendEdoc", given, content + END, content_type=_BYTES, stack="jdk")

    def received(self, message_type: str, dates: tuple[str, str] | None = None) -> SdkRequest:
        """``getReceivedEdocList``."""
        given = {"servicetype": "eDoc", "messagetype": message_type}
        if dates is not None:
            given |= {"fromDate": dates[0], "toDate": dates[1]}
        return self.request("getReceivedEdocList", given)

    def sent(self, message_type: str, dates: tuple[str, str] | None = None) -> SdkRequest:
        """``getSentEdocList``."""
        given = {"servicetype": "eDoc", "messagetype": message_type}
        if dates is not None:
            given |= {"fromDate": dates[0], "toDate": dates[1]}
        return self.request("getSentEdocList", given)

    def get(self, name: str, folder: str = "D:/luu-tru") -> SdkRequest:
        """``getEdoc``: in the spelling ``docId``, with the client's own folder."""
        return self.request("getEdoc", {"docId": name, "filePath": folder}, b"{}")

    def download(self, name: str, folder: str = "D:/luu-tru") -> SdkRequest:
        """``downloadEdoc`` of 2.0.1: GET without a body."""
        return self.request("downloadEdoc", {"docId": name, "filePath": folder}, method="GET")

    def update(self, name: str, status: str) -> SdkRequest:
        """``updateStatus``: in the spelling ``docid``; the library puts the status in last."""
        for kept, value in (("systemid", self.system_id), ("docid", name), ("timestamp", ""), ("Content-Type", "")):
            self.parameters.setdefault(kept, value)
        return self.request("updateStatus", {"docid": name, "status": status}, b"{}")

    def agencies(self, operation: str = "getAgenciesList") -> SdkRequest:
        """``getAgenciesList``, ``getAgenciesListQD20`` or ``getSynchronizeUnit``: no body."""
        return self.request(operation)

    def count(self, operation: str, message_type: str) -> SdkRequest:
        """``countReceiveEdoc`` or ``countReceiveStatus``: declared GET, sent as POST."""
        return self.request(operation, {"servicetype": "eDoc", "messagetype": message_type}, b"{}")

    def register(self, text: str) -> SdkRequest:
        """``registerAgency``: the caller's text, whatever it is."""
        return self.request("registerAgency", body=text.encode())

    def delete(self, code: str) -> SdkRequest:
        """``deleteAgency``."""
        return self.request("deleteAgency", {"AgencyCode": code}, b"{}")


def _apache(host: str, method: str, size: int, expects: bool) -> list[tuple[str, str]]:
    length = [] if method == "GET" else [("Content-Length", str(size))]
    expectation = [("Expect", "100-continue")] if expects else []
    return [
        *length,
        ("Host", host),
        ("Connection", "Keep-Alive"),
        *expectation,
        ("Accept-Encoding", "gzip,deflate"),
    ]


def _jdk(host: str, size: int) -> list[tuple[str, str]]:
    return [
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("Host", host),
        ("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"),
        ("Connection", "keep-alive"),
        ("Content-Length", str(size)),
    ]
