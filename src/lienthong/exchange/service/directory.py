"""The directory of the axis: one transaction changes it, every node holds it in memory, clients get it signed.

A set of changes is written whole or not at all and makes one new version; a set that changes nothing makes none, so
that repeating a request is harmless.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lienthong.base.clock import Clock
from lienthong.base.errors import Problem, Refused
from lienthong.directory import delta, snapshot
from lienthong.directory.errors import DIRECTORY_ROW_INVALID, DIRECTORY_VERSION_GAP
from lienthong.directory.model import Row, RowType, System, from_object, row_key, row_type, to_object
from lienthong.directory.state import DirectoryState
from lienthong.exchange.model import directory_rules as rules
from lienthong.exchange.model.directory_rules import Wanted
from lienthong.exchange.service.directory_errors import (
    DIRECTORY_NO_OPERATOR,
    DIRECTORY_ROWS_REFUSED,
    DIRECTORY_TOO_LARGE,
)
from lienthong.exchange.store import directory as store
from lienthong.exchange.store.directory import Connection
from lienthong.infra.database import database_errors
from lienthong.trust import jws
from lienthong.trust.signer import Signer

TYP = "lt-directory"
MAX_ROWS = 200_000
MAX_BYTES = 128 * 1024 * 1024
KEPT_DELTAS = 64


@dataclass(frozen=True, slots=True)
class Changed:
    """What a set of changes did. ``rows``: how many really changed; with none the version stays."""

    state: DirectoryState
    rows: int
    asked: int


class HeldDirectory:
    """The newest directory that this process knows; the whole state is swapped, readers keep the one they took."""

    def __init__(self, state: DirectoryState) -> None:
        self._state = state
        self._swap = threading.Lock()

    @property
    def state(self) -> DirectoryState:
        return self._state

    def take(self, state: DirectoryState) -> None:
        """Hold this state from now on, unless a newer one is held already."""
        with self._swap:
            if state.version > self._state.version:
                self._state = state

    def replace(self, state: DirectoryState) -> None:
        """Hold this state whatever its version: the database was restored to an earlier one."""
        with self._swap:
            self._state = state


def load_state(connection: Connection, axis: str) -> DirectoryState:
    """The whole directory, version and rows from one moment."""
    with database_errors(), connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return DirectoryState(axis, store.newest_version(connection), store.all_rows(connection))


def brought_up_to_date(connection: Connection, state: DirectoryState) -> DirectoryState:
    """The state after every change that others have made; the same object when there is none."""
    with database_errors():
        version = store.newest_version(connection)
        if version == state.version:
            return state
        if version < state.version:
            return load_state(connection, state.axis)
        changes = store.changes_between(connection, state.version, version)
    last = {(change.row_type, change.key): change for change in changes}
    put = [change.row for change in last.values() if change.row is not None]
    return state.changed(version, put, [place for place, change in last.items() if change.row is None])


def change_lines(connection: Connection, state: DirectoryState, data: bytes, at: datetime, by: str) -> Changed:
    """Change the directory by JSON lines. Refuses as :func:`change`, and DIRECTORY_TOO_LARGE."""
    if len(data) > MAX_BYTES:
        raise Refused(DIRECTORY_TOO_LARGE, limit=MAX_ROWS, bytes=MAX_BYTES)
    changes, problems = rules.read_lines(data)
    if problems:
        raise _refused(problems)
    return change(connection, state, changes, at, by)


def change(connection: Connection, state: DirectoryState, changes: Sequence[Wanted], at: datetime, by: str) -> Changed:
    """Change the directory in one transaction, or refuse everything.

    ``state``: a directory known here; it may be old. ``by``: who asked, kept with every change.
    Refuses: DIRECTORY_ROWS_REFUSED with problems by line, DIRECTORY_NO_OPERATOR, DIRECTORY_TOO_LARGE,
    SUCCESSION_CYCLE, ALIAS_CONFLICT.
    """
    if len(changes) > MAX_ROWS:
        raise Refused(DIRECTORY_TOO_LARGE, limit=MAX_ROWS, bytes=MAX_BYTES)
    problems = list(rules.form_problems(changes))
    if problems:
        raise _refused(problems)
    with database_errors(), connection.transaction():
        store.lock(connection)
        before = brought_up_to_date(connection, state)
        real = _real_changes(before, [_as_written(each) for each in changes])
        if not real:
            return Changed(before, 0, len(changes))
        version = before.version + 1
        after = _after(before, version, real)
        problems = list(rules.relation_problems(before, after, real))
        if problems:
            raise _refused(problems)
        if rules.has_operator(before, at) and not rules.has_operator(after, at):
            raise Refused(DIRECTORY_NO_OPERATOR)
        store.write_version(connection, version, [each.change(version) for each in real], at, by)
    return Changed(after, len(real), len(changes))


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed directory or part of it as it is handed out. ``etag``: of exactly these rows, in quotes."""

    version: int
    etag: str
    data: bytes


