"""The blob store: whole files only, verified reading, one copy, no leftovers, honest refusals."""

import errno
import hashlib
import multiprocessing
import os
import signal
import stat
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused, Retry
from lienthong.base.ids import Sha256
from lienthong.infra import blob_files, blobs, steps
from lienthong.infra.blobs import BlobStore
from lienthong.infra.resumable import Uploads


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "blobs")


def sha(data: bytes) -> Sha256:
    return Sha256(hashlib.sha256(data).digest())


def leftovers(store: BlobStore) -> list[Path]:
    return [*(store.root / "tmp").iterdir(), *(store.root / "partial").iterdir()]


def all_blobs(store: BlobStore) -> list[Path]:
    return [p for p in (store.root / "sha256").rglob("*") if p.is_file()]


def test_a_group_of_uploads_is_stored_under_their_digests(store):
    uploads = []
    for n in range(16):
        upload = store.begin()
        upload.write(b"part one ")
        upload.write(memoryview(str(n).encode()))
        uploads.append(upload)
    stored = store.finish_many(uploads)
    for n, blob in enumerate(stored):
        data = b"part one " + str(n).encode()
        assert (blob.sha256, blob.size, blob.existed) == (sha(data), len(data), False)
        assert b"".join(store.read_verified(blob.sha256)) == data
        assert store.path(blob.sha256).name == blob.sha256.hex()
    assert leftovers(store) == []


def test_files_and_directories_are_the_owners_alone(store):
    blob = store.put(b"x")
    assert stat.S_IMODE(store.path(blob.sha256).stat().st_mode) == 0o600
    for folder in [store.root, *[p for p in store.root.rglob("*") if p.is_dir()]]:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_bytes_are_stored_once_and_the_first_copy_stays(store):
    first = store.put(b"same")
    inode = store.path(first.sha256).stat().st_ino
    again = store.put(b"same")
    assert (first.existed, again.existed) == (False, True)
    assert store.path(first.sha256).stat().st_ino == inode
    assert leftovers(store) == []


def test_the_same_bytes_twice_in_one_group_are_stored_once(store):
    uploads = [store.begin(), store.begin()]
    for upload in uploads:
        upload.write(b"twin")
    assert [b.existed for b in store.finish_many(uploads)] == [False, True]
    assert len(all_blobs(store)) == 1


def test_a_damaged_copy_is_replaced_when_the_same_bytes_come_again(store):
    blob = store.put(b"good")
    store.path(blob.sha256).write_bytes(b"baad")
    assert store.put(b"good").existed is False
    assert store.verify(blob.sha256) == 4


@pytest.mark.parametrize("size", [1, 5, 10, 11, 35])
def test_a_flipped_bit_stops_reading_before_the_last_chunk(store, size):
    blob = store.put(os.urandom(size))
    path = store.path(blob.sha256)
    damaged = bytearray(path.read_bytes())
    damaged[size // 2] ^= 1
    path.write_bytes(damaged)
    given_out = b""
    with pytest.raises(Refused) as caught:
        for chunk in store.read_verified(blob.sha256, chunk=10):
            given_out += chunk
    assert caught.value.code.name == "BLOB_CORRUPT"
    assert len(given_out) < size
    assert len(given_out) <= (size - 1) // 10 * 10


def test_a_shortened_or_lengthened_file_is_corrupt(store):
    blob = store.put(b"0123456789")
    for wrong in (b"", b"012345678", b"0123456789x"):
        store.path(blob.sha256).write_bytes(wrong)
        with pytest.raises(Refused, match="BLOB_CORRUPT"):
            store.verify(blob.sha256)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=64), offset=st.integers(0, 70), chunk=st.integers(1, 20))
def test_reading_from_any_offset_gives_exactly_the_rest(tmp_path_factory, data, offset, chunk):
    store = BlobStore(tmp_path_factory.getbasetemp() / "shared")
    blob = store.put(data)
    assert b"".join(store.read_verified(blob.sha256, offset, chunk)) == data[offset:]
    with store.open(blob.sha256, offset) as file:
        assert file.read() == data[offset:]


