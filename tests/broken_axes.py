"""Axes that are broken in one way each: a proxy in front of a good one alters what goes through."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lienthong.conformance.proxy import Meddler, Reply, Seen

Change = Callable[[Seen, Reply], Reply | None]


class Altered(Meddler):
    """Answers whose request matches are changed."""

    def __init__(self, method: str, path: str, change: Change) -> None:
        self._method, self._path, self._change = method, re.compile(path), change

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        if seen.method == self._method and self._path.fullmatch(seen.path):
            return self._change(seen, reply)
        return reply


def members(reply: Reply) -> dict[str, Any]:
    return dict(json.loads(reply.body))


def with_members(reply: Reply, changed: dict[str, Any]) -> Reply:
    return replace(reply, body=json.dumps(changed).encode())


def changed(change: Callable[[dict[str, Any]], None]) -> Change:
    """A change of the members of a JSON answer."""

    def apply(_: Seen, reply: Reply) -> Reply:
        found = members(reply)
        change(found)
        return with_members(reply, found)

    return apply


def flipped_data(found: dict[str, Any]) -> None:
    """One byte of a Base64 file."""
    if found.get("data"):
        raw = bytearray(base64.b64decode(found["data"]))
        at = raw.rindex(b"%PDF-1.4") if b"%PDF-1.4" in raw else raw.rindex(b"</") - 3
        raw[at] ^= 1
        found["data"] = base64.b64encode(bytes(raw)).decode()


class NoContinue(Meddler):
    """Never says 100 Continue."""

    continues = False


class ForgetsPosts(Meddler):
    """Gives each re-post a DocId of its own."""

    def __init__(self, member: Callable[[dict[str, Any]], dict[str, Any]], name: str) -> None:
        self._member, self._name = member, name
        self._counts: dict[str, int] = {}

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        if not seen.path.endswith("/sendEdoc") or reply.status != 200:
            return reply
        found = members(reply)
        inner = self._member(found)
        if not isinstance(inner, dict) or not inner.get(self._name):
            return reply
        known = str(inner[self._name])
        count = self._counts[known] = self._counts.get(known, 0) + 1
        if count > 1:
            inner[self._name] = f"{known}-{count}"
        return with_members(reply, found)


class ChangesReceipts(Meddler):
    """Answers another receipt when an envelope is sent again."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        if seen.method == "POST" and seen.path == "/v1/envelopes" and reply.status in {200, 201}:
            digest = hashlib.sha256(reply.body).hexdigest()
            if digest in self._seen:
                return replace(reply, body=reply.body[:-4] + b"AAAA")
            self._seen.add(digest)
        return reply


class Vanishes(Meddler):
    """Lists each item only until it was fetched once."""

    def __init__(self) -> None:
        self._fetched: set[str] = set()

    def before(self, seen: Seen) -> Reply | None:
        if seen.path.endswith("/getEdoc"):
            self._fetched.add(seen.header("XroadVnpt-docId") or seen.target.partition("docId=")[2])
        return None

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        if seen.path.endswith(("/getReceivedEdocList", "/syncReceivedEdocList")) and reply.status == 200:
            found = members(reply)
            if isinstance(found.get("data"), list):
                found["data"] = [row for row in found["data"] if row["docId"] not in self._fetched]
                return with_members(reply, found)
        return reply


def null_description(found: dict[str, Any]) -> None:
    for row in found.get("data") or []:
        row["status_desc"] = None


def same_doc_id(found: dict[str, Any]) -> None:
    if found.get("DocId"):
        found["DocId"] = "11111111-2222-8333-8444-555555555555"


def lgsp_same_doc_id(found: dict[str, Any]) -> None:
    if found.get("success"):
        found["data"] = {"docId": "11111111-2222-8333-8444-555555555555"}


