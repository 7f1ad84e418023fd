"""What the unit tests of the folder share: a directory, a courier that only keeps, a desk to read rows against."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from connector_axis import RECIPIENT, SENDER, new_signer

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.errors import RECEIVED_UNKNOWN
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import ReceivedView
from lienthong.connector.folder.drops import Entry
from lienthong.connector.folder.meaning import Desk
from lienthong.connector.folder.recipients import Recipients
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.directory.model import Agency
from lienthong.directory.state import DirectoryState

TODAY = date(2026, 11, 25)
NAMES = {
    SENDER: "Sở Nội vụ tỉnh Mẫu", RECIPIENT: "Sở Tài chính tỉnh Mẫu", "H26": "Bộ Thử nghiệm",
    "H01.01": "Phòng Văn hóa", "H02.01": "Phòng Văn hóa",
}  # fmt: skip
STATE = DirectoryState("axis.test", 1, [Agency(AgencyCode(code), name, level=1) for code, name in NAMES.items()])


def desk(*states: DirectoryState, agencies: tuple[str, ...] = (SENDER,)) -> Desk:
    def received(id_: str) -> ReceivedView:
        raise Refused(RECEIVED_UNKNOWN, received=id_)

    return Desk(agencies, Recipients(lambda: states or (STATE,)), received)


def entry(name: str, *, ctime: int = 0, mode: int = stat.S_IFREG, size: int = 10) -> Entry:
    return Entry(name, mode, abs(hash(name)), size, 0, ctime)


class OfflineCourier(Courier):
    """A courier without a line that knows a directory all the same."""

    def directories(self) -> tuple[DirectoryState, ...]:
        return (STATE,)


@contextmanager
def offline(root: Path) -> Iterator[Courier]:
    """A real courier whose axis does not answer: it keeps what it is given."""
    axis = new_signer()
    settings = AxisSettings("axis.test", "http://127.0.0.1:9", axis.public_key, 1)
    link = AxisLink(settings, new_signer(), root, Spool(root), Inbox(root), SystemClock())
    with OfflineCourier(root, [link], [SENDER], wait=0) as courier:
        yield courier


def put(place: Path, content: bytes | str) -> Path:
    """A file that was finished long ago."""
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    old = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(place, (old, old))
    return place