class Publisher:
    """Makes what clients download: the whole directory or what changed, under the axis's signature.

    The whole is made once for each version; making it for 125,000 agencies takes a second or two, in the caller's
    thread.
    """

    def __init__(self, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock
        self._making = threading.Lock()
        self._whole: Signed | None = None
        self._packed: tuple[str, bytes] | None = None
        self._deltas: OrderedDict[tuple[int, int], Signed] = OrderedDict()

    def whole(self, state: DirectoryState) -> Signed:
        """The snapshot of a state."""
        with self._making:
            held = self._whole
            if held is None or held.version != state.version:
                made = snapshot.encode(state, self._clock.now())
                header = snapshot.snapshot_header_bytes(made.header)
                held = self._signed(state.version, header, made.header.sha256.hex(), made.body)
                self._whole = held
            return held

    def packed(self, signed: Signed) -> bytes:
        """A snapshot compressed with gzip."""
        with self._making:
            if self._packed is None or self._packed[0] != signed.etag:
                self._packed = signed.etag, gzip.compress(signed.data, 5, mtime=0)
            return self._packed[1]

    def changes(self, connection: Connection, axis: str, since: int) -> Signed:
        """What changed after version ``since``. Refuses DIRECTORY_VERSION_GAP when there is no such version yet."""
        with database_errors():
            version = store.newest_version(connection)
            if since > version:
                raise Refused(DIRECTORY_VERSION_GAP, base=version, have=since)
            held = self._deltas.get((since, version))
            if held is not None:
                return held
            rows = store.changes_between(connection, since, version)
        made = delta.delta_between(axis, rows, since, version, self._clock.now())
        header, _, body = delta.delta_bytes(made).partition(b"\n")
        signed = self._signed(version, header, f"{since}-{version}-{len(body)}", body)
        self._deltas[since, version] = signed
        while len(self._deltas) > KEPT_DELTAS:
            self._deltas.popitem(last=False)
        return signed

    def forget(self) -> None:
        """Drop what was made, so that the next question makes it anew."""
        with self._making:
            self._whole = self._packed = None
            self._deltas.clear()

    def _signed(self, version: int, header: bytes, tag: str, body: bytes) -> Signed:
        return Signed(version, f'"{tag}"', jws.sign(header, self._signer, TYP) + b"\n" + body)


def _after(before: DirectoryState, version: int, changes: Sequence[Wanted]) -> DirectoryState:
    put = [each.row for each in changes if each.row is not None]
    gone = [(each.row_type, each.key) for each in changes if each.row is None]
    try:
        return before.changed(version, put, gone)
    except Refused as refused:
        if refused.code is not DIRECTORY_ROW_INVALID:
            raise
        # The state names the row; whoever sent it counts lines.
        line = next((each.line for each in changes if each.key == refused.params.get("row")), 0)
        vi, en = refused.params.get("why_vi", ""), refused.params.get("why_en", "")
        raise _refused([rules.problem(line, vi, en)]) from refused


def _as_written(wanted: Wanted) -> Wanted:
    """With instants as precise as they are kept, so that memory and database agree."""
    if isinstance(wanted.row, System):
        return replace(wanted, row=from_object(to_object(wanted.row), wanted.key))
    return wanted


def _real_changes(state: DirectoryState, changes: Sequence[Wanted]) -> list[Wanted]:
    """Without those that would leave everything as it is."""
    others: dict[tuple[RowType, str], Row] = {}
    if any(each.row_type in {RowType.ALIAS, RowType.SUCCESSION} for each in changes):
        others = {(row_type(row), row_key(row)): row for row in state.links()}

    def held(each: Wanted) -> Row | None:
        if each.row_type is RowType.AGENCY:
            return state.agency(each.key)
        if each.row_type is RowType.SYSTEM:
            return state.system(each.key)
        return others.get((each.row_type, each.key))

    return [each for each in changes if held(each) != each.row]


def _refused(problems: Sequence[Problem]) -> Refused:
    shown = tuple(problems[: rules.MAX_PROBLEMS])
    return Refused(DIRECTORY_ROWS_REFUSED, shown, count=len(problems))
