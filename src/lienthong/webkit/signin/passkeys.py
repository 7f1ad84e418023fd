"""Passkeys (WebAuthn Level 3): made by a signed-in person, used as second factor or instead of password and code.

A challenge is used once. For somebody signed in it lies in his session; a stranger carries it, sealed, in a cookie, and
a passkey takes no challenge that is older than its own last use.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from django.db import connection
from django.db.models import Q
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.webkit.people.models import Account, Passkey, Session
from lienthong.webkit.signin.errors import PASSKEY_LIMIT, PASSKEY_NOT_MADE, PASSKEY_WRONG
from lienthong.webkit.signin.party import Party
from lienthong.webkit.signin.sealing import seal, unseal
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.tenancy import enter

LIFE = timedelta(minutes=5)
"""How long a challenge waits for its answer."""

MOST = 10
"""Passkeys of one account."""

_LONGEST = 20_000
_MADE, _USED = b"m", b"u"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Random bytes that an answer signs, and when they were handed out. ``purpose``: making or using a passkey."""

    value: bytes
    at: datetime
    purpose: bytes

    @classmethod
    def new(cls, purpose: bytes, now: datetime) -> Challenge:
        """A challenge that nobody has seen."""
        return cls(secrets.token_bytes(32), now, purpose)

    def packed(self) -> bytes:
        """As it is stored: purpose, microseconds since 1970, value."""
        return self.purpose + int(self.at.timestamp() * 1e6).to_bytes(8, "big") + self.value

    @classmethod
    def unpacked(cls, packed: bytes) -> Challenge:
        """What :meth:`packed` gave."""
        at = datetime.fromtimestamp(int.from_bytes(packed[1:9], "big") / 1e6, UTC)
        return cls(packed[9:], at, packed[:1])

    def fresh(self, purpose: bytes, now: datetime) -> bool:
        """Whether it is for this purpose and not too old."""
        return self.purpose == purpose and timedelta() <= now - self.at <= LIFE


def begin_making(session: bytes, account: Account, party: Party, now: datetime) -> str:
    """What the browser needs to make a passkey (JSON). The challenge is kept in the session with this digest.

    Refuses PASSKEY_LIMIT.
    """
    have = list(Passkey.objects.filter(account=account))
    if len(have) >= MOST:
        raise Refused(PASSKEY_LIMIT, most=MOST)
    challenge = _keep(session, _MADE, now)
    return options_to_json(
        generate_registration_options(
            rp_id=party.name, rp_name="Liên thông", user_name=account.login, user_id=handle_of(account),
            user_display_name=account.full_name, challenge=challenge.value, timeout=_milliseconds(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(each.credential)) for each in have],
        )
    )  # fmt: skip


