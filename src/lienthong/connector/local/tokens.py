"""Local access tokens: shown once, kept only as the SHA-256 of 32 random bytes, revocable at once.

One file, ``tokens.json``; the command line writes it while the connector runs, so a changed file is read again.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.local.errors import LOCAL_TOKEN_NAME_TAKEN, LOCAL_TOKEN_UNKNOWN
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.infra.blob_files import disk

MARK = "ltk_"
"""Beginning of every token, so that one that leaked is recognised for what it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of one token. ``write``: may send and change; every token may read."""

    name: str
    sha256: str
    write: bool
    created_at: datetime
    revoked_at: datetime | None = None


class Tokens:
    """The tokens of one spool. Safe for several threads and processes."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file, self._clock = folder / "tokens.json", clock
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._known: dict[str, Token] = {}
        with disk():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, name: str, *, write: bool) -> str:
        """Make a token and return its text, which is nowhere else. Refuses LOCAL_TOKEN_NAME_TAKEN."""
        secret = secrets.token_bytes(32)
        shown = one_line(name, 60)
        with self._changing() as rows:
            if any(row.name == shown and row.revoked_at is None for row in rows):
                raise Refused(LOCAL_TOKEN_NAME_TAKEN, name=shown)
            rows.append(Token(shown, hashlib.sha256(secret).hexdigest(), write, self._clock.now()))
        return MARK + base64.urlsafe_b64encode(secret).rstrip(b"=").decode()

    def revoke(self, name: str) -> None:
        """End a token; requests and sessions that use it are refused from now on. Refuses LOCAL_TOKEN_UNKNOWN."""
        with self._changing() as rows:
            for index, row in enumerate(rows):
                if row.name == name and row.revoked_at is None:
                    rows[index] = Token(row.name, row.sha256, row.write, row.created_at, self._clock.now())
                    return
        raise Refused(LOCAL_TOKEN_UNKNOWN, name=one_line(name, 60))

    def all(self) -> list[Token]:
        """Every token, the revoked ones too, oldest first."""
        return list(self._read().values())

    def find(self, text: str) -> Token | None:
        """The valid token with this text. The look-up is by digest, so its time tells nothing about a token."""
        body = text.removeprefix(MARK)
        if body == text or len(body) != 43:
            return None
        try:
            secret = base64.b64decode(body + "=", altchars=b"-_", validate=True)
        except ValueError:
            return None
        return self.by_digest(hashlib.sha256(secret).hexdigest())

    def by_digest(self, sha256: str) -> Token | None:
        """The valid token with this digest: a session remembers no more of it."""
        found = self._read().get(sha256)
        return found if found is not None and found.revoked_at is None else None

    def _read(self) -> dict[str, Token]:
        with self._lock, disk():
            try:
                status = self._file.stat()
            except FileNotFoundError:
                return {}
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen:
                self._known = {row.sha256: row for row in _rows(self._file)}
                self._seen = seen
            return self._known

    @contextmanager
    def _changing(self) -> Iterator[list[Token]]:
        """The rows, written back unless the body raises; one process at a time."""
        with disk():
            handle = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            rows = _rows(self._file) if self._file.exists() else []
            yield rows
            with disk():
                write_durably(self._file, json.dumps([_row(each) for each in rows], ensure_ascii=False).encode())
                sync_folder(self._file.parent)
        finally:
            os.close(handle)


def _row(token: Token) -> dict[str, object]:
    ended = to_text(token.revoked_at) if token.revoked_at else None
    return {
        "name": token.name, "sha256": token.sha256, "write": token.write, "created_at": to_text(token.created_at),
        "revoked_at": ended,
    }  # fmt: skip


def _rows(file: Path) -> list[Token]:
    return [
        Token(
            row["name"], row["sha256"], row["write"], from_text(row["created_at"]),
            from_text(row["revoked_at"]) if row["revoked_at"] else None,
        )
        for row in json.loads(file.read_bytes())
    ]  # fmt: skip
