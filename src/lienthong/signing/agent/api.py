"""What software of the office calls, from its page in the browser or as a program of this computer."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong import __version__
from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk, write_all
from lienthong.infra.http_limits import HttpLimits
from lienthong.signing.agent.desk import Desk
from lienthong.signing.agent.edge import NO_STORE
from lienthong.signing.agent.pairing import Pairing
from lienthong.signing.agent.routes import Access, AgentRoute, call_of, route
from lienthong.signing.errors import SIGN_JOB_UNKNOWN
from lienthong.signing.jobs import MOST_DOCUMENTS, Entry, Item, Job, State
from lienthong.signing.profiles import SignerProfile
from lienthong.signing.signers import certificates_of
from lienthong.trust.certificates import public_key_of
from lienthong.trust.keys import Algorithm, usual_algorithm
from lienthong.trust.signer import to_der
from lienthong.webkit.edge.bodies import announced_size, pour
from lienthong.webkit.edge.problems import members as problem_members
from lienthong.webkit.errors import BODY_TOO_LARGE, LENGTH_REQUIRED, REQUEST_MALFORMED

MAXIMUM_CONTENT = 512 * 1024 * 1024
_PURPOSES = frozenset({"document", "copy"})


class Api:
    """The routes below ``/v1/``."""

    def __init__(self, desk: Desk, pairing: Pairing, limits: HttpLimits, describe: Callable[[], Any]) -> None:
        self._desk, self._pairing, self._limits, self._describe = desk, pairing, limits, describe
        self._uploads = desk.home / "uploads"
        self._uploads.mkdir(exist_ok=True, mode=0o700)
        for left in self._uploads.iterdir():
            left.unlink()

    async def health(self, request: Request) -> Response:
        """Whether an agent runs here; says nothing of the official."""
        return _json({"agent": "lienthong", "version": __version__, "api": 1})

    async def description(self, request: Request) -> Response:
        """The OpenAPI description."""
        return _json(self._describe())

    async def pair(self, request: Request) -> Response:
        """A token for the code that the official read from the agent's window."""
        members = _object(request)
        return _json({"token": self._pairing.pair(_text(members, "code", 40), call_of(request).origin)}, 201)

    async def signers(self, request: Request) -> Response:
        """Who can sign here, with certificates to prepare signatures for."""
        return await self._answer(lambda: {"signers": [_signer(each) for each in self._desk.profiles()]})

    async def make(self, request: Request) -> Response:
        """Begin a batch."""
        members, origin = _object(request), call_of(request).origin
        entries = _entries(members.get("documents"))
        signer, title = _text(members, "signer", 64), _text(members, "title", 400)
        base = f"http://{request.url.netloc}"

        def work() -> dict[str, Any]:
            return self._members(self._desk.make(signer, title, entries, origin), base)

        return await self._answer(work, 201)

    async def put(self, request: Request) -> Response:
        """Hand over the prepared bytes of one document."""
        size = announced_size(request.scope)
        if size is None:
            raise Refused(LENGTH_REQUIRED)
        if size > MAXIMUM_CONTENT:
            raise Refused(BODY_TOO_LARGE, size=size, limit=MAXIMUM_CONTENT)
        job, number = self._job(request), request.path_params["number"]
        job.file(number, "prepared")
        file = self._uploads / secrets.token_hex(16)
        try:
            await self._pour(request, file, size)
            await run_in_threadpool(self._desk.take, job, number, file)
        finally:
            file.unlink(missing_ok=True)
        return Response(status_code=204, headers=NO_STORE)

    async def show(self, request: Request) -> Response:
        """How a batch stands."""
        base = f"http://{request.url.netloc}"
        return await self._answer(lambda: self._members(self._job(request), base))

    async def signatures(self, request: Request) -> Response:
        """What was signed so far."""

        def work() -> dict[str, Any]:
            job = self._job(request)
            algorithm = usual_algorithm(public_key_of(self._desk.certificate_of(job)))
            return {"signatures": [_signature(job, item, algorithm) for item in job.items() if item.state.ended]}

        return await self._answer(work)

    async def remove(self, request: Request) -> Response:
        """Forget a batch with its documents; the log of uses stays."""
        await run_in_threadpool(lambda: self._desk.remove(self._job(request)))
        return Response(status_code=204, headers=NO_STORE)

    def routes(self) -> list[AgentRoute]:
        """The routes of this module."""
        batch = "/v1/batches/{batch}"
        return [
            route("GET", "/v1/health", self.health, access=Access.OPEN, vi="Trình ký có chạy không.",
                  en="Whether an agent runs here.", answers={200: "Health"}),
            route("GET", "/v1/openapi.json", self.description, access=Access.OPEN, vi="Mô tả giao diện.",
                  en="This description.", answers={200: "Object"}),
            route("POST", "/v1/pair", self.pair, access=Access.OPEN, vi="Ghép phần mềm bằng mã ghép.",
                  en="Pair software by the code.", takes="Code", answers={201: "Token"}),
            route("GET", "/v1/signers", self.signers, access=Access.SOFTWARE, vi="Người ký và chứng thư số.",
                  en="Signers and their certificates.", answers={200: "Signers"}),
            route("POST", "/v1/batches", self.make, access=Access.SOFTWARE, vi="Lập lượt ký.", en="Begin a batch.",
                  takes="NewBatch", answers={201: "Batch"}),
            route("GET", batch, self.show, access=Access.SOFTWARE, vi="Lượt ký đang ở đâu.", en="How a batch stands.",
                  answers={200: "Batch"}),
            route("PUT", batch + "/documents/{number:int}", self.put, access=Access.SOFTWARE, streams=True,
                  vi="Nộp tệp PDF đã chuẩn bị.", en="Hand over a prepared PDF.", takes="application/pdf",
                  answers={204: ""}),
            route("GET", batch + "/signatures", self.signatures, access=Access.SOFTWARE, vi="Lấy chữ ký.",
                  en="Fetch the signatures.", answers={200: "Signatures"}),
            route("DELETE", batch, self.remove, access=Access.SOFTWARE, vi="Xoá lượt ký.", en="Forget a batch.",
                  answers={204: ""}),
        ]  # fmt: skip

    def _job(self, request: Request) -> Job:
        """The batch of a request; another origin's is unknown. Refuses SIGN_JOB_UNKNOWN."""
        job = self._desk.store.find(request.path_params["batch"])
        if job.owner != call_of(request).origin:
            raise Refused(SIGN_JOB_UNKNOWN, job=job.id)
        return job

    async def _pour(self, request: Request, file: Path, size: int) -> None:
        with disk():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            await pour(request.receive, lambda piece: write_all(handle, piece), self._limits, size)
            await run_in_threadpool(os.fsync, handle)
        finally:
            os.close(handle)

    async def _answer(self, work: Callable[[], Any], status: int = 200) -> Response:
        return _json(await run_in_threadpool(work), status)

    def _members(self, job: Job, base: str) -> dict[str, Any]:
        run = self._desk.run_of(job.id)
        refusal = run.refusal if run else None
        return {
            "batch": job.id, "signer": job.signer, "title": job.title, "made_at": to_text(job.made_at),
            "page": f"{base}/batches/{job.id}", "running": bool(run and run.running), "counts": job.counts(),
            "stopped": problem_members(refusal) if refusal else None,
            "documents": [
                {"number": item.number, "name": item.entry.name, "state": item.state.value,
                 "reason": item.reason or None} for item in job.items()
            ],
        }  # fmt: skip


