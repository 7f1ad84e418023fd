"""Public keys of systems, read from the directory's text once and held."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from lienthong.base.errors import Refused
from lienthong.directory.model import System, SystemStatus
from lienthong.directory.state import DirectoryState
from lienthong.exchange.errors import KEY_REVOKED, SYSTEM_SUSPENDED
from lienthong.trust.keys import PublicKey, load_public_key


@lru_cache(maxsize=20_000)
def held(pem: str) -> PublicKey:
    """The key of a directory's text. Refuses: KEY_NOT_READABLE, KEY_NOT_ALLOWED."""
    return load_public_key(pem.encode())


def find_key(state: DirectoryState, key_id: str, at: datetime) -> PublicKey | None:
    """The key, if a signature made with it at ``at`` counts; None when nobody has it.

    Refuses KEY_REVOKED when it is known but has ended or has not begun.
    """
    key = state.key(key_id, at)
    if key is not None:
        return held(key.public_key_pem)
    owner = state.key_owner(key_id)
    if owner is not None:
        raise Refused(KEY_REVOKED, system=owner.system_id)
    return None


def require_owner(state: DirectoryState, key_id: str) -> System:
    """The active system that owns a key which just verified. Refuses SYSTEM_SUSPENDED."""
    owner = state.key_owner(key_id)
    if owner is None:
        # The directory was swapped between two look-ups and the system is gone.
        raise Refused(KEY_REVOKED, system="-")
    if owner.status is not SystemStatus.ACTIVE:
        raise Refused(SYSTEM_SUSPENDED, system=owner.system_id)
    return owner
