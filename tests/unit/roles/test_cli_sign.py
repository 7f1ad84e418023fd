"""``lienthong pki demo``, ``lienthong sign`` and ``lienthong verify``, run as people run them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from test_roles_cli_verify import run

from lienthong.infra.keys import key_pem, write_new
from official_document import decision


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sign")
    made = run("pki", "demo", folder / "pki")
    assert made.returncode == 0 and "không dùng cho văn bản thật" in made.stdout, made.stderr
    (folder / "vb.pdf").write_bytes(decision(1))
    (folder / "hai.pdf").write_bytes(decision(2))
    return folder


def signed(place: Path, source: str, out: str, signer: str, *more: str) -> tuple[int, str]:
    done = run(
        "sign", place / source, "--out", place / out, "--signers", place / "pki/signers", "--signer", signer, *more
    )
    return done.returncode, done.stdout + done.stderr


def test_a_document_signed_numbered_and_sealed_is_verified_as_an_original(place: Path) -> None:
    assert signed(place, "vb.pdf", "ky.pdf", "an", "--level", "B-T")[0] == 0
    code, said = signed(
        place, "ky.pdf", "ph.pdf", "co-quan", "--number", "15", "--symbol", "QĐ-SNV", "--level", "B-LTA", "--json"
    )
    assert code == 0, said
    members = json.loads(said)
    assert members["level"] == "B-LTA" and [row["field"] for row in members["signatures"]] == ["SoNgay", "CoQuan"]
    verified = run("verify", place / "ph.pdf", "--trust-store", place / "pki/trust", "--json")
    assert verified.returncode == 0, verified.stdout
    assert "ORIGINAL" in verified.stdout.upper()
    assert (place / "pki/signers/co-quan.uses.log").read_text().count("agency.sign") == 2


def test_two_persons_sign_in_their_order_before_the_agency(place: Path) -> None:
    code, said = signed(place, "hai.pdf", "hai1.pdf", "an", "--with", "PHÓ GIÁM ĐỐC;Trần Thị Bưởi", "--level", "B-B")
    assert code == 0, said
    code, said = signed(place, "hai1.pdf", "hai9.pdf", "co-quan", "--number", "15", "--symbol", "QĐ-SNV")
    assert code == 1 and "còn ô chưa ký: NguoiKy02" in said and not (place / "hai9.pdf").exists()
    assert signed(place, "hai1.pdf", "hai2.pdf", "buoi", "--level", "B-B")[0] == 0
    assert signed(place, "hai2.pdf", "hai3.pdf", "co-quan", "--number", "05", "--symbol", "QĐ-SNV")[0] == 0


def test_the_agency_does_not_sign_what_no_person_has_signed(place: Path) -> None:
    code, said = signed(place, "vb.pdf", "khong.pdf", "co-quan", "--number", "15", "--symbol", "QĐ-SNV")
    assert code == 1 and "chưa có chữ ký của người có thẩm quyền" in said and "AGENCY_KEY_NEEDS_PERSON" in said
    assert not (place / "khong.pdf").exists() and not list(place.glob(".*making"))


def test_attachments_and_copies_are_signed_without_a_person(place: Path) -> None:
    assert signed(place, "vb.pdf", "pl.pdf", "co-quan", "--attachment", "15/QĐ-SNV")[0] == 0
    assert signed(place, "vb.pdf", "sao.pdf", "co-quan", "--copy", "sao-y")[0] == 0


def test_a_time_stamping_authority_that_is_away_costs_a_level_and_not_the_signature(place: Path) -> None:
    away = place / "away"
    shutil.copytree(place / "pki", away)
    (away / "tsa/tsa.toml").write_text(
        'url = "http://127.0.0.1:9/tsa"\ncrls = ["../trust/issuing.crl", "../trust/root.crl"]\n'
    )
    done = run(
        "sign",
        place / "vb.pdf",
        "--out",
        place / "b.pdf",
        "--signers",
        away / "signers",
        "--signer",
        "an",
        "--level",
        "B-LTA",
        "--json",
    )
    members = json.loads(done.stdout)
    assert done.returncode == 0 and members["level"] == "B-B" and members["wanted"] == "B-LTA"
    assert {row["code"] for row in members["missing"]} == {"TSA_AWAY"}
    verified = run("verify", place / "b.pdf", "--trust-store", place / "pki/trust")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--signer", "ai-do"), 1, "an, buoi, co-quan"),
        (("--signer", "an", "--role", "agency"), 2, "không phải agency"),
        (("--signer", "co-quan", "--copy", "photo"), 2, "sao-y"),
        (("--signer", "an", "--with", "khong dung"), 2, "CHỨC VỤ;Họ tên"),
        (("--signer", "buoi"), 1, "«PHÓ GIÁM ĐỐC» … «Trần Thị Bưởi»"),
    ],
)
def test_wrong_use_is_answered_in_words_and_leaves_nothing(
    place: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("sign", place / "vb.pdf", "--out", place / "nothing.pdf", "--signers", place / "pki/signers", *arguments)
    assert done.returncode == code and words in done.stdout + done.stderr, done.stdout + done.stderr
    assert not (place / "nothing.pdf").exists()


def test_a_folder_with_content_is_not_overwritten_by_a_demo(place: Path) -> None:
    done = run("pki", "demo", place)
    assert done.returncode == 1 and "đã có nội dung" in done.stderr


def test_certificates_are_issued_listed_and_revoked_by_the_verbs(place: Path) -> None:
    pki, request = place / "pki", place / "yeu-cau.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "may-chu.mau")])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    request.write_bytes(made.public_bytes(Encoding.PEM))
    assert run("pki", "issue", pki, "--csr", request, "--out", place / "c.pem").returncode == 0
    again = run("pki", "issue", pki, "--csr", request, "--out", place / "c.pem")
    assert again.returncode == 1 and "không ghi đè" in again.stderr
    assert "may-chu.mau" in run("pki", "list", pki, "--expiring", "800").stdout
    wrong = run("pki", "revoke", pki, "may-chu.mau", "--reason", "sai")
    assert wrong.returncode == 2 and "key-compromise" in wrong.stderr
    assert run("pki", "revoke", pki, "may-chu.mau", "--reason", "superseded").returncode == 0
    assert "đã bị thu hồi lúc" in run("pki", "revoke", pki, "may-chu.mau").stderr
    rows = json.loads(run("pki", "list", pki, "--json").stdout)["certificates"]
    assert [row["reason"] for row in rows if row["name"] == "may-chu.mau"] == ["superseded"]
    assert json.loads(run("pki", "crl", pki, "--json").stdout)["bytes"] > 100
    assert "không phải PKI" in run("pki", "list", place).stderr


def test_a_received_document_is_stamped_and_a_signer_without_title_is_warned(place: Path) -> None:
    signed(place, "vb.pdf", "den-1.pdf", "an", "--level", "B-B")
    signed(place, "den-1.pdf", "den-2.pdf", "co-quan", "--number", "16", "--symbol", "QĐ-SNV", "--level", "B-B")
    code, said = signed(place, "den-2.pdf", "den-3.pdf", "co-quan", "--arrival", "1024", "--level", "B-B", "--json")
    assert code == 0 and json.loads(said)["signatures"][0]["field"] == "Den01" and json.loads(said)["warnings"] == []
    assert run("verify", place / "den-3.pdf", "--trust-store", place / "pki/trust").returncode == 0
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn An")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    (place / "khong.csr").write_bytes(request.public_bytes(Encoding.PEM))
    signers = place / "pki/signers"
    assert (
        run(
            "pki",
            "issue",
            place / "pki",
            "--csr",
            place / "khong.csr",
            "--out",
            signers / "khong.crt.pem",
            "--profile",
            "person",
        ).returncode
        == 0
    )
    write_new(signers / "khong.key.pem", key_pem(key))
    (signers / "khong.toml").write_text(
        (signers / "an.toml").read_text().replace("an.crt", "khong.crt").replace("an.key", "khong.key")
    )
    code, said = signed(place, "vb.pdf", "den-4.pdf", "khong", "--level", "B-B")
    assert code == 0 and "không ghi chức vụ" in said
