"""Timestamp authorities (RFC 3161): our own, or one of a third party over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx
from cryptography import x509

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.infra.timestamp_errors import TSA_ANSWER_WRONG, TSA_AWAY
from lienthong.trust.certificates import TrustStore
from lienthong.trust.signer import Signer
from lienthong.trust.timestamp import (
    MAXIMUM_TOKEN_BYTES,
    Responder,
    make_request,
    read_response,
    verify_token,
)
from lienthong.trust.verdict import Verdict

POLICY = "1.3.6.1.4.1.99999.1.1"
"""Policy of the local authority: whole seconds, the axis's clock. A number for examples; an operator
who publishes a policy of his own uses an external authority."""
REQUEST_TYPE = "application/timestamp-query"
RESPONSE_TYPE = "application/timestamp-reply"


class TimestampAuthority(Protocol):
    """Whoever stamps. ``chain``: its certificates, leaf first, as far as they are known beforehand."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]: ...

    def stamp(self, digest: bytes) -> bytes:
        """A token over a SHA-256 digest. Refuses: TSA_AWAY, TSA_ANSWER_WRONG."""
        ...


class LocalAuthority:
    """The axis's own authority. Serial numbers are 127 random bits, so they never repeat without any register."""

    def __init__(self, signer: Signer, chain: Sequence[x509.Certificate], clock: Clock) -> None:
        self.chain = tuple(chain)
        self._responder = Responder(signer, self.chain[0], self.chain, POLICY)
        self._clock = clock

    def respond(self, request: bytes) -> bytes:
        """The answer to a request of anybody; never an exception for bad input."""
        return self._responder.respond(request, secrets.randbits(127) | 1, self._clock.now())

    def stamp(self, digest: bytes) -> bytes:
        return read_response(self.respond(make_request(digest, secrets.randbits(64))))


@dataclass(slots=True)
class RemoteAuthority:
    """An authority over HTTP (RFC 3161 clause 3.4). Without ``roots`` only the token's own signature is checked."""

    url: str
    roots: TrustStore = field(default_factory=lambda: TrustStore(()))
    chain: tuple[x509.Certificate, ...] = ()
    seconds: float = 10.0

    def stamp(self, digest: bytes) -> bytes:
        nonce = secrets.randbits(64)
        token = read_response(self._ask(make_request(digest, nonce)))
        report = verify_token(token, digest, self.roots, nonce=nonce)
        wanted = (Verdict.PASSED,) if self.roots.roots else (Verdict.PASSED, Verdict.INDETERMINATE)
        if report.verdict not in wanted:
            raise Refused(TSA_ANSWER_WRONG, reason=report.troubles[0].en)
        return token

    def _ask(self, request: bytes) -> bytes:
        headers = {"Content-Type": REQUEST_TYPE}
        try:
            with httpx.stream(
                "POST", self.url, content=request, headers=headers, timeout=self.seconds,
                verify=public_authorities(environment=True),
            ) as answer:  # fmt: skip
                answer.raise_for_status()
                return read_at_most(answer, MAXIMUM_TOKEN_BYTES)
        except httpx.HTTPStatusError as reason:
            raise Refused(TSA_AWAY, reason=f"HTTP {reason.response.status_code}") from reason
        except httpx.HTTPError as reason:
            raise Refused(TSA_AWAY, reason=type(reason).__name__) from reason


def read_at_most(answer: httpx.Response, limit: int) -> bytes:
    """The body of an answer, cut after a little more than ``limit`` bytes: a stranger must not fill the memory."""
    body = bytearray()
    for chunk in answer.iter_bytes(16 * 1024):
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)
