"""``lienthong certificates``, run as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from test_roles_cli_verify import run

from holdings_world import AGENCY, AN, SEAL, SERVER, World, world
from lienthong.base.clock import SystemClock
from lienthong.signing.holdings.book import CertificateBook


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, World]:
    made = world(tmp_path)
    made.clock.move(SystemClock().now() - made.clock.now())
    book = tmp_path / "so"
    assert run("certificates", "init", book, "--agency", AGENCY).returncode == 0
    return book, made


def cli(*arguments: object) -> dict[str, object]:
    done = run("certificates", *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_persons_certificate_from_the_form_to_the_signed_minutes(place: tuple[Path, World], tmp_path: Path) -> None:
    book, made = place
    asked = run("certificates", "request", book, "--kind", "person", "--name", AN.name)
    assert asked.returncode == 1 and "Chức vụ" in asked.stderr and "--detail identity=…" in asked.stderr
    assert cli("request", book, "--kind", "person", "--name", AN.name, "--title", AN.title, "--email", AN.email,
               "--detail", "identity=012345678901")["state"] == "requested"  # fmt: skip
    form = tmp_path / "mau01.pdf"
    assert (
        cli("form", book, "1", "--out", form, "--signer", "GIÁM ĐỐC;Nguyễn Văn An", "--symbol", "SNV-VP")["form"]
        == "01"
    )
    assert form.read_bytes().startswith(b"%PDF")
    assert run("certificates", "form", book, "1", "--out", form, "--signer", "A;B").returncode == 1
    cli("step", book, AN.name, "approve", "--document", form)
    cli("step", book, "1", "send")
    file = tmp_path / "an.pem"
    file.write_bytes(made.certificate(AN, days=20).public_bytes(Encoding.PEM))
    assert run("certificates", "step", book, "1", "certificate").returncode == 2
    assert cli("step", book, "1", "certificate", "--certificate", file)["state"] == "issued"
    minutes = tmp_path / "bb.pdf"
    two = ("--signer", "BÊN GIAO;Lê Thị Văn", "--signer", "BÊN NHẬN;Nguyễn Văn An")
    cli("form", book, "1", "--form", "ban-giao", "--out", minutes, *two)
    cli("step", book, "1", "deliver", "--document", minutes, "--device", "token-7")
    assert cli("step", book, "1", "activate")["state"] == "active"
    shown = run("certificates", "show", book, "1")
    assert "[bb.pdf]" in shown.stdout and "renew, change, lock, revoke" in shown.stdout
    [notice] = cli("notices", book)["notices"]  # type: ignore[misc]
    assert notice["warning"] == 30 and "hết hạn" in notice["vi"]


def test_existing_certificates_come_from_a_list_and_retirement_proposes(
    place: tuple[Path, World], tmp_path: Path
) -> None:
    book, made = place
    for name, holder in (("an", AN), ("co-quan", SEAL), ("may-chu", SERVER)):
        (tmp_path / f"{name}.pem").write_bytes(made.certificate(holder).public_bytes(Encoding.PEM))
    listed = tmp_path / "ds.csv"
    listed.write_text("chung_thu_so,loai\nan.pem,\nco-quan.pem,\nmay-chu.pem,thiết bị\nkhong.pem,\n", encoding="utf-8")
    dry = run("certificates", "import", book, listed, "--dry-run")
    assert (
        dry.returncode == 1
        and "3 tờ đưa vào được, 1 lỗi" in dry.stdout
        and not CertificateBook(book, SystemClock()).all()
    )
    done = run("certificates", "import", book, listed, tmp_path / "an.pem", "--json")
    assert done.returncode == 1
    assert [each["number"] for each in json.loads(done.stdout)["imported"]] == [1, 2, 3]
    assert "1 tờ đã vào sổ" not in run("certificates", "import", book, tmp_path / "an.pem").stdout
    assert cli("event", book, "retirement", AN.name)["proposed"] == [1]
    bundle = tmp_path / "cong-bo.pem"
    assert cli("publish", book, "--out", bundle)["certificates"] == 1
    assert bundle.read_bytes() == (tmp_path / "co-quan.pem").read_bytes()
    assert cli("list", book, "--state", "active")["certificates"][2]["kind"] == "device"  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["list", "{missing}"], 1, "chưa có sổ chứng thư số"),
        (["init", "{book}", "--agency", "X"], 1, "đã có sổ"),
        (["show", "{book}", "9"], 1, "HOLDING_UNKNOWN"),
        (["step", "{book}", "1", "import"], 2, "lệnh riêng"),
        (["step", "{book}", "1", "revoke"], 2, "--cause"),
        (["step", "{book}", "1", "dance"], 2, "dance"),
        (["import", "{book}"], 2, "--token"),
        (["import", "{book}", "{missing}"], 1, "không có tệp này"),
        (["publish", "{book}", "--out", "{missing}"], 2, "chưa có chứng thư số nào"),
        (["request", "{book}", "--kind", "device", "--name", "x", "--detail", "nothing"], 2, "MÃ=giá trị"),
        (["event", "{book}", "retirement", "Ai Đó"], 1, "HOLDING_UNKNOWN"),
    ],
)
def test_wrong_use_says_what_to_do(
    place: tuple[Path, World], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    book, _ = place
    filled = [each.format(missing=tmp_path / "khong-co", book=book) for each in arguments]
    done = run("certificates", *filled)
    assert done.returncode == code and said in done.stdout + done.stderr, done.stdout + done.stderr
