"""Signers, prepared documents and a signing agent for tests.

Documents are prepared and finished by pyHanko, which is the second opinion here: what our side signs must fit into what
another implementation prepared.
"""

from __future__ import annotations

import asyncio
import base64
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

import softhsm_token
from lienthong.base.clock import Clock, SystemClock
from lienthong.infra.keys import key_pem, write_new
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.roles.demo_pdf import Letter, write_pdf
from lienthong.signing.agent.desk import Inspections
from lienthong.signing.agent.program import SignAgent
from lienthong.trust.local_pki import Authority, Period, distinguished_name, make_root, make_signer
from rsa_keys import rsa_key

ORIGIN = "https://vanban.tinh.gov.vn"
PIN = softhsm_token.PIN.decode()
_DAY = timedelta(days=1)


def period() -> Period:
    now = datetime.now(UTC).replace(microsecond=0)
    return Period(now - _DAY, now + 900 * _DAY)


@dataclass(frozen=True)
class Holder:
    """A key with its certificate. ``file``: the certificate in PEM."""

    name: str
    key: Any
    certificate: x509.Certificate
    file: Path


class People:
    """A root and those whom it certified, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        self.root: Authority = make_root(key, distinguished_name("Gốc thử nghiệm", "Thử nghiệm"), period(), 1)
        self.root_file = self._put("root.crt", self.root.certificate)
        self._serial = 10

    def add(self, name: str, label: str, *, bits: int = 0, valid: Period | None = None) -> Holder:
        """A holder; RSA of ``bits``, else P-256. Nobody else of these people has the same key."""
        self._serial += 1
        key = rsa_key(self._serial, bits) if bits else ec.generate_private_key(ec.SECP256R1())
        subject = distinguished_name(name, "UBND tỉnh thử nghiệm")
        certificate = make_signer(self.root, key.public_key(), subject, valid or period(), self._serial)
        return Holder(name, key, certificate, self._put(f"{label}.crt", certificate))

    def profile(self, label: str, **members: str) -> Path:
        """A signer's profile in ``signers/``."""
        folder = self.folder / "signers"
        folder.mkdir(exist_ok=True)
        file = folder / f"{label}.toml"
        file.write_text("".join(f"{name} = '{value}'\n" for name, value in members.items()), "utf-8")
        return file

    def pem(self, label: str, holder: Holder, role: str = "person", **more: str) -> Path:
        key = self.folder / f"{label}.key"
        write_new(key, key_pem(holder.key))
        more |= {"chain": str(self.root_file)}
        return self.profile(
            label, kind="pem", role=role, name=holder.name, certificate=str(holder.file), key=str(key), **more
        )

    def bundle(self, label: str, holder: Holder, password: bytes, role: str = "person") -> Path:
        data = pkcs12.serialize_key_and_certificates(
            label.encode(), holder.key, holder.certificate, [self.root.certificate], BestAvailableEncryption(password)
        )
        file = self.folder / f"{label}.p12"
        write_new(file, data)
        return self.profile(
            label, kind="pkcs12", role=role, name=holder.name, key=str(file), certificate=str(holder.file),
            chain=str(self.root_file),
        )  # fmt: skip

    def token(self, label: str, holder: Holder, tokens: softhsm_token.Tokens, name: str, role: str = "person") -> Path:
        """A profile whose key lies on the token ``name``, made here."""
        tokens.make(name)
        tokens.put(name, holder.key, label)
        return self.profile(
            label, kind="pkcs11", role=role, name=holder.name, position="Chánh Văn phòng",
            organization="UBND tỉnh thử nghiệm", certificate=str(holder.file), token=softhsm_token.uri(name, label),
        )  # fmt: skip

    def _put(self, name: str, certificate: x509.Certificate) -> Path:
        file = self.folder / name
        file.write_bytes(certificate.public_bytes(Encoding.PEM))
        return file


def letter(folder: Path, number: str, subject: str, size: int = 0) -> bytes:
    """A real PDF."""
    file = folder / f"letter-{number.replace('/', '-')}.pdf"
    write_pdf(
        file,
        Letter(
            "UBND TỈNH THỬ NGHIỆM", number, "Thử nghiệm, ngày 26 tháng 11 năm 2026", subject, "Sở Nội vụ",
            ["Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05/3/2020 của Chính phủ về công tác văn thư;",
             "Ủy ban nhân dân tỉnh đề nghị quý cơ quan phối hợp thực hiện."],
            "Nguyễn Văn An",
        ),
        size,
    )  # fmt: skip
    return file.read_bytes()


