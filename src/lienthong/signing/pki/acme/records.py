"""What the ACME server remembers: accounts, orders, authorizations. Facts only. Source: RFC 8555 clause 7.1.

Each has a written form, a JSON object, in which it lies on the disk; ``from_members`` raises ``KeyError``,
``ValueError`` or ``TypeError`` for what is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lienthong.base.clock import from_text, to_text
from lienthong.trust.keys import PublicKey, key_id, load_public_key, public_pem

Problem = Mapping[str, object]
"""A problem document (RFC 9457) as the client is told it."""


class Status(Enum):
    """The words of RFC 8555 clause 7.1.6, for all objects."""

    PENDING = "pending"
    READY = "ready"
    PROCESSING = "processing"
    VALID = "valid"
    INVALID = "invalid"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a certificate is asked for: a host name (``dns``) or an address (``ip``, RFC 8738), in canonical form."""

    kind: str
    value: str

    def members(self) -> dict[str, object]:
        return {"type": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Account:
    """A client's key and how to reach its owner (clause 7.1.2). ``external``: name of the binding key, if any.

    States: valid -> deactivated.
    """

    id: str
    key: PublicKey
    contact: tuple[str, ...] = ()
    status: Status = Status.VALID
    external: str | None = None

    @property
    def thumbprint(self) -> str:
        """Of the key (RFC 7638): finds the account, and is half of every key authorization."""
        return key_id(self.key)

    def to_members(self) -> dict[str, object]:
        return {
            "id": self.id, "key": public_pem(self.key).decode(), "contact": list(self.contact),
            "status": self.status.value, "external": self.external,
        }  # fmt: skip

    @classmethod
    def from_members(cls, found: Mapping[str, object]) -> Account:
        return cls(
            str(found["id"]), load_public_key(str(found["key"]).encode()), tuple(map(str, _list(found["contact"]))),
            Status(found["status"]), _text(found["external"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authorization:
    """Whether an account controls one identifier of an order, with its only challenge, http-01 (clause 7.1.4).

    ``token``: of the challenge, 128 random bits and more. ``challenge``: pending -> processing -> valid or invalid;
    ``status``: pending -> valid or invalid, valid -> deactivated.
    """

    id: str
    account: str
    identifier: Identifier
    token: str
    expires_at: datetime
    status: Status = Status.PENDING
    challenge: Status = Status.PENDING
    problem: Problem | None = None
    validated_at: datetime | None = None

    def to_members(self) -> dict[str, object]:
        return {
            "id": self.id, "account": self.account, "identifier": self.identifier.members(), "token": self.token,
            "expires_at": to_text(self.expires_at), "status": self.status.value, "challenge": self.challenge.value,
            "problem": self.problem, "validated_at": to_text(self.validated_at) if self.validated_at else None,
        }  # fmt: skip

    @classmethod
    def from_members(cls, found: Mapping[str, object]) -> Authorization:
        validated = _text(found["validated_at"])
        return cls(
            str(found["id"]), str(found["account"]), _identifier(found["identifier"]), str(found["token"]),
            from_text(str(found["expires_at"])), Status(found["status"]), Status(found["challenge"]),
            _problem(found["problem"]), from_text(validated) if validated else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A client's wish for one certificate (clause 7.1.3).

    States: pending -> ready -> processing -> valid, and invalid from the first three. ``serial``: the certificate's
    number, chosen with the step to processing and before anything is issued, so that a crash issues nothing twice.
    ``request``: the PKCS #10 request (DER) from then on.
    """

    id: str
    account: str
    identifiers: tuple[Identifier, ...]
    authorizations: tuple[str, ...]
    expires_at: datetime
    status: Status = Status.PENDING
    request: bytes | None = None
    serial: int | None = None
    problem: Problem | None = None

    def to_members(self) -> dict[str, object]:
        return {
            "id": self.id, "account": self.account, "identifiers": [each.members() for each in self.identifiers],
            "authorizations": list(self.authorizations), "expires_at": to_text(self.expires_at),
            "status": self.status.value, "request": self.request.hex() if self.request else None,
            "serial": f"{self.serial:x}" if self.serial else None, "problem": self.problem,
        }  # fmt: skip

    @classmethod
    def from_members(cls, found: Mapping[str, object]) -> Order:
        request, serial = _text(found["request"]), _text(found["serial"])
        return cls(
            str(found["id"]), str(found["account"]), tuple(map(_identifier, _list(found["identifiers"]))),
            tuple(map(str, _list(found["authorizations"]))), from_text(str(found["expires_at"])),
            Status(found["status"]), bytes.fromhex(request) if request else None,
            int(serial, 16) if serial else None, _problem(found["problem"]),
        )  # fmt: skip


def _list(found: object) -> list[object]:
    if not isinstance(found, list):
        raise TypeError("a list is needed")
    return found


def _text(found: object) -> str | None:
    return None if found is None else str(found)


def _identifier(found: object) -> Identifier:
    if not isinstance(found, dict):
        raise TypeError("an object is needed")
    return Identifier(str(found["type"]), str(found["value"]))


def _problem(found: object) -> Problem | None:
    return found if isinstance(found, dict) else None