def test_what_is_not_there_is_missing_and_says_so(store):
    unknown = sha(b"never")
    assert store.size(unknown) is None
    with pytest.raises(Refused, match="BLOB_MISSING"):
        store.open(unknown)
    with pytest.raises(Refused, match="BLOB_MISSING"):
        list(store.read_verified(unknown))


def test_an_abandoned_or_too_large_upload_leaves_nothing(store):
    with store.begin() as upload:
        upload.write(b"half")
    upload = store.begin(limit=10)
    upload.write(b"0123456789")
    with pytest.raises(Refused, match="BLOB_TOO_LARGE"):
        upload.write(b"x")
    assert leftovers(store) == []
    assert all_blobs(store) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "STORAGE_FULL"), (errno.EDQUOT, "STORAGE_FULL"), (errno.EIO, "STORAGE_AWAY")],
)
@pytest.mark.parametrize("call", ["write", "fdatasync", "rename"])
def test_a_failing_disk_is_a_transient_refusal_without_leftovers(store, monkeypatch, number, code, call):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(Refused) as caught:
        store.put(b"data")
    assert caught.value.code.name == code
    assert caught.value.code.retry is Retry.TRANSIENT
    monkeypatch.undo()
    assert leftovers(store) == []
    assert store.put(b"data").existed is False


def test_a_really_full_disk_is_refused_without_leftovers(tmp_path):
    """A file size limit of the process stands in for a small disk: the kernel refuses the write itself."""
    child = multiprocessing.get_context("fork").Process(target=_fill, args=(tmp_path,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert leftovers(BlobStore(tmp_path)) == []


def _fill(root: Path) -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    store = BlobStore(root)
    upload = store.begin()
    try:
        upload.write(bytes(200_000))
        store.finish_many([upload])
    except Refused as refused:
        os._exit(0 if refused.code.name == "STORAGE_FULL" else 2)
    os._exit(3)


def test_a_missing_directory_makes_the_store_away_not_broken(store):
    (store.root / "tmp").rmdir()
    with pytest.raises(Refused, match="STORAGE_AWAY"):
        store.put(b"small")
    with store.begin() as upload, pytest.raises(Refused, match="STORAGE_AWAY"):
        upload.write(bytes(blobs.SMALL + 1))


def test_short_writes_of_the_system_are_continued(store, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:3]))
    blob = store.put(b"0123456789")
    monkeypatch.undo()
    assert store.verify(blob.sha256) == 10


def test_every_directory_that_gained_a_name_is_synced_once(store, monkeypatch):
    synced: list[str] = []
    real = blobs.sync_directory
    monkeypatch.setattr(blobs, "sync_directory", lambda path: (synced.append(str(path)), real(path)))
    blob = store.put(b"sync me")
    parent = store.path(blob.sha256).parent
    assert sorted(synced) == sorted(map(str, [parent, parent.parent]))
    synced.clear()
    store.put(b"sync me")
    assert synced == [str(parent)]


def test_many_processes_may_store_the_same_and_different_bytes_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_store_many, args=(tmp_path / "new", n)) for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [c.exitcode for c in children] == [0] * 4
    store = BlobStore(tmp_path / "new")
    assert len(all_blobs(store)) == 40 + 4
    for path in all_blobs(store):
        store.verify(bytes.fromhex(path.name))
    assert leftovers(store) == []


def _store_many(root: Path, number: int) -> None:
    store = BlobStore(root)
    for n in range(40):
        store.put(f"shared {n}".encode())
    store.put(f"own {number}".encode())
    os._exit(0)


