"""One signed connection to an axis: requests, retries and refusals. Source: PR-NATIVE §3–4."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from lienthong.base.clock import Clock, SystemClock
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.bodies import Body
from lienthong.connector.errors import AXIS_ANSWER_NOT_VALID, AXIS_UNREACHABLE, AxisRefused
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.trust import content_digest
from lienthong.trust.http_signature import sign_request
from lienthong.trust.signer import Signer

PAUSES = (0.3, 1.0, 3.0, 10.0)
"""Seconds between attempts, before jitter: a passing fault is outlived, a long one is reported."""

LONGEST_PAUSE = 60.0
"""Seconds: whoever is asked to wait longer tells the user so, and does not sit there silently."""


class AxisConnection:
    """Signs every request with the system's key and repeats it as its failure allows.

    Transient refusals and broken lines are repeated with the same bytes after a pause (or the one the axis asks for);
    permanent refusals are raised at once as :class:`AxisRefused`; an axis that cannot be reached as AXIS_UNREACHABLE.
    """

    def __init__(
        self,
        url: str,
        signer: Signer,
        *,
        timeout: float = 90.0,
        pauses: tuple[float, ...] = PAUSES,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.signer = signer
        self._pauses = pauses
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=10.0),
            trust_env=False,
            verify=public_authorities(),
            transport=transport,
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> AxisConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_json(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON answer to a GET."""
        return self.members("GET", path, query)

    def members(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The members of a JSON answer. Refuses AXIS_ANSWER_NOT_VALID for anything else, such as a proxy's page."""
        response = self.request(method, path, query, body, headers)
        try:
            found = response.json()
        except ValueError as error:
            raise _not_the_axis(self.url, "không phải JSON (not JSON)") from error
        if not isinstance(found, dict):
            raise _not_the_axis(self.url, "không phải đối tượng JSON (not an object)")
        return found

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        patient: bool = True,
    ) -> httpx.Response:
        """One answered request; the answer is read whole. Repeats as the class says, unless it is not ``patient``."""
        pauses = iter(self._pauses if patient else ())
        while True:
            try:
                with self._send(method, path, query, body, headers) as response:
                    response.read()
                    return response
            except AxisRefused as refused:
                pause = next(pauses, None)
                asked = refused.retry_after
                if (
                    refused.code == "UPLOAD_OFFSET"
                    or refused.retry is Retry.PERMANENT
                    or pause is None
                    or (asked or 0) > LONGEST_PAUSE
                ):
                    raise
                self._sleep(_jitter(pause) if asked is None else asked)
            except httpx.RequestError as error:
                pause = next(pauses, None)
                if pause is None:
                    raise self._unreachable(error) from error
                self._sleep(_jitter(pause))

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """A GET whose answer is read piece by piece by the caller; not repeated, the caller resumes."""
        try:
            with self._send("GET", path, query, None, headers) as response:
                yield response
        except httpx.RequestError as error:
            raise self._unreachable(error) from error

    @property
    def patience(self) -> int:
        """How often something that failed in passing is repeated."""
        return len(self._pauses)

    def rest(self, attempt: int) -> None:
        """Pause before the caller continues a broken transfer for the ``attempt``-th time."""
        if self._pauses:
            self._sleep(_jitter(self._pauses[min(attempt, len(self._pauses) - 1)]))

    @contextmanager
    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Body | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[httpx.Response]:
        sent = {**(headers or {}), "Accept-Encoding": "identity"}
        if body is not None:
            sent |= {"Content-Type": body.content_type, "Content-Length": str(body.size)}
            sent["Content-Digest"] = content_digest.make(body.digest)
        request = self._http.build_request(
            method,
            self.url + path,
            params=query or None,
            headers=sent,
            content=body.pieces() if body is not None else None,
        )
        target = request.url.raw_path.decode("ascii")
        created = int(self._clock.now().timestamp())
        digest = sent.get("Content-Digest")
        request.headers.update(
            sign_request(method, target, None, digest, self.signer, created, secrets.token_urlsafe(12))
        )
        response = self._http.send(request, stream=True)
        try:
            if response.status_code >= 400:
                response.read()
                raise read_problem(response)
            unchanged = response.status_code == httpx.codes.NOT_MODIFIED and "If-None-Match" in sent
            if response.status_code >= 300 and not unchanged:
                raise _not_the_axis(self.url, f"HTTP {response.status_code}")
            yield response
        finally:
            response.close()

    def _unreachable(self, error: httpx.RequestError) -> Refused:
        return Refused(AXIS_UNREACHABLE, url=self.url, why=one_line(str(error) or type(error).__name__))


def read_problem(response: httpx.Response) -> AxisRefused:
    """The refusal in an answer; an answer that is no problem document (a proxy's page) is judged by its status."""
    members: object = {}
    if "json" in response.headers.get("content-type", ""):
        with suppress(ValueError):
            members = response.json()
    after = response.headers.get("retry-after", "")
    return AxisRefused.read(
        members if isinstance(members, dict) else {},
        response.status_code,
        float(after) if after.isascii() and after.isdigit() and len(after) < 7 else None,
    )


def _not_the_axis(url: str, why: str) -> Refused:
    return Refused(AXIS_ANSWER_NOT_VALID, why=f"{url}: {why}")


def _jitter(pause: float) -> float:
    """Agencies that failed together must not come back together."""
    return pause * (0.5 + random.random())