@dataclass
class PreparedPdf:
    """A document with an empty place, by pyHanko. ``content``: its bytes; ``to_sign``: the signed attributes."""

    content: bytes
    to_sign: bytes
    certificate: asn1_x509.Certificate
    digest: Any

    def embed(self, signature: bytes) -> bytes:
        """The signed document; ``signature`` as CMS holds it."""
        attributes = cms.CMSAttributes.load(self.to_sign)
        signer = ExternalSigner(self.certificate, SimpleCertificateStore(), signature_value=signature)
        info = _result(lambda: signer.async_sign_prescribed_attributes("sha256", signed_attrs=attributes))
        out = io.BytesIO(self.content)
        self.digest.fill_with_cms(out, info)
        return out.getvalue()


def prepare(pdf: bytes, certificate: x509.Certificate, field: str = "Sig1") -> PreparedPdf:
    """Plan an invisible signature and leave its place empty."""
    own = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    signer = ExternalSigner(own, SimpleCertificateStore(), signature_value=bytes(256))
    meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))

    async def work() -> tuple[Any, bytes, bytes]:
        digest, _, output = await PdfSigner(meta, signer=signer).async_digest_doc_for_signing(
            writer, bytes_reserved=8192
        )
        attributes = await signer.signed_attrs(digest.document_digest, "sha256", use_pades=True)
        return digest, attributes.dump(), output.getvalue()

    digest, to_sign, content = _result(work)
    return PreparedPdf(content, to_sign, own, digest)


def _result(work: Callable[[], Any]) -> Any:
    """Run a coroutine in a thread of its own: a browser's test has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


@dataclass
class Agent:
    """A running agent. ``token``: of software paired at ORIGIN."""

    made: SignAgent
    url: str
    token: str = "none"

    def ask(self, method: str, path: str, *, origin: str | None = ORIGIN, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Origin": origin} if origin else {})
        headers |= more.pop("headers", {})
        return httpx.request(
            method, self.url + path, headers=headers, timeout=60, trust_env=False, verify=public_authorities(), **more
        )

    def pair(self) -> None:
        answer = self.ask("POST", "/v1/pair", json={"code": self.made.pairing.code})
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    def batch(self, signer: str, documents: Sequence[PreparedPdf], *, content: bool = True, **more: Any) -> str:
        """Hand over a batch as software does; its identifier."""
        rows = [
            {"name": f"cong-van-{at}.pdf", "number": f"{at}/UBND-VP", "abstract": f"Về việc thử nghiệm số {at}",
             "to_sign": base64.b64encode(each.to_sign).decode(), **more}
            for at, each in enumerate(documents, 1)
        ]  # fmt: skip
        answer = self.ask("POST", "/v1/batches", json={"signer": signer, "title": "Lượt thử", "documents": rows})
        assert answer.status_code == 201, answer.text
        batch: str = answer.json()["batch"]
        for at, each in enumerate(documents, 1) if content else ():
            put = self.put(batch, at, each.content)
            assert put.status_code == 204, put.text
        return batch

    def put(self, batch: str, number: int, content: bytes) -> httpx.Response:
        return self.ask("PUT", f"/v1/batches/{batch}/documents/{number}", content=content)

    def state(self, batch: str) -> Any:
        return self.ask("GET", f"/v1/batches/{batch}").json()

    def signatures(self, batch: str) -> list[bytes | None]:
        rows = self.ask("GET", f"/v1/batches/{batch}/signatures").json()["signatures"]
        return [base64.b64decode(row["signature"]) if row["signature"] else None for row in rows]


class Official:
    """The official's browser, without one: cookies, forms and their words over real HTTP."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.http = httpx.Client(base_url=agent.url, timeout=60, trust_env=False)
        answer = self.http.post("/login", data={"code": agent.made.pairing.code})
        assert answer.status_code == 303, answer.text

    def word(self) -> str:
        page = self.http.get("/").text
        return page.split('name="word" value="')[1].split('"')[0]

    def see(self, batch: str, number: int) -> httpx.Response:
        self.http.get(f"/batches/{batch}/{number}/content").raise_for_status()
        return self.http.post(f"/batches/{batch}/{number}/seen", data={"word": self.word()})

    def see_all(self, batch: str, count: int) -> None:
        for number in range(1, count + 1):
            assert self.see(batch, number).status_code == 303

    def sign(self, batch: str, pin: str = PIN, **more: str) -> httpx.Response:
        answer = self.http.post(f"/batches/{batch}/sign", data={"word": self.word(), "pin": pin, **more})
        self.agent.made.desk.wait(60)
        return answer


@contextmanager
def agent(
    home: Path, signers: Path, origins: Sequence[str] = (ORIGIN,), clock: Clock | None = None,
    inspections: Inspections | None = None,
) -> Iterator[Agent]:  # fmt: skip
    """An agent that is being served on a port of its own."""
    made = SignAgent(home, signers, origins, clock or SystemClock(), port=0, inspections=inspections)
    listening, stop = made.listen(), threading.Event()
    serving = threading.Thread(target=made.run, args=(listening, stop), daemon=True)
    serving.start()
    try:
        yield Agent(made, made.address)
    finally:
        stop.set()
        serving.join(30)