@pytest.mark.parametrize("step", ["blobs.synced", "blobs.renamed"])
def test_a_kill_at_any_step_leaves_whole_blobs_only(tmp_path, step):
    child = multiprocessing.get_context("fork").Process(target=_die_at, args=(tmp_path, step))
    child.start()
    child.join(20)
    assert child.exitcode == -signal.SIGKILL
    store = BlobStore(tmp_path)
    for path in all_blobs(store):
        store.verify(bytes.fromhex(path.name))
    later = datetime.now(UTC) + timedelta(hours=2)
    store.remove_temporary(later, timedelta(hours=1))
    assert leftovers(store) == []
    assert store.put(b"dying").existed is (step == "blobs.renamed")


def _die_at(root: Path, step: str) -> None:
    steps.arm(step)
    BlobStore(root).put(b"dying")


def test_the_sweep_keeps_referenced_young_and_reused_blobs(store):
    kept, young, reused, orphan = (store.put(x).sha256 for x in (b"kept", b"young", b"reused", b"orphan"))
    now = datetime.now(UTC)
    old = (now - timedelta(days=3)).timestamp()
    for digest in (kept, reused, orphan):
        os.utime(store.path(digest), (old, old))
    store.put(b"reused")
    assert store.remove_unreferenced(lambda d: d == kept, now, timedelta(days=1)) == 1
    assert store.size(orphan) is None
    assert all(store.size(d) is not None for d in (kept, young, reused))


def test_a_blob_reused_while_the_sweep_decides_is_kept(store):
    digest = store.put(b"reused").sha256
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(store.path(digest), (old, old))

    def asked(_):
        store.put(b"reused")
        return False

    assert store.remove_unreferenced(asked, datetime.now(UTC), timedelta(days=1)) == 0
    assert store.verify(digest) == 6


def test_young_temporary_files_are_left_to_their_uploads(store):
    upload = store.begin()
    assert store.remove_temporary(datetime.now(UTC), timedelta(hours=1)) == 0
    upload.write(b"still here")
    assert store.finish_many([upload])[0].size == 10


def test_free_space_is_a_plausible_number(store):
    assert store.free_bytes() > 0


# Resumable uploads


def test_an_upload_resumes_after_interruptions_and_restarts(store):
    name, data = uuid.uuid4(), os.urandom(3_000_000)
    Uploads(store).create(name)
    for start, end in ((0, 1_000_000), (1_000_000, 1_000_001), (1_000_001, 3_000_000)):
        uploads = Uploads(store)  # a new object is a restarted process: no hash is remembered
        assert uploads.offset(name) == start
        with uploads.open(name, start) as upload:
            upload.write(data[start:end])
            assert upload.close() == end
    with uploads.open(name, len(data)) as upload:
        blob = upload.finish(sha(data))
    assert blob.sha256 == sha(data)
    assert store.verify(blob.sha256) == len(data)
    assert leftovers(store) == []
    with pytest.raises(Refused, match="UPLOAD_UNKNOWN"):
        uploads.offset(name)


def test_consecutive_parts_in_one_process_are_not_read_again(store, monkeypatch):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    monkeypatch.setattr(os, "pread", lambda *_: pytest.fail("read again"))
    for n in range(3):
        with uploads.open(name, 4 * n) as upload:
            upload.write(b"part")
    with uploads.open(name, 12) as upload:
        assert upload.finish().sha256 == sha(b"partpartpart")


def test_parts_taken_by_two_nodes_in_turn_give_the_right_digest(store):
    nodes, name = [Uploads(store), Uploads(store)], uuid.uuid4()
    nodes[0].create(name)
    for n in range(6):
        with nodes[n % 2].open(name, 5 * n) as upload:
            upload.write(f"part{n}".encode())
    with nodes[0].open(name, 30) as upload:
        assert upload.finish().sha256 == sha(b"part0part1part2part3part4part5")


