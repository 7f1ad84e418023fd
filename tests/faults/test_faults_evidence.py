"""Time-stamping that is away, slow or lies; and a restored backup that a witness notices."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from axis_process import Installation, Party, attachment, document, free_port, installation, rows, wait_for
from faults_invariants import Invariants, posted_again
from faults_story import check, settle, take_all
from fixtures_pg import Database
from lienthong.connector.client import Sent
from lienthong.infra.postgres.backup import dump, restore
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.roles.cli_verify import check as check_proof
from lienthong.roles.cli_verify import read_anchors
from raw_requests import send


@contextmanager
def _authority(answer: str) -> Iterator[str]:
    """An authority that behaves badly in one way; its address."""

    class Bad(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = {
                "garbage": b"\x30\x03\x02\x01\x00garbage",
                "html": b"<html>",
                "empty": b"",
                "endless": b"\x30" * 2**20,
            }.get(answer, b"")
            if answer == "slow":
                time.sleep(20)
            self.send_response(500 if answer == "fault" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            for _ in range(50 if answer == "endless" else 1):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("answer", ["garbage", "html", "empty", "endless", "fault", "slow"])
def test_a_time_stamper_that_fails_is_a_visible_debt_and_never_a_lost_document(axis: Installation, answer: str) -> None:
    with _authority(answer) as url:
        _work_with_a_bad_authority(axis, url)


def test_a_time_stamper_that_is_away_is_a_visible_debt_which_is_paid_when_it_is_back(axis: Installation) -> None:
    parties = _work_with_a_bad_authority(axis, f"http://127.0.0.1:{free_port()}/tsa")
    axis.settings.pop("tsa_url")
    axis.start("axis")
    axis.start("worker")
    wait_for(
        lambda: rows(axis.database, "SELECT token IS NOT NULL FROM checkpoint ORDER BY size DESC LIMIT 1") == [(True,)],
        "the newest checkpoint has its timestamp", 30,
    )  # fmt: skip
    settle(axis, parties)
    check(axis, parties)


def _work_with_a_bad_authority(axis: Installation, url: str) -> dict:
    parties = axis.bootstrap()
    axis.settings["tsa_url"] = url
    axis.start("axis")
    axis.start("worker")
    sender, second, *_ = parties.values()
    began = time.monotonic()
    sender.client.send(document([second.agency]), [attachment()])
    take_all(second, 1)
    assert time.monotonic() - began < 5, "documents wait for a timestamp"
    settle(axis, parties, 20)
    wait_for(
        lambda: rows(axis.database, "SELECT 1 FROM checkpoint WHERE token IS NULL"), "a checkpoint without token", 10
    )
    health = wait_for(lambda: (h := _log_health(axis))["unstamped"] and h, "the debt is seen", 15)
    assert health["unstamped"] >= 1
    assert health["alarm"] is None
    check(axis, parties)
    axis.stop()
    return parties


def _log_health(axis: Installation) -> dict:
    found = json.loads(send(axis, "GET", "/health", {}).body)
    return dict(found.get("log", found))


def test_a_restore_of_yesterdays_backup_is_noticed_by_a_witness_and_signs_no_second_history(
    database18: Database, tmp_path: Path
) -> None:
    cluster = database18.cluster
    other_dsn = cluster.create_database(f"witness_{tmp_path.name[-6:]}_{free_port()}", template="template_axis")
    restored_dsn = cluster.create_database(f"restored_{free_port()}")
    with installation(other_dsn, name="witness.test.example") as witness, installation(database18.dsn) as axis:
        log_key = Ed25519NoteKey(axis.name, axis.keys.note.public_key).to_text()
        witness.settings["witnesses"] = [log_key]
        axis.settings["witnesses"] = [f"{json.loads(_published(witness).read_bytes())['witness']} {witness.url}/log"]
        parties = axis.bootstrap()
        sender, second, *_ = parties.values()
        for role in ("axis", "worker"):
            axis.start(role)
        first_sent = sender.client.send(document([second.agency]), [attachment()])
        take_all(second, 1)
        settle(axis, parties)
        _wait_cosigned(axis)
        _is_witnessed(sender, first_sent, axis, witness, tmp_path / "proof.asice")
        backup = tmp_path / "yesterday.dump"
        dump(cluster.binaries, database18.dsn, backup)
        later = [sender.client.send(document([second.agency]), [attachment()]) for _ in range(3)]
        take_all(second, 3)
        settle(axis, parties)
        _wait_cosigned(axis)
        grown = Invariants(axis, parties.values()).checkpoints[-1]["size"]
        axis.stop()
        # The disk is lost; the operator restores the database, and the log's files are from the same day.
        restore(cluster.binaries, restored_dsn, backup)
        axis.dsn = restored_dsn
        (axis.data / "log" / "checkpoint").unlink(missing_ok=True)
        axis.start("axis")
        axis.start("worker")
        # Senders still hold receipts that the axis has forgotten: they send again what they have, the axis accepts it,
        # but it cannot hide what happened.
        sender.client.send(document([second.agency]), [attachment()])
        health = wait_for(lambda: (h := _log_health(axis))["alarm"] and h, "the witness is heard", 40)
        assert health["alarm"] in {"LOG_ROLLED_BACK", "LOG_FORKED"}
        cosigned = rows(restored_dsn, "SELECT max(size) FROM checkpoint WHERE cosignatures <> ''")[0][0]
        assert cosigned < grown
        known = rows(other_dsn, "SELECT size FROM witnessed WHERE origin = %s", axis.name)
        assert known == [(grown,)], "the witness cosigned a second history"
        assert len(later) == 3
        # A receipt of before the backup is the same after it.
        held = {bytes(r[0]) for r in rows(restored_dsn, "SELECT receipt FROM envelope")}
        first = [s for s in sender.client.spool.all() if s.receipt in held]
        assert first
        axis.stop()
        witness.stop()
    cluster.drop_database(restored_dsn.split("dbname=")[1].split()[0])
    cluster.drop_database(other_dsn.split("dbname=")[1].split()[0])


def _published(witness: Installation) -> Path:
    """What a witness that runs publishes for other axes and for verifiers."""
    witness.bootstrap()
    for role in ("axis", "worker"):
        witness.start(role)
    return witness.data / "axis-keys.json"


def _is_witnessed(sender: Party, sent: Sent, axis: Installation, witness: Installation, file: Path) -> None:
    """The proof reaches its highest level for who has the witness's keys; the axis is not its own witness."""
    own, other = axis.data / "axis-keys.json", witness.data / "axis-keys.json"

    def level(witnesses: list[Path]) -> str:
        sender.client.proof(sender.agency, file, envelope_id=str(sent.envelope.id))
        found = check_proof(file, read_anchors([own], witnesses=witnesses)).level
        return "" if found is None else found.value

    wait_for(lambda: level([other]) == "witnessed", "the proof is witnessed", 40)
    assert level([]) == level([own]) == "time-stamped"


def _wait_cosigned(axis: Installation) -> None:
    wait_for(
        lambda: rows(axis.database, "SELECT cosignatures <> '' FROM checkpoint ORDER BY size DESC LIMIT 1") == [(True,)],
        "the newest checkpoint is cosigned", 40,
    )  # fmt: skip


def test_receipts_survive_a_restore_of_everything(database18: Database, tmp_path: Path) -> None:
    """A complete backup (database and files of the same moment) gives the same receipts again."""
    cluster = database18.cluster
    name = f"restored_{free_port()}"
    with installation(database18.dsn) as axis:
        parties = axis.bootstrap()
        sender, second, *_ = parties.values()
        axis.start("axis")
        axis.start("worker")
        for _ in range(3):
            sender.client.send(document([second.agency]), [attachment()])
        take_all(second, 2)
        axis.stop()
        backup = tmp_path / "whole.dump"
        dump(cluster.binaries, database18.dsn, backup)
        axis.dsn = cluster.create_database(name)
        restore(cluster.binaries, axis.dsn, backup)
        axis.start("axis")
        axis.start("worker")
        assert posted_again(parties.values()) == 3
        settle(axis, parties)
        check(axis, parties)
        axis.stop()
    cluster.drop_database(name)
