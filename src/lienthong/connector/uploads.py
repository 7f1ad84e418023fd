"""Large parts go up piece by piece and continue where a broken line left them. Source: PR-NATIVE §4 (uploads)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lienthong.connector.bodies import bytes_body, read_pieces
from lienthong.connector.errors import AxisRefused
from lienthong.connector.http import AxisConnection
from lienthong.wire.envelope import Part

PIECE = 8 * 1024 * 1024
"""Bytes in one PATCH; the axis takes up to twice as many."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have arrived."""


def upload(
    connection: AxisConnection, part: Part, file: Path, progress: Progress | None = None, piece: int = PIECE
) -> None:
    """Bring one part to the axis before its envelope is sent. Safe to call again at any time.

    ``piece``: bytes in one request. Every piece carries its own digest and counts only whole, so an interruption
    costs at most one piece.
    """
    begin = bytes_body(json.dumps({"sha256": part.sha256.hex(), "size": part.size}).encode())
    state = connection.members("POST", "/v1/uploads", body=begin)
    path = f"/v1/uploads/{state['id']}"
    while not state["complete"]:
        offset = int(state["offset"])
        if progress is not None:
            progress(offset, part.size)
        state = _append(connection, path, file, offset, min(piece, part.size - offset))
    if progress is not None:
        progress(part.size, part.size)


def _append(connection: AxisConnection, path: str, file: Path, offset: int, length: int) -> dict[str, object]:
    piece = b"".join(read_pieces(file, offset, length))
    body = bytes_body(piece, "application/octet-stream")
    try:
        return connection.members("PATCH", path, body=body, headers={"Upload-Offset": str(offset)})
    except AxisRefused as refused:
        # An answer was lost: the axis holds more than we know. It says where to go on.
        if refused.code != "UPLOAD_OFFSET":
            raise
        return dict(connection.get_json(path))
