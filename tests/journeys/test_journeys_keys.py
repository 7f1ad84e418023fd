"""A system changes its own keys at a running axis: by command, through crashes, against thieves, without the operator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from axis_process import AGENCIES, SOURCE, agency_row, document, new_signer, rows, wait_for
from fixtures_axis import Town
from lienthong.base.errors import Refused
from lienthong.connector.bodies import bytes_body
from lienthong.connector.compose import Attachment
from lienthong.connector.errors import AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.connector.rotation import KeyDesk
from lienthong.connector.unsealing import Unsealer, open_decryptors
from lienthong.directory.model import KeyPurpose
from lienthong.infra.keys import FileSigner, key_pem
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, public_pem
from lienthong.trust.signer import MemorySigner
from lienthong.wire.key_change import (
    PROOF_TYP,
    TYP,
    Action,
    KeyChange,
    KeyProof,
    NewKey,
    decode_key_change,
    encode_key_change,
    encode_key_proof,
)

FIRST, SECOND, THIRD, FOURTH = AGENCIES


class Profile:
    """One agency's profile on disk, and the command run with it."""

    def __init__(self, town: Town, agency: str, folder: Path) -> None:
        self.folder, party = folder, town.parties[agency]
        (folder / "axis.pub.pem").write_bytes(public_pem(town.axis.keys.receipt.public_key))
        self.key_file = folder / "system.key.pem"
        self.key_file.write_bytes(key_pem(party.signer._private_key))
        self.key_file.chmod(0o600)
        self.text = (
            f'[connector]\naxis_url = "{town.axis.url}"\naxis_name = "{town.axis.name}"\naxis_key_file = "axis.pub.pem"\n'
            f'system_id = "{party.system_id}"\nagencies = ["{agency}"]\nkey_file = "system.key.pem"\n'
        )

    def start(self, *arguments: str, kill_at: str | None = None) -> subprocess.CompletedProcess[str]:
        path = self.folder / "profile.toml"
        path.write_text(self.text + (f'kill_at = "{kill_at}"\n' if kill_at else ""), "utf-8")
        return subprocess.run(
            [sys.executable, "-m", "lienthong.roles.cli", "keys", *arguments, "--profile", str(path), "--json"],
            capture_output=True, text=True, timeout=90, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)},
        )  # fmt: skip

    def run(self, *arguments: str) -> dict[str, Any]:
        done = self.start(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return dict(json.loads(done.stdout))

    @property
    def signer(self) -> FileSigner:
        return FileSigner(self.key_file)


def asking(town: Town, signer: Any) -> AxisConnection:
    return AxisConnection(town.axis.url, signer, timeout=20, pauses=())


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(AxisRefused) as caught:
        act()
    assert caught.value.title_vi and caught.value.title_en
    return caught.value.code


def test_a_key_is_changed_by_command_and_no_request_is_refused_meanwhile(town: Town, tmp_path: Path) -> None:
    profile = Profile(town, FIRST, tmp_path)
    old, peer = profile.signer, town.parties[SECOND]
    before = town.parties[FIRST].client.send(document([SECOND]), [Attachment("a.pdf", b"%PDF-1.7 cu")])
    done, troubles, asked = threading.Event(), list[object](), list[str]()

    def keep_asking() -> None:
        while not done.is_set():
            try:
                signer = profile.signer
                asking(town, signer).get_json("/v1/outbox", {"agency": FIRST, "max": "1"})
                asked.append(signer.key_id)
            except (AxisRefused, Refused) as fault:
                troubles.append(fault)
            time.sleep(0.02)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        answer = profile.run("rotate")
        wait_for(lambda: asked[-1] == answer["key_id"], "a request with the new key")
    finally:
        done.set()
        thread.join()
    assert troubles == [] and old.key_id in asked
    assert answer["switched"] and answer["old_key"] == old.key_id
    assert FileSigner(Path(answer["old_file"])).key_id == old.key_id
    assert profile.signer.key_id == answer["key_id"] != old.key_id
    client = town.axis.party(FIRST, profile.signer, tmp_path / "store").client
    after = client.send(document([SECOND]), [Attachment("b.pdf", b"%PDF-1.7 moi")])
    received = {r.lease.envelope.id for r in peer.client.receive(wait=10)}
    assert {before.envelope.id, after.envelope.id} <= received, "both keys' signatures count"
    listed = profile.run("list")
    assert {row["state"] for row in listed["keys"]} == {"counts"} and len(listed["keys"]) == 2
    assert [row["in_use"] for row in listed["keys"] if row["key_id"] == answer["key_id"]] == [True]
    assert profile.run("revoke", old.key_id)["changed"] == 1
    assert profile.run("revoke", old.key_id)["changed"] == 0
    assert refused(lambda: asking(town, old).get_json("/v1/directory/systems")) == "KEY_REVOKED"
    last = profile.start("revoke", answer["key_id"])
    assert last.returncode != 0 and "KEY_CHANGE_REFUSED" in last.stdout + last.stderr
    town.parties[FIRST].signer = profile.signer


def test_the_systems_own_statement_is_kept_as_evidence(town: Town) -> None:
    party = town.parties[THIRD]
    new = new_signer()
    answer = KeyDesk(asking(town, party.signer), town.axis.name, party.system_id).add(new, KeyPurpose.SIGN)
    [(version, system, token)] = rows(
        town.axis.database, "SELECT version, system, token FROM directory_key_change WHERE key_id = %s", new.key_id
    )
    assert (version, system) == (answer["version"], party.system_id)
    keys = {party.signer.key_id: party.signer.public_key, new.key_id: new.public_key}
    outer = jws.verify(bytes(token), keys.get, TYP, DEFAULT_POLICY, datetime.now(UTC))
    stated = decode_key_change(outer.payload)
    assert outer.key_id == party.signer.key_id and stated.new is not None
    assert jws.verify(stated.new.proof, keys.get, PROOF_TYP, DEFAULT_POLICY, datetime.now(UTC)).key_id == new.key_id


@pytest.mark.parametrize("step", ["rotation.prepared", "rotation.kept", "rotation.switched"])
def test_a_crash_at_any_step_leaves_a_key_that_works_and_the_command_goes_on(
    town: Town, tmp_path: Path, step: str
) -> None:
    profile = Profile(town, FIRST, tmp_path)
    died = profile.start("rotate", kill_at=f"{step}:1")
    assert died.returncode == -signal.SIGKILL, died.stderr
    asking(town, profile.signer).get_json("/v1/directory/systems")
    left = FileSigner(tmp_path / "system.key.pem.next").key_id if (tmp_path / "system.key.pem.next").exists() else None
    answer = profile.run("rotate")
    assert left in {None, answer["key_id"]}, "the key that was made is taken, not a second one"
    assert profile.signer.key_id == answer["key_id"]
    assert not (tmp_path / "system.key.pem.next").exists()
    town.parties[FIRST].signer = profile.signer


def statement(town: Town, signer: MemorySigner, system: str, new: MemorySigner, **other: Any) -> bytes:
    """An ``lt-key-change`` with parts that a thief would have to change."""
    at = other.get("at", datetime.now(UTC)).replace(microsecond=0)
    axis, prover = other.get("axis", town.axis.name), other.get("prover", new)
    proof = KeyProof(
        axis,
        other.get("proof_system", system),
        "sign",
        other.get("by", signer.key_id),
        other.get("proof_at", at).replace(microsecond=0),
    )
    der = new.public_key.public_bytes(*_DER)
    held = NewKey("sign", der, None, jws.sign(encode_key_proof(proof), prover, PROOF_TYP))
    return jws.sign(encode_key_change(KeyChange(Action.ADD, axis, system, new.key_id, at, held)), signer, TYP)


from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: E402

_DER = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_what_a_thief_could_send_changes_nothing(town: Town) -> None:
    owner, thief = town.parties[SECOND], town.parties[FOURTH]
    stolen = new_signer()
    later = datetime.now(UTC) - timedelta(minutes=10)

    def post(token: bytes, signer: MemorySigner) -> str:
        connection = asking(town, signer)
        return refused(
            lambda: connection.members("POST", "/v1/directory/keys", body=bytes_body(token, "application/jose"))
        )

    mine, theirs = owner.signer, thief.signer
    cases = {
        "another system's statement in the thief's request": (statement(town, mine, owner.system_id, stolen), theirs, "KEY_CHANGE_REFUSED"),
        "the thief's key for the owner's system": (statement(town, theirs, owner.system_id, stolen), theirs, "KEY_CHANGE_REFUSED"),
        "signed by nobody known": (statement(town, stolen, owner.system_id, stolen), mine, "SIGNER_NOT_KNOWN"),
        "old": (statement(town, mine, owner.system_id, stolen, at=later), mine, "KEY_CHANGE_REFUSED"),
        "old proof": (statement(town, mine, owner.system_id, stolen, proof_at=later), mine, "KEY_CHANGE_REFUSED"),
        "for another axis": (statement(town, mine, owner.system_id, stolen, axis="khac.example"), mine, "KEY_CHANGE_REFUSED"),
        "a key that its sender does not hold": (statement(town, mine, owner.system_id, stolen, prover=new_signer()), mine, "SIGNER_NOT_KNOWN"),
        "a proof for another system": (statement(town, mine, owner.system_id, stolen, proof_system=thief.system_id), mine, "KEY_CHANGE_REFUSED"),
        "a proof beside another key": (statement(town, mine, owner.system_id, stolen, by=theirs.key_id), mine, "KEY_CHANGE_REFUSED"),
        "somebody else's key": (statement(town, mine, owner.system_id, theirs), mine, "DIRECTORY_ROWS_REFUSED"),
        "rubbish": (b"khong.phai.jws", mine, "JWS_MALFORMED"),
    }  # fmt: skip
    before = rows(town.axis.database, "SELECT max(version) FROM directory_change")
    assert {name: post(token, signer) for name, (token, signer, _) in cases.items()} == {
        n: c for n, (_, _, c) in cases.items()
    }
    assert rows(town.axis.database, "SELECT max(version) FROM directory_change") == before


def test_a_stolen_request_cannot_be_sent_again(town: Town) -> None:
    owner, next_key = town.parties[SECOND], new_signer()
    seen: list[httpx.Request] = []
    connection = asking(town, owner.signer)
    connection._http.event_hooks["request"].append(seen.append)
    desk = KeyDesk(connection, town.axis.name, owner.system_id)
    first = desk.add(next_key, KeyPurpose.SIGN)
    assert first["changed"] == 1
    body = statement(town, owner.signer, owner.system_id, next_key)
    connection.members("POST", "/v1/directory/keys", body=bytes_body(body, "application/jose"))
    stolen = seen[-1]
    again = httpx.request(stolen.method, str(stolen.url), headers=stolen.headers, content=body, trust_env=False)
    assert (again.status_code, again.json()["code"]) == (401, "NONCE_REPLAYED")
    KeyDesk(asking(town, next_key), town.axis.name, owner.system_id).revoke(owner.signer.key_id)
    wrapped = asking(town, next_key)
    assert (
        refused(lambda: wrapped.members("POST", "/v1/directory/keys", body=bytes_body(body, "application/jose")))
        == "KEY_REVOKED"
    )
    back = KeyDesk(asking(town, next_key), town.axis.name, owner.system_id)
    assert refused(lambda: back.add(owner.signer, KeyPurpose.SIGN)) == "KEY_CHANGE_REFUSED", "revoked is for ever"
    owner.signer = next_key


def test_an_encryption_key_is_registered_by_command_and_used(town: Town, tmp_path: Path) -> None:
    profile = Profile(town, FOURTH, tmp_path)
    town.axis.change_directory([agency_row(FOURTH, "Cơ quan bốn", capabilities=["cms-encrypt"])])
    first, second = profile.run("rotate", "--purpose", "encrypt"), profile.run("rotate", "--purpose", "encrypt")
    assert first["key_id"] != second["key_id"]
    sender, recipient = town.parties[THIRD], town.parties[FOURTH]
    wait_for(lambda: len(sender.client.book.newest().encryption_keys(FOURTH, datetime.now(UTC))) == 2, "both keys")
    sent = sender.client.send(document([FOURTH]), [Attachment("a.pdf", b"%PDF-1.7 kin")], encrypt="always")
    recipient.client.guard.unsealer = Unsealer(open_decryptors(tmp_path / "encryption-keys", None))
    received = next(r for r in recipient.client.receive(wait=10) if r.lease.envelope.id == sent.envelope.id)
    assert (received.folder / "plain" / "a.pdf").read_bytes() == b"%PDF-1.7 kin"
