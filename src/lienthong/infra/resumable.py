"""Uploads that survive interruptions: parts are appended to one file until the whole has its digest.

The received length is the state, and it is the file's own length, so a restart needs no memory. The running
hash is kept while one process receives consecutive parts; after a restart, or when another node took a part,
the missing stretch is read again once, at the end.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.infra.blob_files import disk, refusal, sync_directory, write_all
from lienthong.infra.blobs import CHUNK, Blob, BlobStore, Upload
from lienthong.infra.errors import (
    BLOB_TOO_LARGE,
    UPLOAD_BUSY,
    UPLOAD_DIGEST,
    UPLOAD_OFFSET,
    UPLOAD_UNKNOWN,
)

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_MEMORY = 256


class Uploads:
    """The resumable uploads of one store; each is named by a UUID that the caller keeps."""

    def __init__(self, store: BlobStore) -> None:
        self.store = store
        self._hashes: OrderedDict[uuid.UUID, tuple[int, Hash]] = OrderedDict()

    def create(self, upload: uuid.UUID) -> None:
        """Begin an empty upload, durably; harmless when it exists. Refuses: STORAGE_FULL, STORAGE_AWAY."""
        with disk():
            os.close(os.open(self._path(upload), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            sync_directory(self.store.partial)

    def offset(self, upload: uuid.UUID) -> int:
        """How many bytes were received: where the next part begins. Refuses: UPLOAD_UNKNOWN."""
        try:
            with disk():
                return self._path(upload).stat().st_size
        except FileNotFoundError as reason:
            raise Refused(UPLOAD_UNKNOWN) from reason

    def open(self, upload: uuid.UUID, offset: int, limit: int | None = None) -> ResumableUpload:
        """Continue an upload at ``offset``, alone; the whole may have ``limit`` bytes.

        Refuses: UPLOAD_UNKNOWN, UPLOAD_BUSY, UPLOAD_OFFSET (with the right one).
        """
        return ResumableUpload(self, upload, self._path(upload), offset, limit)

    def drop(self, upload: uuid.UUID) -> None:
        """Forget an upload and its bytes; harmless when there is none."""
        self._hashes.pop(upload, None)
        with disk():
            self._path(upload).unlink(missing_ok=True)

    def recall_hash(self, upload: uuid.UUID) -> tuple[int, Hash]:
        """How far this process has hashed an upload, and the running hash; it is taken out of the memory."""
        return self._hashes.pop(upload, (0, hashlib.sha256()))

    def keep_hash(self, upload: uuid.UUID, length: int, running: Hash) -> None:
        """Remember a running hash until the next part; the oldest are forgotten."""
        self._hashes[upload] = (length, running)
        while len(self._hashes) > _MEMORY:
            self._hashes.popitem(last=False)

    def _path(self, upload: uuid.UUID) -> Path:
        return self.store.partial / str(upload)


class ResumableUpload:
    """One upload held by one connection, between two interruptions. Use as a context manager.

    States: held -> released (``close``; more may come later) or finished (a blob).
    """

    def __init__(self, uploads: Uploads, name: uuid.UUID, path: Path, offset: int, limit: int | None) -> None:
        self._uploads, self._name, self._path, self._limit = uploads, name, path, limit
        try:
            with disk():
                self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError as reason:
            raise Refused(UPLOAD_UNKNOWN) from reason
        try:
            self.size = self._take(offset)
        except (Refused, OSError):
            os.close(self._handle)
            raise
        self._hashed, self._hash = uploads.recall_hash(name)
        if self._hashed > self.size:
            # The file is shorter than what was hashed: it was dropped and begun again.
            self._hashed, self._hash = 0, hashlib.sha256()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes; what arrived before a refusal stays.

        Refuses: BLOB_TOO_LARGE, STORAGE_FULL, STORAGE_AWAY.
        """
        if self._limit is not None and self.size + len(data) > self._limit:
            raise Refused(BLOB_TOO_LARGE, limit=self._limit)
        try:
            write_all(self._handle, data)
        except OSError as reason:
            self.size = os.fstat(self._handle).st_size
            raise refusal(reason) from reason
        if self._hashed == self.size:
            self._hash.update(data)
            self._hashed += len(data)
        self.size += len(data)

    def close(self) -> int:
        """Make what came durable and release the upload; the offset that may be promised to the sender."""
        if self._handle < 0:
            return self.size
        handle, self._handle = self._handle, -1
        try:
            with disk():
                os.fdatasync(handle)
            self._uploads.keep_hash(self._name, self._hashed, self._hash)
        finally:
            os.close(handle)
        return self.size

    def finish(self, expected: Sha256 | None = None) -> Blob:
        """Turn the whole into a blob. Refuses, dropping every byte, when the digest is not the expected one.

        Refuses: UPLOAD_DIGEST, STORAGE_FULL, STORAGE_AWAY.
        """
        self._catch_up()
        digest = Sha256(self._hash.digest())
        if expected is not None and digest != expected:
            self._uploads.drop(self._name)
            raise Refused(UPLOAD_DIGEST, actual=digest.hex())
        whole = Upload(str(self._path), os.dup(self._handle), size=self.size, running=self._hash)
        return self._uploads.store.finish_many([whole])[0]

    def __enter__(self) -> ResumableUpload:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, offset: int) -> int:
        """Lock the file and check where it ends."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as reason:
            raise Refused(UPLOAD_BUSY) from reason
        state = os.fstat(self._handle)
        if state.st_nlink == 0:
            raise Refused(UPLOAD_UNKNOWN)
        if state.st_size != offset:
            raise Refused(UPLOAD_OFFSET, offset=state.st_size)
        return state.st_size

    def _catch_up(self) -> None:
        """Hash the stretch that this process has not seen."""
        with disk():
            while self._hashed < self.size:
                data = os.pread(self._handle, min(CHUNK, self.size - self._hashed), self._hashed)
                if not data:
                    raise OSError("the upload became shorter while it was held")
                self._hash.update(data)
                self._hashed += len(data)
