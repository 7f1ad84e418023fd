"""The evidence log on a real PostgreSQL: places, crashes, databases put back, timestamps and witnesses."""

import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pymerkle import InmemoryTree

import child_process
from lienthong.base.clock import FixedClock
from lienthong.base.errors import Refused
from lienthong.exchange.service import anchoring, sequencing, witnessing
from lienthong.exchange.service.log_context import LogContext, Peers
from lienthong.exchange.service.log_errors import LOG_FORKED, LOG_ROLLED_BACK, LOG_UNKNOWN
from lienthong.exchange.service.log_files import LogFiles
from lienthong.exchange.service.log_health import log_health
from lienthong.exchange.service.stamping import text_digest
from lienthong.exchange.store import checkpoints
from lienthong.infra import steps
from lienthong.infra.database import connect
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.timestamp_authority import LocalAuthority, RemoteAuthority
from lienthong.infra.timestamp_errors import TSA_AWAY
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.errors import CHECKPOINT_OLD_SIZE, CHECKPOINT_ROLLED_BACK
from lienthong.ledger.merkle import leaf_hash, verify_inclusion
from lienthong.ledger.notes import parse_note, parse_signatures, verified_by
from lienthong.ledger.tiles import TileReader
from lienthong.ledger.witness import Submission

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def conn(database18):
    with connect(database18.dsn, "test") as connection:
        yield connection


@pytest.fixture
def log(tmp_path, database18):
    return make_log(tmp_path, database18.dsn)


def make_log(tmp_path, dsn, name="axis.example", peers=None):
    clock = FixedClock(START)
    keys = NodeKeys.load_or_create(tmp_path / f"keys-{name}", name, START)
    local = LocalAuthority(keys.tsa, keys.tsa_chain, clock)
    axis = SimpleNamespace(name=name, clock=clock, receipt_signer=keys.receipt)

    @contextmanager
    def opened():
        with connect(dsn, "test") as connection:
            yield connection

    return LogContext(
        axis,
        Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()),
        Ed25519PrivateKey.from_private_bytes(sha256(f"witness {name}".encode()).digest()),
        LogFiles(tmp_path / f"log-{name}"),
        local,
        local,
        opened,
        peers or Peers(),
    )


def wait_in_line(conn, first, count):
    """Put entries in the line, with the events that they belong to."""
    for number in range(first, first + count):
        jws = f"event {number}".encode()
        conn.execute("INSERT INTO event VALUES (%s, NULL, NULL, 'Test', %s, %s)", (number, START, jws))
        conn.execute("INSERT INTO leaf_pending VALUES (%s, %s)", (number, sha256(jws).digest()))


def entry(number):
    return sha256(f"event {number}".encode()).digest()


def test_entries_get_places_in_the_order_of_their_events_and_an_independent_tree_agrees(conn, log):
    wait_in_line(conn, 1, 300)
    assert sequencing.sequence(conn, log, at_most=130) == 130
    assert sequencing.sequence_all(conn, log) == 170
    newest = checkpoints.newest(conn)
    oracle = InmemoryTree(algorithm="sha256")
    for number in range(1, 301):
        oracle.append_entry(entry(number))
    assert (newest.size, newest.root) == (300, oracle.get_root())
    assert conn.execute("SELECT bool_and(leaf_index = event_no - 1), count(*) FROM leaf").fetchone() == (True, 300)
    path = TileReader(300, log.files.read).inclusion(257)
    assert verify_inclusion(leaf_hash(entry(258)), 257, 300, path, newest.root)
    assert log.files.published() == newest.whole_note
    assert not (log.files.root / "tile/0/000.p").exists()


@pytest.mark.parametrize("step", ["sequence.tiles_written", "sequence.committed"])
def test_a_kill_around_the_commit_neither_loses_nor_doubles_an_entry(conn, log, database18, step):
    wait_in_line(conn, 1, 300)

    def die():
        steps.arm(step)
        with connect(database18.dsn, "test") as own:
            sequencing.sequence(own, log)

    process, ours = child_process.start(lambda _: die())
    process.join(30)
    assert process.exitcode == -9
    ours.close()
    wait_in_line(conn, 301, 10)
    sequencing.sequence_all(conn, log)
    newest = checkpoints.newest(conn)
    assert newest.size == 310
    assert TileReader(310, log.files.read).root() == newest.root
    assert conn.execute("SELECT count(*) FROM leaf_pending").fetchone() == (0,)
    assert conn.execute("SELECT count(DISTINCT leaf_index) FROM leaf").fetchone() == (310,)


