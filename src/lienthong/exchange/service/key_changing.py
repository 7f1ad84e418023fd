"""A system adds its next key and revokes its old one itself, by a statement that is kept as evidence. PR-NATIVE §10.

The smallest right that makes rotation possible without the operator: a key that counts may bring one more key of the
same system, which has signed for itself, or end one. Agencies, names, other systems and the operator's flag stay the
operator's. The last key that signs cannot be revoked this way: that would lock the system out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.directory.model import KeyPurpose, System, SystemKey
from lienthong.directory.state import DirectoryState
from lienthong.exchange.model import directory_rules as rules
from lienthong.exchange.service.directory import Changed, brought_up_to_date, change
from lienthong.exchange.service.directory_errors import KEY_CHANGE_REFUSED
from lienthong.exchange.service.keyring import find_key, require_owner
from lienthong.exchange.store import directory as store
from lienthong.exchange.store.directory import Connection
from lienthong.infra.database import database_errors
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.trust.certificates import load_certificate
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key, public_pem
from lienthong.wire.key_change import (
    LIMIT,
    PROOF_TYP,
    TYP,
    Action,
    KeyChange,
    NewKey,
    decode_key_change,
    decode_key_proof,
)

TOLERANCE = timedelta(seconds=300)
"""By how much a statement's time may differ from the axis's clock; older ones are repetitions by somebody else."""


def change_key(
    connection: Connection, state: DirectoryState, token: bytes, caller: str, at: datetime
) -> tuple[Changed, str]:
    """Make the change that a system has signed; the change and the key's identifier.

    ``caller``: the system that signed the request. The same key added, or revoked, again changes nothing.
    Refuses: what ``trust.jws`` refuses, KEY_REVOKED, SYSTEM_SUSPENDED, KEY_CHANGE_MALFORMED, KEY_CHANGE_REFUSED,
    KEY_NOT_READABLE, KEY_NOT_ALLOWED, CERTIFICATE_NOT_READABLE, DIRECTORY_ROWS_REFUSED.
    """
    with database_errors(), connection.transaction():
        store.lock(connection)
        now = brought_up_to_date(connection, state)
        verified = jws.verify(token, lambda kid: find_key(now, kid, at), TYP, DEFAULT_POLICY, at, limit=LIMIT)
        system = require_owner(now, verified.key_id)
        asked = decode_key_change(verified.payload)
        _require_same(asked, system, caller, now.axis, at)
        if asked.action is Action.REVOKE:
            wanted = _revoked(system, asked.key_id, at)
        else:
            wanted = _added(system, asked, verified.key_id, at)
        changed = change(connection, now, rules.wanted([wanted]), at, system.system_id)
        if changed.rows:
            store.keep_key_change(connection, changed.state.version, system.system_id, asked.key_id, at, token)
        reached("directory.key_written")
    return changed, asked.key_id


def _require_same(asked: KeyChange, system: System, caller: str, axis: str, at: datetime) -> None:
    """The statement is by the system that calls, for this axis, and of now."""
    if asked.system != system.system_id or caller != system.system_id:
        raise _refused(system, "khoá này thuộc hệ thống khác", "the key belongs to another system")
    if asked.axis != axis:
        shown = one_line(asked.axis, 60)
        raise _refused(system, f"yêu cầu gửi cho trục “{shown}”", f"the statement is for the axis “{shown}”")
    if abs(asked.at - at) > TOLERANCE:
        raise _refused(system, "yêu cầu đã cũ hoặc đồng hồ sai", "the statement is old, or a clock is wrong")


def _revoked(system: System, key: str, at: datetime) -> System:
    found = next((each for each in system.keys if each.key_id == key), None)
    if found is None:
        raise _refused(system, "hệ thống không có khoá này", "the system has no such key")
    if found.revoked_at is not None:
        return system
    kept = [each for each in system.keys if each.key_id != key]
    signs = any(each.purpose is KeyPurpose.SIGN and each.holds(at) for each in kept)
    if found.purpose is KeyPurpose.SIGN and not signs:
        why = "đây là khoá ký cuối cùng; hãy thêm khoá mới trước", "it is the last key that signs; add a new one first"
        raise _refused(system, *why)
    return replace(system, keys=(*kept, replace(found, revoked_at=at)))


def _added(system: System, asked: KeyChange, by: str, at: datetime) -> System:
    if asked.new is None:
        raise RuntimeError("a statement that adds a key holds one")
    public = load_public_key(asked.new.public_key)
    if key_id(public) != asked.key_id:
        raise _refused(system, "mã khoá không khớp khoá", "the identifier is not the key's")
    _require_proof(system, asked, asked.new, public, by, at)
    purpose = KeyPurpose(asked.new.purpose)
    held = next((each for each in system.keys if each.key_id == asked.key_id), None)
    if held is not None:
        if held.purpose is not purpose or not held.holds(at):
            raise _refused(
                system, "khoá này đã thu hồi hoặc dùng cho việc khác", "the key has ended or has another use"
            )
        return system
    pem = None
    if asked.new.certificate is not None:
        pem = load_certificate(asked.new.certificate).public_bytes(Encoding.PEM).decode()
    new = SystemKey(asked.key_id, public_pem(public).decode(), at, purpose, certificate_pem=pem)
    return replace(system, keys=(*system.keys, new))


def _require_proof(system: System, asked: KeyChange, new: NewKey, public: PublicKey, by: str, at: datetime) -> None:
    """The new key has signed that it joins this system, by this key."""
    own = asked.key_id
    found = jws.verify(new.proof, lambda kid: public if kid == own else None, PROOF_TYP, DEFAULT_POLICY, at)
    proof = decode_key_proof(found.payload)
    same = (proof.axis, proof.system, proof.purpose, proof.by) == (asked.axis, asked.system, new.purpose, by)
    if not same or abs(proof.at - at) > TOLERANCE:
        raise _refused(system, "khoá mới không ký cho yêu cầu này", "the new key has not signed for this statement")


def _refused(system: System, vi: str, en: str) -> Refused:
    return Refused(KEY_CHANGE_REFUSED, system=system.system_id, why_vi=vi, why_en=en)
