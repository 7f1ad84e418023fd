"""The provider of single sign-on, as its client sees it: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636).

An ID token counts only when a key of the provider has signed it (RS256 or ES256; the header never chooses), for this
client, in answer to this attempt (nonce), and while it is valid. Addresses come from the discovery document of the
configured issuer, which has to name that issuer itself.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwk, jws
from joserfc.errors import JoseError

from lienthong.base.errors import Refused
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.webkit.signin.errors import SINGLE_FAILED, SINGLE_UNREACHABLE
from lienthong.webkit.site.configure import SingleSignOn

ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60
"""Seconds by which clocks may differ."""

_KEPT_SECONDS = 3600
_ASK_KEYS_SECONDS = 30
_LONGEST = 1_000_000
_TIMEOUT = httpx.Timeout(8.0, connect=4.0)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the discovery document says. ``names_itself``: answers carry the issuer (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    secret_in_body: bool
    names_itself: bool


class Provider:
    """One issuer. Its document and keys are kept for an hour; an unknown key is asked for at once, not in a rush."""

    def __init__(self, settings: SingleSignOn) -> None:
        self.settings = settings
        self._lock = Lock()
        self._discovered: tuple[float, Discovered] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None

    def address(self, state: str, nonce: str, verifier: str, back: str) -> str:
        """Where the browser goes to sign in. Refuses SINGLE_UNREACHABLE, SINGLE_FAILED."""
        query = {
            "response_type": "code", "client_id": self.settings.client, "redirect_uri": back, "scope": "openid",
            "state": state, "nonce": nonce, "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        where = self._document().authorization
        return f"{where}{'&' if '?' in where else '?'}{urlencode(query)}"

    def require_answer_of(self, issuer: str) -> None:
        """Refuses SINGLE_FAILED for an answer that another provider gave (RFC 9207). ``issuer``: empty when unnamed."""
        if (issuer or self._document().names_itself) and issuer != self.settings.issuer:
            raise failed("câu trả lời của nơi khác", "the answer came from another issuer")

    def subject(self, code: str, verifier: str, nonce: str, back: str, now: int) -> str:
        """Who has signed in: the configured claim of a verified ID token. Refuses SINGLE_UNREACHABLE, SINGLE_FAILED."""
        claims = self._verified(self._redeem(code, verifier, back))
        self._check(claims, nonce, now)
        found = claims.get(self.settings.claim)
        if not isinstance(found, str) or not 0 < len(found) <= 255 or not found.isprintable():
            raise failed("thiếu tên người dùng trong câu trả lời", "the answer names nobody")
        return found

    def _redeem(self, code: str, verifier: str, back: str) -> str:
        """The ID token for a code, which the provider hands out once."""
        document, mine = self._document(), self.settings
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {}
        if mine.secret and not document.secret_in_body:
            pair = f"{quote(mine.client, safe='')}:{quote(mine.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": mine.client} | ({"client_secret": mine.secret} if mine.secret else {})
        status, given = _ask("POST", document.token, form, headers)
        token = given.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise failed("mã đăng nhập bị từ chối", "the code was refused")
        return token

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            header = jws.extract_compact(token.encode()).headers()
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise failed("chữ ký không được chấp nhận", "the signature is of a kind that is not accepted")
            key = self._key(algorithm, header.get("kid"))
            return _object(jws.deserialize_compact(token, key, algorithms=list(ALGORITHMS)).payload)
        except (JoseError, ValueError) as reason:
            raise failed("chữ ký không đúng", "the signature does not hold") from reason

    def _check(self, claims: dict[str, Any], nonce: str, now: int) -> None:
        """The claims of OpenID Connect Core §3.1.3.7."""
        mine, audience = self.settings.client, claims.get("aud")
        among = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self.settings.issuer:
            raise failed("do nơi khác cấp", "issued by another")
        if mine not in among or claims.get("azp", mine) != mine or (len(among) > 1 and "azp" not in claims):
            raise failed("cấp cho hệ thống khác", "issued for another system")
        if claims.get("nonce") != nonce:
            raise failed("không thuộc lần đăng nhập này", "it does not belong to this attempt")
        ends, begun = _number(claims.get("exp")), _number(claims.get("iat"))
        if ends is None or begun is None or ends <= now - LEEWAY or begun > now + LEEWAY:
            raise failed("đã hết hạn", "it has expired")

    def _key(self, algorithm: str, name: object) -> jwk.RSAKey | jwk.ECKey:
        for again in (False, True):
            found = [each for each in self._published(again) if _fits(each, algorithm, name)]
            if len(found) == 1:
                key = jwk.import_key(found[0])
                if isinstance(key, jwk.ECKey) or (isinstance(key, jwk.RSAKey) and key.public_key.key_size >= 2048):
                    return key
        raise failed("không có khóa để kiểm tra chữ ký", "there is no key for the signature")

    def _published(self, again: bool) -> list[dict[str, Any]]:
        """The provider's keys. ``again``: a key is missing, so it may have changed them."""
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys else None
            if self._keys is None or age is None or age > (_ASK_KEYS_SECONDS if again else _KEPT_SECONDS):
                status, given = _ask("GET", self._document_held().keys)
                keys = given.get("keys")
                if status != 200 or not isinstance(keys, list):
                    raise Refused(SINGLE_UNREACHABLE)
                self._keys = (time.monotonic(), [each for each in keys if isinstance(each, dict)])
            return self._keys[1]

    def _document(self) -> Discovered:
        with self._lock:
            return self._document_held()

    def _document_held(self) -> Discovered:
        if self._discovered is None or time.monotonic() - self._discovered[0] > _KEPT_SECONDS:
            issuer = self.settings.issuer
            status, given = _ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if status != 200:
                raise Refused(SINGLE_UNREACHABLE)
            if given.get("issuer") != issuer:
                raise failed("tài liệu của nơi khác", "the discovery document names another issuer")
            self._discovered = (time.monotonic(), _read(given))
        return self._discovered[1]


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636 §4.2, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def failed(vi: str, en: str) -> Refused:
    """A sign-in that did not succeed, and why."""
    return Refused(SINGLE_FAILED, reason_vi=vi, reason_en=en)


