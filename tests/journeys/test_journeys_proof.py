"""The command line against a real axis: an agency's day, and proof files of every kind of story."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from axis_process import Party, attachment, document, rows, wait_for
from fixtures_axis import Town
from lienthong.roles.cli import app
from lienthong.trust.keys import public_pem
from lienthong.trust.signer import MemorySigner


@dataclass
class Desk:
    """One agency's command line."""

    party: Party
    profile: Path
    trust: Path

    def run(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        given = [*map(str, arguments), "--json"]
        if arguments[0] != "verify":
            given += ["--profile", str(self.profile)]
        result = CliRunner().invoke(app, given)
        assert result.exit_code == code, (given, result.output, result.exception)
        return dict(json.loads(result.stdout))

    def receive(self, count: int = 1) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        wait_for(lambda: got.extend(self.run("receive")["received"]) or len(got) >= count, "it arrives", 15)
        return got


@pytest.fixture(scope="module")
def desks(town: Town, tmp_path_factory: pytest.TempPathFactory) -> list[Desk]:
    made = []
    for party in town:
        profile = write_profile(town, tmp_path_factory.mktemp("desk"), party.system_id, party.agency, party.signer)
        made.append(Desk(party, profile, town.axis.data / "axis-keys.json"))
    return made


def write_profile(town: Town, folder: Path, system: str, agency: str, signer: MemorySigner) -> Path:
    secret = folder / "key.pem"
    secret.write_bytes(signer._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    secret.chmod(0o600)
    (folder / "axis.pem").write_bytes(public_pem(town.axis.keys.receipt.public_key))
    profile = folder / "connector.toml"
    profile.write_text(
        f'[connector]\naxis_url = "{town.axis.url}"\naxis_name = "{town.axis.name}"\naxis_key_file = "{folder}/axis.pem"\n'
        f'system_id = "{system}"\nagencies = ["{agency}"]\nkey_file = "{secret}"\nspool_dir = "{folder}/spool"\n'
    )
    return profile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Công văn số 1.pdf"
    path.write_bytes(bytes(attachment().content))  # type: ignore[arg-type]
    return path


def logged(town: Town) -> None:
    """Until every event is under a checkpoint."""
    wait_for(
        lambda: rows(town.axis.database, "SELECT count(*) FROM leaf_pending") == [(0,)], "the log has everything", 15
    )


def number(of: Path) -> str:
    return f"{abs(hash(of)) % 10**8}/QĐ-TN"


def test_an_agencys_day_on_the_command_line(town: Town, desks: list[Desk], file: Path) -> None:
    first, second = desks[:2]
    sent = first.run("send", "--to", second.party.agency, "--file", file, "--number", number(file), "--urgency", "2")
    (got,) = second.receive()
    assert Path(got["files"][1]).read_bytes() == file.read_bytes()
    assert got["document_id"] == sent["document_id"]
    for code in ("01", "03", "06"):
        second.run("status", sent["document_id"], "--code", code)
    first.receive(3)
    told = first.run("trace", sent["document_id"])
    assert [row["code"] for row in told["statuses"]] == ["01", "03", "06"]
    assert second.run("inbox")["received"][-1]["document_id"] == sent["document_id"]
    assert first.run("outbox")["envelopes"]
    recalled = first.run("recall", sent["document_id"], "--reason", "gửi nhầm")
    (asked,) = second.receive()
    assert asked["id"] == recalled["id"]
    second.run("status", sent["document_id"], "--code", "15", "--note", "đồng ý")
    first.receive()
    assert first.run("trace", sent["id"])["recipients"][0]["state"] == "recalled"


def test_a_verb_for_a_document_nobody_knows_ends_with_one_and_says_so(desks: list[Desk]) -> None:
    for arguments in (
        ["trace", "KHONG-CO"],
        ["proof", "KHONG-CO", "--out", "/tmp/none.asice"],
        ["status", "KHONG-CO", "--code", "01"],
    ):
        error = desks[0].run(*arguments, code=1)["error"]
        assert error["title_vi"]
        assert error["advice_vi"]
    assert not Path("/tmp/none.asice").exists()


def test_an_operator_empties_the_quarantine_from_another_machine(
    town: Town, desks: list[Desk], file: Path, tmp_path: Path
) -> None:
    first, second = desks[:2]
    operator = Desk(first.party, write_profile(town, tmp_path, "operator", "VH", town.axis._operator), first.trust)
    sent = first.run("send", "--to", second.party.agency, "--file", file, "--number", number(file))
    with psycopg.connect(town.axis.database) as connection:
        # As if it had failed often before, so that the story is short.
        connection.execute("UPDATE delivery SET attempts = 11 WHERE state = 'available'")
    (lease,) = wait_for(second.party.client.lease, "it is offered", 10)
    second.party.client.fail(lease, "DISK_FULL", "đĩa đầy")
    (row,) = operator.run("operator", "quarantine")["deliveries"]
    assert (row["document_id"], row["agency"]) == (sent["document_id"], second.party.agency)
    shown = CliRunner().invoke(app, ["operator", "quarantine", "--profile", str(operator.profile)])
    assert sent["document_id"] in shown.output
    assert "lienthong operator requeue" in shown.output
    assert first.run("operator", "requeue", str(row["delivery"]), code=1)["error"]["code"] == "OPERATOR_ONLY"
    (done,) = operator.run("operator", "requeue", str(row["delivery"]))["requeued"]
    assert done["result"] == "available"
    assert operator.run("operator", "quarantine")["deliveries"] == []
    again = operator.run("operator", "requeue", str(row["delivery"]), code=1)["error"]
    assert again["code"] == "NOT_IN_QUARANTINE"
    (got,) = second.receive()
    assert got["document_id"] == sent["document_id"]
    wait_for(
        lambda: rows(town.axis.database, "SELECT 1 FROM axis_fact WHERE name = 'conservation'"), "it is counted", 70
    )
    found = operator.run("operator", "conservation")
    assert found["accepted"] == sum(found[n] for n in ("delivered", "pending", "refused", "expired", "recalled"))


def test_a_recipient_that_is_not_in_the_directory_is_named(desks: list[Desk], file: Path) -> None:
    error = desks[0].run("send", "--to", f"{desks[1].party.agency},000.00.00.Z99", "--file", file, code=1)["error"]
    assert error["code"] == "RECIPIENTS_REFUSED"
    assert "Z99" in json.dumps(error)
    assert desks[0].run("resume") == {"sent": []}


def _delivered(desks: list[Desk], file: Path) -> str:
    first, second = desks[:2]
    sent = first.run("send", "--to", second.party.agency, "--file", file, "--number", number(file))
    second.receive()
    second.run("status", sent["document_id"], "--code", "01")
    first.receive()
    return str(sent["id"])


def _to_several(desks: list[Desk], file: Path) -> str:
    to = ",".join(d.party.agency for d in desks[1:])
    sent = desks[0].run("send", "--to", to, "--file", file, "--number", number(file))
    for desk in desks[1:]:
        desk.receive()
    return str(sent["id"])


def _on_its_way(desks: list[Desk], file: Path) -> str:
    return str(desks[0].run("send", "--to", desks[3].party.agency, "--file", file, "--number", number(file))["id"])


def _refused(desks: list[Desk], file: Path) -> str:
    first, _, third = desks[:3]
    sent = first.run("send", "--to", third.party.agency, "--file", file, "--number", number(file))
    got = wait_for(lambda: list(third.party.client.receive()), "it is offered", 15)
    third.party.client.refuse(got[0], "WRONG", "không thuộc thẩm quyền")
    return str(sent["id"])


def _recalled(desks: list[Desk], file: Path) -> str:
    first, second = desks[:2]
    sent = first.run("send", "--to", second.party.agency, "--file", file, "--number", number(file))
    first.run("recall", sent["document_id"], "--reason", "gửi nhầm")
    second.receive()
    return str(sent["id"])


@pytest.mark.parametrize("content", [True, False], ids=["with content", "without content"])
@pytest.mark.parametrize(
    "tell", [_delivered, _to_several, _on_its_way, _refused, _recalled], ids=lambda f: f.__name__[1:]
)
def test_every_story_has_a_proof_that_passes_offline_and_fails_when_touched(
    town: Town, desks: list[Desk], file: Path, tmp_path: Path, tell: Callable[[list[Desk], Path], str], content: bool
) -> None:
    envelope = tell(desks, file)
    logged(town)
    proof = tmp_path / "proof.asice"
    desks[0].run("proof", envelope, "--out", proof, "--content" if content else "--no-content")
    (report,) = desks[0].run("verify", proof, "--trust", desks[0].trust)["files"]
    assert report["verdict"] == "PASSED", report["checks"]
    assert report["level"] in {"logged", "time-stamped", "witnessed"}
    assert desks[0].run("verify", proof, code=1)["files"][0]["verdict"] == "INDETERMINATE"
    _every_entry_matters(desks[0], proof, tmp_path)


def _every_entry_matters(desk: Desk, proof: Path, tmp_path: Path) -> None:
    """One changed bit anywhere in the content of any entry is noticed."""
    data = proof.read_bytes()
    with zipfile.ZipFile(proof) as opened:
        places = [(i.filename, i.header_offset + 30 + len(i.filename.encode()), i.file_size) for i in opened.infolist()]
    changed = tmp_path / "changed.asice"
    for name, start, size in places:
        broken = bytearray(data)
        broken[start + size // 2] ^= 1
        changed.write_bytes(broken)
        (report,) = desk.run("verify", changed, "--trust", desk.trust, code=1)["files"]
        assert report["verdict"] == "FAILED", name
    for cut in (0, 1, len(data) // 2, len(data) - 1):
        changed.write_bytes(data[:cut])
        assert desk.run("verify", changed, "--trust", desk.trust, code=1)["files"][0]["verdict"] == "FAILED"


def test_a_recipient_gets_a_proof_of_its_own_part_only(
    town: Town, desks: list[Desk], file: Path, tmp_path: Path
) -> None:
    envelope = _to_several(desks, file)
    logged(town)
    own, whole = tmp_path / "own.asice", tmp_path / "whole.asice"
    sender = desks[0].party.agency
    desks[1].run("proof", envelope, "--from", sender, "--out", own)
    desks[0].run("proof", envelope, "--out", whole)
    assert desks[1].run("verify", own, "--trust", desks[1].trust)["files"][0]["verdict"] == "PASSED"
    counts = [len([n for n in zipfile.ZipFile(p).namelist() if n.startswith("events/")]) for p in (own, whole)]
    assert counts[0] < counts[1]
    stranger = desks[0].run("send", "--to", desks[1].party.agency, "--file", file, "--number", number(file) + "-2")
    assert desks[2].run("proof", str(stranger["id"]), "--from", sender, "--out", own, code=1)["error"]["code"]
    desks[1].receive()


def test_the_proof_of_another_axis_is_not_trusted(town: Town, desks: list[Desk], file: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from lienthong.infra.node_keys import NodeKeys

    envelope = _delivered(desks, file)
    logged(town)
    proof = tmp_path / "p.asice"
    desks[0].run("proof", envelope, "--out", proof)
    other = NodeKeys.load_or_create(tmp_path / "keys", town.axis.name, datetime.now(UTC))
    keys = json.loads(desks[0].trust.read_bytes()) | {"receipt": public_pem(other.receipt.public_key).decode()}
    (tmp_path / "other.json").write_text(json.dumps(keys))
    (report,) = desks[0].run("verify", proof, "--trust", tmp_path / "other.json", code=1)["files"]
    assert report["verdict"] != "PASSED"


def test_documents_of_one_thread_sent_without_waiting_arrive_in_order(desks: list[Desk]) -> None:
    first, second = desks[0].party, desks[1].party
    sent = first.client.send(document([second.agency]), [attachment()])
    (received,) = wait_for(lambda: list(second.client.receive()), "it is offered", 15)
    second.client.take(received)
    for code in (1, 3, 4, 5, 6):
        second.client.report_status(received, code)
    codes = []
    while len(codes) < 5:
        for status in first.client.receive(50):
            first.client.take(status)
            codes.append(status.packet.status_code)  # type: ignore[union-attr]
    assert codes == [1, 3, 4, 5, 6]
    assert sent.receipt
