"""The methods of the service, apart from HTTP: each takes members and gives members, or says why not in CSC's words."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong import __version__
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import KEY_PASSWORD_WRONG, KEY_SECRET_MISSING, TOKEN_PIN_WRONG
from lienthong.signing.csc.words import AT_MOST, HASH_OIDS, SIGN_OIDS, SPECS
from lienthong.signing.profiles import SignerProfile
from lienthong.signing.remote.accounts import Accounts
from lienthong.signing.remote.permits import LOGIN_SECONDS, PERMIT_SECONDS, Permit, Permits
from lienthong.signing.signers import CertifiedSigner, certificates_of, open_certified
from lienthong.signing.use_log import UseLog
from lienthong.trust.certificates import public_key_of
from lienthong.trust.keys import Algorithm, usual_algorithm
from lienthong.trust.signer import DigestSigner, digest_name, to_der

Members = Mapping[str, Any]


class NotDone(Exception):
    """A refusal in CSC's form. ``error``: of the API's words; ``description``: for people; ``status``: of HTTP."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description, self.status = error, description, status


class Methods:
    """One service. ``now``: monotonic seconds; ``wall``: seconds of the wall clock, for one-time passwords."""

    def __init__(
        self, accounts: Accounts, log: UseLog, now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._accounts, self._log, self._now, self._wall = accounts, log, now, wall
        self._permits = Permits()

    # --- without login -----------------------------------------------------------------------------------------------

    def info(self, members: Members) -> dict[str, Any]:
        """What this service is (CSC clause 11.1)."""
        return {
            "specs": SPECS, "name": f"lienthong {__version__}", "logo": "", "region": "VN", "lang": "vi",
            "description": "Dịch vụ ký số từ xa · Remote signing service", "authType": ["basic"],
            "methods": ["auth/login", "auth/revoke", "credentials/list", "credentials/info", "credentials/authorize",
                        "signatures/signHash"],
            "signAlgorithms": {"algos": list(SIGN_OIDS.values())},
        }  # fmt: skip

    def login(self, user: str, password: bytes) -> dict[str, Any]:
        """An access token for user and password (clause 11.2)."""
        now, subject = self._now(), f"login:{user[:64]}"
        if self._permits.waits(subject, now):
            raise NotDone("access_denied", "Too many wrong passwords; wait fifteen minutes", 429)
        right = self._accounts.is_right(user, password)
        self._permits.note(subject, now, right=right)
        if not right:
            raise NotDone("authentication_error", "An error occurred during authentication process", 401)
        return {"access_token": self._permits.log_in(user, now), "expires_in": LOGIN_SECONDS}

    def revoke(self, token: str) -> dict[str, Any]:
        """End an access token (clause 11.3)."""
        self._permits.log_out(token)
        return {}

    def user_of(self, token: str) -> str:
        """Whose access token this is."""
        user = self._permits.user_of(token, self._now())
        if user is None:
            raise NotDone("invalid_token", "The access token is invalid or has expired", 401)
        return user

    # --- for an account ----------------------------------------------------------------------------------------------

    def credentials(self, user: str, members: Members) -> dict[str, Any]:
        """What the account may sign with (clause 11.4)."""
        return {"credentialIDs": [each.label for each in self._accounts.credentials(user)]}

    def describe(self, user: str, members: Members) -> dict[str, Any]:
        """One credential (clause 11.5)."""
        profile = self._credential(user, members)
        known = _certificates(profile)
        own, wanted = known[0], members.get("certificates", "single")
        shown = {"none": (), "single": known[:1], "chain": known}.get(wanted if isinstance(wanted, str) else "")
        if shown is None:
            raise NotDone("invalid_request", "Invalid parameter certificates")
        algorithm, key = usual_algorithm(public_key_of(own)), public_key_of(own)
        ends = own.not_valid_after_utc
        objects = [{"type": "Password", "id": "PIN", "format": "A", "label": "PIN"}]
        if self._accounts.wants_otp(user):
            objects.append({"type": "Password", "id": "OTP", "format": "N", "generator": "totp", "label": "OTP"})
        return {
            "description": profile.name,
            "key": {"status": "enabled", "algo": [SIGN_OIDS[algorithm]], "len": getattr(key, "key_size", 0)},
            "cert": {
                "status": "valid" if own.not_valid_before_utc.timestamp() <= self._wall() <= ends.timestamp()
                else "expired",
                "certificates": [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in shown],
                "issuerDN": own.issuer.rfc4514_string(), "subjectDN": own.subject.rfc4514_string(),
                "serialNumber": f"{own.serial_number:X}",
                "validFrom": own.not_valid_before_utc.strftime("%Y%m%d%H%M%SZ"),
                "validTo": ends.strftime("%Y%m%d%H%M%SZ"),
            },
            "auth": {"mode": "explicit", "expression": " AND ".join(each["id"] for each in objects),
                     "objects": objects},
            "SCAL": "2", "multisign": AT_MOST, "lang": "vi",
        }  # fmt: skip

    def authorize(self, user: str, members: Members) -> dict[str, Any]:
        """Permit exactly these digests, for PIN and one-time password (clause 11.6). The PIN is tried once."""
        profile = self._credential(user, members)
        algorithm = usual_algorithm(public_key_of(_certificates(profile)[0]))
        digests, oid = _digests(members, algorithm), HASH_OIDS[digest_name(algorithm)]
        if members.get("numSignatures") != len(digests):
            raise NotDone("invalid_request", "numSignatures is not the number of hashes")
        secrets = _auth_data(members)
        signer = self._open(user, profile, secrets)
        now = self._now()
        permit = Permit(user, profile.label, oid, Counter(digests), signer, now + PERMIT_SECONDS)
        self._tell("authorize", user, profile, signer, digests)
        return {"SAD": self._permits.permit(permit, now), "expiresIn": PERMIT_SECONDS}

    def sign(self, user: str, members: Members) -> dict[str, Any]:
        """Sign what was permitted, once (clause 11.11)."""
        profile = self._credential(user, members)
        sad = members.get("SAD")
        permit = self._permits.use(sad, self._now()) if isinstance(sad, str) else None
        if permit is None:
            raise NotDone("invalid_request", "Invalid parameter SAD")
        try:
            if (permit.user, permit.credential) != (user, profile.label):
                raise NotDone("invalid_request", "Invalid parameter SAD")
            algorithm = permit.signer.algorithm
            digests = _digests(members, algorithm)
            if members.get("signAlgo") != SIGN_OIDS[algorithm]:
                raise NotDone("invalid_request", "Invalid parameter signAlgo")
            if not permit.covers(digests):
                raise NotDone("invalid_request", "Hash is not authorized by the SAD")
            self._tell("sign", user, profile, permit.signer, digests)
            held = cast("DigestSigner", permit.signer.signer)
            made = [to_der(algorithm, held.sign_digest(each)) for each in digests]
        except Refused as refused:
            raise NotDone("server_error", refused.sentence("en"), 503) from refused
        finally:
            permit.signer.close()
        return {"signatures": [base64.b64encode(each).decode() for each in made]}

    # --- inside ------------------------------------------------------------------------------------------------------

    def _credential(self, user: str, members: Members) -> SignerProfile:
        name = members.get("credentialID")
        found = self._accounts.credential(user, name) if isinstance(name, str) else None
        if found is None:
            raise NotDone("invalid_request", "Invalid parameter credentialID")
        return found

    def _open(self, user: str, profile: SignerProfile, secrets: Mapping[str, str]) -> CertifiedSigner:
        now, subject = self._now(), f"pin:{user}/{profile.label}"
        if self._permits.waits(subject, now):
            raise NotDone("access_denied", "Too many wrong PINs or OTPs; wait fifteen minutes", 429)
        if self._accounts.wants_otp(user):
            step = self._accounts.otp_step(user, secrets.get("OTP", ""), self._wall())
            if step is None or not self._permits.first_use(user, step):
                self._permits.note(subject, now, right=False)
                raise NotDone("invalid_otp", "The OTP is invalid")
        try:
            signer = open_certified(profile, secrets.get("PIN", "").encode())
        except Refused as refused:
            if refused.code in {TOKEN_PIN_WRONG, KEY_PASSWORD_WRONG, KEY_SECRET_MISSING}:
                self._permits.note(subject, now, right=False)
                self._log.add("pin-wrong", {"user": user, "credential": profile.label})
                raise NotDone("invalid_pin", "The PIN is invalid") from refused
            raise NotDone("server_error", refused.sentence("en"), 503) from refused
        self._permits.note(subject, now, right=True)
        return signer

    def _tell(
        self, event: str, user: str, profile: SignerProfile, signer: CertifiedSigner, digests: list[bytes]
    ) -> None:
        members = {
            "user": user, "credential": profile.label, "role": profile.role.value,
            "certificate": f"{signer.certificate.serial_number:x}", "digests": [each.hex() for each in digests],
        }  # fmt: skip
        self._log.add(event, members)


def _certificates(profile: SignerProfile) -> tuple[x509.Certificate, ...]:
    try:
        known = certificates_of(profile)
    except Refused as refused:
        raise NotDone("server_error", refused.sentence("en"), 503) from refused
    if not known:
        raise NotDone("server_error", "The credential has no certificate", 500)
    return known


def _digests(members: Members, algorithm: Algorithm) -> list[bytes]:
    rows = members.get("hashes")
    if not isinstance(rows, list) or not 0 < len(rows) <= AT_MOST or not all(isinstance(each, str) for each in rows):
        raise NotDone("invalid_request", "Missing (or invalid type) array parameter hashes")
    name = digest_name(algorithm)
    if members.get("hashAlgorithmOID") != HASH_OIDS[name]:
        raise NotDone("invalid_request", "Invalid parameter hashAlgorithmOID")
    try:
        found = [base64.b64decode(each, validate=True) for each in rows]
    except (binascii.Error, ValueError):
        raise NotDone("invalid_request", "Invalid Base64 hashes string parameter") from None
    if any(len(each) != hashlib.new(name).digest_size for each in found):
        raise NotDone("invalid_request", "Invalid digest value length")
    return found


def _auth_data(members: Members) -> dict[str, str]:
    rows = members.get("authData", [])
    if not isinstance(rows, list):
        raise NotDone("invalid_request", "Invalid parameter authData")
    found = {}
    for row in rows:
        name, value = (row.get("id"), row.get("value")) if isinstance(row, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise NotDone("invalid_request", "Invalid parameter authData")
        found[name] = value
    return found
