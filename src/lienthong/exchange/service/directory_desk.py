"""Where one node of the axis answers questions about the directory and takes changes to it. Calls may block."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from lienthong.base.clock import VIETNAM, Clock
from lienthong.base.errors import Refused
from lienthong.directory.model import Agency, to_object
from lienthong.directory.search import AgencyIndex
from lienthong.exchange.service.directory import Changed, HeldDirectory, Publisher, Signed, change_lines
from lienthong.exchange.service.directory_errors import DIRECTORY_UNKNOWN
from lienthong.exchange.service.directory_refresh import KeptConnection
from lienthong.exchange.service.key_changing import change_key


@dataclass
class DirectoryDesk:
    """``reading`` and ``writing``: two connections, so that a long import keeps nobody from reading."""

    directory: HeldDirectory
    publisher: Publisher
    reading: KeptConnection
    writing: KeptConnection
    clock: Clock
    _index: AgencyIndex | None = field(default=None, init=False)
    _indexing: threading.Lock = field(default_factory=threading.Lock, init=False)

    def snapshot(self, packed: bool) -> tuple[Signed, bytes]:
        """The whole directory and its bytes, compressed with gzip when asked."""
        signed = self.publisher.whole(self.directory.state)
        return signed, self.publisher.packed(signed) if packed else signed.data

    def delta(self, since: int) -> Signed:
        """What changed after a version. Refuses DIRECTORY_VERSION_GAP."""
        with self.reading.use() as connection:
            return self.publisher.changes(connection, self.directory.state.axis, since)

    def change(self, lines: bytes, by: str) -> Changed:
        """Put and delete rows, all or nothing; this node has them when the call returns."""
        with self.writing.use() as connection:
            changed = change_lines(connection, self.directory.state, lines, self.clock.now(), by)
        self.directory.take(changed.state)
        return changed

    def change_key(self, token: bytes, by: str) -> dict[str, Any]:
        """A system adds or revokes a key of its own; this node has it when the call returns."""
        with self.writing.use() as connection:
            changed, key_id = change_key(connection, self.directory.state, token, by, self.clock.now())
        self.directory.take(changed.state)
        return {"version": changed.state.version, "changed": changed.rows, "key_id": key_id}

    def search(self, query: str, limit: int) -> dict[str, Any]:
        """Agencies that have every word of the query in their name or codes, accents or not."""
        found, total = self._current_index().find(query, limit)
        return {"version": self.directory.state.version, "total": total, "agencies": [to_object(a) for a in found]}

    def agency(self, code: str) -> dict[str, Any]:
        """One agency under any of its codes: its row, its place, who acts for it, and who follows it.

        Refuses DIRECTORY_UNKNOWN, ALIAS_CONFLICT, SUCCESSION_AMBIGUOUS.
        """
        state, today = self.directory.state, self.clock.now().astimezone(VIETNAM).date()
        resolved = state.resolve(code, today)
        named = state.find(code, today) or resolved.agency
        if named is None:
            raise Refused(DIRECTORY_UNKNOWN, what=code)
        receiver = resolved.agency or named
        return {
            "version": state.version,
            "agency": to_object(named),
            "ancestors": [_brief(above) for above in state.ancestors(named.code)],
            "children": [_brief(below) for below in state.children(named.code)],
            "systems": [{"system_id": s.system_id, "name": s.name} for s in state.systems_for(receiver.code)],
            "receives": _brief(receiver),
            "notes_vi": list(resolved.resolution.notes_vi),
            "notes_en": list(resolved.resolution.notes_en),
        }

    def systems(self) -> dict[str, Any]:
        """Every system with its keys, by identifier."""
        state = self.directory.state
        rows = sorted(state.systems(), key=lambda system: system.system_id)
        return {"version": state.version, "systems": [to_object(row) for row in rows]}

    def system(self, system_id: str) -> dict[str, Any]:
        """One system with its keys. Refuses DIRECTORY_UNKNOWN."""
        found = self.directory.state.system(system_id)
        if found is None:
            raise Refused(DIRECTORY_UNKNOWN, what=system_id)
        return {"version": self.directory.state.version, "system": to_object(found)}

    def close(self) -> None:
        """Close both connections."""
        self.reading.close()
        self.writing.close()

    def _current_index(self) -> AgencyIndex:
        with self._indexing:
            state = self.directory.state
            if self._index is None or self._index.state is not state:
                self._index = AgencyIndex(state, self._index)
            return self._index


def _brief(row: Agency) -> dict[str, str]:
    return {"code": row.code, "name": row.name}
