"""A signer whose key lies with a remote signing service. The document never leaves; its digest does.

Signs one digest an authorisation with :meth:`RemoteSigner.sign`, and many with one with :meth:`RemoteSigner.sign_many`.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.credential_errors import KEY_SECRET_MISSING, TOKEN_PIN_WRONG
from lienthong.infra.credentials import Credentials
from lienthong.infra.keys import read_secret
from lienthong.signing.csc.words import AT_MOST, BASE, HASH_OIDS, SIGN_OIDS
from lienthong.signing.errors import REMOTE_SIGNING_FAILED
from lienthong.signing.profiles import SignerProfile
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.keys import PublicKey, key_id, usual_algorithm
from lienthong.trust.signer import digest_for, digest_name, from_der, is_valid

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class RemoteService:
    """One account at a service. The access token lives as long as this object."""

    def __init__(self, url: str, user: str, password: bytes, transport: httpx.BaseTransport | None = None) -> None:
        """Refuses REMOTE_SIGNING_FAILED for an address that would send secrets in the clear."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            raise Refused(REMOTE_SIGNING_FAILED, url=one_line(url, 120), why="https is needed")
        self.url = url.rstrip("/")
        self._login = httpx.BasicAuth(user, password)
        self._token: str | None = None
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=False, transport=transport)

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, members: Mapping[str, object]) -> dict[str, Any]:
        """One method of the API, logged in. Refuses REMOTE_SIGNING_FAILED, TOKEN_PIN_WRONG."""
        if self._token is None:
            answer = self._send("auth/login", {}, self._login)
            self._token = str(self._read(answer).get("access_token", ""))
        answer = self._send(method, members, _Bearer(self._token))
        if answer.status_code == 401:
            # The access token has ended; what was asked was not done.
            self._token = None
            again = self._read(self._send("auth/login", {}, self._login))
            self._token = str(again.get("access_token", ""))
            answer = self._send(method, members, _Bearer(self._token))
        return self._read(answer)

    def _send(self, method: str, members: Mapping[str, object], auth: httpx.Auth) -> httpx.Response:
        try:
            return self._http.post(self.url + BASE + method, json=dict(members), auth=auth)
        except httpx.HTTPError as error:
            raise self._failed(one_line(f"{type(error).__name__} {error}", 120)) from error

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            members = answer.json()
        except ValueError as error:
            raise self._failed(f"HTTP {answer.status_code}") from error
        if not isinstance(members, dict):
            raise self._failed(f"HTTP {answer.status_code}")
        if answer.status_code == 200:
            return members
        if members.get("error") in {"invalid_pin", "invalid_otp"}:
            raise Refused(TOKEN_PIN_WRONG, token=self.url)
        said = f"{members.get('error')}: {members.get('error_description')}"
        raise self._failed(one_line(said, 200))

    def _failed(self, why: str) -> Refused:
        return Refused(REMOTE_SIGNING_FAILED, url=self.url, why=why)


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class RemoteSigner:
    """A :class:`~lienthong.trust.signer.Signer` over one credential of a service.

    ``secrets``: asked before every authorisation for PIN and one-time password, by the service's names for them.
    """

    def __init__(self, service: RemoteService, credential: str, secrets: Callable[[], Mapping[str, str]]) -> None:
        """Refuses REMOTE_SIGNING_FAILED when the service does not know the credential."""
        self._service, self.credential, self._secrets = service, credential, secrets
        members = {"credentialID": credential, "certificates": "chain", "certInfo": True, "authInfo": True}
        self.chain = self._certificates(service.call("credentials/info", members))
        self.public_key: PublicKey = public_key_of(self.chain[0])
        self.algorithm = usual_algorithm(self.public_key)
        self.key_id = key_id(self.public_key)

    def sign(self, data: bytes) -> bytes:
        """Sign the bytes; ECDSA as ``r || s``. Refuses REMOTE_SIGNING_FAILED, TOKEN_PIN_WRONG."""
        return self.sign_many([data])[0]

    def sign_many(self, every: Sequence[bytes]) -> list[bytes]:
        """Sign several with one authorisation, at most AT_MOST; checked one by one against the certificate's key."""
        if not 0 < len(every) <= AT_MOST:
            raise ValueError(f"from 1 to {AT_MOST} at a time")
        digests = [base64.b64encode(digest_for(self.algorithm, each)).decode() for each in every]
        bound = {
            "credentialID": self.credential, "hashes": digests,
            "hashAlgorithmOID": HASH_OIDS[digest_name(self.algorithm)],
        }  # fmt: skip
        secrets = [{"id": name, "value": value} for name, value in self._secrets().items()]
        permitted = self._service.call(
            "credentials/authorize", bound | {"numSignatures": len(digests), "authData": secrets}
        )
        made = self._service.call(
            "signatures/signHash", bound | {"SAD": permitted.get("SAD"), "signAlgo": SIGN_OIDS[self.algorithm]}
        )
        return self._signatures(made, every)

    def _signatures(self, made: Mapping[str, Any], every: Sequence[bytes]) -> list[bytes]:
        found = made.get("signatures")
        if not isinstance(found, list) or len(found) != len(every):
            raise self._strange("signatures")
        signatures = []
        for text, data in zip(found, every, strict=True):
            try:
                signature = from_der(self.algorithm, base64.b64decode(text, validate=True))
            except (ValueError, TypeError) as error:
                raise self._strange("signatures") from error
            if not is_valid(self.public_key, self.algorithm, signature, data):
                raise self._strange("a signature that does not verify")
            signatures.append(signature)
        return signatures

    def _certificates(self, members: Mapping[str, Any]) -> tuple[x509.Certificate, ...]:
        try:
            texts = cast("dict[str, Any]", members["cert"])["certificates"]
            return tuple(load_certificate(base64.b64decode(each, validate=True)) for each in texts[:16]) or _none()
        except (KeyError, TypeError, ValueError) as error:
            raise self._strange("cert.certificates") from error

    def _strange(self, what: str) -> Refused:
        return Refused(REMOTE_SIGNING_FAILED, url=self._service.url, why=f"the answer is not usable: {what}")


def open_remote(profile: SignerProfile, secret: bytes | None) -> Credentials:
    """The signer of a profile of kind ``remote``.

    ``secret``: the PIN. The account's password lies in the file ``<name>.login`` beside the profile. Refuses
    KEY_SECRET_MISSING, KEY_MISSING, KEY_EXPOSED, REMOTE_SIGNING_FAILED.
    """
    if secret is None:
        raise Refused(KEY_SECRET_MISSING, where="password_file")
    password = read_secret(profile.file.with_suffix(".login")).rstrip(b"\r\n")
    service = RemoteService(profile.url or "", profile.user or profile.label, password)
    pin = secret.decode("utf-8", "replace")
    signer = RemoteSigner(service, profile.credential or "", lambda: {"PIN": pin})
    return Credentials(signer, signer.chain)


def _none() -> tuple[x509.Certificate, ...]:
    raise ValueError("no certificate")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
