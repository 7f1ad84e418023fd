"""Sources of revocation data: what they answer is checked, what they do wrong is told, nobody else is asked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.base.clock import FixedClock
from lienthong.base.errors import Refused
from lienthong.infra.revocation_sources import RevocationSources, SourceSettings
from lienthong.trust.local_pki import (
    Addresses,
    Authority,
    Period,
    distinguished_name,
    make_crl,
    make_issuing,
    make_ocsp_responder,
    make_root,
    make_signer,
)
from lienthong.trust.revocation import MAXIMUM_OCSP_BYTES, load_revocation

NOW = datetime(2026, 7, 12, 8, tzinfo=UTC)
LONG = Period(NOW - timedelta(days=100), NOW + timedelta(days=900))
HOUR = timedelta(hours=1)
Answer = Callable[[bytes], tuple[int, bytes, dict[str, str]]]


class Service:
    """An HTTP server whose answers a test chooses; ``asked``: how often."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _: (404, b"", {})
        self.asked = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service.asked += 1
                status, body, headers = service.answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(body)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    serving = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    serving.start()
    yield made
    made.server.shutdown()
    serving.join()
    made.server.server_close()


class Pki:
    """A root, an issuing authority with a delegate, two subscribers. ``service``: where certificates say to ask."""

    def __init__(self, service: Service) -> None:
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(5)]
        self.root = make_root(keys[0], distinguished_name("Gốc"), LONG, 1)
        self.issuing = make_issuing(self.root, keys[1], distinguished_name("CA"), LONG, 2)
        self.key = keys[2]
        self.delegate = make_ocsp_responder(self.issuing, keys[2].public_key(), distinguished_name("OCSP"), LONG, 3)
        where = Addresses(f"{service.url}/ocsp", f"{service.url}/ca.crt", f"{service.url}/ca.crl")
        name = distinguished_name("Nguyễn Văn An")
        self.own_key = keys[3]
        self.own = make_signer(self.issuing, keys[3].public_key(), name, LONG, 10, where)
        self.other = make_signer(self.issuing, keys[4].public_key(), name, LONG, 11, where)

    @property
    def issuer(self) -> x509.Certificate:
        return self.issuing.certificate

    def answer(
        self,
        question: bytes = b"",
        certificate: x509.Certificate | None = None,
        at: datetime = NOW,
        until: datetime | None = NOW + HOUR,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
        nonce: bytes | None = None,
    ) -> bytes:
        delegate, key = by or (self.delegate, self.key)
        revoked = (
            (NOW - HOUR, x509.ReasonFlags.key_compromise) if status is ocsp.OCSPCertStatus.REVOKED else (None, None)
        )
        builder = ocsp.OCSPResponseBuilder().add_response(
            certificate or self.own, self.issuer, hashes.SHA1(), status, at, until, *revoked
        )  # fmt: skip
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, delegate).certificates([delegate])
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        elif question:
            for each in ocsp.load_der_ocsp_request(question).extensions:
                builder = builder.add_extension(each.value, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    def stranger(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """A delegate of somebody else who bears the names of ours."""
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        other = make_root(keys[0], self.issuer.subject, LONG, 2)
        return make_ocsp_responder(other, keys[1].public_key(), self.delegate.subject, LONG, 3), keys[1]

    def crl(self, issuer: Authority | None = None, at: datetime = NOW, until: datetime = NOW + HOUR) -> bytes:
        return make_crl(issuer or self.issuing, (), at, until, 1).public_bytes(Encoding.DER)


@pytest.fixture
def pki(service: Service) -> Pki:
    return Pki(service)


def sources(service: Service, clock: FixedClock | None = None, **more: object) -> RevocationSources:
    members: dict[str, object] = {"hosts": frozenset({f"127.0.0.1:{service.port}"}), "seconds": 2.0} | more
    return RevocationSources(SourceSettings(**members), clock or FixedClock(NOW))  # type: ignore[arg-type]


def test_an_answer_of_the_delegate_is_taken_and_so_is_a_revocation(service: Service, pki: Pki) -> None:
    service.answer = lambda asked: (200, pki.answer(asked), {})
    [found] = load_revocation(answers=[sources(service).answer(pki.own, pki.issuer)]).ocsp
    assert found.certificate_status is ocsp.OCSPCertStatus.GOOD
    service.answer = lambda asked: (200, pki.answer(asked, status=ocsp.OCSPCertStatus.REVOKED), {})
    [found] = load_revocation(answers=[sources(service).answer(pki.own, pki.issuer)]).ocsp
    assert found.certificate_status is ocsp.OCSPCertStatus.REVOKED


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda pki, asked: pki.answer(asked, certificate=pki.other), "another certificate"),
        (lambda pki, asked: pki.answer(asked, at=NOW - 5 * HOUR, until=NOW - HOUR), "out of date"),
        (lambda pki, asked: pki.answer(asked, until=None), "out of date"),
        (lambda pki, asked: pki.answer(asked, at=NOW + HOUR, until=NOW + 2 * HOUR), "in the future"),
        (lambda pki, asked: pki.answer(asked, by=pki.stranger()), "signed it"),
        (lambda pki, asked: pki.answer(asked, by=(pki.own, pki.own_key)), "signed it"),
        (lambda pki, asked: pki.answer(asked, status=ocsp.OCSPCertStatus.UNKNOWN), "does not know"),
        (lambda pki, asked: pki.answer(nonce=bytes(16)), "another question"),
        (lambda pki, asked: b"rubbish", "no known format"),
        (lambda pki, asked: bytes(MAXIMUM_OCSP_BYTES + 1), "longer than"),
        (lambda pki, asked: ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
         .public_bytes(Encoding.DER), "TRY_LATER"),
    ],
)  # fmt: skip
def test_an_answer_that_is_wrong_is_refused_and_not_kept(
    service: Service, pki: Pki, tmp_path: Path, make: Callable[[Pki, bytes], bytes], words: str
) -> None:
    service.answer = lambda asked: (200, make(pki, asked), {})
    with pytest.raises(Refused, match="REVOCATION_ANSWER_WRONG") as told:
        sources(service, cache=tmp_path).answer(pki.own, pki.issuer)
    assert words in told.value.sentence("en") and not list(tmp_path.iterdir())


