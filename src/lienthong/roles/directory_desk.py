"""The operator's side of the directory: the verified rows as they are, and changes sent to the axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from lienthong.base.errors import Refused
from lienthong.connector.bodies import bytes_body
from lienthong.connector.book import AddressBook
from lienthong.connector.http import AxisConnection
from lienthong.connector.profile import connection_of
from lienthong.directory.model import Row, canonical, to_object
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.directory_errors import DIRECTORY_UNKNOWN
from lienthong.roles.cli_profile import open_profile
from lienthong.trust.keys import load_public_key


class Desk:
    """One connection of an operator. ``state``: the directory when the desk was opened, its signature verified."""

    def __init__(self, connection: AxisConnection, state: DirectoryState) -> None:
        self._connection = connection
        self.state = state

    def put(self, rows: Iterable[Row]) -> dict[str, Any]:
        """Put rows, all or nothing: ``{"version", "changed", "asked"}``. Refuses in the axis's words."""
        lines = b"".join(canonical(to_object(row)) + b"\n" for row in rows)
        body = bytes_body(lines, "application/x-ndjson")
        return dict(self._connection.request("POST", "/v1/directory/rows", body=body).json())

    def unknown(self, what: str) -> NoReturn:
        """Refuse DIRECTORY_UNKNOWN."""
        raise Refused(DIRECTORY_UNKNOWN, what=what)


@contextmanager
def open_desk(profile: Path | None) -> Iterator[Desk]:
    """A desk by a profile. Refuses AXIS_UNREACHABLE: changes are never made on an old copy."""
    config = open_profile(profile)
    axis_key = load_public_key(config.axis_key_file.read_bytes())
    with connection_of(config) as connection:
        book = AddressBook(connection, axis_key, config.spool_dir / "directory")
        yield Desk(connection, book.newest())
