"""Signed webhooks (báo tin có ký): a hint that something happened, in order for each subscriber, until it is heard.

A subscription is one file that also remembers how far it has come, so nothing is skipped by a restart. What is posted
is a CloudEvent without content (CloudEvents 1.0, structured mode), signed after the Standard Webhooks convention:
HMAC-SHA-256 with the subscription's own secret over ``webhook-id.webhook-timestamp.body``. The hearer asks the REST for
the rest.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.base.errors import Refused, Retry
from lienthong.connector.courier.model import Reason
from lienthong.connector.local.errors import WEBHOOK_TOO_MANY, WEBHOOK_UNKNOWN
from lienthong.connector.local.targets import Targets
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.infra.blob_files import disk

AT_MOST = 20
SECRET_MARK = "whsec_"  # noqa: S105 - the beginning of every secret, itself none
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One subscription (đăng ký nhận báo).

    ``types``: beginnings of event types that it wants (``job.``, ``document.received``); none: all. ``position``:
    number of the last event that was heard or is not wanted. ``failing_since``, ``failures``, ``reason``: why the next
    one waits. ``dead_at``: given up; nothing is sent until somebody revives it.
    """

    id: str
    url: str
    types: tuple[str, ...]
    secret: bytes
    created_at: datetime
    position: int
    failures: int = 0
    failing_since: datetime | None = None
    heard_at: datetime | None = None
    reason: Reason | None = None
    dead_at: datetime | None = None

    def wants(self, type_: str) -> bool:
        """Whether an event of this type is for it."""
        return not self.types or any(type_.startswith(each) for each in self.types)


class Webhooks:
    """The subscriptions of one spool. Safe for several threads."""

    def __init__(self, folder: Path, targets: Targets, clock: Clock) -> None:
        self._folder, self._targets, self._clock = folder, targets, clock
        self._lock = threading.Lock()
        with disk():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held = {file.stem: _read(file) for file in sorted(folder.glob("*.json"))}

    def add(self, url: str, types: Sequence[str], position: int) -> Webhook:
        """Subscribe an address to what happens from now on; its secret is shown by the caller once.

        Refuses WEBHOOK_TARGET_NOT_ALLOWED, WEBHOOK_NOT_ANSWERED (unknown host), WEBHOOK_TOO_MANY.
        """
        self._targets.pin(url)
        made = Webhook(secrets.token_hex(8), url, tuple(types), secrets.token_bytes(32), self._clock.now(), position)
        with self._lock:
            if len(self._held) >= AT_MOST:
                raise Refused(WEBHOOK_TOO_MANY, limit=AT_MOST)
            self._write(made)
        return made

    def remove(self, id_: str) -> None:
        """End a subscription. Refuses WEBHOOK_UNKNOWN."""
        with self._lock, disk():
            self.get(id_)
            self._path(id_).unlink(missing_ok=True)
            sync_folder(self._folder)
            del self._held[id_]

    def revive(self, id_: str) -> Webhook:
        """Try again now, also when it was given up; it goes on where it stopped. Refuses WEBHOOK_UNKNOWN."""
        return self._change(id_, failures=0, failing_since=None, reason=None, dead_at=None)

    def get(self, id_: str) -> Webhook:
        """One of them. Refuses WEBHOOK_UNKNOWN."""
        found = self._held.get(id_)
        if found is None:
            raise Refused(WEBHOOK_UNKNOWN, webhook=id_[:40])
        return found

    def all(self) -> list[Webhook]:
        """Every subscription, oldest first."""
        return sorted(list(self._held.values()), key=lambda each: each.created_at)  # noqa: C414 - a copy first: others add

    def heard(self, id_: str, position: int, *, called: bool) -> Webhook:
        """It has come this far; ``called``: it answered just now."""
        if not called:
            return self._change(id_, position=position)
        return self._change(
            id_, position=position, failures=0, failing_since=None, reason=None, heard_at=self._clock.now()
        )

    def failed(self, id_: str, reason: Reason, patience_days: float) -> Webhook:
        """It did not answer; given up when that has lasted for so many days."""
        found, now = self.get(id_), self._clock.now()
        since = found.failing_since or now
        dead = now if (now - since).total_seconds() > patience_days * 86400 else None
        return self._change(id_, failures=found.failures + 1, failing_since=since, reason=reason, dead_at=dead)

    def _change(self, id_: str, **members: Any) -> Webhook:
        with self._lock:
            made = replace(self.get(id_), **members)
            self._write(made)
        return made

    def _write(self, hook: Webhook) -> None:
        with disk():
            write_durably(self._path(hook.id), json.dumps(_row(hook), ensure_ascii=False).encode())
            sync_folder(self._folder)
        self._held[hook.id] = hook

    def _path(self, id_: str) -> Path:
        if not _ID.fullmatch(id_):
            raise Refused(WEBHOOK_UNKNOWN, webhook=id_[:40])
        return self._folder / f"{id_}.json"


def shown_secret(hook: Webhook) -> str:
    """The secret as the subscriber gets it, once."""
    return SECRET_MARK + base64.b64encode(hook.secret).decode()


def _row(hook: Webhook) -> dict[str, Any]:
    reason = hook.reason
    return {
        "v": 1, "id": hook.id, "url": hook.url, "types": hook.types, "secret": base64.b64encode(hook.secret).decode(),
        "created_at": to_text(hook.created_at), "position": hook.position, "failures": hook.failures,
        "failing_since": _time(hook.failing_since), "heard_at": _time(hook.heard_at), "dead_at": _time(hook.dead_at),
        "reason": asdict(reason) | {"retry": reason.retry.value} if reason else None,
    }  # fmt: skip


def _read(file: Path) -> Webhook:
    row = json.loads(file.read_bytes())
    said = row["reason"]
    return Webhook(
        row["id"], row["url"], tuple(row["types"]), base64.b64decode(row["secret"]), from_text(row["created_at"]),
        row["position"], row["failures"], _at(row["failing_since"]), _at(row["heard_at"]),
        Reason(**{**said, "retry": Retry(said["retry"])}) if said else None, _at(row["dead_at"]),
    )  # fmt: skip


def _time(at: datetime | None) -> str | None:
    return to_text(at) if at else None


def _at(text: str | None) -> datetime | None:
    return from_text(text) if text else None
