"""The operator's day, with the command line as its own process and real signed requests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from directory_server import serving
from fixtures_pg import Database
from holdings_world import SEAL, world
from lienthong.connector.book import AddressBook
from lienthong.connector.profile import connection_of
from lienthong.directory.model import SystemStatus
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.infra.node_keys import NodeKeys
from lienthong.roles.cli_profile import open_profile
from lienthong.roles.cli_verify import read_anchors
from lienthong.trust.keys import load_public_key

CSV = """Mã định danh;Tên cơ quan;Mã cha
H99;Tỉnh Mẫu;
H99.01;Sở Mẫu một;H99
H99.02;Sở Mẫu hai;H99
"""


class Axis:
    """A prepared axis: its folder, its configuration and the directory that it serves."""

    def __init__(self, folder: Path, desk: DirectoryDesk, init: dict[str, Any]) -> None:
        self.folder, self.desk, self.init = folder, desk, init
        self.profile = init["operator"]["profile"]

    def run(self, *words: str, exit_code: int = 0) -> dict[str, Any]:
        return lienthong("directory", *words, "--profile", self.profile, "--json", exit_code=exit_code)


def lienthong(*words: str, exit_code: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", "from lienthong.roles.cli import main; main()", *words],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "LIENTHONG_LANG": "vi", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == exit_code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.startswith("{") else {"stderr": done.stderr}


@pytest.fixture
def axis(database18: Database, tmp_path: Path) -> Iterator[Axis]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        config = tmp_path / "axis.toml"
        config.write_text(f'[axis]\nname = "axis.example"\nlisten = "{address}"\ndsn = "{database18.dsn}"\n')
        init = lienthong("axis", "init", "--config", str(config), "--json")
        keys = NodeKeys.load(tmp_path / "data" / "keys")
        with serving(database18.dsn, "axis.example", keys.receipt, listener) as desk:
            yield Axis(tmp_path, desk, init)


def test_an_axis_is_set_up_once_and_again_without_change(axis: Axis) -> None:
    again = lienthong("axis", "init", "--config", axis.init["config"], "--json")
    assert again["operator"] == axis.init["operator"]
    assert again["directory"] == {"version": 1, "changed": 0}
    anchors = read_anchors([Path(axis.init["axis_keys"])])
    keys = NodeKeys.load(axis.folder / "data" / "keys")
    assert anchors.receipt_keys == (keys.receipt.public_key,)
    assert anchors.log_keys[0].public_key == keys.note.public_key
    assert anchors.tsa_roots == keys.tsa_chain[-1:]
    assert load_public_key(Path(axis.init["axis_public_key"]).read_bytes()) == keys.receipt.public_key
    assert Path(axis.init["operator"]["key"]).stat().st_mode & 0o077 == 0


def test_a_lost_operator_key_is_replaced_on_the_axis_own_machine(axis: Axis, tmp_path: Path) -> None:
    fresh = lienthong(
        "axis", "init", "--config", axis.init["config"], "--operator-dir", str(tmp_path / "new"), "--json"
    )
    assert fresh["operator"]["key_id"] != axis.init["operator"]["key_id"]
    held = axis.desk.directory
    for _ in range(100):
        if held.state.version == 2:
            break
        time.sleep(0.05)
    lost = axis.init["operator"]["key_id"]
    done = lienthong("directory", "revoke", lost, "--profile", fresh["operator"]["profile"], "--json")
    assert done["changed"] == 1
    axis.run("seed", exit_code=1)


def test_an_operator_imports_registers_rotates_revokes_and_merges(axis: Axis) -> None:
    file = axis.folder / "danh-ba.csv"
    file.write_text(CSV, encoding="utf-8")
    assert axis.run("import", str(file), "--dry-run")["changed"] == 0
    assert axis.run("import", str(file))["changed"] == 3
    assert axis.run("import", str(file))["changed"] == 0
    assert [row["code"] for row in axis.run("list", "--query", "so mau")["agencies"]] == ["H99.01", "H99.02"]

    keys = [lienthong("keys", "create", "--out", str(axis.folder / f"{n}.key.pem"), "--json") for n in ("a", "b")]
    for key in keys:
        axis.run(
            "register", "--system", "so-mot", "--name", "Phần mềm Mẫu", "--agency", "H99.01", "--key", key["public_key"]
        )
    state, now = axis.desk.directory.state, datetime.now(UTC)
    assert state.may_act("so-mot", "H99.01")
    assert all(state.key(key["key_id"], now) is not None for key in keys)

    axis.run("revoke", keys[0]["key_id"])
    state = axis.desk.directory.state
    assert state.key(keys[0]["key_id"], datetime.now(UTC)) is None
    assert state.key(keys[0]["key_id"], now) is not None
    assert state.key(keys[1]["key_id"], datetime.now(UTC)) is not None

    axis.run("suspend", "so-mot")
    assert axis.desk.directory.state.system("so-mot").status is SystemStatus.SUSPENDED
    axis.run("resume", "so-mot")
    assert axis.desk.directory.state.may_act("so-mot", "H99.01")

    axis.run("succeed", "H99.02", "H99.01", "--kind", "merge", "--note", "Nghị quyết mẫu")
    told = axis.run("show", "H99.02")
    assert told["receives"]["code"] == "H99.01"
    assert told["agency"]["status"] == "closed"
    assert "Nghị quyết mẫu" in told["notes_vi"][0]
    assert [s["system_id"] for s in told["systems"]] == ["so-mot"]


def test_the_seals_certificates_are_published_and_an_import_leaves_them_and_the_status(axis: Axis) -> None:
    file = axis.folder / "danh-ba.csv"
    file.write_text(CSV, encoding="utf-8")
    axis.run("import", str(file))
    seal = world(axis.folder).certificate(SEAL).public_bytes(Encoding.PEM)
    (axis.folder / "seal.pem").write_bytes(seal)
    assert axis.run("certificates", "H99.01", str(axis.folder / "seal.pem"))["certificates"] == 1
    axis.run("suspend", "H99.01")
    file.write_text(CSV.replace("Sở Mẫu một", "Sở Mẫu mới"), encoding="utf-8")
    axis.run("import", str(file))
    shown = axis.run("show", "H99.01")["agency"]
    assert shown["certificates"] == [seal.decode()] and shown["status"] == "locked" and "mới" in shown["name"]
    (axis.folder / "seal.pem").write_bytes(seal * 11)
    assert "10" in json.dumps(axis.run("certificates", "H99.01", str(axis.folder / "seal.pem"), exit_code=1))
    axis.run("certificates", "H00", str(axis.folder / "seal.pem"), exit_code=1)


def test_a_client_follows_the_directory_by_differences(axis: Axis, tmp_path: Path) -> None:
    config = open_profile(Path(axis.profile))
    with connection_of(config) as connection:
        book = AddressBook(connection, load_public_key(config.axis_key_file.read_bytes()), tmp_path / "book")
        before = book.state
        axis.run("seed")
        after = book.newest()
        assert (before.version, after.version) == (1, 2)
        assert after.agency("G01") is not None
        assert len(after) == len(axis.desk.directory.state)
        whole = connection.request("GET", "/v1/directory/snapshot")
        same = connection.request("GET", "/v1/directory/snapshot", headers={"If-None-Match": whole.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")


def test_a_file_with_one_bad_line_writes_nothing_and_says_which(axis: Axis) -> None:
    file = axis.folder / "danh-ba.csv"
    file.write_text(CSV + "H99.03;;H99\n", encoding="utf-8")
    told = axis.run("import", str(file), exit_code=1)
    assert (told["errors"], told["changed"], told["problems"][0]["line"]) == (1, 0, 5)
    assert axis.run("import", str(file), "--skip-bad")["changed"] == 3


def test_only_the_operator_changes_the_directory(axis: Axis) -> None:
    file = axis.folder / "danh-ba.csv"
    file.write_text(CSV, encoding="utf-8")
    axis.run("import", str(file))
    key = lienthong("keys", "create", "--out", str(axis.folder / "a.key.pem"), "--json")
    axis.run(
        "register", "--system", "so-mot", "--name", "Phần mềm Mẫu", "--agency", "H99.01", "--key", key["public_key"]
    )
    other = axis.folder / "so-mot.toml"
    text = Path(axis.profile).read_text().replace("van-hanh", "so-mot").replace("operator.key.pem", key["private_key"])
    other.write_text(text)
    assert lienthong("directory", "show", "H99", "--profile", str(other), "--json")["agency"]["name"] == "Tỉnh Mẫu"
    refused = lienthong("directory", "suspend", "H99", "--profile", str(other), "--json", exit_code=1)
    assert refused["error"]["code"] == "NOT_OPERATOR"


def test_wrong_use_is_told_in_plain_words_with_exit_code_two(axis: Axis) -> None:
    key = lienthong("keys", "create", "--out", str(axis.folder / "a.key.pem"), "--json")
    told = axis.run("register", "--system", "x", "--key", key["public_key"], exit_code=2)
    assert "--name" in told["stderr"]
    assert "merge" in axis.run("succeed", "H1", "H2", "--kind", "x", exit_code=2)["stderr"]
    assert "24/11/2026" in axis.run("succeed", "H1", "H2", "--from", "32/13/2026", exit_code=2)["stderr"]
    assert axis.run("suspend", "khong-co", exit_code=1)["error"]["code"] == "DIRECTORY_UNKNOWN"
