"""``lienthong verify`` for signed documents, and ``lienthong trust``: what is said, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lienthong.trust.keys import public_pem
from lienthong.trust.signer import MemorySigner
from lienthong.trust.validation.stores import Anchor
from lienthong.trust.validation.trust_list import sign_list
from signing_world import NOW, World, cert_pem, plain_pdf


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory) -> Path:
    """A signed document, a changed one, and the folder of a trust store that the verb itself made."""
    place = tmp_path_factory.mktemp("verify")
    pdf = world.sign_pdf(plain_pdf(), world.person, "NguoiKy01")
    pdf = world.sign_pdf(pdf, world.agency, "CoQuan")
    (place / "good.pdf").write_bytes(pdf)
    (place / "bad.pdf").write_bytes(pdf.replace(b"1.000.000", b"9.000.000"))
    (place / "root.pem").write_bytes(cert_pem(world.root.certificate))
    assert run("trust", "import", place / "trust", place / "root.pem").returncode == 0
    (place / "trust/test/ca.pem").write_bytes(cert_pem(world.issuing.certificate))
    (place / "trust/test/ca.crl").write_bytes(world.crl())
    (place / "trust/test/root.crl").write_bytes(world.root_crl())
    return place


def run(*arguments: object, language: str = "vi_VN.UTF-8") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lienthong.roles.cli", *map(str, arguments)]
    environment = {**os.environ, "LANG": language, "LC_ALL": language, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_good_document_exits_0_and_says_that_it_is_the_original(folder: Path) -> None:
    done = run("verify", folder / "good.pdf", "--trust-store", folder / "trust")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HỢP LỆ" in done.stdout
    assert "giá trị như bản gốc" in done.stdout
    english = run("verify", folder / "good.pdf", "--trust-store", folder / "trust", language="en_US.UTF-8")
    assert "counts as the original" in english.stdout


def test_a_changed_or_untrusted_document_exits_1_with_the_reason(folder: Path) -> None:
    done = run("verify", folder / "bad.pdf", "--trust-store", folder / "trust")
    assert done.returncode == 1
    assert "Nội dung đã bị thay đổi sau khi ký" in done.stdout
    untrusted = run("verify", folder / "good.pdf", "--json")
    assert untrusted.returncode == 1
    assert json.loads(untrusted.stdout)["files"][0]["verdict"] == "INDETERMINATE"


def test_json_and_html_carry_the_verdict_and_every_reason(folder: Path) -> None:
    page = folder / "report.html"
    given = ("--trust-store", folder / "trust", "--json", "--html", page)
    done = run("verify", folder / "good.pdf", folder / "bad.pdf", *given)
    assert done.returncode == 1
    good, bad = json.loads(done.stdout)["files"]
    assert (good["verdict"], bad["verdict"]) == ("PASSED", "FAILED")
    assert good["legalValue"]["value"] == "original"
    statuses = [row["signatureValidationStatus"]["subIndication"] for row in bad["signatureValidationReports"]]
    assert all(status == ["urn:etsi:019102:subindication:HASH_FAILURE"] for status in statuses)
    text = page.read_text("utf-8")
    assert "Vì sao?" in text
    assert "Nguyễn Văn An" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_the_time_of_verification_is_the_one_given(folder: Path) -> None:
    later = run(
        "verify", folder / "good.pdf", "--trust-store", folder / "trust", "--at", "2099-01-01T00:00:00Z", "--json"
    )
    assert later.returncode == 1
    assert json.loads(later.stdout)["files"][0]["validationTime"] == "2099-01-01T00:00:00.000Z"
    wrong = run("verify", folder / "good.pdf", "--at", "yesterday")
    assert wrong.returncode == 2
    assert "múi giờ" in wrong.stderr


def test_a_detached_signature_is_verified_with_its_content(world: World, folder: Path) -> None:
    from signing_world import key_pem

    (folder / "k.pem").write_bytes(key_pem(world.person.key))
    (folder / "c.pem").write_bytes(cert_pem(world.person.certificate))
    (folder / "text").write_text("Công văn")
    command = ["openssl", "cms", "-sign", "-binary", "-cades", "-in", "text", "-signer", "c.pem", "-inkey", "k.pem"]
    subprocess.run([*command, "-outform", "DER", "-out", "text.p7s"], cwd=folder, check=True)
    given = ("verify", folder / "text.p7s", "--trust-store", folder / "trust")
    assert run(*given, "--content", folder / "text").returncode == 0
    alone = run(*given)
    assert alone.returncode == 1
    assert "cần tệp nội dung gốc" in alone.stdout
    assert run(*given, folder / "good.pdf", "--content", folder / "text").returncode == 2


def test_many_documents_are_told_in_one_line_each_and_in_order(folder: Path) -> None:
    names = []
    for number in range(20):
        names.append(folder / f"many{number:02}.pdf")
        names[-1].write_bytes((folder / ("bad.pdf" if number == 7 else "good.pdf")).read_bytes())
    done = run("verify", *names, "--trust-store", folder / "trust")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines] == list(map(str, names))
    assert [number for number, line in enumerate(lines) if not line.startswith("PASSED")] == [7]


def test_a_trust_store_that_cannot_be_used_is_refused_in_words(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    for place in (empty, folder / "nowhere"):
        done = run("verify", folder / "good.pdf", "--trust-store", place, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["error"]["code"] == "TRUST_STORE_NOT_USABLE"


def test_trust_list_tells_what_is_trusted_and_a_signed_list_replaces_a_store(
    world: World, folder: Path, tmp_path: Path
) -> None:
    listed = json.loads(run("trust", "list", folder / "trust", "--json").stdout)
    assert [row["store"] for row in listed["anchors"]] == ["test"]
    publisher = MemorySigner(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "p.pem").write_bytes(public_pem(publisher.public_key))
    for sequence in (2, 1):
        token = sign_list((Anchor(world.root.certificate, "national"),), "national", sequence, NOW, publisher)
        (tmp_path / f"{sequence}.jws").write_bytes(token)
    given = ("trust", "import", tmp_path / "stores")
    assert run(*given, tmp_path / "2.jws", "--publisher", tmp_path / "p.pem").returncode == 0
    older = run(*given, tmp_path / "1.jws", "--publisher", tmp_path / "p.pem", "--json")
    assert json.loads(older.stdout)["error"]["code"] == "TRUST_LIST_NOT_VALID"
    assert "national" in run("trust", "list", tmp_path / "stores").stdout
    assert run(*given, folder / "root.pem", "--store", "mine").returncode == 2