def is_safe(address: object) -> bool:
    """Whether an address may be asked: TLS, or a provider on this very machine."""
    if not isinstance(address, str) or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(given: dict[str, Any]) -> Discovered:
    leave, redeem, keys = (given.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    if not (is_safe(leave) and is_safe(redeem) and is_safe(keys)):
        raise failed("địa chỉ không an toàn", "an address in the discovery document is not safe")
    ways = given.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    in_body = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
    names = given.get("authorization_response_iss_parameter_supported") is True
    return Discovered(str(leave), str(redeem), str(keys), secret_in_body=in_body, names_itself=names)


def _fits(key: dict[str, Any], algorithm: str, name: object) -> bool:
    kind = {"RS256": "RSA", "ES256": "EC"}[algorithm]
    return (
        key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kind == "RSA" or key.get("crv") == "P-256")
        and (name is None or key.get("kid") == name)
    )


def _ask(
    method: str, address: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of an answer; redirects are not followed, and an answer has a limit."""
    if not is_safe(address):
        raise failed("địa chỉ không an toàn", "the address is not safe")
    body, ends = b"", time.monotonic() + 15
    try:
        with (
            httpx.Client(
                timeout=_TIMEOUT, trust_env=False, verify=public_authorities(), follow_redirects=False
            ) as client,
            client.stream(method, address, data=form, headers={"Accept": "application/json", **(headers or {})}) as got,
        ):
            for piece in got.iter_bytes():
                body += piece
                if len(body) > _LONGEST or time.monotonic() > ends:
                    raise Refused(SINGLE_UNREACHABLE)
            return got.status_code, _object(body) if body else {}
    except (httpx.HTTPError, httpx.InvalidURL) as reason:
        raise Refused(SINGLE_UNREACHABLE) from reason
    except ValueError as reason:
        raise failed("câu trả lời không đọc được", "the answer cannot be read") from reason


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError as reason:
        raise ValueError("nested too deeply") from reason
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
