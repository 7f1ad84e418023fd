"""A batch through the signing agent with a SoftHSM token, over real HTTP: part of ``bench signatures``.

What is timed: handing the documents over, opening each as the official's browser does, and signing all with one PIN.
In the same run, as a ceiling: bare signatures of the same token. Run: ``python bench/_signatures_agent.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import SystemClock
from lienthong.infra.keys import key_pem
from lienthong.infra.token_signer import TokenSigner
from lienthong.infra.token_uri import read_token_uri
from lienthong.roles.demo_pdf import Letter, write_pdf
from lienthong.signing.agent.client import AgentClient
from lienthong.signing.agent.program import SignAgent
from lienthong.signing.jobs import Entry
from lienthong.trust.local_pki import Period, distinguished_name, make_root, make_signer
from lienthong.trust.signer import is_valid

PIN = "1234"
LEAST = 10.0
"""Documents a second that the whole must reach."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=200)
    options.add_argument("--bytes", type=int, default=250_000)
    chosen = options.parse_args()
    figures = measure(chosen.documents, chosen.bytes)
    print(json.dumps(figures, indent=1))
    raise SystemExit(0 if figures["documents_per_s"] >= LEAST else 1)


def measure(count: int, size: int) -> dict[str, Any]:
    """The figures of one batch, in a folder that is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="lienthong-bench-"))
    try:
        return _measure(root, count, size)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _measure(root: Path, count: int, size: int) -> dict[str, Any]:
    certificate, uri = _token(root)
    documents = [_prepared(root, number, size, certificate) for number in range(1, count + 1)]
    signer = TokenSigner(read_token_uri(uri), PIN.encode())
    start = time.perf_counter()
    for entry, _ in documents:
        signer.sign(entry.to_sign)
    bare = count / (time.perf_counter() - start)
    signer.close()
    agent = SignAgent(root / "home", root / "signers", [], SystemClock(), port=0)
    listening, stop = agent.listen(), threading.Event()
    serving = threading.Thread(target=agent.run, args=(listening, stop), daemon=True)
    serving.start()
    begun = time.perf_counter()
    client = AgentClient(agent.address, agent.pairing.code)
    batch = client.hand_over("an", "Batch", documents)["batch"]
    handed = time.perf_counter()
    progress = _sign(agent, client, batch, count)
    ended = time.perf_counter()
    signatures = client.signatures(batch)
    if len(signatures) != count or not all(
        is_valid(signer.public_key, signer.algorithm, signatures[number], entry.to_sign)
        for number, (entry, _) in enumerate(documents, 1)
    ):
        raise SystemExit("a signature is missing or not valid")
    client.close()
    stop.set()
    serving.join(30)
    return {
        "documents": count, "bytes_each": len(documents[0][1]),
        "documents_per_s": round(count / (ended - begun), 1),
        "hand_over_per_s": round(count / (handed - begun), 1),
        "open_per_s": round(count / progress["opening_s"], 1),
        "sign_per_s": round(count / progress["signing_s"], 1),
        "token_alone_per_s": round(bare, 1),
        "progress_steps_seen": len(set(progress["seen"])),
        "least_documents_per_s": LEAST,
    }  # fmt: skip


def _sign(agent: SignAgent, client: AgentClient, batch: str, count: int) -> dict[str, Any]:
    """What the official does: sign in, open each, enter the PIN."""
    with httpx.Client(base_url=agent.address, trust_env=False, timeout=60) as browser:
        browser.post("/login", data={"code": agent.pairing.code})
        word = browser.get("/").text.split('name="word" value="')[1].split('"')[0]
        start = time.perf_counter()
        for number in range(1, count + 1):
            browser.get(f"/batches/{batch}/{number}/content").raise_for_status()
            browser.post(f"/batches/{batch}/{number}/seen", data={"word": word})
        opened = time.perf_counter()
        if browser.post(f"/batches/{batch}/sign", data={"word": word, "pin": PIN}).status_code != 303:
            raise SystemExit("the batch was not signed")
        seen: list[int] = []
        client.wait(batch, lambda state: seen.append(state["counts"]["signed"]), 0.1)
        return {"opening_s": opened - start, "signing_s": time.perf_counter() - opened, "seen": seen}


def _token(root: Path) -> tuple[asn1_x509.Certificate, str]:
    """A SoftHSM token with an RSA key of 2048 bits, its certificate and a signer's profile."""
    (root / "tokens").mkdir()
    (root / "signers").mkdir()
    (root / "softhsm2.conf").write_text(f"directories.tokendir = {root}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(root / "softhsm2.conf")
    module = next(Path("/usr/lib").glob("**/libsofthsm2.so"))
    key, above = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
    (root / "key.pem").write_bytes(key_pem(key))
    for arguments in (
        ["--init-token", "--free", "--label", "an", "--so-pin", "567890"],
        ["--import", str(root / "key.pem"), "--token", "an", "--label", "an", "--id", "01"],
    ):
        subprocess.run(["softhsm2-util", *arguments, "--pin", PIN], check=True, capture_output=True)
    now = datetime.now(UTC).replace(microsecond=0)
    period = Period(now - timedelta(days=1), now + timedelta(days=365))
    authority = make_root(above, distinguished_name("Root"), period, 1)
    certificate = make_signer(authority, key.public_key(), distinguished_name("An"), period, 2)
    (root / "an.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    uri = f"pkcs11:token=an;object=an?module-path={module}"
    (root / "signers" / "an.toml").write_text(
        f"kind = 'pkcs11'\nrole = 'person'\nname = 'An'\ncertificate = '../an.crt'\ntoken = '{uri}'\n"
    )
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)), uri


def _prepared(root: Path, number: int, size: int, certificate: asn1_x509.Certificate) -> tuple[Entry, bytes]:
    """A document with an empty place for a signature behind it, and what is to be signed."""

    file = root / "letter.pdf"
    letter = Letter("UBND", f"{number}/VP", "26/11/2026", f"Thử {number}", "Sở", ["Nội dung."], "An")
    write_pdf(file, letter, size)
    out = io.BytesIO(file.read_bytes())
    out.seek(0, io.SEEK_END)
    hole, mark = b"<" + b"0" * 16384 + b">", b"/ByteRange [0 %010d %010d %010d] /Contents "
    out.write(b"\n")
    first = out.tell() + len(mark % (0, 0, 0))
    tail = b"\n%%EOF\n"
    out.write(mark % (first, first + len(hole), len(tail)) + hole + tail)
    content = out.getvalue()
    digest = hashlib.sha256(content[:first] + content[first + len(hole) :]).digest()
    named = tsp.SigningCertificateV2(
        {"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})]}
    )
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [digest]},
            {"type": "signing_certificate_v2", "values": [named]},
        ]
    )
    return Entry(f"{number}.pdf", attributes.dump(), f"{number}/VP", f"Thử {number}"), content


if __name__ == "__main__":
    main()
