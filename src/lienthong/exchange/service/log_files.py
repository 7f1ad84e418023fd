"""The published files of the evidence log: tiles, bundles of entries, and the newest checkpoint.

Below one directory, in the layout of C2SP tlog-tiles, so that any web server can serve it as it is. A file appears
whole under its name and durable, or not at all.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lienthong.infra.blob_files import disk, refusal, sync_directory
from lienthong.infra.keys import write_durably
from lienthong.ledger.tiles import WIDTH, TileName

CHECKPOINT = "checkpoint"


class LogFiles:
    """Reads and writes the files below ``root``. One process writes at a time (the sequencer's lock)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with disk():
            root.mkdir(mode=0o755, parents=True, exist_ok=True)

    def read(self, path: str) -> bytes | None:
        """The bytes at a path of the log (:data:`lienthong.ledger.tiles.ReadTile`). Refuses: STORAGE_AWAY."""
        try:
            with disk():
                return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files durably; one that is there is replaced. Refuses: STORAGE_FULL, STORAGE_AWAY."""
        touched: dict[Path, None] = {}
        try:
            with disk():
                for path, data in files.items():
                    self._write(self.root / path, data, touched)
                for directory in touched:
                    sync_directory(directory)
        except FileNotFoundError as reason:
            raise refusal(reason) from reason

    def published(self) -> bytes | None:
        """The checkpoint that everybody can fetch."""
        return self.read(CHECKPOINT)

    def publish(self, note: bytes) -> None:
        """Replace the published checkpoint, after the database has it."""
        self.write({CHECKPOINT: note})

    def remove_partial(self, paths: Mapping[str, bytes]) -> None:
        """Remove the partial forms of tiles that are full now. Readers of older sizes take the full ones."""
        for path in paths:
            if TileName.parse(path).width == WIDTH:
                with suppress(OSError):
                    # What cannot be removed only wastes room.
                    shutil.rmtree(self.root / f"{path}.p")

    def _write(self, path: Path, data: bytes, touched: dict[Path, None]) -> None:
        self._ensure(path.parent, touched)
        temporary = path.with_name(f".{secrets.token_hex(8)}")
        try:
            write_durably(temporary, data, 0o644)
            os.replace(temporary, path)  # noqa: PTH105  (kept beside its temporary name)
        finally:
            temporary.unlink(missing_ok=True)
        touched[path.parent] = None

    def _ensure(self, directory: Path, touched: dict[Path, None]) -> None:
        if directory == self.root or directory.is_dir():
            return
        self._ensure(directory.parent, touched)
        directory.mkdir(mode=0o755, exist_ok=True)
        touched[directory.parent] = None