def _signer(profile: SignerProfile) -> dict[str, Any]:
    members: dict[str, Any] = {
        "signer": profile.label, "role": profile.role.value, "kind": profile.kind.value, "name": profile.name,
        "position": profile.position, "organization": profile.organization,
    }  # fmt: skip
    try:
        known = certificates_of(profile)
    except Refused as refused:
        return members | {"certificates": [], "algorithm": None, "problem": problem_members(refused)}
    texts = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in known]
    algorithm = usual_algorithm(public_key_of(known[0])).value if known else None
    return members | {"certificates": texts, "algorithm": algorithm, "problem": None}


def _signature(job: Job, item: Item, algorithm: Algorithm) -> dict[str, Any]:
    members: dict[str, Any] = {"number": item.number, "state": item.state.value, "reason": item.reason or None}
    signature = job.signature(item.number)
    if item.state is State.DECLINED or signature is None:
        return members | {"signature": None, "algorithm": None}
    return members | {
        "signature": base64.b64encode(to_der(algorithm, signature)).decode(), "algorithm": algorithm.value,
    }  # fmt: skip


def _entries(rows: object) -> list[Entry]:
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_DOCUMENTS:
        raise Refused(REQUEST_MALFORMED, member="documents", why=f"1–{MOST_DOCUMENTS}")
    return [_entry(row, f"documents[{index}]") for index, row in enumerate(rows)]


def _entry(row: object, where: str) -> Entry:
    if not isinstance(row, dict):
        raise Refused(REQUEST_MALFORMED, member=where, why="object")
    purpose = row.get("purpose", "document")
    if purpose not in _PURPOSES:
        raise Refused(REQUEST_MALFORMED, member=f"{where}.purpose", why="document | copy")
    try:
        to_sign = base64.b64decode(_text(row, "to_sign", 100_000), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(REQUEST_MALFORMED, member=f"{where}.to_sign", why="base64") from None
    return Entry(
        _text(row, "name", 400), to_sign, _text(row, "number", 200, ""), _text(row, "abstract", 2000, ""), purpose
    )


def _object(request: Request) -> Mapping[str, Any]:
    try:
        found = json.loads(call_of(request).body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(REQUEST_MALFORMED, member="body", why="JSON object")
    return found


def _text(members: Mapping[str, Any], name: str, longest: int, usual: str | None = None) -> str:
    found = members.get(name, usual)
    if not isinstance(found, str) or len(found) > longest or (usual is None and not found):
        raise Refused(REQUEST_MALFORMED, member=name, why=f"text, ≤ {longest}")
    return found


def _json(members: Any, status: int = 200) -> Response:
    return JSONResponse(members, status, NO_STORE)