class LetsStatusesThrough(Meddler):
    """Says yes to a status that the axis refuses for its direction."""

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        vxp = seen.path == "/vxp/sendEdoc" and seen.header("XroadVnpt-messagetype") == "status"
        if vxp and members(reply)["status"] == "FAIL":
            done = {"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "DocId": "1-2-3"}
            return with_members(reply, done)
        return reply


class LetsAnybodyIn(Meddler):
    """Says yes to whoever cannot log in."""

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        if seen.path == "/lgsp/v1/auth/login" and reply.status == 401:
            return with_members(
                replace(reply, status=200), {"success": True, "errorCode": 0, "message": "", "data": {"token": "x"}}
            )
        return reply


def flipped_part(_: Seen, reply: Reply) -> Reply:
    """One byte of a file that goes to a recipient."""
    if reply.status not in {200, 206} or len(reply.body) < 150:
        return reply
    return replace(reply, body=reply.body[:120] + bytes([reply.body[120] ^ 1]) + reply.body[121:])


def no_range(seen: Seen, reply: Reply) -> Reply:
    return replace(reply, status=200) if reply.status == 206 else reply


def no_evidence(found: dict[str, Any]) -> None:
    for row in found.get("results") or []:
        row.pop("evidence", None)


def old_status(found: dict[str, Any]) -> None:
    for row in found.get("recipients") or []:
        if row.get("status"):
            row["status"] = "01"


PART = r"/v1/deliveries/\d+/parts/\d+"
BROKEN: dict[str, tuple[str, Callable[[], Meddler], set[str]]] = {
    "loses receipts": (
        "native",
        lambda: Altered("POST", "/v1/envelopes", lambda s, r: replace(r, body=b"") if r.status == 201 else r),
        {"*"},
    ),
    "another receipt the second time": ("native", ChangesReceipts, {"native.send.again"}),
    "no ranges": ("native", lambda: Altered("GET", PART, no_range), {"native.receive.bytes"}),
    "no evidence of hand-over": (
        "native",
        lambda: Altered("POST", "/v1/inbox/acknowledgements", changed(no_evidence)),
        {"native.receive.ack-again"},
    ),
    "keeps the first status": (
        "native",
        lambda: Altered("GET", "/v1/trace", changed(old_status)),
        {"native.status.flow", "native.status.late"},
    ),
    "no 100-continue": ("vxp", NoContinue, {"vxp.answer.continue"}),
    "null in a list": ("vxp", lambda: Altered("POST", "/vxp/getReceivedEdocList", changed(null_description)), {"*"}),
    "one DocId for all": (
        "vxp",
        lambda: Altered("POST", "/vxp/sendEdoc", changed(same_doc_id)),
        {"vxp.send.docid", "vxp.sent.list"},
    ),
    "forgets re-posts": ("vxp", lambda: ForgetsPosts(lambda found: found, "DocId"), {"vxp.send.repost"}),
    "wrong direction of a status": ("vxp", LetsStatusesThrough, {"vxp.status.direction"}),
    "items vanish before they are confirmed": (
        "vxp",
        Vanishes,
        {"vxp.receive.until-confirmed", "vxp.receive.counts", "vxp.status.apart"},
    ),
    "changes a byte": (
        "vxp",
        lambda: Altered("POST", "/vxp/getEdoc", changed(flipped_data)),
        {"vxp.receive.bytes", "vxp.send.multipart"},
    ),
    "gateway: one docId for all": (
        "lgsp",
        lambda: Altered("POST", "/lgsp/v1/sendEdoc", changed(lgsp_same_doc_id)),
        {"lgsp.send.docid"},
    ),
    "gateway: anybody may log in": ("lgsp", LetsAnybodyIn, {"lgsp.auth.login"}),
    "gateway: changes a byte": (
        "lgsp",
        lambda: Altered("GET", "/lgsp/v1/getEdoc", changed(flipped_data)),
        {"lgsp.receive.bytes", "lgsp.samples.traps"},
    ),
    "gateway: forgets re-posts": (
        "lgsp",
        lambda: ForgetsPosts(lambda found: found["data"], "docId"),
        {"lgsp.send.repost"},
    ),
    "gateway: items vanish": ("lgsp", Vanishes, {"lgsp.receive.until-confirmed"}),
}
"""Name → face, what is wrong, and exactly the checks that must fail."""
