"""Rows of the directory and their canonical written form.
 A row is one JSON object on one line: keys sorted, no spaces, UTF-8, absent values written as ``null``,
dates as ``YYYY-MM-DD`` and instants as RFC 3339. The same row always has the same bytes.

Source: axis directory of exchange practice (``code``, ``code102``, ``oldCode``, ``isAgency``); Decision
20/2020/QĐ-TTg. Written form: RFC 8259, with the ordering of RFC 8785 for the ASCII keys used here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.base.text import one_line
from lienthong.directory.errors import DIRECTORY_ROW_INVALID
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind


class AgencyStatus(Enum):
    """ACTIVE takes part. LOCKED is suspended for a while. CLOSED has ended; its code stays resolvable."""

    ACTIVE = "active"
    LOCKED = "locked"
    CLOSED = "closed"


class SystemStatus(Enum):
    """ACTIVE may act; SUSPENDED may not, until the operator lifts it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


CMS_ENCRYPT = "cms-encrypt"
"""Capability word of an agency whose systems decrypt attachments (PR-NATIVE §9)."""


class KeyPurpose(Enum):
    """What a system's key may be used for. SIGN: requests, envelopes, acknowledgements. ENCRYPT: only to receive
    content that is encrypted for the system; what it signs counts for nothing.
    """

    SIGN = "sign"
    ENCRYPT = "encrypt"


class KeyHolder(Enum):
    """Who holds the private half of a system's key.

    AXIS: the axis signs on behalf of a system that cannot; such a signature proves nothing against the axis itself.
    """

    SYSTEM = "system"
    AXIS = "axis"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency (cơ quan, đơn vị) in the tree.

    ``code``: its present code. ``code102``: its thirteen-character code, when it has one besides.
    ``old_codes``: codes it had before. ``parent``: present code of the agency above. ``level``: 1 at the
    top, 0 unknown. ``valid_from`` and ``valid_to``: first and last day. ``capabilities``: what its systems
    understand. ``certificates``: of its seal, in PEM, for whoever checks its documents. ``is_agency``: false
    for a unit that is reached inside its own province or ministry and not over the axis.
    """

    code: AgencyCode
    name: str
    code102: AgencyCode | None = None
    old_codes: tuple[AgencyCode, ...] = ()
    parent: AgencyCode | None = None
    level: int = 0
    address: str = ""
    email: str = ""
    status: AgencyStatus = AgencyStatus.ACTIVE
    valid_from: date | None = None
    valid_to: date | None = None
    capabilities: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    is_agency: bool = True

    def takes_part(self, at: date) -> bool:
        """Whether it may send and receive on this day."""
        began = self.valid_from is None or self.valid_from <= at
        return self.status is AgencyStatus.ACTIVE and began and (self.valid_to is None or at <= self.valid_to)


@dataclass(frozen=True, slots=True)
class SystemKey:
    """A public key of a system. ``revoked_at``: from this instant signatures no longer count; earlier ones
    do. ``held_by``: who has the private half.
    """

    key_id: str
    public_key_pem: str
    valid_from: datetime
    purpose: KeyPurpose = KeyPurpose.SIGN
    valid_to: datetime | None = None
    revoked_at: datetime | None = None
    certificate_pem: str | None = None
    held_by: KeyHolder = KeyHolder.SYSTEM

    def holds(self, at: datetime) -> bool:
        """Whether a signature made at this instant counts; the end instants are excluded."""
        ended = (self.valid_to is not None and at >= self.valid_to) or (
            self.revoked_at is not None and at >= self.revoked_at
        )
        return self.valid_from <= at and not ended


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """For whom a system may act: one agency, or with ``subtree`` the agency and everything below it in the
    tree.
    """

    code: AgencyCode
    subtree: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A software system (phần mềm kết nối) that acts for agencies with its own keys.

    ``operator``: it may also change the directory and empty the quarantine (đơn vị vận hành trục).
    """

    system_id: SystemId
    name: str
    agencies: tuple[Scope, ...] = ()
    status: SystemStatus = SystemStatus.ACTIVE
    keys: tuple[SystemKey, ...] = ()
    operator: bool = False


class RowType(Enum):
    """Kinds of rows, in the order in which a snapshot lists them (alphabetical)."""

    AGENCY = "agency"
    ALIAS = "alias"
    SUCCESSION = "succession"
    SYSTEM = "system"


Row = Agency | Alias | Succession | System


def row_type(row: Row) -> RowType:
    """Kind of a row."""
    return _TYPES[type(row)]


def row_key(row: Row) -> str:
    """What a change names a row by, unique within its kind."""
    if isinstance(row, Agency):
        return row.code
    if isinstance(row, System):
        return row.system_id
    return f"{row.alias}>{row.code}" if isinstance(row, Alias) else f"{row.old}>{row.new}"


def to_object(row: Row) -> dict[str, object]:
    """The row as a JSON object, with its kind under ``type``."""
    if isinstance(row, Agency):
        return _agency_object(row)
    if isinstance(row, System):
        return _system_object(row)
    if isinstance(row, Alias):
        return {
            "type": "alias",
            "alias": row.alias,
            "code": row.code,
            "valid_from": _day(row.valid_from),
            "valid_to": _day(row.valid_to),
        }
    return {
        "type": "succession",
        "old": row.old,
        "new": row.new,
        "kind": row.kind.value,
        "valid_from": row.valid_from.isoformat(),
        "note": row.note,
        "principal": row.principal,
    }


