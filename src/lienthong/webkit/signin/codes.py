"""The second factor by a code (TOTP, RFC 6238) and the recovery codes that replace it once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import pyotp

from lienthong.base.errors import Refused
from lienthong.webkit.people.models import Account, RecoveryCode
from lienthong.webkit.signin.errors import CODE_WRONG
from lienthong.webkit.signin.sealing import seal, unseal

STEP = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for an authenticator, base 32."""
    return pyotp.random_base32()


def address_for(account: Account, secret: str) -> str:
    """The ``otpauth`` address that an authenticator reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=f"Liên thông {account.agency.code}")


def begin(account: Account, secret: str, code: str, now: datetime) -> list[str]:
    """Put the second factor to use once a first code proves that the authenticator has it; the recovery codes.

    Refuses CODE_WRONG.
    """
    step = _step_of(secret, code, now)
    if step is None:
        raise Refused(CODE_WRONG)
    account.totp_secret, account.totp_since, account.totp_last_step = seal(secret.encode()), now, step
    account.save(update_fields=["totp_secret", "totp_since", "totp_last_step"])
    return new_recovery_codes(account)


def check(account: Account, code: str, now: datetime) -> None:
    """Take a code, or a recovery code; each works once. Refuses CODE_WRONG."""
    plain = "".join(code.split()).lower()
    step = _step_of(unseal(bytes(account.totp_secret)).decode(), plain, now) if account.totp_secret else None
    if step is not None:
        # The same or an earlier code again is refused, also when two requests race for it.
        won = Account.objects.filter(pk=account.pk, totp_last_step__lt=step).update(totp_last_step=step)
        if won:
            return
        raise Refused(CODE_WRONG)
    used = RecoveryCode.objects.filter(account=account, digest=_digest(plain), used_at__isnull=True).update(used_at=now)
    if not used:
        raise Refused(CODE_WRONG)


def present_code(account: Account) -> str:
    """The code that the account's authenticator shows now; only for accounts of a demonstration that have one."""
    if account.totp_secret is None:
        raise Refused(CODE_WRONG)
    return pyotp.TOTP(unseal(bytes(account.totp_secret)).decode()).now()


def new_recovery_codes(account: Account) -> list[str]:
    """Ten new codes in place of the old ones."""
    made = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.filter(account=account).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(agency_id=account.agency_id, account=account, digest=_digest(each)) for each in made
    )
    return made


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step to which a code belongs: the present one, or one beside it for clocks that differ."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    matches = [
        step for step in (present, present - 1, present + 1) if secrets.compare_digest(totp.generate_otp(step), code)
    ]
    return matches[0] if matches else None


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.replace("-", "").encode()).digest()