def test_a_redirect_is_not_followed(service: Service, pki: Pki) -> None:
    service.answer = lambda _: (302, b"", {"Location": f"{service.url}/elsewhere"})
    with pytest.raises(Refused, match="it redirects elsewhere"):
        sources(service).answer(pki.own, pki.issuer)
    assert service.asked == 1


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_source_that_is_away_is_told_and_not_asked_at_once_again(service: Service, pki: Pki, status: int) -> None:
    service.answer = lambda _: (status, b"", {})
    asking = sources(service)
    for _ in range(3):
        with pytest.raises(Refused, match="REVOCATION_SOURCE_AWAY"):
            asking.answer(pki.own, pki.issuer)
    assert service.asked == 1


def test_a_source_that_drips_is_given_up_in_time(service: Service, pki: Pki) -> None:
    def drip(_: bytes) -> tuple[int, bytes, dict[str, str]]:
        time.sleep(1.5)
        return 200, b"x", {"Content-Length": "1000"}

    service.answer = drip
    begun = time.monotonic()
    with pytest.raises(Refused, match="REVOCATION_SOURCE_AWAY"):
        sources(service, seconds=1.0).crl(pki.own, pki.issuer)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/ocsp", "https://127.0.0.1/ocsp", "http://a@127.0.0.1/ocsp", "file:///etc/passwd", "http://[::1/x",
     "http://127.0.0.1:99999/", "ldap://ca/", "gopher", ""],
)  # fmt: skip
def test_only_hosts_of_the_configuration_are_asked(service: Service, pki: Pki, url: str) -> None:
    asking = sources(service, ocsp_urls=(url,), hosts=frozenset({"pki.example"}))
    with pytest.raises(Refused, match="REVOCATION_HOST_NOT_ALLOWED"):
        asking.answer(pki.own, pki.issuer)
    assert service.asked == 0


@given(url=st.text(max_size=60))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_address_makes_a_source_fail_otherwise_than_by_a_refusal(service: Service, pki: Pki, url: str) -> None:
    with pytest.raises(Refused, match="NOT_ALLOWED"):
        sources(service, ocsp_urls=(f"http://{url}", url), hosts=frozenset()).answer(pki.own, pki.issuer)


def test_a_fresh_answer_on_disk_is_used_and_a_stale_one_is_fetched_anew(
    service: Service, pki: Pki, tmp_path: Path
) -> None:
    clock = FixedClock(NOW)
    service.answer = lambda asked: (200, pki.answer(asked, at=clock.at, until=clock.at + HOUR), {})
    for _ in range(3):
        sources(service, clock, cache=tmp_path / "c").answer(pki.own, pki.issuer)
    assert service.asked == 1
    clock.at = NOW + 2 * HOUR
    sources(service, clock, cache=tmp_path / "c").answer(pki.own, pki.issuer)
    assert service.asked == 2
    [kept] = (tmp_path / "c").iterdir()
    kept.write_bytes(b"altered")
    sources(service, clock, cache=tmp_path / "c").answer(pki.own, pki.issuer)
    assert service.asked == 3


