"""What a running connector says of itself to other programs on the machine: ``state.json`` in its spool."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import to_text
from lienthong.connector.courier.lock import holder

_NAME = "state.json"


def write_state(spool: Path, health: dict[str, Any]) -> None:
    """Say how things stand. Never whole or half wrong, and of no weight: a failure to write it is passed over."""
    members = {"at": to_text(datetime.now(UTC)), "pid": os.getpid(), **health}
    making = spool / f"{_NAME}.new"
    try:
        making.write_text(json.dumps(members, ensure_ascii=False), "utf-8")
        making.rename(spool / _NAME)
    except OSError:
        return


def read_state(spool: Path) -> dict[str, Any]:
    """What was said last, with ``running``: whether a process holds the spool now."""
    file = spool / _NAME
    said = json.loads(file.read_bytes()) if file.exists() else {}
    return {**said, "running": holder(spool) is not None}