def test_a_database_put_back_is_noticed_and_nothing_is_signed_until_the_cause_is_gone(conn, log):
    wait_in_line(conn, 1, 5)
    sequencing.sequence(conn, log)
    kept = log.files.published()
    conn.execute("TRUNCATE checkpoint, leaf")
    wait_in_line(conn, 10, 2)
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            sequencing.sequence(conn, log)
        assert refusal.value.code is LOG_ROLLED_BACK
    sequencing.clear_alarm(conn)
    with pytest.raises(Refused):
        sequencing.sequence(conn, log)
    assert log.files.published() == kept
    health = log_health(conn, log)
    assert (health.alarm, health.is_healthy) == ("LOG_ROLLED_BACK", False)


def test_changed_tiles_stop_the_log(conn, log):
    wait_in_line(conn, 1, 5)
    sequencing.sequence(conn, log)
    log.files.write({"tile/0/000.p/5": bytes(160)})
    with pytest.raises(Refused) as refusal:
        sequencing.sequence(conn, log)
    assert refusal.value.code is LOG_FORKED


def test_openssl_verifies_the_timestamp_over_the_checkpoint(conn, log, tmp_path):
    wait_in_line(conn, 1, 3)
    sequencing.sequence(conn, log)
    anchoring.anchor(conn, log)
    row = checkpoints.newest(conn)
    digest = text_digest(parse_note(row.note.encode()).text)
    (tmp_path / "token").write_bytes(row.token)
    leaf, root = (each.public_bytes(Encoding.PEM) for each in log.authority.chain)
    (tmp_path / "root").write_bytes(root)
    (tmp_path / "leaf").write_bytes(leaf)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token", "-digest", digest.hex()]
    command += ["-CAfile", tmp_path / "root", "-untrusted", tmp_path / "leaf", "-attime", str(int(START.timestamp()))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert "Verification: OK" in done.stdout + done.stderr
    assert log_health(conn, log).unstamped == 0


def test_an_authority_that_is_away_is_a_visible_debt_asked_again_after_a_pause(conn, log):
    wait_in_line(conn, 1, 3)
    local, log.authority = log.authority, RemoteAuthority("http://127.0.0.1:9/tsa", seconds=2)
    sequencing.sequence(conn, log)
    anchoring.anchor(conn, log)
    log.clock.move(timedelta(seconds=1))
    health = log_health(conn, log)
    assert (health.unstamped, health.unstamped_seconds, health.waiting_for) == (1, 1.0, {"tsa": TSA_AWAY.name})
    log.authority = local
    anchoring.anchor(conn, log)
    assert checkpoints.newest(conn).token is None
    log.clock.move(timedelta(seconds=10))
    anchoring.anchor(conn, log)
    assert checkpoints.newest(conn).token is not None
    assert log_health(conn, log).waiting_for == {}


def test_a_witness_cosigns_what_extends_and_nothing_else(conn, log, tmp_path, database18):
    other = make_log(tmp_path, database18.dsn, "other.example", Peers(logs=(log.note_public,)))

    def body(size, old):
        path = TileReader(size, log.files.read).consistency(old)
        return Submission(old, tuple(path), checkpoints.of_size(conn, size).note.encode()).to_bytes()

    wait_in_line(conn, 1, 5)
    sequencing.sequence(conn, log)
    small = body(5, 0)
    line = witnessing.witness(conn, other, small)
    wait_in_line(conn, 6, 5)
    sequencing.sequence(conn, log)
    with pytest.raises(Refused) as refusal:
        witnessing.witness(conn, other, body(10, 0))
    assert refusal.value.code is CHECKPOINT_OLD_SIZE
    line = witnessing.witness(conn, other, body(10, 5))
    note = parse_note(checkpoints.newest(conn).note.encode()).with_signatures(parse_signatures(line.encode()))
    assert verified_by(note, [CosignatureKey("other.example", other.witness_key.public_key())])
    with pytest.raises(Refused) as refusal:
        witnessing.witness(conn, other, small)
    assert refusal.value.code is CHECKPOINT_ROLLED_BACK
    with pytest.raises(Refused) as refusal:
        witnessing.witness(conn, log, small)
    assert refusal.value.code is LOG_UNKNOWN