def test_many_processes_share_one_cache(service: Service, pki: Pki, tmp_path: Path) -> None:
    service.answer = lambda asked: (200, pki.answer(asked), {})
    with ThreadPoolExecutor(8) as pool:
        asking = [sources(service, cache=tmp_path / "c") for _ in range(24)]
        found = list(pool.map(lambda each: each.answer(pki.own, pki.issuer), asking))
    assert len(found) == 24 and len(list((tmp_path / "c").iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_refused_in_words(service: Service, pki: Pki, tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"a file")
    service.answer = lambda asked: (200, pki.answer(asked), {})
    with pytest.raises(Refused, match="STORAGE_AWAY"):
        sources(service, cache=tmp_path / "c").answer(pki.own, pki.issuer)


def test_a_list_in_either_encoding_is_kept_in_der(service: Service, pki: Pki, tmp_path: Path) -> None:
    der = pki.crl()
    service.answer = lambda _: (200, x509.load_der_x509_crl(der).public_bytes(Encoding.PEM), {})
    asking = sources(service, cache=tmp_path)
    assert asking.crl(pki.own, pki.issuer) == der == asking.crl(pki.own, pki.issuer)
    assert service.asked == 1 and [each.read_bytes() for each in tmp_path.iterdir()] == [der]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda pki: pki.crl(pki.root), "another issuer"),
        (lambda pki: pki.crl(at=NOW - 3 * HOUR, until=NOW - HOUR), "out of date"),
        (lambda pki: pki.crl(Authority(pki.issuer, ec.generate_private_key(ec.SECP256R1()))), "signed it"),
        (lambda pki: os.urandom(500), "no known format"),
    ],
)
def test_a_list_that_is_wrong_is_refused_and_not_kept(
    service: Service, pki: Pki, tmp_path: Path, make: Callable[[Pki], bytes], words: str
) -> None:
    service.answer = lambda _: (200, make(pki), {})
    with pytest.raises(Refused, match="REVOCATION_ANSWER_WRONG") as told:
        sources(service, cache=tmp_path).crl(pki.own, pki.issuer)
    assert words in told.value.sentence("en") and not list(tmp_path.iterdir())


def test_the_issuer_is_fetched_and_another_certificate_is_not_taken_for_it(service: Service, pki: Pki) -> None:
    service.answer = lambda _: (200, pki.issuer.public_bytes(Encoding.DER), {})
    assert sources(service).issuer(pki.own) == pki.issuer
    service.answer = lambda _: (200, pki.root.certificate.public_bytes(Encoding.DER), {})
    with pytest.raises(Refused, match="not the issuer's certificate"):
        sources(service).issuer(pki.own)


def test_a_certificate_without_addresses_is_told_unless_configuration_has_some(service: Service, pki: Pki) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    bare = make_signer(pki.issuing, key.public_key(), distinguished_name("Không địa chỉ"), LONG, 12)
    for ask in (sources(service).answer, sources(service).crl):
        with pytest.raises(Refused, match="REVOCATION_ADDRESS_MISSING"):
            ask(bare, pki.issuer)
    service.answer = lambda asked: (200, pki.answer(asked, certificate=bare), {})
    assert sources(service, ocsp_urls=(f"{service.url}/x",)).answer(bare, pki.issuer)
    with pytest.raises(Refused, match="REVOCATION_ADDRESS_MISSING"):
        sources(service, ocsp=False, ocsp_urls=(f"{service.url}/x",)).answer(bare, pki.issuer)


@given(at=st.integers(0, 10**5), what=st.binary(min_size=1, max_size=8), kind=st.sampled_from(["answer", "crl"]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_damage_to_an_answer_or_list_gets_past_its_signature(
    service: Service, pki: Pki, at: int, what: bytes, kind: str
) -> None:
    whole = pki.answer() if kind == "answer" else pki.crl()
    place = at % len(whole)
    damaged = whole[:place] + what + whole[place + len(what) :]
    service.answer = lambda _: (200, damaged, {})
    try:
        found = getattr(sources(service), kind)(pki.own, pki.issuer)
    except Refused as refused:
        assert refused.code.name == "REVOCATION_ANSWER_WRONG"
        return
    [read] = load_revocation(answers=[found]).ocsp if kind == "answer" else load_revocation(crls=[found]).crls
    [good] = load_revocation(answers=[whole]).ocsp if kind == "answer" else load_revocation(crls=[whole]).crls
    signed = "tbs_response_bytes" if kind == "answer" else "tbs_certlist_bytes"
    assert getattr(read, signed) == getattr(good, signed), "only what nobody signed may differ"
