"""Content-addressed files: every attachment and packet is stored once, under its SHA-256, and never changes.

A blob is written to ``tmp/``, made durable, and renamed to ``sha256/ab/<hex>``; so a name always stands
for a whole file. Several uploads are made durable together (:meth:`BlobStore.finish_many`). Reading
verifies: bytes that no longer match their name are not handed out whole. Several processes may share one
store. Memory stays bounded by one chunk an upload.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.infra.blob_files import disk, make_directory, refusal, sync_directory, write_all
from lienthong.infra.errors import BLOB_CORRUPT, BLOB_MISSING, BLOB_TOO_LARGE
from lienthong.infra.steps import reached

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

CHUNK = 1 << 20
SMALL = 256 * 1024
"""Up to this size an upload is held in memory until it is finished: making a file waits for other files' syncs, and
whoever receives bytes must not wait."""

SYNCERS = 8
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file. ``size`` in bytes; ``existed``: the same bytes were stored before and are shared."""

    sha256: Sha256
    size: int
    existed: bool


class Upload:
    """Bytes on their way into the store, hashed while they come. Used by one thread at a time.

    States: open -> finished by the store, or abandoned (the temporary file is gone); on the way it may be handed over
    to another thread. With a ``handle`` of -1 the file is made when it is needed: for the first byte beyond SMALL, or
    at the end.
    """

    def __init__(
        self, path: str, handle: int, limit: int | None = None, size: int = 0, running: Hash | None = None
    ) -> None:
        self.path, self.handle, self.size = path, handle, size
        self._limit = limit
        self._handed_over = False
        self._held: bytearray | None = bytearray() if handle < 0 else None
        self._hash = running or hashlib.sha256()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes.

        Refuses, after removing the temporary file: BLOB_TOO_LARGE, STORAGE_FULL, STORAGE_AWAY.
        """
        self.size += len(data)
        if self._limit is not None and self.size > self._limit:
            self.abandon()
            raise Refused(BLOB_TOO_LARGE, limit=self._limit)
        self._hash.update(data)
        if self._held is not None and self.size <= SMALL:
            self._held += data
            return
        try:
            self.make_file()
            write_all(self.handle, data)
        except OSError as reason:
            self.abandon()
            raise refusal(reason) from reason

    def make_file(self) -> None:
        """Write what is held in memory to the temporary file, if it is not there yet."""
        if self._held is None:
            return
        held, self._held = self._held, None
        self.handle = os.open(self.path, _NEW, 0o600)
        if held:
            write_all(self.handle, held)

    def saved(self) -> str:
        """Path of the temporary file with all bytes so far. Refuses: STORAGE_FULL, STORAGE_AWAY."""
        with disk():
            self.make_file()
        return self.path

    def make_durable(self) -> None:
        """All bytes on disk, under the temporary name."""
        self.make_file()
        os.fdatasync(self.handle)
        self.close()

    @property
    def sha256(self) -> Sha256:
        """Digest of what was written so far."""
        return Sha256(self._hash.digest())

    def hashed(self) -> Hash:
        """The hash of what was written so far, to go on with elsewhere."""
        return self._hash.copy()

    def close(self) -> None:
        """Give the file handle back; the bytes stay."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    def hand_over(self) -> None:
        """From now on the upload belongs to whoever finishes it; a caller that gives up afterwards changes nothing.

        Otherwise it would close the handle that another thread is syncing, or one that is somebody else's by then.
        """
        self._handed_over = True

    def abandon(self) -> None:
        """Drop the bytes, unless they were handed over. Harmless when repeated or after the store took them."""
        if not self._handed_over:
            self.drop()

    def drop(self) -> None:
        """(For the store.) Drop the bytes, whoever holds them."""
        self.close()
        self._held = None
        with suppress(OSError):
            # A read-only disk may refuse; the periodic sweep removes what stays.
            os.unlink(self.path)  # noqa: PTH108  (a hundred times a second: plain strings are cheaper)

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()


