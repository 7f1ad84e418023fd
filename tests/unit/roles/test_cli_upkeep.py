"""``lienthong sign-upkeep`` as people and timers run it, with the PKI served by its own verb."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from test_roles_cli_verify import run

from lienthong.signing.agent.program import listen_on
from lienthong.trust.certificates import load_certificate
from official_document import decision

LIENTHONG = [sys.executable, "-m", "lienthong.roles.cli"]
ENVIRONMENT = {**os.environ, "LANG": "vi_VN.UTF-8", "LC_ALL": "vi_VN.UTF-8", "PYTHONWARNINGS": "ignore"}


class Place:
    """A PKI and documents signed in it, at three levels."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pki, self.home = folder, folder / "pki", folder / "home"
        free = listen_on(0)
        self.port = free.getsockname()[1]
        free.close()
        made = run("pki", "demo", self.pki, "--url", f"http://127.0.0.1:{self.port}")
        assert made.returncode == 0, made.stderr
        (folder / "vb.pdf").write_bytes(decision(1))

    @contextmanager
    def served(self) -> Iterator[None]:
        running = subprocess.Popen(
            [*LIENTHONG, "pki", "serve", self.pki, "--port", str(self.port)],
            env=ENVIRONMENT, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    httpx.get(f"http://127.0.0.1:{self.port}/", timeout=1, trust_env=False)
                    break
                except httpx.HTTPError:
                    time.sleep(0.05)
            yield
        finally:
            running.terminate()
            running.communicate()

    def sign(self, out: Path, level: str) -> None:
        out.parent.mkdir(exist_ok=True)
        done = run(
            "sign",
            self.folder / "vb.pdf",
            "--out",
            out,
            "--signers",
            self.pki / "signers",
            "--signer",
            "an",
            "--level",
            level,
        )
        assert done.returncode == 0, done.stderr

    def upkeep(self, *arguments: object, language: str = "vi_VN.UTF-8") -> subprocess.CompletedProcess[str]:
        return run("sign-upkeep", *arguments, "--home", self.home, language=language)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("upkeep-cli"))


@pytest.fixture
def place(shared: Place, tmp_path: Path) -> Place:
    shared.home = tmp_path / "home"
    return shared


