"""Where revocation data comes from while an authority is still there: OCSP, revocation lists, issuers' certificates.

Source: RFC 6960 appendix A (OCSP over HTTP), RFC 5280 clauses 4.2.1.13 (CRL distribution points) and 4.2.2.1 (authority
information access), RFC 9654 (nonce). In the clear, as these services are: answers are signed and checked. Addresses
come out of certificates that strangers made, so only hosts that the configuration names are asked, without redirects
and without a proxy.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from lienthong.base.clock import Clock, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.certificate_addresses import issuer_places, list_places, responders
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.infra.revocation_cache import RevocationCache
from lienthong.infra.revocation_errors import (
    REVOCATION_ADDRESS_MISSING,
    REVOCATION_ANSWER_WRONG,
    REVOCATION_HOST_NOT_ALLOWED,
    REVOCATION_SOURCE_AWAY,
)
from lienthong.trust.certificates import load_certificate
from lienthong.trust.revocation import (
    MAXIMUM_CRL_BYTES,
    MAXIMUM_OCSP_BYTES,
    RevocationData,
    check_revocation,
    load_revocation,
)
from lienthong.trust.verdict import Verdict

_MAXIMUM_CERTIFICATE = 64 * 1024
_SKEW = timedelta(minutes=5)
_DEAD_SECONDS = 60.0
"""For so long a source that did not answer is not asked again: with thousands of documents each would wait anew."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """``hosts``: ``host:port`` as addresses have them (port 80 may be left out). ``seconds``: for one whole answer.

    ``ocsp_urls``, ``crl_urls``: asked before the addresses in a certificate, for closed networks. ``cache``: folder in
    which answers are kept until they are out of date; None keeps nothing.
    """

    hosts: frozenset[str] = frozenset()
    ocsp: bool = True
    lists: bool = True
    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    cache: Path | None = None
    seconds: float = 10.0


class RevocationSources:
    """Asks the sources of one configuration. Safe for several processes with one cache."""

    def __init__(self, settings: SourceSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._cache = RevocationCache(settings.cache) if settings.cache is not None else None
        self._dead: dict[str, tuple[float, Refused]] = {}

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
        """An OCSP answer (DER) that is now in date and speaks of this certificate, good or revoked.

        Refuses: REVOCATION_ADDRESS_MISSING, REVOCATION_HOST_NOT_ALLOWED, REVOCATION_SOURCE_AWAY,
        REVOCATION_ANSWER_WRONG.
        """
        what = issuer.fingerprint(hashes.SHA256()) + certificate.fingerprint(hashes.SHA256())
        kept = self._cache.get("ocsp", what, MAXIMUM_OCSP_BYTES) if self._cache else None
        if kept is not None and self._fault(kept, certificate, issuer, _as_answer) is None:
            return kept
        urls = (*self._settings.ocsp_urls, *responders(certificate))
        urls = urls if self._settings.ocsp else ()
        return self._first(certificate, urls, lambda url: self._ask(url, certificate, issuer, what))

    def crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
        """A revocation list (DER) of the issuer that is now in date. Refuses as :meth:`answer`."""
        urls = (*self._settings.crl_urls, *list_places(certificate)) if self._settings.lists else ()
        what = issuer.fingerprint(hashes.SHA256())
        for url in urls:
            kept = self._cache.get("crl", what + url.encode(), MAXIMUM_CRL_BYTES) if self._cache else None
            if kept is not None and self._fault(kept, certificate, issuer, _as_list) is None:
                return kept
        return self._first(certificate, urls, lambda url: self._fetch(url, certificate, issuer, what + url.encode()))

    def issuer(self, certificate: x509.Certificate) -> x509.Certificate:
        """The certificate above, where this one says that it lies. Refuses as :meth:`answer`."""
        urls = issuer_places(certificate)
        what = certificate.fingerprint(hashes.SHA256())
        if self._cache and (kept := self._cache.get("crt", what, _MAXIMUM_CERTIFICATE)) is not None:
            return load_certificate(kept)
        der = self._first(certificate, urls, lambda url: self._load_issuer(url, certificate, what))
        return load_certificate(der)

    def _first(self, certificate: x509.Certificate, urls: tuple[str, ...], ask: Callable[[str], bytes]) -> bytes:
        """What the first source gives that can; otherwise the refusal of the last."""
        refused = Refused(REVOCATION_ADDRESS_MISSING, name=one_line(certificate.subject.rfc4514_string(), 120))
        for url in dict.fromkeys(urls):
            try:
                return ask(url)
            except Refused as error:
                refused = error
        raise refused

    def _ask(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, what: bytes) -> bytes:
        nonce = os.urandom(16)
        # SHA-1 only names the issuer here and protects nothing; many responders know no other digest (RFC 5019).
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 - said above
        question = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)
        with tempfile.SpooledTemporaryFile(MAXIMUM_OCSP_BYTES) as body:
            self._receive("POST", url, body, MAXIMUM_OCSP_BYTES, question)  # type: ignore[arg-type]
            body.seek(0)
            der = body.read()
        if (fault := self._fault(der, certificate, issuer, _as_answer)) is not None:
            raise _wrong(url, *fault)
        [read] = load_revocation(answers=[der]).ocsp
        for extension in read.extensions:
            if isinstance(extension.value, x509.OCSPNonce) and extension.value.nonce != nonce:
                raise _wrong(url, "trả lời cho câu hỏi khác (nonce)", "it answers another question (nonce)")
        if self._cache:
            with self._cache.writing("ocsp", what) as kept:
                kept.write(der)
        return der

    def _fetch(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, what: bytes) -> bytes:
        # Straight to disk: lists of tens of megabytes come from slow lines.
        keeping = self._cache.writing("crl", what) if self._cache else tempfile.TemporaryFile()  # noqa: SIM115
        return self._into(keeping, url, MAXIMUM_CRL_BYTES, certificate, issuer)

    def _into(
        self,
        keeping: AbstractContextManager[BinaryIO],
        url: str,
        limit: int,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
    ) -> bytes:
        with keeping as body:
            self._receive("GET", url, body, limit)
            body.seek(0)
            found = body.read()
            if (fault := self._fault(found, certificate, issuer, _as_list)) is not None:
                raise _wrong(url, *fault)
            [crl] = load_revocation(crls=[found]).crls
            der = crl.public_bytes(Encoding.DER)
            if der != found:  # It came as PEM.
                body.seek(0)
                body.truncate()
                body.write(der)
        return der

    def _load_issuer(self, url: str, certificate: x509.Certificate, what: bytes) -> bytes:
        with tempfile.SpooledTemporaryFile(_MAXIMUM_CERTIFICATE) as body:
            self._receive("GET", url, body, _MAXIMUM_CERTIFICATE)  # type: ignore[arg-type]
            body.seek(0)
            data = body.read()
        try:
            found = load_certificate(data)
            certificate.verify_directly_issued_by(found)
        except (Refused, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
            raise _wrong(url, "không phải chứng thư số bên cấp", "it is not the issuer's certificate") from error
        der = found.public_bytes(Encoding.DER)
        if self._cache:
            with self._cache.writing("crt", what) as kept:
                kept.write(der)
        return der

    def _receive(self, method: str, url: str, body: BinaryIO, limit: int, question: bytes | None = None) -> None:
        """The body of an answer, written piece by piece."""
        self._require_allowed(url)
        known = self._dead.get(url)
        if known is not None and time.monotonic() < known[0]:
            raise known[1]
        try:
            self._stream(method, url, body, limit, question)
        except httpx.HTTPError as error:
            refused = Refused(REVOCATION_SOURCE_AWAY, url=one_line(url, 200), reason=type(error).__name__)
            self._dead[url] = time.monotonic() + _DEAD_SECONDS, refused
            raise refused from error
        self._dead.pop(url, None)

    def _stream(self, method: str, url: str, body: BinaryIO, limit: int, question: bytes | None) -> None:
        seconds = self._settings.seconds
        until, size = time.monotonic() + seconds, 0
        headers = {"Content-Type": "application/ocsp-request"} if question is not None else {}
        with (
            httpx.Client(timeout=seconds, trust_env=False, verify=public_authorities(), follow_redirects=False) as http,
            http.stream(method, url, content=question, headers=headers) as answer,
        ):
            if answer.is_redirect:
                raise _wrong(url, "chuyển hướng sang nơi khác", "it redirects elsewhere")
            answer.raise_for_status()
            for piece in answer.iter_bytes(64 * 1024):
                size += len(piece)
                if size > limit:
                    raise _wrong(url, f"dài quá {limit} byte", f"it is longer than {limit} bytes")
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("too slow")
                body.write(piece)

    def _require_allowed(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 80
        except ValueError as error:
            raise Refused(REVOCATION_HOST_NOT_ALLOWED, host=one_line(url, 100)) from error
        named = {f"{host}:{port}"} | ({host} if port == 80 else set())
        if parts.scheme != "http" or parts.username is not None or not named & self._settings.hosts:
            raise Refused(REVOCATION_HOST_NOT_ALLOWED, host=one_line(parts.netloc or url, 100))

    def _fault(
        self,
        data: bytes,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        read: Callable[[bytes], RevocationData],
    ) -> tuple[str, str] | None:
        """Why an answer or list says nothing about the certificate now, in both languages; None when it does."""
        try:
            found = read(data)
        except Refused:
            return "không đúng định dạng", "it is in no known format"
        now = self._clock.now()
        if check_revocation(certificate, issuer, now, found, True, "").verdict is not Verdict.INDETERMINATE:
            early = min(_begins(found), default=now)
            if early <= now + _SKEW:
                return None
            when = to_text(early)
            return f"đề thời điểm {when}, ở tương lai", f"it is dated {when}, in the future"
        return _why(found, certificate, now)


def _as_answer(data: bytes) -> RevocationData:
    return load_revocation(answers=[data])


def _as_list(data: bytes) -> RevocationData:
    return load_revocation(crls=[data])


def _begins(data: RevocationData) -> Iterator[datetime]:
    yield from (crl.last_update_utc for crl in data.crls)
    for answer in data.ocsp:
        yield from (each.this_update_utc for each in answer.responses)


def _why(data: RevocationData, certificate: x509.Certificate, now: datetime) -> tuple[str, str]:
    """The likely fault of an answer that says nothing, for the person who looks into it."""
    for answer in data.ocsp:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            said = answer.response_status.name
            return f"nguồn từ chối ({said})", f"the source declined ({said})"
        mine = [each for each in answer.responses if each.serial_number == certificate.serial_number]
        if not mine:
            return "nói về chứng thư số khác", "it speaks of another certificate"
        if mine[0].certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            return "nguồn không biết chứng thư số này", "the source does not know this certificate"
        if mine[0].next_update_utc is None or mine[0].next_update_utc < now:
            return "đã quá hạn", "it is out of date"
    for crl in data.crls:
        if crl.issuer != certificate.issuer:
            return "danh sách của nơi cấp khác", "it is the list of another issuer"
        if crl.next_update_utc is None or crl.next_update_utc < now:
            return "đã quá hạn", "it is out of date"
    return "không do bên cấp hay người được ủy nhiệm ký", "neither the issuer nor its delegate signed it"


def _wrong(url: str, vi: str, en: str) -> Refused:
    return Refused(REVOCATION_ANSWER_WRONG, url=one_line(url, 200), why_vi=vi, why_en=en)