class BlobStore:
    """All blobs of one installation below one directory (mode 0700, files 0600), on one file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tmp, self._names = root / "tmp", root / "sha256"
        self.partial = root / "partial"
        self._lock = root / "sweep.lock"
        self._syncers = ThreadPoolExecutor(SYNCERS, thread_name_prefix="blobs")
        with disk():
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = [make_directory(p) for p in (self._tmp, self._names, self.partial)]
            if any(made):
                sync_directory(root)
                sync_directory(root.parent)

    def begin(self, limit: int | None = None) -> Upload:
        """A new upload of at most ``limit`` bytes."""
        return Upload(f"{self._tmp}/{secrets.token_hex(12)}", -1, limit)

    def put(self, data: bytes) -> Blob:
        """Store bytes that are in memory already, durably."""
        with self.begin() as upload:
            upload.write(data)
            return self.finish_many([upload])[0]

    def finish_many(self, uploads: Sequence[Upload]) -> list[Blob]:
        """Make uploads durable under their digests, all together, in their order.

        One fdatasync a file and one fsync a distinct directory. When this returns, every blob survives a
        power failure. When it refuses (STORAGE_FULL, STORAGE_AWAY) no temporary file is left; blobs that
        already have their name stay, unreferenced, for the sweep.
        """
        try:
            with disk(), self._locked(fcntl.LOCK_SH):
                self._make_durable(uploads)
                reached("blobs.synced")
                directories: dict[str, None] = {}
                blobs = [self._name(upload, directories) for upload in uploads]
                reached("blobs.renamed")
                self._at_once([partial(sync_directory, directory) for directory in directories])
        except FileNotFoundError as reason:
            raise refusal(reason) from reason
        finally:
            for upload in uploads:
                if upload.path:
                    upload.drop()
        return blobs

    def _make_durable(self, uploads: Sequence[Upload]) -> None:
        """Several files at once: a disk takes many syncs in the time of one."""
        self._at_once([upload.make_durable for upload in uploads])

    def _at_once(self, work: Sequence[Callable[[], object]]) -> None:
        """Wait for the disk in several threads; the first failure is raised when all have ended."""
        if len(work) == 1:
            work[0]()
            return
        running = [self._syncers.submit(each) for each in work]
        wait(running)
        for each in running:
            each.result()

    def path(self, sha256: bytes) -> Path:
        """Where the blob with this digest stands, if it does; for a web server that sends files itself."""
        name = sha256.hex()
        return self._names / name[:2] / name

    def size(self, sha256: bytes) -> int | None:
        """Bytes of a stored blob; None when it is not there."""
        try:
            with disk():
                return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, sha256: bytes, offset: int = 0) -> BinaryIO:
        """The bytes from ``offset`` on, **not verified**: for a caller that hashes what it reads.

        Refuses: BLOB_MISSING, STORAGE_AWAY.
        """
        try:
            with disk():
                file = self.path(sha256).open("rb")
                file.seek(offset)
                return file
        except FileNotFoundError as reason:
            raise Refused(BLOB_MISSING, sha256=sha256.hex()) from reason

    def verify(self, sha256: bytes) -> int:
        """Read and hash a whole blob; its size. Refuses: BLOB_MISSING, BLOB_CORRUPT, STORAGE_AWAY."""
        return sum(len(chunk) for chunk in self.read_verified(sha256))

    def read_verified(self, sha256: bytes, offset: int = 0, chunk: int = CHUNK) -> Iterator[bytes]:
        """Chunks from ``offset`` on; the last one comes only after the digest of the whole file was right.

        So a damaged file never arrives complete. A small file is checked before anything is given. Starting
        in the middle costs hashing the beginning. Refuses: BLOB_MISSING, BLOB_CORRUPT, STORAGE_AWAY.
        """
        running, at, held = hashlib.sha256(), 0, b""
        with self.open(sha256) as file:
            while True:
                with disk():
                    data = file.read(chunk)
                if not data:
                    break
                running.update(data)
                fresh = data[max(0, offset - at) :]
                at += len(data)
                if fresh:
                    if held:
                        yield held
                    held = fresh
        if running.digest() != sha256:
            raise Refused(BLOB_CORRUPT, sha256=sha256.hex())
        if held:
            yield held

    def free_bytes(self) -> int:
        """Bytes that this process may still write on the store's disk."""
        with disk():
            state = os.statvfs(self.root)
        return state.f_bavail * state.f_frsize

    def remove_unreferenced(
        self, is_referenced: Callable[[Sha256], bool], now: datetime, grace: timedelta, at_most: int = 10_000
    ) -> int:
        """Remove blobs older than ``grace`` that nothing refers to; how many were removed.

        An upload that finds its bytes already stored makes the blob young again, and removal excludes
        finishing for the moment of each single removal: so ``grace`` only has to cover the time from
        finishing an upload to committing the reference to it.
        """
        removed = 0
        for path in self._all_paths():
            if removed >= at_most:
                break
            digest = Sha256(bytes.fromhex(path.name))
            with suppress(FileNotFoundError), disk():
                if _is_older(path, now, grace) and not is_referenced(digest):
                    removed += self._remove_if_old(path, now, grace)
        return removed

    def remove_temporary(self, now: datetime, grace: timedelta) -> int:
        """Remove what crashed or abandoned uploads, whole and resumable, left longer than ``grace`` ago."""
        removed = 0
        for path in (*self._tmp.iterdir(), *self.partial.iterdir()):
            with suppress(FileNotFoundError), disk():
                if _is_older(path, now, grace):
                    path.unlink()
                    removed += 1
        return removed

    def _name(self, upload: Upload, directories: dict[str, None]) -> Blob:
        """Give one durable temporary file its name, or drop it when a sound copy stands there already."""
        digest = upload.sha256
        final = self.path(digest)
        existed = self._keeps(final, digest, upload.size)
        if existed:
            upload.drop()
        else:
            self._rename(upload.path, final, directories)
        upload.path = ""
        directories[str(final.parent)] = None
        return Blob(digest, upload.size, existed)

    def _keeps(self, final: Path, digest: Sha256, size: int) -> bool:
        """Whether the store holds these bytes already, sound; if so they are made young for the sweep."""
        try:
            if os.stat(final).st_size != size:  # noqa: PTH116  (plain strings are cheaper, see drop)
                return False
            os.utime(final)
            self.verify(digest)
        except FileNotFoundError:
            return False
        except Refused as damaged:
            if damaged.code is BLOB_CORRUPT or damaged.code is BLOB_MISSING:
                return False
            raise
        return True

    def _rename(self, temporary: str, final: Path, directories: dict[str, None]) -> None:
        try:
            os.rename(temporary, final)  # noqa: PTH104  (plain strings are cheaper, see drop)
        except FileNotFoundError:
            if make_directory(final.parent):
                directories[str(final.parent.parent)] = None
            os.rename(temporary, final)  # noqa: PTH104

    def _all_paths(self) -> Iterator[Path]:
        for first in sorted(self._names.iterdir()):
            yield from sorted(first.iterdir())

    def _remove_if_old(self, path: Path, now: datetime, grace: timedelta) -> int:
        """Look again at the age while no upload can be finishing, then remove."""
        with self._locked(fcntl.LOCK_EX):
            if not _is_older(path, now, grace):
                return 0
            path.unlink()
            return 1

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, kind)
            yield
        finally:
            os.close(handle)


def _is_older(path: Path, now: datetime, grace: timedelta) -> bool:
    return path.stat().st_mtime < (now - grace).timestamp()