def make(session: bytes, account: Account, party: Party, answer: str, name: str, now: datetime) -> Passkey:
    """Keep the passkey that the browser made. Refuses PASSKEY_NOT_MADE, PASSKEY_LIMIT."""
    challenge = _take(session, _MADE, now)
    if challenge is None:
        raise Refused(PASSKEY_NOT_MADE)
    try:
        made = verify_registration_response(
            credential=_read(answer), expected_challenge=challenge.value, expected_rp_id=party.name,
            expected_origin=party.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as reason:
        raise Refused(PASSKEY_NOT_MADE) from reason
    # The account's row is the lock of its list: two windows cannot pass the limit together.
    Account.objects.select_for_update().get(pk=account.pk)
    known = Passkey.objects.filter(credential=made.credential_id).exists()
    if known or len(made.credential_id) > 1023 or len(made.credential_public_key) > 2048:
        raise Refused(PASSKEY_NOT_MADE)
    if Passkey.objects.filter(account=account).count() >= MOST:
        raise Refused(PASSKEY_LIMIT, most=MOST)
    return Passkey.objects.create(
        agency_id=account.agency_id, account=account, credential=made.credential_id, uses=made.sign_count,
        public_key=made.credential_public_key, name=tidy(name) or "Khóa truy cập", created_at=now,
    )  # fmt: skip


def begin_second(session: bytes, account: Account, party: Party, now: datetime) -> str:
    """What the browser needs to use one of an account's passkeys as second factor (JSON)."""
    allowed = [PublicKeyCredentialDescriptor(id=bytes(each.credential)) for each in account.passkeys.all()]
    return _asking(party, _keep(session, _USED, now), allowed)


def second(session: bytes, account: Account, party: Party, answer: str, now: datetime) -> Passkey:
    """Take the answer as an account's second factor. Refuses PASSKEY_WRONG."""
    challenge = _take(session, _USED, now)
    given = _read(answer)
    found = Passkey.objects.select_related("account").filter(account=account, credential=_credential(given)).first()
    if challenge is None or found is None:
        raise Refused(PASSKEY_WRONG)
    return _use(found, challenge, party, given, now)


def begin_alone(party: Party, now: datetime) -> tuple[str, str]:
    """For a stranger: what the browser needs to use any passkey of this site (JSON), and the value of his cookie."""
    challenge = Challenge.new(_USED, now)
    return _asking(party, challenge, []), seal(challenge.packed()).hex()


def alone(cookie: str, party: Party, answer: str, now: datetime) -> Passkey:
    """Whose passkey answered; the connection belongs to his agency then. Refuses PASSKEY_WRONG."""
    try:
        challenge = Challenge.unpacked(unseal(bytes.fromhex(cookie[:400])))
    except (InvalidTag, ValueError) as reason:
        raise Refused(PASSKEY_WRONG) from reason
    given = _read(answer)
    found = _find(_credential(given))
    if found is None or not challenge.fresh(_USED, now):
        enter(None)
        raise Refused(PASSKEY_WRONG)
    try:
        return _use(found, challenge, party, given, now)
    except Refused:
        enter(None)
        raise


def rename(passkey: Passkey, name: str) -> None:
    """Give a passkey another name; an empty one changes nothing."""
    if tidy(name):
        passkey.name = tidy(name)
        passkey.save(update_fields=["name"])


def handle_of(account: Account) -> bytes:
    """The account as authenticators know it: tells nothing about the person and is never the same elsewhere."""
    return hmac.digest(site().secret, b"passkey owner %d" % account.pk, hashlib.sha256)


def tidy(name: str) -> str:
    """A name as it is kept."""
    return " ".join(nfc(name).split())[:100]


def _use(passkey: Passkey, challenge: Challenge, party: Party, given: dict[str, object], now: datetime) -> Passkey:
    verified = _verified(passkey, challenge, party, given)
    unused = Q(used_at__isnull=True) | Q(used_at__lt=challenge.at)
    # In one statement, since the same answer may come twice at the same instant.
    won = Passkey.objects.filter(unused, pk=passkey.pk, uses=passkey.uses).update(
        used_at=now, uses=verified.new_sign_count
    )
    if not won or passkey.account.disabled_at is not None:
        raise Refused(PASSKEY_WRONG)
    return passkey


def _verified(
    passkey: Passkey, challenge: Challenge, party: Party, given: dict[str, object]
) -> VerifiedAuthentication:  # fmt: skip
    response = given.get("response")
    owner = response.get("userHandle") if isinstance(response, dict) else None
    try:
        if owner and not secrets.compare_digest(base64url_to_bytes(str(owner)), handle_of(passkey.account)):
            raise Refused(PASSKEY_WRONG)
        return verify_authentication_response(
            credential=given, expected_challenge=challenge.value, expected_rp_id=party.name,
            expected_origin=party.origin, credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.uses, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as reason:
        raise Refused(PASSKEY_WRONG) from reason


def _asking(party: Party, challenge: Challenge, allowed: list[PublicKeyCredentialDescriptor]) -> str:
    return options_to_json(
        generate_authentication_options(
            rp_id=party.name, challenge=challenge.value, timeout=_milliseconds(), allow_credentials=allowed,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )  # fmt: skip


def _keep(session: bytes, purpose: bytes, now: datetime) -> Challenge:
    challenge = Challenge.new(purpose, now)
    Session.objects.filter(digest=session).update(challenge=challenge.packed())
    return challenge


def _take(session: bytes, purpose: bytes, now: datetime) -> Challenge | None:
    """The session's challenge, which is gone afterwards whatever comes of it."""
    kept = Session.objects.select_for_update().filter(digest=session, challenge__isnull=False).first()
    if kept is None or kept.challenge is None:
        return None
    challenge = Challenge.unpacked(bytes(kept.challenge))
    Session.objects.filter(digest=session).update(challenge=None)
    return challenge if challenge.fresh(purpose, now) else None


def _find(credential: bytes) -> Passkey | None:
    with connection.cursor() as cursor:
        cursor.execute("select account_id from people_find_passkey(%s)", [credential])
        if cursor.fetchone() is None:
            return None
    return Passkey.objects.select_related("account__agency").filter(credential=credential).first()


def _read(answer: str) -> dict[str, object]:
    """The browser's answer; what is no JSON object counts as an empty one."""
    try:
        given = json.loads(answer[:_LONGEST])
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _credential(given: dict[str, object]) -> bytes:
    try:
        return base64url_to_bytes(str(given.get("rawId", "")))[:1024]
    except ValueError:
        return b""


def _milliseconds() -> int:
    return int(LIFE.total_seconds() * 1000)
