"""Disks that are full, read-only or lie: the axis refuses, says so, and hands out no wrong byte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from axis_process import Installation, attachment, document, rows, wait_for
from faults_invariants import Invariants, stored
from faults_story import check, settle, take_all
from lienthong.connector.errors import AxisRefused
from raw_requests import ask, packet, require_clear


@contextmanager
def _small_disk(at: Path, size: str) -> Iterator[Path]:
    """A disk of its own for the blobs, where the system lets us mount one."""
    at.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextmanager
def _limited_disk(axis: Installation) -> Iterator[None]:
    """Room for about two megabytes: a small disk for root, else a spare_disk that leaves no more."""
    if os.geteuid() == 0:
        with _small_disk(axis.blobs, "2m"):
            yield
        return
    state = os.statvfs(axis.data)
    axis.settings["spare_disk"] = f"{state.f_bavail * state.f_frsize - 2 * 2**20} B"
    yield


def test_a_full_disk_refuses_documents_in_passing_and_takes_them_when_there_is_room(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    with _limited_disk(axis):
        axis.start("axis")
        axis.start("worker")
        sender.client.send(document([second.agency]), [attachment(size=100_000)])
        before = stored(axis)
        big = packet(sender, [second.agency], attachments=[attachment(size=6 * 2**20)])
        problem = require_clear(big.post(axis), "STORAGE_FULL")
        assert problem["retry"] == "transient"
        wait_for(lambda: stored(axis) == before, "nothing is left of it", 5)
        # What is there is still given out, and small documents are still taken.
        take_all(second, 1)
        sender.client.send(document([second.agency]), [attachment(size=10_000)])
        settle(axis, parties)
        check(axis, parties)
        axis.stop()


def test_a_disk_that_fills_up_in_the_middle_of_a_body_leaves_nothing(axis: Installation) -> None:
    if os.geteuid() != 0:
        # Without a disk of our own the announced size is what counts, which the test before shows.
        return
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    with _small_disk(axis.blobs, "3m"):
        axis.start("axis")
        before = stored(axis)
        filler = axis.blobs / "filler"
        made = packet(sender, [second.agency], attachments=[attachment(size=2 * 2**20)])
        filler.write_bytes(b"x" * (1 * 2**20))
        real_free = os.statvfs(axis.blobs).f_bavail * os.statvfs(axis.blobs).f_frsize
        assert real_free > 2 * 2**20 - 4096 * 8
        filler.write_bytes(b"x" * (2 * 2**20))
        require_clear(made.post(axis), "STORAGE_FULL")
        filler.unlink()
        wait_for(lambda: stored(axis) == before, "nothing is left of it", 5)
        assert made.post(axis).status == 201
        Invariants(axis, parties.values()).hold()
        axis.stop()


def test_a_read_only_disk_refuses_documents_and_still_gives_out_what_it_holds(axis: Installation) -> None:
    if os.geteuid() != 0:
        return
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    with _small_disk(axis.blobs, "8m"):
        axis.start("axis")
        axis.start("worker")
        sender.client.send(document([second.agency]), [attachment()])
        subprocess.run(["mount", "-o", "remount,ro", str(axis.blobs)], check=True)
        before = stored(axis)
        made = packet(sender, [second.agency])
        problem = require_clear(made.post(axis), "STORAGE_AWAY")
        assert problem["retry"] == "transient"
        assert stored(axis) == before
        take_all(second, 1)
        subprocess.run(["mount", "-o", "remount,rw", str(axis.blobs)], check=True)
        assert made.post(axis).status == 201
        Invariants(axis, parties.values()).hold()
        axis.stop()


def test_one_wrong_bit_is_never_handed_over(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, third, _ = parties.values()
    axis.start("axis")
    axis.start("worker")
    hurt = sender.client.send(document([second.agency]), [attachment("hỏng.pdf", 3 * 2**20)])
    fine = sender.client.send(document([second.agency, third.agency]), [attachment()])
    digest = hurt.envelope.parts[1].sha256.hex()
    blob = Invariants(axis, []).blob(digest)
    _flip(blob)
    leases = {lease.envelope.id: lease for lease in second.client.lease(10)}
    lease = leases[hurt.envelope.id]
    answer = ask_for(axis, second, lease)
    assert answer != blob.read_bytes()
    assert len(answer) < blob.stat().st_size, "wrong bytes arrived whole"
    # Others are not held up: the same recipient's next document and everybody else's.
    second.client.take(second.client.inbox.store(second.client.connection, leases[fine.envelope.id]))
    take_all(third, 1)
    state = wait_for(
        lambda: rows(axis.database, "SELECT reason FROM delivery WHERE state = 'quarantined'"),
        "the damage is put aside",
        15,
    )
    assert state[0][0] == "BLOB_CORRUPT"
    figures = ask(axis, sender.signer, "GET", "/metrics").body.decode()
    assert "corrupt" in figures.lower()
    # The operator puts the file back from a copy and sends the delivery on.
    blob.write_bytes(sender.client.spool.get(str(hurt.envelope.id)).part(1).read_bytes())
    number = rows(axis.database, "SELECT delivery_no FROM delivery WHERE state = 'quarantined'")[0][0]
    assert ask(axis, axis.operator.signer, "POST", f"/v1/operator/quarantine/{number}/requeue", b"{}").status == 200
    settle(axis, parties)
    check(axis, parties)


def ask_for(axis: Installation, party: object, lease: object) -> bytes:
    """Whatever arrives of part 1 before the axis breaks off."""
    import httpx

    target = f"/v1/deliveries/{lease.delivery}/parts/1"
    got = b""
    try:
        with party.client.connection.stream(target, {"fence": str(lease.fence)}) as response:
            for piece in response.iter_bytes():
                got += piece
    except (AxisRefused, httpx.HTTPError):
        return got
    except Exception as error:
        if "AXIS_UNREACHABLE" not in repr(error) and "unreachable" not in str(error).lower():
            raise
    return got


def _flip(blob: Path) -> None:
    blob.chmod(0o600)
    with blob.open("r+b") as file:
        file.seek(2**20)
        byte = file.read(1)
        file.seek(2**20)
        file.write(bytes([byte[0] ^ 1]))


def test_a_missing_file_is_reported_and_hurts_nobody_else(axis: Installation) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    hurt = sender.client.send(document([second.agency]), [attachment()])
    Invariants(axis, []).blob(hurt.envelope.parts[1].sha256.hex()).unlink()
    sender.client.send(document([second.agency]), [attachment()])
    leases = second.client.lease(10)
    assert len(leases) == 2
    lease = next(x for x in leases if x.envelope.id == hurt.envelope.id)
    answer = ask(axis, second.signer, "GET", f"/v1/deliveries/{lease.delivery}/parts/1?fence={lease.fence}")
    require_clear(answer, "BLOB_CORRUPT", "BLOB_MISSING")
    other = next(x for x in leases if x is not lease)
    second.client.take(second.client.inbox.store(second.client.connection, other))
    # The sender has the bytes; sending the same document again brings them back.
    assert packet_again(sender, hurt).status == 200


def packet_again(sender: object, sent: object) -> object:
    from lienthong.connector.bodies import packet_body

    spooled = sender.client.spool.get(str(sent.envelope.id))
    body = packet_body(spooled.token, list(enumerate(spooled.envelope.parts)), spooled.part)
    response = sender.client.connection.request("POST", "/v1/envelopes", body=body)
    return type("Again", (), {"status": response.status_code})


@pytest.mark.parametrize("damage", ["truncated", "grown", "emptied"])
def test_a_file_of_another_length_is_noticed_before_its_first_byte(axis: Installation, damage: str) -> None:
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis")
    sent = sender.client.send(document([second.agency]), [attachment(size=50_000)])
    blob = Invariants(axis, []).blob(sent.envelope.parts[1].sha256.hex())
    whole = blob.read_bytes()
    blob.write_bytes({"truncated": whole[:-1], "grown": whole + b"x", "emptied": b""}[damage])
    lease = second.client.lease(1)[0]
    answer = ask(axis, second.signer, "GET", f"/v1/deliveries/{lease.delivery}/parts/1?fence={lease.fence}")
    require_clear(answer, "BLOB_CORRUPT")