def test_documents_signed_while_everything_was_away_are_completed_and_verified(place: Place, tmp_path: Path) -> None:
    store = tmp_path / "kho"
    place.sign(store / "a.pdf", "B-LTA")  # nobody answers: a bare signature
    (store / "sub").mkdir()
    place.sign(store / "sub" / "b.pdf", "B-B")
    (store / "chưa ký.pdf").write_bytes(decision(1))
    told = json.loads(place.upkeep("calendar", store, "--json").stdout)
    assert told["levels"]["B-B"] == 2 and told["skipped"] == 1 and told["due"] == 0
    away = place.upkeep("complete", store, "--tsa", place.pki / "tsa/tsa.toml")
    assert away.returncode == 1 and "không trả lời" in away.stderr and "0/2" in away.stdout, away.stderr
    with place.served():
        done = place.upkeep("complete", store, "--signers", place.pki / "signers", "--signer", "an")
        assert done.returncode == 0 and "2/2 văn bản đạt B-LTA; 2 vừa được bổ sung" in done.stdout, done.stderr
    again = place.upkeep("complete", store, "--tsa", place.pki / "tsa/tsa.toml", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["changed"] == 0
    for file in (store / "a.pdf", store / "sub" / "b.pdf"):
        verified = run("verify", file, "--trust-store", place.pki / "trust", "--json")
        assert verified.returncode == 0 and '"B-LTA"' in verified.stdout, verified.stdout
        said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
        assert said.count("Signature is Valid.") == 1, said
    rows = json.loads(place.upkeep("log", "--json").stdout)
    assert [row["to"] for row in rows["actions"] if row["event"] == "upkeep.complete"] == ["B-LTA", "B-LTA"]
    assert "B-B → B-LTA" in place.upkeep("log").stdout


@pytest.mark.parametrize("level", ["B-B", "B-T"])
def test_another_implementation_finds_everything_that_it_requires_in_the_file(
    place: Place, tmp_path: Path, level: str
) -> None:
    """pyHanko with the root alone, no network, and revocation data required of every certificate."""
    file = tmp_path / "kho" / "a.pdf"
    with place.served():
        place.sign(file, level)
        assert place.upkeep("complete", file, "--tsa", place.pki / "tsa/tsa.toml").returncode == 0
    root = load_certificate((place.pki / "trust/root.pem").read_bytes())
    given = {
        "trust_roots": [asn1_x509.Certificate.load(root.public_bytes(Encoding.DER))], "allow_fetching": False,
        "revocation_mode": "require",
    }  # fmt: skip
    with file.open("rb") as opened:
        reader = PdfFileReader(opened)
        store = DocumentSecurityStore.read_dss(reader)
        signed = validate_pdf_signature(reader.embedded_regular_signatures[0], store.as_validation_context(dict(given)))
        assert signed.bottom_line and signed.docmdp_ok, signed.summary()
        for each in reader.embedded_timestamp_signatures:
            stamp = validate_pdf_timestamp(each, store.as_validation_context(dict(given)))
            assert stamp.intact and stamp.valid and stamp.trusted, stamp.summary()


def test_the_calendar_is_sorted_says_why_and_shows_what_is_due_within_days(place: Place, tmp_path: Path) -> None:
    store = tmp_path / "kho"
    place.sign(store / "b.pdf", "B-B")
    with place.served():
        place.sign(store / "t.pdf", "B-T")
    (store / "hỏng.pdf").write_bytes(b"%PDF-1.7 rubbish")
    done = place.upkeep("calendar", store)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == 4 and "chưa có dấu thời gian" in done.stdout
    assert "bỏ qua: Không đọc được tệp PDF" in lines[2] and "3 văn bản: B-T 1 · B-B 1; 0 đến hạn, 1 bỏ qua." in lines[3]
    assert "no time stamp yet" in place.upkeep("calendar", store, language="en_US.UTF-8").stdout
    assert json.loads(place.upkeep("calendar", store, "--within", 30, "--json").stdout)["documents"] == []
    assert len(json.loads(place.upkeep("calendar", store, "--within", 3650, "--json").stdout)["documents"]) == 2
    own = tmp_path / "m.toml"
    own.write_text('[[end]]\nname = "sha256"\nat = 2027-06-01T00:00:00+07:00\n')
    told = json.loads(place.upkeep("calendar", store, "--margins", own, "--json").stdout)
    assert {row["cause"] for row in told["documents"] if row["level"]} == {"algorithm"} and told["due"] == 2
    (tmp_path / "bad.toml").write_text("x = 1")
    bad = place.upkeep("calendar", store, "--margins", tmp_path / "bad.toml")
    assert bad.returncode == 1 and "UPKEEP_MARGINS_INVALID" in bad.stderr


def test_many_files_are_read_by_several_processes_to_the_same_calendar(place: Place, tmp_path: Path) -> None:
    store = tmp_path / "kho"
    place.sign(store / "0.pdf", "B-B")
    few = json.loads(place.upkeep("calendar", store, "--json").stdout)["documents"]
    for n in range(1, 50):
        (store / f"{n}.pdf").write_bytes((store / "0.pdf").read_bytes() if n % 7 else b"rubbish")
    many = json.loads(place.upkeep("calendar", store, "--json").stdout)
    assert (many["total"], many["skipped"], many["levels"]["B-B"]) == (50, 7, 43)
    assert many["documents"][0] == few[0] and [row["level"] for row in many["documents"]] == ["B-B"] * 43 + [None] * 7


def test_two_programs_at_one_time_raise_each_document_once(place: Place, tmp_path: Path) -> None:
    store = tmp_path / "kho"
    for name in "abc":
        place.sign(store / f"{name}.pdf", "B-B")
    with place.served():
        command = [
            *LIENTHONG,
            "sign-upkeep",
            "complete",
            store,
            "--tsa",
            place.pki / "tsa/tsa.toml",
            "--home",
            place.home,
            "--json",
        ]
        both = [subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [json.loads(each.communicate()[0]) for each in both]
    assert sum(each["changed"] for each in said) == 3
    codes = {row["code"] for each in said for document in each["documents"] for row in document["missing"]}
    assert codes <= {"DOCUMENT_BUSY"}
    verified = run("verify", *sorted(store.iterdir()), "--trust-store", place.pki / "trust", "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(place.upkeep("log", "--json").stdout)["count"] >= 3


def test_run_completes_what_is_watched_when_the_authority_is_back_and_stops_on_sigterm(
    place: Place, tmp_path: Path
) -> None:
    store = tmp_path / "kho"
    place.sign(store / "a.pdf", "B-B")
    assert place.upkeep("watch", store).stdout.strip() == str(store)
    with place.served():
        running = subprocess.Popen(
            [*LIENTHONG, "sign-upkeep", "run", "--tsa", place.pki / "tsa/tsa.toml", "--every", "1", "--home", place.home],
            env=ENVIRONMENT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until and not (place.home / "actions.log").exists():
            time.sleep(0.1)
        time.sleep(1)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 0 and said.count("đã bổ sung B-LTA") == 1 and "✓ Đã dừng." in said, said
    assert place.upkeep("watch", "--remove", store).stdout.strip() == "–"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("calendar",), 2, "chưa theo dõi gì"),
        (("calendar", "/khong/co"), 1, "không có tệp hay thư mục này"),
        (("complete", "."), 2, "Cần một trong hai"),
        (("complete", ".", "--tsa", "khong-co.toml"), 1, "SIGNER_PROFILE_INVALID"),
        (("run", "."), 2, "Cần một trong hai"),
        (("watch", "/khong/co"), 1, "không có tệp hay thư mục này"),
    ],
)
def test_wrong_use_is_answered_in_words(place: Place, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = place.upkeep(*arguments)
    assert done.returncode == code and words in done.stdout + done.stderr, done.stdout + done.stderr


def test_an_address_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    done = run("pki", "demo", tmp_path / "x", "--url", "https://a/b")
    assert done.returncode == 2 and not (tmp_path / "x").exists()
