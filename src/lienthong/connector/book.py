"""The address book: the signed directory of the axis, kept on disk so that work goes on when the axis is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.connector.errors import AXIS_ANSWER_NOT_VALID, AXIS_UNREACHABLE, DELIVERY_NOT_VALID, AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.connector.spool import write_durably
from lienthong.directory import delta, snapshot
from lienthong.directory.state import DirectoryState
from lienthong.infra import telemetry
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key

TYP = "lt-directory"
REFRESH_SECONDS = 60


class AddressBook:
    """Names, keys and authority of agencies and systems, as the axis has signed them.

    Read from disk at once, brought up to date when asked and at most once a minute; an unknown key asks again at once,
    because a system may have been registered a second ago.
    """

    def __init__(self, connection: AxisConnection, axis_key: PublicKey, folder: Path) -> None:
        self._connection = connection
        self._axis_key = axis_key
        self._axis_key_id = key_id(axis_key)
        self._file = folder / "snapshot"
        self._state: DirectoryState | None = None
        self._asked_at: float | None = None
        self._keys: dict[str, PublicKey] = {}
        self._refreshing = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _from_disk(self) -> DirectoryState | None:
        """The copy on disk; one that does not stand the check is as good as none."""
        try:
            return self._read(self._file.read_bytes())
        except (Refused, OSError) as problem:
            telemetry.warning("directory.copy_not_usable", why=one_line(str(problem)))
            return None

    @property
    def state(self) -> DirectoryState:
        """The newest directory that could be had. Refuses AXIS_UNREACHABLE when there has never been one."""
        if self._state is None and self._file.exists():
            self._state = self._from_disk()
        stale = self._asked_at is None or time.monotonic() - self._asked_at > REFRESH_SECONDS
        if self._state is None or stale:
            self.refresh()
        if self._state is None:
            raise Refused(AXIS_UNREACHABLE, url=self._connection.url, why="chưa có danh bạ (no directory yet)")
        return self._state

    @property
    def held(self) -> DirectoryState | None:
        """The directory that is here already, without asking the axis; None when there has never been one."""
        if self._state is None and self._file.exists():
            self._state = self._from_disk()
        return self._state

    def newest(self) -> DirectoryState:
        """The directory as the axis has it now. Refuses AXIS_UNREACHABLE, since an old copy would mislead."""
        if self._state is None and self._file.exists():
            self._state = self._from_disk()
        if self._state is None:
            return self.state
        with self._refreshing:
            self._apply_delta(self._state)
        return self._state

    def refresh(self) -> None:
        """Ask for changes, or for the whole when there is nothing to change; an axis that is away changes nothing."""
        self._asked_at = time.monotonic()
        try:
            with self._refreshing:
                if self._state is not None:
                    self._apply_delta(self._state)
                else:
                    self._take_snapshot()
        except Refused as refused:
            if refused.code is not AXIS_UNREACHABLE or self._state is None:
                raise
        except AxisRefused as refused:
            if refused.retry is Retry.PERMANENT or self._state is None:
                raise

    def name_of(self, code: str) -> str:
        """Name of an agency, or the code itself when it is not in the directory."""
        found = self.state.find(code, datetime.now(UTC).date())
        return found.name if found is not None else code

    def key_for(self, at: datetime) -> Callable[[str], PublicKey | None]:
        """Resolver of keys whose signatures count at ``at``."""

        def resolve(kid: str) -> PublicKey | None:
            held = self.state.key(kid, at)
            if held is None:
                self.refresh()
                held = self.state.key(kid, at)
            if held is None:
                return None
            return self._keys.setdefault(kid, load_public_key(held.public_key_pem.encode()))

        return resolve

    def require_authority(self, kid: str, agency: str, at: datetime) -> str:
        """The system that holds this key, when it may act for the agency. Refuses DELIVERY_NOT_VALID."""
        found = self._authorized(kid, agency, at)
        if found is None:
            # The authority may be younger than our copy, and a refusal is for good.
            self.refresh()
            found = self._authorized(kid, agency, at)
        if found is None:
            raise Refused(DELIVERY_NOT_VALID, why=f"khóa ký không được đại diện cho {agency} (no authority)")
        return found

    def _authorized(self, kid: str, agency: str, at: datetime) -> str | None:
        owner = self.state.key_owner(kid)
        named = self.state.find(agency, at.astimezone(VIETNAM).date())
        if owner is None or named is None or not self.state.may_act(owner.system_id, named.code):
            return None
        return owner.system_id

    def _take_snapshot(self) -> None:
        data = self._connection.request("GET", "/v1/directory/snapshot").content
        self._state = self._read(data)
        write_durably(self._file, data)

    def _apply_delta(self, state: DirectoryState) -> None:
        try:
            since = {"since": str(state.version)}
            data = self._connection.request("GET", "/v1/directory/delta", since, patient=False).content
            header, body = self._verified(data)
            self._state = delta.apply(state, delta.decode_delta(header + b"\n" + body))
        except (AxisRefused, Refused) as refused:
            # The axis no longer holds changes that old, or was restored: take the whole. One that is away stays away.
            if isinstance(refused, Refused) and refused.code in {AXIS_UNREACHABLE, AXIS_ANSWER_NOT_VALID}:
                raise
            if isinstance(refused, AxisRefused) and refused.retry is not Retry.PERMANENT:
                raise
            self._take_snapshot()
            return
        if self._state.version - self._snapshot_version() > 1000:
            self._take_snapshot()

    def _snapshot_version(self) -> int:
        if not self._file.exists():
            return -1
        with self._file.open("rb") as file:
            return snapshot.decode_header(jws.unverified_payload(file.readline().strip())).version

    def _read(self, data: bytes) -> DirectoryState:
        header, body = self._verified(data)
        try:
            return snapshot.decode(snapshot.decode_header(header), body)
        except Refused as refused:
            raise Refused(AXIS_ANSWER_NOT_VALID, why=refused.sentence("vi")) from refused

    def _verified(self, data: bytes) -> tuple[bytes, bytes]:
        """Header and body of a signed directory: first line the JWS of the header, then rows (PR-NATIVE §4)."""
        token, _, body = data.partition(b"\n")
        now = datetime.now(UTC)
        try:
            return jws.verify(token, self._axis_key_by, TYP, DEFAULT_POLICY, now).payload, body
        except Refused as refused:
            raise Refused(AXIS_ANSWER_NOT_VALID, why=refused.sentence("vi")) from refused

    def _axis_key_by(self, kid: str) -> PublicKey | None:
        return self._axis_key if kid == self._axis_key_id else None
