"""A small provider of OpenID Connect on this machine: real HTTP, real signatures, and every way to answer wrongly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "van-phong", "mat khau & ky tu: la"


class IdentityProvider:
    """``change``: members of the next ID token that are replaced; None takes one away. ``signs_with``, ``algorithm``:
    how it is signed. ``document``: members of the discovery document that are replaced. ``asked``: paths, in order."""

    def __init__(self) -> None:
        self.keys = {"one": jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})}
        self.published = ["one"]
        self.signs_with, self.algorithm = "one", "RS256"
        self.change: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.url = ""
        self.unsigned = False
        self.user = "nguoi-dung-1"

    def sign_in(self, address: str) -> dict[str, str]:
        """What a person does at the provider: the parameters with which his browser is sent back."""
        query = dict(parse_qsl(urlsplit(address).query))
        assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT and "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint: a code once, for its client, with the verifier of its challenge."""
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(b"van-phong:mat%20khau%20%26%20ky%20tu%3A%20la").decode()
        proved = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if authorization != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != proved.decode() or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": self.user, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
                  "email": "an@co-quan.example", "email_verified": True} | self.change  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            return f"{_packed({'alg': 'none'})}.{_packed(claims)}."
        if self.algorithm == "HS256":
            # The old confusion: the public key, which everybody has, taken for a shared secret.
            text = f"{_packed({'alg': 'HS256', 'kid': 'one'})}.{_packed(claims)}"
            mark = hmac.digest(self.keys["one"].as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
        return jwt.encode({"alg": self.algorithm, "kid": self.signs_with}, claims, self.keys[self.signs_with])

    def answer(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "jwks_uri": f"{self.url}/keys",
                "token_endpoint": f"{self.url}/token",
            } | self.document  # fmt: skip
        if path == "/keys":
            return {"keys": [self.keys[name].as_dict(private=False) for name in self.published]}
        return None


def _packed(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """A running provider with a key of its own."""
    made = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            found = made.answer(self.path)
            self._say(404 if found is None else 200, found or {})

        def do_POST(self) -> None:
            made.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self._say(*made.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
