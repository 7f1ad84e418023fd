"""Connections over their life: shown once, sealed, rotated under load, revoked at once, bound to networks; by command."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from axis_process import rows
from fixtures_axis import Town
from lienthong.infra.keys import key_pem
from vxp_client import add_connection, operate, sdk
from vxp_world import document_packet, edxml

A, B, C, D = "000.00.00.H29", "000.00.00.H15", "000.00.00.H26", "000.00.00.H41"


def code_of(found: dict[str, Any]) -> str:
    return str(found["ErrorDesc"].rpartition("[")[2].rstrip("]"))


def test_a_secret_is_sealed_and_shown_once(town: Town) -> None:
    secret = add_connection(town.axis, A, agencies=[A])
    assert len(secret) == 44
    with town.axis.operator as operator:
        listed = operator.get_json("/v1/operator/connections")
    [row] = [each for each in listed["connections"] if each["system_id"] == A]
    assert secret not in json.dumps(listed)
    assert (row["face"], row["status_form"], row["allow"], row["revoked_at"]) == ("vxp", "M", [], None)
    dump = str(rows(town.axis.database, "SELECT * FROM connection, connection_secret"))
    assert secret not in dump
    assert "PRIVATE" not in dump
    assert "BEGIN" not in dump
    [(held,)] = rows(
        town.axis.database,
        "SELECT row->'keys'->-1->>'held_by' FROM directory_row WHERE row_type = 'system' AND key = %s",
        A,
    )
    assert held == "axis"


def test_rotation_under_load_refuses_no_request_with_either_secret(town: Town) -> None:
    secrets = [add_connection(town.axis, B, agencies=[B])]
    failures: list[Any] = []
    done = threading.Event()
    count = 0

    def call() -> None:
        nonlocal count
        while not done.is_set():
            client = sdk(town.axis, B, secrets[-1])
            found = client.call(client.service.received("edoc")).json
            count += 1
            if found["status"] != "OK":
                failures.append(found)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for each in threads:
        each.start()
    for _ in range(3):
        time.sleep(0.3)
        secrets.append(operate(town.axis, f"{B}/rotate")["secret"])
        old = sdk(town.axis, B, secrets[-2])
        assert old.call(old.service.received("edoc")).json["status"] == "OK"
    done.set()
    for each in threads:
        each.join()
    assert failures == []
    assert count > 20
    first = sdk(town.axis, B, secrets[0])
    assert code_of(first.fails(first.service.received("edoc"))) == "CREDENTIALS_WRONG"


def test_the_old_secret_ends_when_it_was_said(town: Town) -> None:
    old = add_connection(town.axis, "vxp.saas.05", agencies=[D])
    fresh = operate(town.axis, "vxp.saas.05/rotate", {"old_until": "2020-01-01T00:00:00.000Z"})["secret"]
    client = sdk(town.axis, "vxp.saas.05", old)
    assert code_of(client.fails(client.service.received("edoc"))) == "CREDENTIALS_WRONG"
    client = sdk(town.axis, "vxp.saas.05", fresh)
    client.ok(client.service.received("edoc"))


def test_revocation_counts_at_once_and_a_new_connection_begins_anew(town: Town) -> None:
    secret = add_connection(town.axis, C, agencies=[C])
    client = sdk(town.axis, C, secret)
    client.ok(client.service.received("edoc"))
    operate(town.axis, f"{C}/revoke")
    assert code_of(client.fails(client.service.received("edoc"))) == "CREDENTIALS_WRONG"
    fresh = add_connection(town.axis, C, agencies=[C])
    assert fresh != secret
    again = sdk(town.axis, C, fresh)
    again.ok(again.service.send(edxml(document_packet(C, [A])), C, "edoc"))
    assert code_of(client.fails(client.service.received("edoc"))) == "CREDENTIALS_WRONG"


def test_calls_count_only_from_the_registered_network(town: Town) -> None:
    operate(town.axis, f"{A}/settings", {"allow": ["10.0.0.0/8", "2001:db8::/32"]})
    fresh = operate(town.axis, f"{A}/rotate")["secret"]
    client = sdk(town.axis, A, fresh)
    assert code_of(client.fails(client.service.received("edoc"))) == "NETWORK_NOT_ALLOWED"
    operate(town.axis, f"{A}/settings", {"allow": ["127.0.0.0/8"]})
    client.ok(client.service.received("edoc"))


@dataclass
class Command:
    profile: Path

    def run(self, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "lienthong.roles.cli", "connection", *arguments, "--profile", str(self.profile), "--json"],
            capture_output=True, text=True, check=True, env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def command(town: Town) -> Iterator[Command]:
    folder = town.axis.root / "operator"
    folder.mkdir()
    key = folder / "operator.key.pem"
    key.write_bytes(key_pem(town.axis._operator._private_key))
    key.chmod(0o600)
    (folder / "axis.pub.pem").write_bytes((town.axis.data / "axis.pub.pem").read_bytes())
    profile = folder / "operator.toml"
    profile.write_text(
        f'[connector]\naxis_url = "{town.axis.url}"\naxis_name = "{town.axis.name}"\naxis_key_file = "axis.pub.pem"\n'
        'system_id = "operator"\nagencies = ["000.00.00.H29"]\nkey_file = "operator.key.pem"\nspool_dir = "spool"\n'
    )
    yield Command(profile)


def test_the_operator_s_commands(town: Town, command: Command) -> None:
    town.axis.change_directory(
        [{"type": "agency", "code": "000.00.00.H77", "name": "Tỉnh Mẫu", "level": 1, "status": "active"}]
    )
    time.sleep(1.5)
    made = command.run(
        "add",
        "vxp.saas.03",
        "--name",
        "Phần mềm tỉnh",
        "--branch",
        "000.00.00.H77",
        "--allow",
        "127.0.0.0/8",
        "--status-form",
        "S",
    )
    client = sdk(town.axis, "vxp.saas.03", made["secret"])
    client.ok(client.service.received("edoc"))
    rotated = command.run("rotate", "vxp.saas.03", "--keep", "1h")
    assert rotated["secret"] != made["secret"]
    assert "old_until" in rotated
    assert command.run("set", "vxp.saas.03", "--status-form", "M", "--anywhere")["allow"] == []
    [row] = [each for each in command.run("list")["connections"] if each["system_id"] == "vxp.saas.03"]
    assert [row["status_form"], len(row["secrets"])] == ["M", 2]
    assert command.run("revoke", "vxp.saas.03")["revoked"] is True
    assert code_of(client.fails(client.service.received("edoc"))) == "CREDENTIALS_WRONG"
