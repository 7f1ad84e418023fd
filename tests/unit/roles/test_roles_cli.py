"""The command line used wrongly: an exit code that says what kind of mistake it was, and a sentence that says which."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from lienthong.connector import http
from lienthong.roles.cli import app
from lienthong.trust.keys import public_pem

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
AGENCY, OTHER = "000.00.00.H29", "000.00.00.H15"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile that is right, of an axis that is away."""
    key = generate_private_key(SECP256R1())
    secret = tmp_path / "system.key.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    secret.chmod(0o600)
    (tmp_path / "axis.pub.pem").write_bytes(public_pem(key.public_key()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "connector.toml"
    path.write_text(
        f'[connector]\naxis_url = "http://127.0.0.1:{port}"\naxis_name = "axis.example"\naxis_key_file = "{tmp_path}/axis.pub.pem"\n'
        f'system_id = "so-tc"\nagencies = ["{AGENCY}"]\nkey_file = "{secret}"\nspool_dir = "{tmp_path}/spool"\n'
    )
    monkeypatch.setattr(
        http.AxisConnection.__init__, "__kwdefaults__", {**http.AxisConnection.__init__.__kwdefaults__, "pauses": ()}
    )
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    return path


def run(*arguments: str | Path, profile: Path | None = None) -> Result:
    given = [str(a) for a in arguments] + (["--profile", str(profile)] if profile else [])
    return CliRunner().invoke(app, given, env={"LIENTHONG_PROFILE": "", "LC_ALL": "vi_VN.UTF-8", "LANG": "vi_VN.UTF-8"})


def said(result: Result) -> str:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.output


def error(result: Result) -> dict[str, object]:
    """The refusal as a program reads it; always of the same shape."""
    said(result)
    found = json.loads(result.stdout)["error"]
    assert {"code", "title_vi", "title_en", "advice_vi", "advice_en", "retry", "problems"} <= set(found)
    return dict(found)


@pytest.mark.parametrize(
    "arguments",
    [["send"], ["send", "--to", OTHER], ["send", "--to", " , ", "--file", "a.pdf"],
     ["send", "--to", OTHER, "--file", "{a}", "--urgency", "7"], ["send", "--to", OTHER, "--file", "{a}", "--issued", "30/02/2026"],
     ["send", "--to", OTHER, "--file", "{a}", "--due", "mai"], ["receive", "--max", "0"], ["receive", "--wait", "600"],
     ["status", "X"], ["status", "X", "--code", "07"], ["status", "X", "--code", "xong"], ["recall", "X"],
     ["recall", "X", "--reason", "r", "--to", ","], ["trace"], ["proof", "X"], ["verify"], ["outbox", "--max", "9999"], ["nonsense"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_ends_with_two_and_a_sentence(profile: Path, arguments: list[str]) -> None:
    known = [a.replace("{a}", str(profile.parent / "a.pdf")) for a in arguments]
    result = run(*known, profile=None if arguments[0] in {"verify", "nonsense"} else profile)
    assert result.exit_code == USAGE, said(result)
    assert len(said(result)) > 20


@pytest.mark.parametrize(
    "arguments",
    [
        ["send", "--to", OTHER, "--file", "{a}"],
        ["receive"],
        ["outbox"],
        ["trace", "X"],
        ["proof", "X", "--out", "{a}.asice"],
        ["directory", "list"],
        ["operator", "conservation"],
        ["operator", "quarantine"],
        ["operator", "requeue", "1"],
    ],
    ids=" ".join,
)
def test_an_axis_that_is_away_ends_with_three(profile: Path, arguments: list[str]) -> None:
    known = [a.replace("{a}", str(profile.parent / "a.pdf")) for a in arguments]
    result = run(*known, profile=profile)
    assert result.exit_code == UNREACHABLE, said(result)
    assert "127.0.0.1" in said(result)
    result = run(*known, "--json", profile=profile)
    assert result.exit_code == UNREACHABLE
    assert error(result)["code"] == "AXIS_UNREACHABLE"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["send", "--to", OTHER, "--file", "{dir}/none.pdf"], "FILE_NOT_USABLE"), (["send", "--to", OTHER, "--file", "{dir}"], "FILE_NOT_USABLE"),
     (["send", "--to", OTHER, "--file", "{dir}/a.pdf", "--agency", OTHER], "INPUT_NOT_USABLE"),
     (["status", "X", "--code", "01"], "DOCUMENT_UNKNOWN_HERE"), (["recall", "X", "--reason", "nhầm"], "DOCUMENT_UNKNOWN_HERE"),
     (["recall", "X", "--reason", " "], "INPUT_NOT_USABLE"), (["status", "X", "--code", "02"], "INPUT_NOT_USABLE"),
     (["keys", "create", "--out", "{dir}/none/x.key.pem"], "KEY_PLACE_MISSING"),
     (["verify", "{dir}/none.asice"], "FILE_NOT_USABLE"), (["verify", "{dir}/a.pdf", "--trust", "{dir}/a.pdf"], "FILE_NOT_USABLE")],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_one_and_the_same_shape_for_programs(
    profile: Path, arguments: list[str], code: str
) -> None:
    known = [a.replace("{dir}", str(profile.parent)) for a in arguments]
    of = None if arguments[0] in {"verify", "keys"} else profile
    result = run(*known, profile=of)
    assert result.exit_code == REFUSED, said(result)
    assert code in said(result)
    result = run(*known, "--json", profile=of)
    assert result.exit_code == REFUSED
    assert error(result)["code"] == code


@pytest.mark.parametrize(
    "change",
    [
        "axis_url = 7",
        "nonsense = 1",
        "not toml at all [",
        'key_file = "none.pem"',
        'axis_key_file = "none.pem"',
        "agencies = []",
    ],
)
def test_a_profile_that_is_wrong_is_said_without_a_traceback(profile: Path, change: str) -> None:
    name = change.split(" =", maxsplit=1)[0]
    lines = [line for line in profile.read_text().splitlines() if not line.startswith(name)]
    profile.write_text("\n".join([*lines, change]) + "\n")
    result = run("outbox", "--json", profile=profile)
    assert result.exit_code == REFUSED, said(result)
    error(result)


def test_a_profile_that_is_not_there_is_named(profile: Path) -> None:
    result = run("outbox", profile=profile.with_name("other.toml"))
    assert result.exit_code == REFUSED
    assert "other.toml" in said(result).replace("\n", "")


def test_a_folder_that_is_not_there_for_the_proof_is_named_before_anything_is_asked(profile: Path) -> None:
    result = run("proof", "X", "--out", profile.parent / "none" / "x.asice", "--json", profile=profile)
    assert result.exit_code in {REFUSED, UNREACHABLE}
    error(result)


def test_what_waits_here_is_sent_on_by_a_verb_of_its_own(profile: Path) -> None:
    result = run("resume", "--json", profile=profile)
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"sent": []})


@pytest.mark.parametrize(
    "garbage", [b"", b"x", b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18, os.urandom(5000), b"\x00" * 100_000]
)
def test_garbage_is_verified_as_failed_and_never_as_a_fault(tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "x.asice"
    file.write_bytes(garbage)
    result = run("verify", file, "--json")
    assert result.exit_code == REFUSED, said(result)
    assert json.loads(result.stdout)["files"][0]["verdict"] == "FAILED"
    assert "Traceback" not in said(run("verify", file))


@pytest.mark.parametrize(
    "keys", [b"", b"[]", b"{}", b'{"receipt": 7, "note": []}', b'{"receipt": "x", "note": "y"}', b"\xff"]
)
def test_trusted_keys_that_are_none_are_said_in_words(tmp_path: Path, keys: bytes) -> None:
    (tmp_path / "k.json").write_bytes(keys)
    (tmp_path / "x.asice").write_bytes(b"x")
    result = run("verify", tmp_path / "x.asice", "--trust", tmp_path / "k.json", "--json")
    assert result.exit_code == REFUSED, said(result)
    assert error(result)["code"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "Không có lệnh nonsense"),
        (["verfy"], "có phải 'verify'"),
        (["send"], "Thiếu tùy chọn --to"),
        (["verify"], "Thiếu tham số"),
        (["verify", "--loud", "a"], "Không có tùy chọn --loud"),
        (["worker", "run"], "Thừa tham số: run"),
        (["send", "--to"], "Tùy chọn --to cần có giá trị"),
        (["send", "--to", OTHER, "--file", "a.pdf", "--urgency", "nhanh"], "Giá trị của --urgency không dùng được"),
    ],
)  # fmt: skip
def test_a_command_typed_wrongly_is_answered_in_vietnamese_with_the_way_to_its_help(
    arguments: list[str], sentence: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == USAGE
    assert sentence in said(result)
    assert "--help" in said(result)


def test_a_command_typed_wrongly_is_answered_in_english_where_english_is_asked_for() -> None:
    result = CliRunner().invoke(app, ["nonsense"], env={"LIENTHONG_LANG": "en"})
    assert result.exit_code == USAGE
    assert "No such command" in result.output
    assert "How to use it: lienthong --help" in result.output.replace("root", "lienthong")


@pytest.mark.parametrize("arguments", [[], ["directory"], ["axis"]])
def test_a_command_without_a_verb_shows_what_there_is(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == USAGE
    assert "Usage" in said(result)
    assert "✗" not in said(result)


def test_a_directory_is_not_called_a_missing_file(tmp_path: Path) -> None:
    assert "đây là thư mục" in said(run("verify", tmp_path))


def test_a_key_that_has_no_directory_to_lie_in_is_refused_by_that_name(tmp_path: Path) -> None:
    result = run("keys", "create", "--out", tmp_path / "nowhere" / "k.pem")
    assert result.exit_code == REFUSED
    assert f"thư mục {tmp_path}/nowhere không có" in said(result)
    assert "keys create" not in said(result)
