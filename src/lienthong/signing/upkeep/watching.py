"""The folders and files that are watched, kept in one file that is replaced whole."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from lienthong.infra.blob_files import disk, sync_directory
from lienthong.infra.keys import write_durably


class Watched:
    """The list in a home. One person changes it at a time; the last change stands."""

    def __init__(self, home: Path) -> None:
        self._home, self._file = home, home / "watched.json"

    def all(self) -> list[Path]:
        """What is watched, in order; nothing when nobody said so. A file that is no list is an ``OSError``."""
        if not self._file.exists():
            return []
        try:
            return [Path(str(each)) for each in json.loads(self._file.read_bytes())["watched"]]
        except (ValueError, KeyError, TypeError) as error:
            raise OSError(0, "không phải danh sách theo dõi (no list of watched folders)", str(self._file)) from error

    def add(self, places: Sequence[Path]) -> list[Path]:
        """Watch these as well; what is watched then."""
        return self._write([*self.all(), *(Path(os.path.abspath(each)) for each in places)])  # noqa: PTH100 - no links

    def remove(self, places: Sequence[Path]) -> list[Path]:
        """Watch these no longer; what is watched then."""
        gone = {Path(os.path.abspath(each)) for each in places}  # noqa: PTH100 - a link stays what was named
        return self._write([each for each in self.all() if each not in gone])

    def _write(self, places: list[Path]) -> list[Path]:
        kept = list(dict.fromkeys(places))
        making = self._home / f".watched.{secrets.token_hex(4)}"
        body = json.dumps({"watched": [str(each) for each in kept]}, ensure_ascii=False, indent=2)
        with disk():
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(making, body.encode())
            making.replace(self._file)
            sync_directory(self._home)
        return kept
