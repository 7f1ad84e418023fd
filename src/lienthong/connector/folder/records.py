"""What the folder remembers of each job that came from it: where its files lie now, and what was told of it.

One small file a job in the connector's own store, never in the shared folder: what users do there loses nothing of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lienthong.connector.spool import write_durably


@dataclass(frozen=True, slots=True)
class Kept:
    """One job's files. ``folder``: below the shared folder. ``home``: where they go when sent, ``refused_to``: when
    refused. ``names``: of the files, without the slips. ``history``: events told in the slips."""

    job: str
    title: str
    place: str
    folder: str
    base: str
    names: tuple[str, ...]
    home: str
    refused_to: str
    history: tuple[dict[str, Any], ...] = field(default=())

    def members(self) -> dict[str, Any]:
        return asdict(self)

    def told(self, row: dict[str, Any]) -> Kept:
        """With one more event, unless it was told before."""
        if any(each["number"] == row["number"] for each in self.history):
            return self
        return replace(self, history=(*self.history, row))


class Memory:
    """All of them, below one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def file(self, job: str) -> Path:
        # The end of the identifier is random, so that the shelves fill evenly.
        return self._root / "jobs" / job[-2:] / f"{job}.json"

    def find(self, job: str) -> Kept | None:
        """What is kept of a job."""
        try:
            members = json.loads(self.file(job).read_bytes())
        except FileNotFoundError:
            return None
        return Kept(**{**members, "names": tuple(members["names"]), "history": tuple(members["history"])})

    def keep(self, kept: Kept) -> None:
        file = self.file(kept.job)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(file, json.dumps(kept.members()).encode())

    # --- what was received ---------------------------------------------------------------------------------------

    def placed(self, received: str) -> str | None:
        """Where something received was laid out, below the shared folder."""
        try:
            return json.loads(self._received(received).read_bytes())["folder"] or None
        except FileNotFoundError:
            return None

    def place(self, received: str, folder: str) -> None:
        file = self._received(received)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(file, json.dumps({"folder": folder}).encode())

    def _received(self, received: str) -> Path:
        return self._root / "received" / received[-2:] / f"{received}.json"

    # --- events --------------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """Number of the last event that was carried out here."""
        try:
            return int((self._root / "cursor").read_text("ascii"))
        except FileNotFoundError:
            return 0

    def advance(self, number: int) -> None:
        making = self._root / "cursor.new"
        making.write_text(str(number), "ascii")
        making.replace(self._root / "cursor")

    # --- tables --------------------------------------------------------------------------------------------------

    def lines_done(self, table: str) -> frozenset[int]:
        """Lines of a table, named by its digest, that were taken or refused before a crash."""
        try:
            text = (self._root / "tables" / table).read_text("ascii")
        except FileNotFoundError:
            return frozenset()
        # A torn last line of a crash has no sign at its end and is one that is not done.
        return frozenset(int(line[:-1]) for line in text.split("\n") if line.endswith(";"))

    def line_done(self, table: str, line: int) -> tuple[str, str]:
        """File and text to append durably when a line is done."""
        return str(self._root / "tables" / table), f"\n{line};\n"

    def table_ended(self, table: str) -> None:
        (self._root / "tables" / table).unlink(missing_ok=True)