def from_object(data: Any, where: str = "?") -> Row:
    """Read a row; unknown members are ignored so that newer axes can add some. Refuses
    DIRECTORY_ROW_INVALID.
    """
    try:
        return _READERS[data["type"]](data)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        why = one_line(f"{type(problem).__name__} {problem}", 80)
        raise Refused(DIRECTORY_ROW_INVALID, row=where, why_vi=why, why_en=why) from problem


def canonical(value: object) -> bytes:
    """Canonical bytes of a JSON value: keys sorted, no spaces, UTF-8. Lone surrogates are refused."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as problem:
        why = ("chữ không thuộc Unicode hợp lệ", "text that is not valid Unicode")
        raise Refused(DIRECTORY_ROW_INVALID, row="?", why_vi=why[0], why_en=why[1]) from problem


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_TYPES: dict[type, RowType] = {
    Agency: RowType.AGENCY,
    Alias: RowType.ALIAS,
    Succession: RowType.SUCCESSION,
    System: RowType.SYSTEM,
}


def _agency_object(row: Agency) -> dict[str, object]:
    members: dict[str, object] = {
        "type": "agency",
        "code": row.code,
        "code102": row.code102,
        "old_codes": list(row.old_codes),
        "name": row.name,
        "parent": row.parent,
        "level": row.level,
        "address": row.address,
        "email": row.email,
        "status": row.status.value,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
        "capabilities": list(row.capabilities),
        "is_agency": row.is_agency,
    }
    # Left out when there are none, so that rows written before there were any have the same bytes.
    if row.certificates:
        members["certificates"] = list(row.certificates)
    return members


def _system_object(row: System) -> dict[str, object]:
    return {
        "type": "system",
        "system_id": row.system_id,
        "name": row.name,
        "agencies": [{"code": scope.code, "subtree": scope.subtree} for scope in sorted(row.agencies)],
        "status": row.status.value,
        "operator": row.operator,
        "keys": [_key_object(key) for key in sorted(row.keys, key=lambda key: key.key_id)],
    }


def _key_object(key: SystemKey) -> dict[str, object]:
    members: dict[str, object] = {
        "key_id": key.key_id,
        "public_key_pem": key.public_key_pem,
        "purpose": key.purpose.value,
        "valid_from": to_text(key.valid_from),
        "valid_to": _instant(key.valid_to),
        "revoked_at": _instant(key.revoked_at),
        "certificate_pem": key.certificate_pem,
    }
    # Left out for a system's own key, so that rows written before there was any other have the same bytes.
    if key.held_by is not KeyHolder.SYSTEM:
        members["held_by"] = key.held_by.value
    return members


def _read_agency(data: dict[str, Any]) -> Agency:
    level = data["level"]
    if not isinstance(level, int) or isinstance(level, bool):
        raise TypeError("level is not an integer")
    return Agency(
        code=AgencyCode(_text(data["code"])),
        name=_text(data["name"]),
        code102=_code_or_none(data.get("code102")),
        old_codes=tuple(AgencyCode(_text(code)) for code in data.get("old_codes", ())),
        parent=_code_or_none(data.get("parent")),
        level=level,
        address=_text(data.get("address", "")),
        email=_text(data.get("email", "")),
        status=_STATUSES[data["status"]],
        valid_from=_read_day(data.get("valid_from")),
        valid_to=_read_day(data.get("valid_to")),
        capabilities=tuple(_text(word) for word in data.get("capabilities", ())),
        certificates=tuple(_text(pem) for pem in data.get("certificates", ())),
        is_agency=_flag(data.get("is_agency", True)),
    )


def _read_alias(data: dict[str, Any]) -> Alias:
    return Alias(
        AgencyCode(_text(data["alias"])),
        AgencyCode(_text(data["code"])),
        _read_day(data.get("valid_from")),
        _read_day(data.get("valid_to")),
    )


def _read_succession(data: dict[str, Any]) -> Succession:
    return Succession(
        AgencyCode(_text(data["old"])),
        AgencyCode(_text(data["new"])),
        SuccessionKind(data["kind"]),
        date.fromisoformat(data["valid_from"]),
        _text(data.get("note", "")),
        _flag(data.get("principal", False)),
    )


def _read_system(data: dict[str, Any]) -> System:
    return System(
        SystemId(_text(data["system_id"])),
        _text(data["name"]),
        tuple(Scope(AgencyCode(_text(s["code"])), _flag(s["subtree"])) for s in data["agencies"]),
        SystemStatus(data["status"]),
        tuple(_read_key(key) for key in data["keys"]),
        _flag(data.get("operator", False)),
    )


def _read_key(data: dict[str, Any]) -> SystemKey:
    certificate = data.get("certificate_pem")
    return SystemKey(
        key_id=_text(data["key_id"]),
        public_key_pem=_text(data["public_key_pem"]),
        valid_from=from_text(data["valid_from"]),
        purpose=KeyPurpose(data["purpose"]),
        valid_to=_read_instant(data.get("valid_to")),
        revoked_at=_read_instant(data.get("revoked_at")),
        certificate_pem=None if certificate is None else _text(certificate),
        held_by=KeyHolder(data.get("held_by", "system")),
    )


_READERS: dict[str, Callable[[dict[str, Any]], Row]] = {
    "agency": _read_agency,
    "alias": _read_alias,
    "succession": _read_succession,
    "system": _read_system,
}
_STATUSES = {status.value: status for status in AgencyStatus}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is expected")
    return value


def _code_or_none(value: object) -> AgencyCode | None:
    return None if value is None else AgencyCode(_text(value))


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _read_day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else to_text(value)


def _read_instant(value: Any) -> datetime | None:
    return None if value is None else from_text(value)