def test_a_wrong_offset_is_answered_with_the_right_one(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    with uploads.open(name, 0) as upload:
        upload.write(b"abc")
    for wrong in (0, 2, 4):
        with pytest.raises(Refused, match="UPLOAD_OFFSET") as caught:
            uploads.open(name, wrong)
        assert caught.value.params == {"offset": "3"}


def test_two_connections_cannot_hold_one_upload(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    with uploads.open(name, 0), pytest.raises(Refused, match="UPLOAD_BUSY"):
        uploads.open(name, 0)
    uploads.open(name, 0).close()


def test_a_wrong_digest_drops_the_upload(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    with uploads.open(name, 0) as upload:
        upload.write(b"abc")
        with pytest.raises(Refused, match="UPLOAD_DIGEST"):
            upload.finish(sha(b"abd"))
    assert leftovers(store) == []
    assert all_blobs(store) == []


def test_an_upload_begun_again_under_the_same_name_starts_clean(store):
    uploads, name = Uploads(store), uuid.uuid4()
    for text in (b"first longer", b"second"):
        uploads.create(name)
        with uploads.open(name, 0) as upload:
            upload.write(text)
        if text == b"first longer":
            (store.partial / str(name)).unlink()
    with uploads.open(name, 6) as upload:
        assert upload.finish().sha256 == sha(b"second")


def test_a_limit_holds_over_all_parts_and_keeps_what_fits(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    with uploads.open(name, 0, limit=5) as upload:
        upload.write(b"abc")
        with pytest.raises(Refused, match="BLOB_TOO_LARGE"):
            upload.write(b"def")
    assert uploads.offset(name) == 3


def test_a_full_disk_in_the_middle_of_a_part_keeps_the_offset_honest(store, monkeypatch):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    with uploads.open(name, 0) as upload:
        upload.write(b"abc")
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
            with pytest.raises(Refused, match="STORAGE_FULL"):
                upload.write(b"def")
    with uploads.open(name, 3) as upload:
        upload.write(b"def")
        assert upload.finish(sha(b"abcdef")).size == 6


def test_old_unfinished_uploads_are_cleaned_up(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    later = datetime.now(UTC) + timedelta(days=8)
    assert store.remove_temporary(later, timedelta(days=7)) == 1
    with pytest.raises(Refused, match="UPLOAD_UNKNOWN"):
        uploads.open(name, 0)


def test_dropping_twice_is_harmless(store):
    uploads, name = Uploads(store), uuid.uuid4()
    uploads.create(name)
    uploads.drop(name)
    uploads.drop(name)


@settings(max_examples=30, deadline=None)
@given(parts=st.lists(st.binary(max_size=40), max_size=8), restarts=st.lists(st.booleans(), max_size=8))
def test_any_cutting_into_parts_gives_the_same_blob(tmp_path_factory, parts, restarts):
    store = BlobStore(tmp_path_factory.getbasetemp() / "parts")
    uploads, name, at = Uploads(store), uuid.uuid4(), 0
    uploads.create(name)
    for number, part in enumerate(parts):
        if number < len(restarts) and restarts[number]:
            uploads = Uploads(store)
        with uploads.open(name, at) as upload:
            upload.write(part)
            at = upload.close()
    with uploads.open(name, at) as upload:
        assert upload.finish(sha(b"".join(parts))).size == at


# Steps


def test_a_step_is_silent_until_armed_and_counts_arrivals(monkeypatch):
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, sig: killed.append(sig))
    try:
        steps.reached("a")
        steps.arm_from(None)
        steps.arm_from("a:2")
        steps.reached("b")
        steps.reached("a")
        assert killed == []
        steps.reached("a")
        assert killed == [signal.SIGKILL]
        with pytest.raises(ValueError, match="counted"):
            steps.arm("a", 0)
    finally:
        steps.disarm()


def test_disk_errors_name_no_path():
    refused = blob_files.refusal(OSError(errno.EROFS, "Read-only", "/secret/place"))
    assert refused.code.name == "STORAGE_AWAY"
    assert "/secret" not in refused.sentence("vi") + refused.sentence("en")
    assert refused.params == {"reason": "EROFS"}
